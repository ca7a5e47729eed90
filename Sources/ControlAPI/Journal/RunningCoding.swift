import ChaosProxy
import Faults
import Records

/// Exchanges under way as JSON, with the keys that their records will have.
enum RunningCoding {
    /// Most that are told; how many there are stands in the meters.
    static let maximum = 100

    /// Those that have been under way for the longest come first. Where there are too many, each
    /// proxy that has any may show as many as the others.
    static func find(_ proxies: [RegisteredProxy]) -> [RunningExchange] {
        let busy = proxies.map { (proxy: $0.proxy, count: $0.proxy.runningCount) }
            .filter { $0.count > 0 }.sorted { $0.count < $1.count }
        var found: [RunningExchange] = []
        for (index, each) in busy.enumerated() {
            // What those before it, which have fewer, have left over is shared by the rest.
            let (left, rest) = (maximum - found.count, busy.count - index)
            found += each.proxy.running(atMost: (left + rest - 1) / rest)
        }
        return found.sorted { ($0.start, $0.connection) < ($1.start, $1.connection) }
    }

    /// - Parameter wallOffset: nanoseconds from the monotonic clock to 1970; nil if nobody knows.
    static func json(_ running: [RunningExchange], wallOffset: Int64?) -> JSONValue {
        .array(
            running.map { each in
                .object([
                    .init("proxy", .string(each.proxy)),
                    .init("conn", .number("\(each.connection)")),
                    .init("exchange", .number("\(each.exchange)")),
                    .init("client", each.client.map { .string("\($0)") } ?? .null),
                    .init("method", text(each.method)), .init("target", text(each.target)),
                    .init("attempt", each.attempt.map { .number("\($0)") } ?? .null),
                    .init("start", wallOffset.map { time(each.start, $0) } ?? .null),
                    .init("waiting", .bool(each.isWaiting)),
                    .init("faults", .array(each.faults.map { .string($0.rawValue) })),
                ])
            })
    }

    /// As records say when they were over.
    private static func time(_ instant: Instant, _ wallOffset: Int64) -> JSONValue {
        let time = Int64(truncatingIfNeeded: instant.nanoseconds) &+ wallOffset
        return .string(Timestamp.text(nanoseconds: time))
    }

    private static func text(_ text: String) -> JSONValue { text.isEmpty ? .null : .string(text) }
}
