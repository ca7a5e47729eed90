import ChaosProxy
import Faults
import Glibc

/// Vaurien's counters by UDP, `vaurien.http.start:1|c`. What cannot be sent is lost: a server that
/// is not there must not disturb the proxy.
final class StatsdCounters {
    /// What is counted.
    typealias Event = ProxyEnvironment.Traffic

    /// Why nothing will be sent; nil if it will.
    let failure: String?
    private let descriptor: Int32
    private let sampleRate: Probability
    private var generator: SeededGenerator
    /// One message for each event.
    private let messages: [Event: [UInt8]]

    /// Looks the host up at once; later changes of its address are not seen.
    ///
    /// - Parameters:
    ///   - protocolName: second part of the counters' names.
    ///   - seed: which counters of a sampled series are sent.
    init(_ statsd: VaurienConfiguration.Statsd, protocolName: String, seed: UInt64) {
        sampleRate = statsd.sampleRate
        generator = SeededGenerator(seed: seed)
        let fraction = statsd.sampleRate.fraction
        let suffix = fraction < 1 ? "|@\(Notation.shortest(fraction))" : ""
        messages = Dictionary(
            uniqueKeysWithValues: Event.allCases.map { event in
                let name = "\(statsd.prefix).\(protocolName).\(event.rawValue)"
                return (event, Array("\(name):1|c\(suffix)".utf8))
            })
        descriptor = Self.connected(statsd)
        failure =
            descriptor < 0 ? "no counters: cannot reach \(statsd.host):\(statsd.port) by UDP" : nil
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Counts one, or leaves it out when sampled.
    func count(_ event: Event) {
        guard descriptor >= 0, let message = messages[event], isSampled else { return }
        // A refusal that an earlier datagram met is told here; it is used up with this call.
        _ = send(descriptor, message, message.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }

    private var isSampled: Bool {
        sampleRate == .always || sampleRate.hits(generator.next())
    }

    /// A socket for datagrams to the host's first address; -1 if there is none.
    private static func connected(_ statsd: VaurienConfiguration.Statsd) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(statsd.host, "\(statsd.port)", &hints, &found) == 0 else { return -1 }
        defer { freeaddrinfo(found) }
        var entry = found
        while let address = entry?.pointee {
            let type = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let descriptor = socket(address.ai_family, type, address.ai_protocol)
            if descriptor >= 0 {
                if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
                    return descriptor
                }
                close(descriptor)
            }
            entry = address.ai_next
        }
        return -1
    }
}
