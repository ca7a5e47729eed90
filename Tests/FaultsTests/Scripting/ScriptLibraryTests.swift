import Foundation
import Testing

@testable import Faults

struct ScriptLibraryTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/Faults/Scripts")

    @Test func `the program has every file of the folder as it is`() throws {
        let found =
            FileManager.default.enumerator(atPath: Self.folder.path)?
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".fault") } ?? []
        #expect(Set(ScriptLibrary.texts.map(\.path)) == Set(found))
        #expect(ScriptLibrary.texts.count == found.count)
        for (path, text) in ScriptLibrary.texts {
            let file = Self.folder.appendingPathComponent(path)
            #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(path)")
        }
    }

    @Test func `every text of the program is a script of its folder's group, without a warning`() {
        for (path, text) in ScriptLibrary.texts {
            do throws(ScriptError) {
                let name = ScriptLibrary.name(of: path)
                for script in try Script.read(text, name: name, isOwn: true) {
                    #expect(
                        script.note.group?.rawValue
                            == path.split(separator: "/").first.map(String.init))
                }
            } catch {
                Issue.record("\(path):\(error)")
            }
        }
    }
}
