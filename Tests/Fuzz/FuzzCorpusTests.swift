import Foundation
import Testing

/// What `make fuzz` began with, found or kept goes through everything in each run of the tests.
@Suite struct FuzzCorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("corpus")
    private static let mostFiles = 60
    private static let mostBytes = 4096

    private static func files(_ name: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent(name), includingPropertiesForKeys: nil)
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `what is in the corpus is taken or refused, and all that is said of it holds`(
        name: String
    ) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let files = try Self.files(name)
        #expect(files.count >= 2 && files.count <= Self.mostFiles)
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            #expect(bytes.count <= Self.mostBytes, "\(file.lastPathComponent)")
            do {
                try bytes.withUnsafeBytes { try target.check($0) }
            } catch {
                Issue.record("\(name)/\(file.lastPathComponent): \(error)")
            }
        }
    }

    @Test func `each target has a corpus, and each corpus a target`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(names) == Set(FuzzTarget.all.map(\.name)))
    }
}
