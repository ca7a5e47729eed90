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
            in milliseconds; with tabs between. With --error-mode exact the fate
            depends on the order of arrival, and the first two columns are the
            number of the exchange.
            """)

    @Argument(help: "local, delay or error.")
    var proxy: String

    @Option(
        name: .customShort("n"),
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
        for (number, exchange) in try exchanges().enumerated() {
            print(line(exchange, number + 1, plan, settings))
        }
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

    private func line(
        _ exchange: (target: String, attempt: Int), _ number: Int, _ plan: FaultPlan,
        _ settings: Settings
    ) -> String {
        let drawn = plan.draw(
            Exchange(
                target: SeededGenerator.hash(exchange.target.utf8),
                attempt: UInt32(exchange.attempt), number: UInt64(number)))
        var status = "-"
        var delay: Nanoseconds = 0
        for fault in drawn {
            switch fault.effect {
            case .respond(let answer, _): status = "\(answer.code)"
            case .latency(let time): delay += time
            }
        }
        let isExact = settings.errorMode == .exact && proxy.lowercased() == "error"
        let key = isExact ? "exchange\t\(number)" : "\(exchange.target)\t\(exchange.attempt)"
        guard options.output.logFormat == .json else {
            return "\(key)\t\(status)\t\(AccessLog.milliseconds(delay))"
        }
        let subject =
            isExact
            ? "\"exchange\":\(number)"
            : "\"target\":\(JSONText.quoted(exchange.target)),\"attempt\":\(exchange.attempt)"
        return "{\(subject),\"status\":\(status == "-" ? "null" : status),"
            + "\"delay_ms\":\(AccessLog.milliseconds(delay))}"
    }
}
