import Foundation
import Testing

@testable import flagserver

/// Fixtures that are there, and cannot be read: the cause is told, and nothing is called missing.
struct FixtureFailuresTests {
    private let directory = TemporaryDirectory()

    /// The sentences about single files, without the folder they are in.
    private func problems(_ listing: FixtureListing) -> [String] {
        let error = refusal {
            var loader = FixtureLoader(FixtureDirectory(directory.path))
            _ = try loader.load(listing, now: 0, extraFields: [])
        }
        return (error?.description ?? "").split(separator: "\n").dropFirst().map {
            String($0).replacing("  \(directory.path)/flags/", with: "")
        }
    }

    private func listing(failing name: String, _ errno: Int32) -> FixtureListing {
        var listing = FixtureDirectory(directory.path).listing()
        listing.files.removeAll { $0.hasPrefix(name) }
        listing.failures = [(name, FixtureFile.Failure(errno))]
        return listing
    }

    @Test(arguments: [(EMFILE, "Too many open files"), (EIO, "Input/output error")])
    func `a country folder that cannot be read has its cause`(errno: Int32, text: String) throws {
        try directory.country("br", "Brazil")
        try directory.country("fr", "France")
        #expect(problems(listing(failing: "fr", errno)) == ["fr: cannot be read: \(text)"])
    }

    @Test func `a flag that cannot be read is not missing`() throws {
        try directory.country("fr", "France")
        #expect(
            problems(listing(failing: "fr/fr.gif", EACCES)) == [
                "fr/fr.gif: cannot be read: Permission denied"
            ])
    }

    @Test func `metadata that cannot be read are not missing`() throws {
        try directory.country("fr", "France")
        var loader = FixtureLoader(FixtureDirectory(directory.path))
        let error = refusal {
            _ = try loader.load(
                listing(failing: "fr/metadata.json", EIO), now: 0, extraFields: [])
        }
        #expect(error?.description.contains("fr/metadata.json: cannot be read: Input") == true)
        #expect(loader.warnings.isEmpty)
    }

    @Test func `a directory that cannot be looked at is not absent`() throws {
        let path = directory.file("loop")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        #expect(
            refusal { _ = try FixtureSource.directory(path).load() }?.description
                == "fixtures directory '\(path)' cannot be read: Too many levels of symbolic links."
        )
    }

    @Test func `flags that cannot be looked for are not served as any files`() throws {
        let path = directory.file("flags")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        let error = refusal { _ = try FixtureSource.directory(directory.path).load() }
        #expect(error?.status == .missingInput)
        #expect(
            error?.description
                == "fixtures directory '\(directory.path)' cannot be read: Too many levels of "
                + "symbolic links.")
    }
}
