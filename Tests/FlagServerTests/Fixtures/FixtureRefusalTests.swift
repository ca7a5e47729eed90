import Foundation
import Testing

@testable import flagserver

/// What is said of a fixtures directory that cannot be served.
struct FixtureRefusalTests {
    private let directory = TemporaryDirectory()

    /// - Parameter hasFlags: whether there were some before; nil: it was not read before.
    private func failure(_ path: String? = nil, hasFlags: Bool? = nil) -> CommandLineError? {
        refusal { try load(path, hasFlags: hasFlags) }
    }

    @discardableResult
    private func load(_ path: String? = nil, hasFlags: Bool? = nil) throws -> [String] {
        let folder = FixtureDirectory(path ?? directory.path, hasFlags: hasFlags)
        var loader = FixtureLoader(folder)
        _ = try loader.load(now: 0, extraFields: [])
        return loader.warnings
    }

    /// The sentences about single files, without the folder they are in.
    private func problems(_ error: CommandLineError?) throws -> [String] {
        let error = try #require(error)
        #expect(error.status == .malformedFixtures)
        let lines = error.description.split(separator: "\n").map(String.init)
        #expect(lines.first == "the fixtures in '\(directory.path)' are malformed:")
        return lines.dropFirst().map {
            $0.replacingOccurrences(of: "  \(directory.path)/flags/", with: "")
        }
    }

    // MARK: Malformed

    @Test func `a country without its flag is malformed`() throws {
        try directory.country("br", "Brazil")
        try directory.write("flags/fr/metadata.json", #"{"country": "France"}"#)
        #expect(try problems(failure()) == ["fr/fr.gif is missing"])
    }

    @Test func `a flag under another country's name is missing`() throws {
        try directory.write("flags/fr/br.gif", TemporaryDirectory.gif)
        #expect(try problems(failure()) == ["fr/fr.gif is missing"])
    }

    @Test func `a country folder without a file is malformed beside a good one`() throws {
        try directory.country("br", "Brazil")
        try directory.folder("flags/fr")
        #expect(try problems(failure()) == ["fr/fr.gif is missing"])
    }

    @Test func `a lone empty country folder does not start a server without flags`() throws {
        try directory.folder("flags/fr")
        #expect(failure() != nil)
    }

    @Test func `a lone file with a country's name is a file as any other`() throws {
        try directory.write("flags/fr", "not a folder")
        #expect(try load().isEmpty)
        #expect(failure(hasFlags: true) != nil)
    }

    @Test func `a flag that is a link says so`() throws {
        try directory.country("br", "Brazil")
        try directory.write("flags/fr/real.gif", TemporaryDirectory.gif)
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("flags/fr/fr.gif"), withDestinationPath: "real.gif")
        let problems = try problems(failure())
        #expect(problems.contains { $0.contains("fr/fr.gif") && $0.contains("link") })
    }

    @Test(
        arguments: [
            Array("not a picture, but long enough".utf8), [], Array("GIF89a".utf8),
            Array(TemporaryDirectory.gif.dropLast()),
            Array("GIF88a".utf8) + Array(repeating: 0, count: 8),
            Array("gif89a".utf8) + Array(repeating: 0, count: 8),
            [0x89] + Array("PNG\r\n\u{1a}\n0000000".utf8),
        ] as [[UInt8]])
    func `a flag that is no GIF is malformed`(bytes: [UInt8]) throws {
        try directory.country("br", "Brazil")
        try directory.country("fr", "France")
        try directory.write("flags/fr/fr.gif", bytes)
        #expect(try problems(failure()) == ["fr/fr.gif is no GIF image"])
    }

    @Test(arguments: [
        "", " ", "{", "country: France", #"{"country": "France""#, #"{'country': 'France'}"#,
        #"{"country": "France"} x"#, "\u{0}", "{\"country\": \"Fr\nance\"}",
    ])
    func `metadata that is no JSON is malformed`(text: String) throws {
        try directory.country("fr", "")
        try directory.write("flags/fr/metadata.json", text)
        #expect(try problems(failure()) == ["fr/metadata.json is no JSON object"])
    }

    @Test(arguments: [
        "{}", #"{"Country": "France"}"#, #"{"country": null}"#, #"{"country": 33}"#,
        #"{"country": ["France"]}"#, #"{"country": {"name": "France"}}"#, #"{"country": true}"#,
        "[]", #"["country"]"#, #""France""#, "33", "null",
    ])
    func `metadata without a country as text is malformed`(text: String) throws {
        try directory.country("fr", "")
        try directory.write("flags/fr/metadata.json", text)
        #expect(try problems(failure()) == [#"fr/metadata.json lacks "country" with a text"#])
    }

