/// When records were over, as text in UTC. Many in a row are over in the same second, which is
/// written once.
struct RecordTime: Sendable {
    private var second: Int64?
    /// `2026-11-21T14:02:01.`
    private var text: [UInt8] = []

    /// Appends `2026-11-21T14:02:01.120345Z`.
    ///
    /// - Parameter time: nanoseconds since 1970.
    mutating func append(_ time: Int64, to line: inout [UInt8]) {
        let nanoseconds = tell(time)
        line.append(contentsOf: text)
        line.append(digits: 6, of: nanoseconds / 1000)
        line.append(UInt8(ascii: "Z"))
    }

    /// Appends the time of day, `14:02:01.120`.
    mutating func append(clock time: Int64, to line: inout [UInt8]) {
        let nanoseconds = tell(time)
        line.append(contentsOf: text.dropFirst(11))
        line.append(digits: 3, of: nanoseconds / 1_000_000)
    }

    /// Makes `text` that of `time`.
    ///
    /// - Returns: the nanoseconds behind its second.
    private mutating func tell(_ time: Int64) -> UInt64 {
        let (second, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        let isBefore1970 = rest < 0
        let whole = isBefore1970 ? second - 1 : second
        if whole != self.second {
            self.second = whole
            text.removeAll(keepingCapacity: true)
            Timestamp.append(seconds: whole, to: &text)
            text.append(UInt8(ascii: "."))
        }
        return UInt64(isBefore1970 ? rest + 1_000_000_000 : rest)
    }
}
