import Foundation
import Testing

@testable import flagserver

@Suite struct OptionSourcesTests {
    private let folder = TemporaryDirectory()

    /// The sources of a command line with a configuration file of this text.
    private func sources(
        _ text: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> OptionSources {
        let path = try folder.write("c.yaml", text)
        return try OptionSources(arguments + ["--config", path]) { environment[$0] }
    }

    private func added(
        _ text: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> [String] {
        let sources = try sources(text, arguments, environment)
        return Array(sources.arguments.dropFirst(sources.typed.count))
    }

    @Test func `the file adds what is neither typed nor in the environment`() throws {
        let text = "seed: 1\nerror-rate: 0.5\ndelay: 2\n"
        #expect(try added(text) == ["--seed=1", "--error-rate=0.5", "--delay=2"])
        #expect(try added(text, ["--seed", "7"]) == ["--error-rate=0.5", "--delay=2"])
        #expect(
            try added(text, ["--seed=7"], ["FLAGSERVER_DELAY": "3"])
                == ["--delay=3", "--error-rate=0.5"])
    }

    @Test func `an option weighs more than the environment, and that more than the file`() throws {
        let environment = ["FLAGSERVER_SEED": "2"]
        #expect(try Settings(sources("seed: 1")).seed == 1)
        #expect(try Settings(sources("seed: 1", [], environment)).seed == 2)
        #expect(
            try Settings(sources("seed: 1", ["--seed", "3"], environment)).seed == 3)
    }

    @Test func `a list that is typed stands in place of the file's`() throws {
        let text = "toxic: [error:noop, local:noop]\nallowed-host: a.test\n"
        #expect(
            try added(text)
                == ["--toxic=error:noop", "--toxic=local:noop", "--allowed-host=a.test"])
        #expect(try added(text, ["--toxic", "delay:noop"]) == ["--allowed-host=a.test"])
    }

    @Test func `a flag may be on in the file and off in the environment`() throws {
        #expect(try added("quiet: true\ncors: yes\nverbose: false") == ["--quiet", "--cors"])
        #expect(try added("quiet: true", [], ["FLAGSERVER_QUIET": "0"]) == [])
        #expect(try added("no_fault_headers: on") == ["--no-fault-headers"])
        #expect(try !Settings(sources("no-fault-headers: true")).hasFaultFields)
        #expect(try Settings(sources("no-fault-headers: false")).hasFaultFields)
    }

    @Test func `the environment may name the file, and what is typed wins`() throws {
        let first = try folder.write("1.yaml", "seed: 1")
        let second = try folder.write("2.yaml", "seed: 2")
        let environment = ["FLAGSERVER_CONFIG": first]
        let named = try OptionSources(["draw", "error"]) { environment[$0] }
        #expect(named.configuration?.path == first)
        #expect(try Settings(named).seed == 1)
        let typed = try OptionSources(["--config", second]) { environment[$0] }
        #expect(try Settings(typed).seed == 2)
        let last = try OptionSources(["--config=\(first)", "--config=\(second)"]) { _ in nil }
        #expect(try Settings(last).seed == 2)
    }

    @Test func `words behind two hyphens are another program's`() throws {
        let path = try folder.write("c.yaml", "seed: 1")
        let words = ["run", "--config", path, "--", "cmd", "--seed", "3", "--config", "other"]
        let sources = try OptionSources(words) { _ in nil }
        #expect(
            sources.arguments == ["run", "--config", path, "--seed=1"] + words[3...])
        #expect(try Settings(sources).seed == 1)
        let without = try OptionSources(["run", "--", "cmd", "--config", path]) { _ in nil }
        #expect(without.configuration == nil)
    }

    @Test(arguments: ["vaurien", "toxiproxy", "toxics", "check", "help"])
    func `other subcommands read no file`(word: String) throws {
        let sources = try OptionSources([word, "--config", "/nonexistent"]) { _ in nil }
        #expect(sources.configuration == nil)
        #expect(sources.arguments == [word, "--config", "/nonexistent"])
    }

    @Test func `a file that is read again says what it says now`() throws {
        let sources = try sources("seed: 1")
        try folder.write("c.yaml", "seed: 2")
        #expect(try Settings(sources.read()).seed == 2)
        #expect(try Settings(sources).seed == 1)
    }

    // MARK: Whose fault it is

    /// The line that a mistake has in a file, with options beside it.
    private func mistake(_ text: String, _ arguments: [String] = []) -> String? {
        let error = refusal { try Settings(sources(text, arguments)) }
        return error?.line.replacingOccurrences(of: folder.path + "/", with: "")
    }

    @Test func `a mistake of several options has the place of the last of them`() {
        #expect(
            mistake("seed: 1\nports: [8001, 8002, 8003]\ncontrol: 8002\n")
                == "c.yaml:3:10: error: delay and the control port cannot share port 8002. Use "
                + "--control with another port, or off.")
        #expect(
            mistake("over-limit: queue\nseed: 1\n")
                == "c.yaml:1:13: error: over-limit queue without a limit says nothing. Give one: "
                + "--max-concurrency 5.")
        #expect(
            mistake("control-bind: all\n")
                == "c.yaml:1:15: error: control-bind all lets other machines change the servers. "
                + "Say who may with --control-token <token>.")
    }

    @Test func `a toxic of the file has its place`() {
        #expect(
            mistake("toxic:\n  - error:noop\n  - error:latency latency=200\n")
                == "c.yaml:3:5: error: toxic 'error:latency latency=200': latency: a time "
                + "needs a unit. Did you mean 200ms, or 200s?")
        #expect(
            mistake("toxic: [other:noop]\n")?.hasPrefix(
                "c.yaml:1:9: error: toxic 'other:noop': there is no proxy 'other'") == true)
    }

    @Test func `a mistake that is typed has no place in the file`() {
        #expect(
            mistake("seed: 1\n", ["--toxic", "other:noop"])?.hasPrefix(
                "error: --toxic 'other:noop': there is no proxy 'other'") == true)
        #expect(
            mistake("control: 8002\n", ["--ports", "8001,8002,8003"])?.hasPrefix(
                "c.yaml:1:10: error: delay and the control port cannot share port 8002.") == true)
    }

    @Test func `what is typed does not hide a mistake of the file`() {
        #expect(
            mistake("error-rate: 25\n", ["--error-rate", "0.5"])
                == "c.yaml:1:13: error: error-rate 25 is not a probability. Write 0.25 or 25%.")
    }
}
