/// Who may send when: turns at a rate, without a gap while there is something to send.
///
/// Every time is computed from the bytes since the busy period began, so that nothing adds up but
/// what was sent.
final class BandwidthCredit {
    /// Where some bytes begin: `position` bytes into the busy period that began at `start`.
    struct Turn: Equatable {
        var start: Instant
        var position: UInt64
    }

    private var start = Instant(nanoseconds: 0)
    private var count: UInt64 = 0
    private var rate: UInt64 = 0

    /// The next turn, of `bytes` bytes.
    ///
    /// - Parameter rate: thousandths of a byte per second; at 0 nobody has a turn until it changes.
    func reserve(_ bytes: Int, rate: UInt64, at now: Instant) -> Turn {
        guard rate > 0 else { return Turn(start: now, position: 0) }
        let free = self.rate == 0 ? now : start + Self.time(of: count, rate: self.rate)
        if now > free || rate != self.rate { (start, count) = (max(now, free), 0) }
        self.rate = rate
        defer { count += UInt64(bytes) }
        return Turn(start: start, position: count)
    }

    /// Every turn is given out anew if the rate is another one: what the first of several stages
    /// says when it is told so holds for them all.
    ///
    /// - Parameter rate: thousandths of a byte per second; 0 stalls them.
    func change(rate: UInt64, at now: Instant) {
        guard self.rate != rate else { return }
        (start, count, self.rate) = (now, 0, rate)
    }

    /// Every turn is given out anew at another rate. Of several stages that are told so at the
    /// same time, the first one begins.
    func restart(rate: UInt64, at now: Instant) {
        guard self.rate != rate || start != now else { return }
        (start, count, self.rate) = (now, 0, rate)
    }

    /// How long `count` bytes take, rounded up to a nanosecond: no byte leaves early.
    ///
    /// - Parameter rate: thousandths of a byte per second, from 1.
    static func time(of count: UInt64, rate: UInt64) -> Nanoseconds {
        let product = count.multipliedFullWidth(by: 1_000_000_000_000)
        guard product.high < rate else { return .max }
        let (quotient, remainder) = rate.dividingFullWidth(product)
        return remainder == 0 || quotient == .max ? quotient : quotient + 1
    }
}