    @Test func `metadata that is not UTF-8 is malformed`() throws {
        try directory.country("fr", "")
        let bytes = Array(#"{"country": "Fran"#.utf8) + [0xe7] + Array(#"ais"}"#.utf8)
        try directory.write("flags/fr/metadata.json", bytes)
        #expect(try problems(failure()) == ["fr/metadata.json is no JSON object"])
    }

    @Test func `metadata over 1 MiB is too large, not missing`() throws {
        try directory.country("fr", "France")
        let padding = String(repeating: " ", count: FixtureLoader.maximumInMemory)
        try directory.write("flags/fr/metadata.json", #"{"country": "France"}"# + padding)
        #expect(try problems(failure()) == ["fr/metadata.json is far too large"])
    }

    @Test func `ten problems are told and the rest counted`() throws {
        let codes = (0..<12).map { "\("abcdefghijkl".map(String.init)[$0])z" }
        for code in codes { try directory.write("flags/\(code)/note.txt", "x") }
        let problems = try problems(failure())
        #expect(problems.count == 11)
        #expect(problems.first == "az/az.gif is missing")
        #expect(problems.last == "  and 2 more")
    }

    @Test func `more than ten thousand files are refused before they are read`() throws {
        try directory.country("br", "Brazil")
        let folder = try directory.folder("flags/many")
        let isMade = (0..<FixtureLoader.maximumFiles).allSatisfy { number in
            let descriptor = open("\(folder)/\(number)", O_WRONLY | O_CREAT, 0o600)
            return descriptor >= 0 && close(descriptor) == 0
        }
        try #require(isMade)
        let error = failure()
        #expect(error?.status == .malformedFixtures)
        #expect(
            error?.description == "'\(directory.path)/flags' has more than 10000 files.")
    }

    // MARK: Not found

    @Test func `a slip in the name meets the folder that was meant`() throws {
        try directory.folder("fixtures/flags")
        try directory.write("fixturez", "a file, not a folder")
        let error = failure(directory.file("fixture"))
        #expect(error?.status == .missingInput)
        #expect(
            error?.description
                == "fixtures directory '\(directory.path)/fixture' does not exist. "
                + "Did you mean '\(directory.path)/fixtures'?")
    }

    @Test func `a name near to nothing gets no proposal`() {
        let path = directory.file("elsewhere/fixtures")
        let error = failure(path)
        #expect(error?.status == .missingInput)
        #expect(error?.description == "fixtures directory '\(path)' does not exist.")
    }

    // MARK: Flags that have gone

    @Test func `flags one level deeper point to the folder above`() throws {
        try directory.country("br", "Brazil")
        try directory.country("fr", "France")
        try directory.write("flags/README", "x")
        let flags = FixtureDirectory(directory.file("flags"))
        #expect(
            flags.note
                == "\(directory.path)/flags has no flags/<cc>/<cc>.gif: what is in it is served "
                + "at /. Unpacked one level deeper? Try --fixtures \(directory.path)")
        #expect(FixtureDirectory(directory.path).note == nil)
        #expect(try load(directory.path).isEmpty)
    }

    @Test func `an empty directory is called empty`() {
        let error = failure(hasFlags: true)
        #expect(error?.status == .missingInput)
        #expect(
            error?.description == "'\(directory.path)' has no flags/<cc>/<cc>.gif: it is empty.")
    }

    @Test func `a directory with other things tells the first five`() throws {
        for name in ["f", "b", "a", "e", "d", "c"] { try directory.write(name, "x") }
        #expect(
            failure(hasFlags: true)?.description
                == "'\(directory.path)' has no flags/<cc>/<cc>.gif: it has a, b, c, d, e.")
    }

    @Test func `flags without a country are told`() throws {
        try directory.write("flags/readme.txt", "x")
        try directory.write("flags/brazil/brazil.gif", TemporaryDirectory.gif)
        try directory.write("flags/BR/BR.gif", TemporaryDirectory.gif)
        #expect(
            failure(hasFlags: true)?.description
                == "'\(directory.path)' has no flags/<cc>/<cc>.gif: flags/ has no country in it.")
    }
}
