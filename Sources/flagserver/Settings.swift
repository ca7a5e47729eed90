import EventLoop
import Faults
import HTTPWire

/// The options, read and checked.
struct Settings {
    enum Bind: Equatable {
        case loopback
        case all
        case address(SocketAddress)
    }

    let ports: Ports
    let bind: Bind
    let delay: ClosedRange<Nanoseconds>
    let delayRate: Probability
    let errorRate: Probability
    let errorMode: ErrorMode
    let respond: Fault.Respond
    let seed: UInt64
    let grace: Nanoseconds
    let maxConnections: Int?

    /// - Throws: `CommandLineError` with status 64, naming the option and what to write instead.
    init(_ options: ServeOptions) throws {
        let edition = options.servers.edition
        let faults = options.faults
        ports =
            try options.servers.ports.map { try Ports($0, defaults: edition.ports) }
            ?? edition.ports
        bind = try Self.bind(options.servers.bind)
        delay = try OptionValues.delay(faults.delay ?? edition.delay, option: "--delay")
        delayRate = try OptionValues.probability(
            faults.delayRate ?? edition.delayRate, option: "--delay-rate")
        errorRate = try OptionValues.probability(faults.errorRate, option: "--error-rate")
        errorMode = faults.errorMode
        respond = Fault.Respond(
            statuses: try OptionValues.statuses(
                faults.errorStatus ?? edition.errorStatus, option: "--error-status"),
            retryAfter: faults.retryAfter == "none"
                ? nil : try OptionValues.time(faults.retryAfter, option: "--retry-after"))
        // Seven digits are enough to be different and short enough to be typed again.
        seed = faults.seed ?? UInt64.random(in: 1_000_000...9_999_999)
        grace = try OptionValues.time(options.control.grace, option: "--grace")
        maxConnections = options.control.maxConnections
        if let maxConnections, maxConnections < 1 {
            throw OptionValues.usage("--max-connections \(maxConnections) would accept nobody.")
        }
        if let maxConnections, maxConnections > 1_000_000 {
            throw OptionValues.usage(
                "--max-connections \(maxConnections) is more than a million.")
        }
    }

    private static func bind(_ text: String) throws -> Bind {
        switch text {
        case "loopback", "localhost": return .loopback
        case "all": return .all
        default:
            guard let address = SocketAddress(host: text, port: 0) else {
                throw OptionValues.usage(
                    "--bind \(text) is no address. Write loopback, all, or one like 192.0.2.7.")
            }
            return .address(address)
        }
    }
}
