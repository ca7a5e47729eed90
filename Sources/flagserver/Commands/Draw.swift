import ArgumentParser
import ChaosProxy
import Charfinder
import Faults
import FlagSite
import Glibc
import Names
import Records

/// `flagserver draw`: what a proxy will do to a request, told without a socket.
struct Draw: TakesServeOptions {
    static let configuration = CommandConfiguration(
        abstract: "Print what requests will meet on a server with this seed, without starting it.",
        discussion: """
            EXAMPLES:
              flagserver draw error --seed 42 -n 20      first attempts at 20 flags
              flagserver draw error --seed 42 --target /flags/br/br.gif -n 5
              flagserver draw fault --target '/respond;503=1;toxicity=10%/flags/br/br.gif'
              flagserver draw db --proxy db=9000=localhost:5432 --behavior 25:error -n 5
              flagserver draw db --config flagserver.yaml -n 5

            One line each: target, attempt, status of the injected error or -, delay
            in milliseconds, and the names of other toxics if there are any; with
            tabs between. A connection on protocol tcp, mysql or postgres has
            "connection" and its number in front. With --error-mode exact, or
            mode=exact of a toxic, who is hit depends on the order of arrival: the
            lines then say "exchange", its number, and the status; what depends on
            the target is not told. Toxics that look at the request see a GET
            without header fields from 127.0.0.1. Those that count exchanges by
            arrival (per=proxy, match, client) are told for just these lines in this
            order, per=header cannot be foretold: stderr then says so.
            """)

    @Argument(help: "local, delay, error, chaos, fault or the name of another proxy.")
    var proxy: String

    @Option(
        name: .customShort("n"), parsing: .unconditional,
        help: ArgumentHelp(
            "How many flags, names or words, or attempts at the target.", valueName: "n"))
    var count = 20

    @Option(
        help: ArgumentHelp(
            "Attempts at this request target instead: the path as sent, query included; on redis, "
                + "memcache and smtp the command, 'GET key', on charfinder the words, on dns "
                + "'A br.flags.test'.",
            valueName: "target"))
    var target: String?

