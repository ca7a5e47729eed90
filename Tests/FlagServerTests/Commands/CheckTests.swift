import Testing

@testable import flagserver

@Suite struct CheckTests {
    private let folder = TemporaryDirectory()

    private func fixtures(_ name: String = "fixtures") throws {
        try folder.write("\(name)/flags/br/br.gif", TemporaryDirectory.gif)
        try folder.write("\(name)/flags/br/metadata.json", #"{"country": "Brazil"}"#)
    }

    private func check(_ arguments: String...) throws -> Program {
        try Program(["check"] + arguments, in: folder.path)
    }

    @Test func `what is found good is told in a line each`() throws {
        try fixtures()
        try folder.write("flagserver.yaml", ConfigurationTests.example)
        let program = try check()
        #expect(program.errors == "")
        #expect(program.status == 0)
        #expect(
            program.lines == [
                "flagserver.yaml: ok, 5 flag servers, 2 proxies, 4 toxics",
                "./fixtures: ok, 1 country, 0 MB",
            ])
        #expect(try check("flagserver.yaml").lines == program.lines)
    }

    @Test func `without a file the fixtures are checked`() throws {
        try fixtures()
        #expect(try check().lines == ["./fixtures: ok, 1 country, 0 MB"])
        #expect(try check("fixtures/").lines == ["fixtures: ok, 1 country, 0 MB"])
    }

    @Test func `a file alone needs no fixtures`() throws {
        try folder.write("c.json", #"{"ports": "chaos=off", "toxic": ["error:noop"]}"#)
        let program = try check("c.json")
        #expect(program.output == "c.json: ok, 4 flag servers, 0 proxies, 1 toxic\n")
        #expect(program.status == 0)
    }

    @Test func `a warning is no error`() throws {
        try fixtures()
        try folder.write("fixtures/flags/xx/xx.gif", TemporaryDirectory.gif)
        let program = try check("fixtures")
        #expect(program.status == 0)
        #expect(program.lines == ["fixtures: ok, 2 countries, 0 MB"])
        #expect(program.errors.hasPrefix("warning: fixtures/flags/xx/metadata.json is missing"))
    }

    @Test func `the exit status tells what is wrong`() throws {
        try folder.write("wrong.yaml", "seed: 1\nproxy: [9000]\n")
        let wrong = try check("wrong.yaml")
        #expect(wrong.status == 78)
        #expect(wrong.output == "")
        #expect(wrong.errors.hasPrefix("wrong.yaml:2:9: error: proxy 9000 is no listen address"))
        #expect(try check("missing.yaml").status == 66)
        try folder.write("names.yaml", "fixtures: missing")
        let names = try check("names.yaml")
        #expect(names.status == 66)
        #expect(names.lines == ["names.yaml: ok, 5 flag servers, 0 proxies, 0 toxics"])
        try folder.write("bad/flags/br/br.gif", "no picture")
        #expect(try check("bad").status == 65)
    }
}
