import ChaosProxy
import EventLoop
import Faults

/// Vaurien's counters by UDP, `vaurien.http.start:1|c`. What cannot be sent is lost: a server that
/// is not there must not disturb the proxy. Loop thread only.
final class StatsdCounters {
    /// What is counted.
    typealias Event = ProxyEnvironment.Traffic

    private var socket: DatagramSocket?
    private var resolution: Resolution?
    private let sampleRate: Probability
    private var generator: SeededGenerator
    /// One message for each event.
    private let messages: [Event: [UInt8]]

    /// Looks the host up once; later changes of its address are not seen, and what is counted
    /// before it is found is lost.
    ///
    /// - Parameters:
    ///   - protocolName: second part of the counters' names.
    ///   - seed: which counters of a sampled series are sent.
    ///   - warn: is told if nothing will be sent, and why.
    init(
        _ statsd: VaurienConfiguration.Statsd, protocolName: String, seed: UInt64,
        on loop: EventLoop, warn: @escaping (String) -> Void
    ) {
        sampleRate = statsd.sampleRate
        generator = SeededGenerator(seed: seed)
        let fraction = statsd.sampleRate.fraction
        let suffix = fraction < 1 ? "|@\(Notation.shortest(fraction))" : ""
        messages = Dictionary(
            uniqueKeysWithValues: Event.allCases.map { event in
                let name = "\(statsd.prefix).\(protocolName).\(event.rawValue)"
                return (event, Array("\(name):1|c\(suffix)".utf8))
            })
        let (host, port) = (statsd.host, statsd.port)
        if let literal = SocketAddress(host: host, port: port) {
            socket = DatagramSocket(to: literal)
            if socket == nil { warn(Self.failure(statsd)) }
            return
        }
        resolution = Resolver(on: loop).resolve(host, port: port) { [unowned self] result in
            socket = (try? result.get())?.lazy.compactMap(DatagramSocket.init).first
            if socket == nil { warn(Self.failure(statsd)) }
        }
    }

    private static func failure(_ statsd: VaurienConfiguration.Statsd) -> String {
        "no counters: cannot reach \(statsd.host):\(statsd.port) by UDP"
    }

    /// Counts one, or leaves it out when sampled.
    func count(_ event: Event) {
        guard let socket, let message = messages[event], isSampled else { return }
        socket.send(message)
    }

    private var isSampled: Bool {
        sampleRate == .always || sampleRate.hits(generator.next())
    }
}
