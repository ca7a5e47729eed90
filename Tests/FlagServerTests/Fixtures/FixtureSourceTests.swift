import Testing

@testable import flagserver

/// Which flags are served, and what is said of them.
struct FixtureSourceTests {
    private let directory = TemporaryDirectory()

    /// What `check` says where `./fixtures` may be.
    private func found(_ arguments: String...) throws -> [String] {
        try Program(["check"] + arguments, in: directory.path).lines
    }

    @Test func `without fixtures in the folder the program's own are served`() throws {
        #expect(try found() == ["built-in flags: ok, 194 countries, 0.9 MB"])
        try directory.folder("fixtures")
        #expect(try found() == ["built-in flags: ok, 194 countries, 0.9 MB"])
        try directory.folder("fixtures/flags/none")
        #expect(try found() == ["built-in flags: ok, 194 countries, 0.9 MB"])
        try directory.write("fixtures/flags/br/br.gif", TemporaryDirectory.gif)
        try directory.write("fixtures/flags/br/metadata.json", #"{"country": "Brazil"}"#)
        #expect(try found() == ["./fixtures: ok, 1 country, 0 MB"])
    }

    @Test func `fixtures in the folder that are malformed are said to be so`() throws {
        try directory.write("fixtures/flags/br/br.gif", "no picture")
        let program = try Program(["check"], in: directory.path)
        #expect(program.status == 65)
        #expect(program.errors.contains("./fixtures/flags/br/br.gif is no GIF image"))
    }

    @Test(arguments: [
        ("", "."), (".", "."), ("a/", "a"), ("a///", "a"), ("/", "/"), ("//", "/"), ("a/b", "a/b"),
    ])
    func `the option is taken without its last slashes`(option: String, path: String) throws {
        #expect(try "\(FixtureSource.find(option))" == path)
    }

    @Test func `the source is told with the number of its flags`() {
        #expect(FixtureSource.directory("./x").summary(194) == "194 flags from ./x")
        #expect(FixtureSource.directory("x").summary(1) == "1 flag from x")
        #expect(FixtureSource.builtIn.summary(194) == "194 flags, built in")
        #expect(FixtureSource.directory("x").reloaded(3) == "reloaded x: 3 countries")
        #expect(
            FixtureSource.builtIn.reloaded(194)
                == "the 194 flags stay as they are: they are built in")
    }
}