    @OptionGroup(title: "Servers") var servers: ServerOptions
    @OptionGroup(title: "Delay, error and chaos") var faults: FaultOptions
    @OptionGroup(title: "Proxies") var proxies: ProxyOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Control") var control: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(_ sources: OptionSources) throws {
        let settings = try Settings(options, sources)
        var proxy = try DrawnProxy(proxy, settings)
        guard (1...1_000_000).contains(count) else {
            throw OptionValues.usage("-n \(count): write a number from 1 to 1000000.")
        }
        let lines: [String]
        if let mode = proxy.exactMode {
            try refuseTarget("with \(mode): who is hit depends on the order of arrival")
            lines = try (1...count).map {
                line("exchange", $0, try proxy.fate(number: UInt64($0)), isExact: true)
            }
        } else if proxy.protocol.drawsPerConnection {
            try refuseTarget(
                "on protocol \(proxy.protocol.rawValue): a connection is drawn for as a whole")
            lines = try (1...count).map {
                line("connection", $0, try proxy.fate(number: UInt64($0)), isExact: false)
            }
        } else {
            guard target != nil || !proxy.readsTargets else {
                throw OptionValues.usage(
                    "what FAULT does stands in the URL. Write "
                        + "--target '/latency;latency=2s;toxicity=10%/flags/br/br.gif'.")
            }
            lines = try exchanges(proxy.protocol).enumerated().map { index, exchange in
                line(
                    exchange.target, exchange.attempt,
                    try proxy.fate(
                        target: exchange.target, attempt: exchange.attempt, number: index + 1))
            }
        }
        for doubt in proxy.doubts { tell(doubt) }
        try StandardOutput.write(lines.joined())
    }

    private func tell(_ note: String) {
        StandardError.write("note: \(note)\n")
    }

    private func refuseTarget(_ reason: String) throws {
        guard target == nil else {
            throw OptionValues.usage("--target says nothing \(reason).")
        }
    }

    /// The exchanges in question: target and attempt.
    private func exchanges(_ protocol: ProxyProtocol) throws -> [(target: String, attempt: Int)] {
        if let target {
            guard `protocol` != .http || target.hasPrefix("/") || target.contains("://") else {
                throw OptionValues.usage(
                    "--target \(target) is no request target. Write the path: /flags/br/br.gif.")
            }
            if `protocol` == .dns { try checkQuestion(target) }
            return (1...count).map { (target, $0) }
        }
        guard `protocol` == .http || `protocol` == .dns else {
            let example = `protocol` == .charfinder ? "chess black" : "GET key"
            throw OptionValues.usage(
                "a command on protocol \(`protocol`.rawValue) is drawn for by what it says. "
                    + "Write --target '\(example)'.")
        }
        if CharfinderServer(named: proxy) == .http {
            return CharfinderSite.samples.prefix(count).map { ("/search?q=\($0)", 1) }
        }
        let fixtures = try FixtureSource.find(options.servers.fixtures).load()
        guard `protocol` == .http else {
            return fixtures.store.countries.prefix(count).map { ("A \($0).\(Zone.apex)", 1) }
        }
        if let note = fixtures.note {
            tell(note)
            return fixtures.store.targets.prefix(count).map { ($0, 1) }
        }
        return fixtures.store.countries.prefix(count).map { ("/flags/\($0)/\($0).gif", 1) }
    }

    /// - Throws: `CommandLineError` for what a name server is not asked.
    private func checkQuestion(_ target: String) throws {
        let words = target.split(separator: " ").map(String.init)
        guard words.count == 2 else {
            throw OptionValues.usage(
                "--target \(target) is no question. Write the type and the name: "
                    + "'A br.flags.test'.")
        }
        guard let type = RecordType(words[0]), !type.isMeta else {
            throw OptionValues.usage(
                "--target \(target): '\(words[0])' is no type that is answered. Write A, AAAA, "
                    + "another one like TXT, or TYPE65, and the name: 'A br.flags.test'.")
        }
        do throws(ZoneError) {
            _ = try DomainName(words[1])
        } catch {
            throw OptionValues.usage(
                "--target \(target): \(error) Write the type and the name: 'A br.flags.test'.")
        }
    }

    // MARK: Lines

    /// A request's fate, from its target and attempt.
    private func line(_ target: String, _ attempt: Int, _ fate: DrawnProxy.Fate) -> String {
        let time = LogLine.milliseconds(fate.delay)
        guard options.output.logFormat == .json else {
            return "\(target)\t\(attempt)\t\(fate.status ?? "-")\t\(time)\(column(fate))\n"
        }
        return "{\"target\":\(target.asJSON),\"attempt\":\(attempt),"
            + "\"status\":\(fate.status ?? "null"),\"delay_ms\":\(time)\(member(fate))}\n"
    }

    /// The fate of the n-th arrival or connection.
    ///
    /// - Parameter isExact: the delay depends on the target and cannot be told.
    private func line(
        _ what: String, _ number: Int, _ fate: DrawnProxy.Fate, isExact: Bool
    ) -> String {
        let time = isExact ? nil : LogLine.milliseconds(fate.delay)
        guard options.output.logFormat == .json else {
            return "\(what)\t\(number)\t\(fate.status ?? "-")\t\(time ?? "-")\(column(fate))\n"
        }
        return "{\"\(what)\":\(number),\"status\":\(fate.status ?? "null"),"
            + "\"delay_ms\":\(time ?? "null")\(member(fate))}\n"
    }

    private func column(_ fate: DrawnProxy.Fate) -> String {
        fate.others.isEmpty ? "" : "\t" + fate.others.joined(separator: ",")
    }

    private func member(_ fate: DrawnProxy.Fate) -> String {
        guard !fate.others.isEmpty else { return "" }
        return ",\"toxics\":[\(fate.others.map(\.asJSON).joined(separator: ","))]"
    }
}
