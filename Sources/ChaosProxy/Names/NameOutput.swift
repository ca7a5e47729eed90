import Faults
import Names

/// What a connection of a name server is owed, in order. What is slow holds up what is behind it.
struct NameOutput {
    /// Behind each other, each behind its length.
    private struct Part {
        var bytes: ArraySlice<UInt8>
        /// From one byte to the next, in nanoseconds; nil: all at once.
        let pause: Nanoseconds?
    }

    private var parts: [Part] = []
    /// When the next byte of a slow one may go; nil: none is under way.
    private(set) var due: Instant?

    /// Bytes that wait.
    var count: Int { parts.reduce(0) { $0 + $1.bytes.count } }
    var isEmpty: Bool { parts.isEmpty }

    /// - Returns: how many bytes it has.
    mutating func append(_ reply: inout NameReply) -> Int {
        var bytes: [UInt8] = []
        reply.append(to: &bytes)
        guard !bytes.isEmpty else { return 0 }
        let pause: Nanoseconds? =
            if case .slowly(let pause) = reply.delivery { pause } else { nil }
        parts.append(Part(bytes: bytes[...], pause: pause))
        return bytes.count
    }

    /// Takes out what may be written now.
    mutating func take(at now: Instant) -> [UInt8] {
        var taken: [UInt8] = []
        while let first = parts.first {
            guard let pause = first.pause else {
                taken += first.bytes
                parts.removeFirst()
                continue
            }
            if let due, now < due { return taken }
            parts[0].bytes.removeFirst()
            taken.append(first.bytes[first.bytes.startIndex])
            due = nil
            if parts[0].bytes.isEmpty { parts.removeFirst() } else { due = now + pause }
            if pause > 0, due != nil { return taken }
        }
        return taken
    }
}
