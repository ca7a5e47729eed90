/// Reads Redis replies of RESP2 and RESP3 without keeping them.
struct RedisReplyReader {
    /// Deepest nesting.
    static let maximumDepth = 32
    /// Longest line, in bytes.
    static let maximumLine = 65_536
    static let maximumBulk = 512 << 20
    /// Most elements of an array.
    static let maximumElements = 1 << 32

    /// An array, a map, or what looks like one.
    private struct Aggregate {
        var left: Int
        /// False for attributes and pushes, which stand beside a value and are none.
        let isValue: Bool
    }

    private enum Element {
        case incomplete
        case malformed
        /// Something has been read that ends no reply.
        case inside(next: Int)
        case endsReply(next: Int)
    }

    private var open: [Aggregate] = []
    private var data: TerminatedData?
    private var line = LineScanner()

    /// - Parameter isAwaited: whether there is a request to reply to. Only pushes come without.
    mutating func next(_ bytes: UnsafeRawBufferPointer, isAwaited: Bool) -> ResponseStep {
        var used = 0
        defer { if used > 0 { line = LineScanner() } }
        while used < bytes.count {
            let isBetween = open.isEmpty && data == nil
            if isBetween, !isAwaited, bytes[used] != UInt8(ascii: ">") {
                if used > 0 { break }
                return .tunnel(reason: "a Redis reply came that nobody asked for")
            }
            switch element(bytes, at: used) {
            case .endsReply(let next):
                used = next
                return .bytes(count: used, isComplete: true, status: nil)
            case .inside(let next): used = next
            case .incomplete:
                return used > 0 ? .bytes(count: used, isComplete: false, status: nil) : .incomplete
            case .malformed where used == 0: return .tunnel(reason: "a malformed Redis reply")
            case .malformed: return .bytes(count: used, isComplete: false, status: nil)
            }
        }
        return used > 0 ? .bytes(count: used, isComplete: false, status: nil) : .incomplete
    }

    private mutating func element(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Element {
        if data != nil { return bulkData(bytes, at: start) }
        switch bytes[start] {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "_"),
            UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "("):
            guard let (text, next) = line.line(in: bytes, from: start) else {
                return bytes.count - start <= Self.maximumLine ? .incomplete : .malformed
            }
            return text.count <= Self.maximumLine ? endElement(next) : .malformed
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            return lengthLine(bytes, at: start, atMost: Self.maximumBulk)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: "|"),
            UInt8(ascii: ">"):
            return lengthLine(bytes, at: start, atMost: Self.maximumElements)
        default: return .malformed
        }
    }

    private mutating func bulkData(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Element {
        guard var data else { return .malformed }
        let next = start + data.consume(bytes.from(start))
        if data.isComplete {
            self.data = nil
            return endElement(next)
        }
        self.data = data
        return next > start ? .inside(next: next) : .malformed
    }

    private mutating func lengthLine(
        _ bytes: UnsafeRawBufferPointer, at start: Int, atMost limit: Int
    ) -> Element {
        switch RedisLengthLine.read(bytes, at: start, atMost: limit) {
        case .incomplete: return .incomplete
        case .malformed: return .malformed
        case .line(let line): return begin(line)
        }
    }

    private mutating func begin(_ line: RedisLengthLine) -> Element {
        if line.number < 0 {
            // RESP2's nil: only these two have one.
            let isNil = line.marker == UInt8(ascii: "$") || line.marker == UInt8(ascii: "*")
            return isNil ? endElement(line.next) : .malformed
        }
        switch line.marker {
        case UInt8(ascii: "*"), UInt8(ascii: "~"): return begin(line, line.number, isValue: true)
        case UInt8(ascii: "%"): return begin(line, line.number * 2, isValue: true)
        case UInt8(ascii: "|"): return begin(line, line.number * 2, isValue: false)
        case UInt8(ascii: ">"):
            guard open.isEmpty else { return .malformed }
            return begin(line, line.number, isValue: false)
        default:
            data = TerminatedData(count: line.number)
            return .inside(next: line.next)
        }
    }

    private mutating func begin(_ line: RedisLengthLine, _ count: Int, isValue: Bool) -> Element {
        if count == 0 { return isValue ? endElement(line.next) : .inside(next: line.next) }
        guard open.count < Self.maximumDepth else { return .malformed }
        open.append(Aggregate(left: count, isValue: isValue))
        return .inside(next: line.next)
    }

    /// A value ends, and with it all that it is the last element of.
    private mutating func endElement(_ next: Int) -> Element {
        while let last = open.indices.last {
            open[last].left -= 1
            guard open[last].left == 0 else { return .inside(next: next) }
            guard open.removeLast().isValue else { return .inside(next: next) }
        }
        return .endsReply(next: next)
    }
}
