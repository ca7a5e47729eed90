import Faults
import Names

/// What a connection of a name server is owed, in order. What is slow holds up what is behind it.
struct NameOutput {
    /// An answer behind its length.
    private struct Part {
        let exchange: NameExchange
        let bytes: [UInt8]
        /// How many were taken out to be written.
        var written = 0
        /// How many of them are gone.
        var left = 0
    }

    /// Of finished ones so many may lie in front of the others.
    private static let maximumFinished = 64

    private var parts: [Part] = []
    /// The first one of which not everything has left.
    private var first = 0
    /// The first one of which not everything was taken out.
    private var next = 0
    /// Taken out, and not left yet.
    private var underWay = 0
    /// When the next byte of a slow one may go; nil: none is under way.
    private(set) var due: Instant?

    /// Bytes that wait to be taken out.
    private(set) var count = 0
    /// Whether everything has left.
    var isEmpty: Bool { first == parts.count }
    /// What has not left yet, or not all of it, in order.
    var exchanges: [NameExchange] { parts[first...].map(\.exchange) }

    /// - Returns: false if it says nothing.
    mutating func append(_ exchange: NameExchange) -> Bool {
        var bytes: [UInt8] = []
        exchange.reply.append(to: &bytes)
        guard !bytes.isEmpty else { return false }
        parts.append(Part(exchange: exchange, bytes: bytes))
        count += bytes.count
        return true
    }

    /// Takes out what may be written now.
    mutating func take(at now: Instant) -> [UInt8] {
        var taken: [UInt8] = []
        while next < parts.count {
            let part = parts[next]
            if let pause = part.exchange.pause, pause > 0 {
                if let due, now < due { break }
                taken.append(part.bytes[part.written])
                parts[next].written += 1
                if parts[next].written < part.bytes.count {
                    due = now + pause
                    break
                }
            } else {
                taken += part.bytes[part.written...]
                parts[next].written = part.bytes.count
            }
            (next, due) = (next + 1, nil)
        }
        count -= taken.count
        underWay += taken.count
        return taken
    }

    /// What was taken out has left, but for its last bytes.
    ///
    /// - Parameter waiting: how many bytes have not.
    /// - Returns: those of which everything has left.
    mutating func leave(allBut waiting: Int) -> [NameExchange] {
        var (finished, fresh): ([NameExchange], Int) = ([], max(0, underWay - waiting))
        underWay -= fresh
        while fresh > 0, first < parts.count {
            let count = min(fresh, parts[first].bytes.count - parts[first].left)
            parts[first].left += count
            parts[first].exchange.left(count)
            fresh -= count
            guard parts[first].left == parts[first].bytes.count else { break }
            finished.append(parts[first].exchange)
            first += 1
        }
        clean()
        return finished
    }

    /// Of what has left, the last bytes have not arrived. Finished ones are not told.
    mutating func lose(_ count: Int) {
        guard first < parts.count else { return }
        parts[first].exchange.facts.lost(min(count, parts[first].left), untaken: 0)
    }

    /// Forgets what was not taken out as a whole.
    ///
    /// - Returns: whose it was.
    mutating func cut() -> [NameExchange] {
        let exchanges = parts[next...].map(\.exchange)
        parts.removeSubrange(next...)
        (count, due) = (0, nil)
        return exchanges
    }

    /// Each one is moved once at most for each that was finished.
    private mutating func clean() {
        guard first == parts.count || first >= max(Self.maximumFinished, parts.count / 2) else {
            return
        }
        parts.removeFirst(first)
        next -= first
        first = 0
    }
}
