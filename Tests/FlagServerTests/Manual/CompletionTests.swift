import Faults
import TestSupport
import Testing

@testable import flagserver

struct CompletionTests {
    private static let proxies = ["local", "delay", "error", "chaos", "db"]

    private func answer(_ words: [String]) -> Completion.Answer {
        Completion(CommandReference.program(), proxies: { Self.proxies }).answer(to: words)
    }

    private func texts(_ words: [String]) -> [String] { answer(words).candidates.map(\.text) }

    @Test func `the first word is a subcommand`() {
        #expect(texts(["dr"]) == ["draw"])
        let all = texts([""])
        for name in ["serve", "run", "toxics", "check", "manual", "completions", "help"] {
            #expect(all.contains(name))
        }
        #expect(!all.contains("complete"))
    }

    @Test func `options of serve may stand alone`() {
        #expect(texts(["--error-r"]) == ["--error-rate"])
        #expect(texts(["-q", "--max-c"]).contains("--max-concurrency"))
        #expect(texts(["-q", ""]) == [])
    }

    @Test func `a subcommand has its own options`() {
        #expect(texts(["run", "--expe"]) == ["--expect"])
        #expect(texts(["--expe"]) == [])
        #expect(texts(["vaurien", "--backe"]) == ["--backend"])
        #expect(texts(["toxiproxy", "-por"]) == ["-port"])
    }

    @Test func `every option is offered with what it does`() {
        let offered = answer(["--"]).candidates
        for option in CommandReference.program().subcommand("serve")?.options ?? [] {
            #expect(offered.contains { $0.text == option.longest && $0.summary == option.summary })
        }
    }

    @Test(arguments: [
        ("--error-mode", ["random", "exact"]), ("--edition", ["1e", "2e"]),
        ("--over-limit", ["503", "429", "queue", "close"]), ("--bind", ["loopback", "all"]),
        ("--control", ["off"]), ("--dns", ["on", "off"]), ("--charfinder", ["on", "off"]),
        ("--log-format", ["auto", "text", "json"]), ("--seed", []),
        ("--delay", []), ("--protocol", ["tcp", "http", "redis", "memcache", "mysql", "smtp"]),
    ])
    func `a value is one of those that there are`(option: String, values: [String]) {
        #expect(texts([option, ""]).starts(with: values))
        #expect(texts(["\(option)="]).starts(with: values.map { "\(option)=\($0)" }))
    }

    @Test func `files and folders are left to the shell`() {
        #expect(answer(["--config", ""]) == Completion.Answer(kind: .files))
        #expect(answer(["--config=fl"]) == Completion.Answer(kind: .files))
        #expect(answer(["--fixtures", "my"]) == Completion.Answer(kind: .folders))
        #expect(answer(["--journal", ""]).kind == .files)
        #expect(texts(["--journal", ""]) == ["-"])
        #expect(answer(["check", ""]).kind == .files)
        #expect(answer(["run", "-q", "--", ""]).kind == .commands)
        #expect(answer(["run", "--", "pytest", ""]).kind == .files)
    }

    // MARK: Faults and proxies

    @Test func `a toxic is completed piece by piece`() {
        #expect(texts(["--toxic", "e"]) == ["error:"])
        #expect(texts(["--toxic", ""]) == Self.proxies.map { "\($0):" })
        #expect(texts(["--toxic", "db:lat"]) == ["db:latency"])
        let types = FaultType.allCases + [.script]
        #expect(texts(["--toxic", "db:"]) == types.map { "db:\($0.rawValue)" })
        #expect(
            texts(["--toxic", "db:trunc"])
                == ["db:truncate-udp", "db:truncate", "db:truncate-eof-framed"])
        #expect(texts(["--toxic", "db:script fi"]) == ["db:script file="])
        #expect(texts(["--toxic", "db:latency ji"]) == ["db:latency jitter="])
        #expect(
            texts(["--toxic", "db:latency jitter=1ms stream="])
                == [
                    "db:latency jitter=1ms stream=upstream",
                    "db:latency jitter=1ms stream=downstream",
                ])
        #expect(texts(["--toxic=db:slow_"]) == ["--toxic=db:slow_close"])
        #expect(texts(["--toxic", "db:latency latency="]) == [])
    }

    @Test(arguments: FaultType.examples)
    func `all that a toxic takes is offered`(type: FaultType) {
        let offered = texts(["--toxic", "db:\(type.rawValue) "])
        for attribute in type.attributes where !attribute.name.hasPrefix("<") {
            #expect(offered.contains("db:\(type.rawValue) \(attribute.name)="))
        }
        #expect(offered.contains("db:\(type.rawValue) toxicity="))
    }

    @Test func `faults, proxies and measures are known by name`() {
        #expect(texts(["toxics", "slo"]) == ["slow_close", "slow-tcp"])
        #expect(texts(["draw", ""]) == Self.proxies)
        #expect(texts(["draw", "-n", "5", "c"]) == ["chaos"])
        #expect(texts(["--behavior", "25:er"]) == ["25:error"])
        #expect(texts(["--behavior", "25:error,5"]) == [])
        #expect(texts(["run", "--expect", "peak_co"]) == ["peak_concurrency", "peak_connections"])
        #expect(texts(["run", "--expect", "db.refu"]) == ["db.refused"])
        #expect(texts(["help", "lim"]) == ["limits"])
        #expect(texts(["completions", ""]) == ["bash", "zsh", "fish"])
    }

    @Test func `nobody asks for proxies where none may stand`() {
        let completion = Completion(
            CommandReference.program(),
            proxies: {
                Issue.record("asked")
                return []
            })
        _ = completion.answer(to: ["--error-mode", ""])
        _ = completion.answer(to: ["--toxic", "db:"])
    }
}
