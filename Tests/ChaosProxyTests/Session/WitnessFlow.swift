/// What went into one direction of an exchange, and what came out of it.
struct WitnessFlow {
    struct Piece {
        let at: UInt64
        let count: Int
    }

    private(set) var into: [Piece] = []
    private(set) var out: [Piece] = []
    private(set) var inCount = 0
    private(set) var outCount = 0
    /// When the sender's FIN went in, and when it came out.
    var endIn: UInt64?
    var endOut: UInt64?

    mutating func goesIn(_ count: Int, at now: UInt64) {
        guard count > 0 else { return }
        into.append(Piece(at: now, count: count))
        inCount += count
    }

    mutating func comesOut(_ count: Int, at now: UInt64) {
        guard count > 0 else { return }
        out.append(Piece(at: now, count: count))
        outCount += count
    }

    /// Whether something is in it now.
    var isHolding: Bool { inCount > outCount }

    /// Whether something was in it at an instant; nil if something moved in that very one.
    func isHolding(at instant: UInt64) -> Bool? {
        let (came, left) = (into.filter { $0.at <= instant }, out.filter { $0.at < instant })
        let isHeld = came.reduce(0) { $0 + $1.count } > left.reduce(0) { $0 + $1.count }
        return isHeld && out.contains { $0.at == instant } ? nil : isHeld
    }

    /// How long at least one byte, or the end, had gone in and not come out.
    func held(until end: UInt64, withEnd: Bool) -> UInt64 {
        var steps = into.map { ($0.at, $0.count) } + out.map { ($0.at, -$0.count) }
        if withEnd, let endIn {
            steps += [(endIn, 1)] + (endOut.map { [($0, -1)] } ?? [])
        }
        steps.sort { $0.0 < $1.0 }
        var (total, level, last) = (UInt64(0), 0, UInt64(0))
        for (at, count) in steps where at <= end {
            if level > 0 { total += at - last }
            (level, last) = (level + count, at)
        }
        return level > 0 ? total + end - last : total
    }

    /// Whether all that came out did so at the instant at which it had gone in.
    func isPrompt(until end: UInt64) -> Bool { !isHolding && held(until: end, withEnd: true) == 0 }
}
