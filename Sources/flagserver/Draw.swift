import ArgumentParser
import Faults
import FlagSite
import Glibc
import HTTPWire

/// `flagserver draw`: what a server will do to a request, told without a socket.
struct Draw: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what requests will meet on a server with this seed, without starting it.",
        discussion: """
            EXAMPLES:
              flagserver draw error --seed 42 -n 20      first attempts at 20 flags
              flagserver draw error --seed 42 --target /flags/br/br.gif -n 5

            One line each: target, attempt, status of the injected error or -, delay
            in milliseconds; with tabs between. With --error-mode exact the error
            depends on the order of arrival: the lines then say "exchange", its
            number, and the status; the delay depends on the target and is not told.
            """)

    @Argument(help: "local, delay or error.")
    var proxy: String

    @Option(
        name: .customShort("n"), parsing: .unconditional,
        help: ArgumentHelp("How many flags, or attempts at the target.", valueName: "n"))
    var count = 20

    @Option(
        help: ArgumentHelp(
            "Attempts at this request target instead: the path as sent, query included.",
            valueName: "target"))
    var target: String?

    @OptionGroup var options: ServeOptions

    func run() throws {
        let settings = try Settings(options)
        let names = FlagServerName.allCases.map(\.rawValue)
        guard let server = FlagServerName(rawValue: proxy.lowercased()) else {
            let hint = Suggestion.nearest(to: proxy, in: names).map { " Did you mean '\($0)'?" }
            throw OptionValues.usage(
                "there is no proxy '\(proxy)' (\(names.joined(separator: ", "))).\(hint ?? "")")
        }
        guard (1...1_000_000).contains(count) else {
            throw OptionValues.usage("-n \(count): write a number from 1 to 1000000.")
        }
        let plan = FlagServers.plan(of: server, settings)
        let isExact = server == .error && settings.errorMode == .exact
        guard !isExact || target == nil else {
            throw OptionValues.usage(
                "--target says nothing with --error-mode exact: who is hit depends on the order "
                    + "of arrival.")
        }
        let lines =
            try isExact
            ? (1...count).map { line(number: UInt64($0), plan) }
            : exchanges().map { line($0.target, $0.attempt, plan) }
        try StandardOutput.write(lines.joined())
    }

    /// The exchanges in question: target and attempt.
    private func exchanges() throws -> [(target: String, attempt: Int)] {
        if let target {
            guard target.hasPrefix("/") || target.contains("://") else {
                throw OptionValues.usage(
                    "--target \(target) is no request target. Write the path: /flags/br/br.gif.")
            }
            return (1...count).map { (target, $0) }
        }
        let directory = FixtureDirectory.find(options.servers.fixtures)
        var loader = FixtureLoader(directory: directory)
        let store = try loader.load(now: 0, extraFields: [])
        return store.countries.prefix(count).map { ("/flags/\($0.code)/\($0.code).gif", 1) }
    }

    /// A request's fate, from its target and attempt.
    private func line(_ target: String, _ attempt: Int, _ plan: FaultPlan) -> String {
        let hash = SeededGenerator.hash(target.utf8)
        let (status, delay) = fate(
            plan, Exchange(target: hash, attempt: UInt32(attempt), number: 1))
        let time = AccessLog.milliseconds(delay)
        guard options.output.logFormat == .json else {
            return "\(target)\t\(attempt)\t\(status ?? "-")\t\(time)\n"
        }
        return "{\"target\":\(JSONText.quoted(target)),\"attempt\":\(attempt),"
            + "\"status\":\(status ?? "null"),\"delay_ms\":\(time)}\n"
    }

    /// The error of the n-th arrival in exact mode. Its delay depends on the target, and so cannot
    /// be told.
    private func line(number: UInt64, _ plan: FaultPlan) -> String {
        let (status, _) = fate(plan, Exchange(target: 0, attempt: 1, number: number))
        guard options.output.logFormat == .json else {
            return "exchange\t\(number)\t\(status ?? "-")\t-\n"
        }
        return "{\"exchange\":\(number),\"status\":\(status ?? "null"),\"delay_ms\":null}\n"
    }

    private func fate(_ plan: FaultPlan, _ exchange: Exchange) -> (String?, Nanoseconds) {
        var status: String?
        var delay: Nanoseconds = 0
        for fault in plan.draw(exchange) {
            switch fault.effect {
            case .respond(let answer, _): status = "\(answer.code)"
            case .latency(let time): delay += time
            }
        }
        return (status, delay)
    }
}
