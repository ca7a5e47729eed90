import Testing

@testable import flagserver

@Suite struct EnvironmentTwinsTests {
    private func added(_ arguments: [String], _ environment: [String: String]) throws -> [String] {
        try EnvironmentTwins.added(to: arguments) { environment[$0] }
    }

    @Test func `an option may come from the environment`() throws {
        let environment = ["FLAGSERVER_ERROR_RATE": "1", "FLAGSERVER_SEED": "42"]
        #expect(
            try added(["draw", "error"], environment)
                == ["draw", "error", "--error-rate=1", "--seed=42"])
    }

    @Test(arguments: [["--seed", "7"], ["--seed=7"]])
    func `what is typed wins`(arguments: [String]) throws {
        #expect(try added(arguments, ["FLAGSERVER_SEED": "42"]) == arguments)
    }

    @Test func `an empty variable and one that is no option's say nothing`() throws {
        #expect(try added([], ["FLAGSERVER_SEED": "", "FLAGSERVER_TEST": "1"]) == [])
    }

    @Test func `what may be given more than once has semicolons between its values`() throws {
        let environment = [
            "FLAGSERVER_TOXIC": "error:noop; delay:latency name=a latency=1s;",
            "FLAGSERVER_ALLOWED_HOST": "a.test",
        ]
        #expect(
            try added([], environment) == [
                "--toxic=error:noop", "--toxic=delay:latency name=a latency=1s",
                "--allowed-host=a.test",
            ])
        #expect(
            try added(["--toxic", "x:y"], environment)
                == ["--toxic", "x:y", "--allowed-host=a.test"])
    }

    @Test func `words behind two hyphens are another program's`() throws {
        let environment = ["FLAGSERVER_SEED": "42", "FLAGSERVER_QUIET": "1"]
        #expect(
            try added(["run", "--", "cmd", "--seed", "7"], environment)
                == ["run", "--seed=42", "--quiet", "--", "cmd", "--seed", "7"])
        #expect(
            try added(["run", "--seed", "7", "--", "-q"], environment)
                == ["run", "--seed", "7", "--quiet", "--", "-q"])
    }

    @Test(arguments: ["vaurien", "toxiproxy", "toxics", "check", "help"])
    func `other subcommands have no twins`(word: String) throws {
        let environment = ["FLAGSERVER_SEED": "42", "FLAGSERVER_TOXIC": "a:b"]
        #expect(try added([word], environment) == [word])
        #expect(try added(["serve"], environment) == ["serve", "--seed=42", "--toxic=a:b"])
        #expect(try added(["-q"], environment) == ["-q", "--seed=42", "--toxic=a:b"])
    }

    @Test func `a flag is on or off`() throws {
        #expect(try added([], ["FLAGSERVER_QUIET": "1"]) == ["--quiet"])
        #expect(try added([], ["FLAGSERVER_QUIET": "no"]) == [])
        #expect(try added(["-q"], ["FLAGSERVER_QUIET": "yes"]) == ["-q"])
        let error = refusal { try added([], ["FLAGSERVER_CORS": "maybe"]) }
        #expect(error?.status == .usage)
        #expect(error?.description == "FLAGSERVER_CORS=maybe is neither 1 nor 0.")
    }

    @Test func `no option is forgotten`() {
        let help = FlagserverCommand.helpMessage(for: Serve.self)
        let words = help.split { $0 == " " || $0 == "\n" || $0 == "," }
        let names = Set(words.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) })
        let twins = Set(
            EnvironmentTwins.options + EnvironmentTwins.lists + EnvironmentTwins.flags)
        #expect(names.subtracting(["help", "version", ""]) == twins)
    }
}
