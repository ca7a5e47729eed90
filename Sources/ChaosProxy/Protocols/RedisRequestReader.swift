import HTTPWire
import Records

/// Reads Redis commands. Bulk strings are passed over as they come, never gathered.
struct RedisRequestReader {
    /// Longest inline command, in bytes, and most that may be sent without a command in it.
    static let maximumInline = 65_536
    /// Most arguments of a command, and the longest one in bytes, as in Redis itself.
    static let maximumArguments = 1_048_576
    static let maximumBulk = 512 << 20

    /// A bulk string whose length has been read.
    private struct Bulk {
        let start: Int
        let count: Int
        var end: Int { start + count }
    }

    /// How far the head of the next command has been read; 0 when there is none.
    private var position = 0
    private var inline = LineScanner()
    /// Of the array under way, its name included.
    private var count = 0
    private var name: Bulk?
    private var argument: Bulk?

    /// Of the command under way, once its head has been told.
    private var bulksLeft = 0
    private var data: TerminatedData?

    mutating func next(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        if bytes.count <= position { return .incomplete }
        if data != nil || bulksLeft > 0 {
            guard let used = passBulks(bytes) else { return malformed }
            return used == 0 ? .incomplete : .continues(count: used, isComplete: isComplete)
        }
        while count == 0 {
            // What is no command is not answered; it travels with the next one.
            guard position < Self.maximumInline, position < bytes.count else {
                return position < Self.maximumInline ? .incomplete : malformed
            }
            if bytes[position] != UInt8(ascii: "*") {
                if let step = inlineCommand(bytes) { return step }
            } else if let step = arrayHeader(bytes) {
                return step
            }
        }
        return arrayHead(bytes)
    }

    private var isComplete: Bool { data == nil && bulksLeft == 0 }
    private var malformed: RequestStep { .tunnel(reason: "a malformed Redis command") }

    // MARK: Heads

    /// - Returns: nil after an empty line.
    private mutating func inlineCommand(_ bytes: UnsafeRawBufferPointer) -> RequestStep? {
        let first = bytes[position]
        guard first >= 0x20 || (0x09...0x0d).contains(first) else { return malformed }
        guard let (line, next) = inline.line(in: bytes, from: position) else {
            return bytes.count - position <= Self.maximumInline ? .incomplete : malformed
        }
        guard line.count <= Self.maximumInline else { return malformed }
        let words = bytes.part(line).split(maxSplits: 2) { $0 == 0x20 || $0 == 0x09 }
        guard let name = words.first else {
            position = next
            return nil
        }
        let ranges = words.prefix(2).map {
            position + $0.startIndex..<position + $0.endIndex
        }
        let method = position + name.startIndex..<position + name.endIndex
        return begin(bytes, name: method, argument: ranges.dropFirst().first, headEnd: next)
    }

    /// - Returns: nil if it is read.
    private mutating func arrayHeader(_ bytes: UnsafeRawBufferPointer) -> RequestStep? {
        switch RedisLengthLine.read(bytes, at: position, atMost: Self.maximumArguments) {
        case .incomplete: return .incomplete
        case .malformed: return malformed
        case .line(let line):
            position = line.next
            // Redis passes over arrays without elements.
            count = max(line.number, 0)
            return nil
        }
    }

    private mutating func arrayHead(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        if name == nil {
            if let step = readBulk(bytes, into: \.name) { return step }
        }
        guard let name else { return .incomplete }
        guard name.count < RequestHead.maximumTarget else {
            let end = name.start + RequestHead.maximumTarget
            guard bytes.count >= end else { return .incomplete }
            return begin(bytes, name: name.start..<end, argument: nil, last: name, headEnd: end)
        }
        if argument == nil {
            let isEnded = zip(bytes.dropFirst(name.end), [0x0d, 0x0a]).allSatisfy { $0 == $1 }
            guard isEnded else { return malformed }
            guard bytes.count >= name.end + 2 else { return .incomplete }
            let method = name.start..<name.end
            if count == 1 {
                return begin(bytes, name: method, argument: nil, headEnd: name.end + 2)
            }
            position = name.end + 2
            if let step = readBulk(bytes, into: \.argument) { return step }
        }
        guard let argument else { return .incomplete }
        let end = min(argument.end, name.start + RequestHead.maximumTarget)
        guard bytes.count >= end else { return .incomplete }
        return begin(
            bytes, name: name.start..<name.end, argument: argument.start..<argument.end,
            last: argument, headEnd: end)
    }

    /// Reads a length line at `position`.
    ///
    /// - Returns: nil if it is read.
    private mutating func readBulk(
        _ bytes: UnsafeRawBufferPointer, into bulk: WritableKeyPath<Self, Bulk?>
    ) -> RequestStep? {
        guard position < bytes.count else { return .incomplete }
        switch RedisLengthLine.read(bytes, at: position, atMost: Self.maximumBulk) {
        case .incomplete: return .incomplete
        case .malformed: return malformed
        case .line(let line):
            guard line.marker == UInt8(ascii: "$"), line.number >= 0 else { return malformed }
            position = line.next
            self[keyPath: bulk] = Bulk(start: line.next, count: line.number)
            return nil
        }
    }

    // MARK: Requests

    /// - Parameter last: the bulk string that the head ends within, if it does.
    private mutating func begin(
        _ bytes: UnsafeRawBufferPointer, name: Range<Int>, argument: Range<Int>?,
        last: Bulk? = nil, headEnd: Int
    ) -> RequestStep {
        // Within the bytes, as an argument may be longer than a target.
        let visible = argument.map { $0.clamped(to: 0..<bytes.count) }
        let command = bytes.part(name)
        guard Self.hasOneReply(command, visible.map { bytes.part($0) }) else {
            return .tunnel(reason: "a Redis command whose replies cannot be counted")
        }
        // The first argument of AUTH is a secret, which has no place in a log.
        let isSecret = command.equalsIgnoringCase("auth")
        let end = isSecret ? name.upperBound : max(name.upperBound, visible?.upperBound ?? 0)
        let target = name.lowerBound..<min(end, name.lowerBound + RequestHead.maximumTarget)
        let head = RequestHead(method: name.clamped(to: target), target: target)
        let bulksRead = self.argument == nil ? 1 : 2
        let bulksLeft = max(count - bulksRead, 0)
        self = Self()
        self.bulksLeft = bulksLeft
        data = last.map { TerminatedData(count: $0.count) }
        let start = last?.start ?? headEnd
        // Data without its line end is reported by the next call: the head is sound.
        let more = passBulks(bytes.from(start)) ?? 0
        return .begins(head, count: start + more, isComplete: isComplete)
    }

    /// The target of a command that was written on one line: what `begin` finds of it on the wire,
    /// where the length of the first argument stands between the two.
    @Sendable
    static func key(of command: String) -> [UInt8] {
        let words = command.split(separator: " ", maxSplits: 1)
        let text =
            words.count == 2 ? "\(words[0])\r\n$\(words[1].utf8.count)\r\n\(words[1])" : command
        return Array(text.utf8.prefix(RequestHead.maximumTarget))
    }

    /// The other way round: a target without the length in it, `GET k5`.
    @Sendable
    static func text(_ target: UnsafeRawBufferPointer) -> String {
        guard let nameEnd = target.firstIndex(of: 0x0d) else { return ExchangeRecord.text(target) }
        let length = target[nameEnd...].dropFirst(3).prefix { $0 &- 0x30 <= 9 }
        let start = length.endIndex + 2
        let isWhole =
            target[nameEnd...].starts(with: [0x0d, 0x0a, UInt8(ascii: "$")]) && !length.isEmpty
            && target[length.endIndex...].starts(with: [0x0d, 0x0a])
        guard isWhole else { return ExchangeRecord.text(target) }
        let name = ExchangeRecord.text(target.part(0..<nameEnd))
        return "\(name) \(ExchangeRecord.text(target.part(start..<target.count)))"
    }

    /// False for commands with no reply, with several, or with replies at any time after.
    private static func hasOneReply(
        _ name: UnsafeRawBufferPointer, _ argument: UnsafeRawBufferPointer?
    ) -> Bool {
        let others: [StaticString] = [
            "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe",
            "monitor", "sync", "psync", "replconf",
        ]
        if others.contains(where: name.equalsIgnoringCase) { return false }
        let isReplyMode = argument?.equalsIgnoringCase("reply") == true
        return !(isReplyMode && name.equalsIgnoringCase("client"))
    }

    /// - Returns: how many bytes belong to the command; nil if already the first is malformed.
    private mutating func passBulks(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var used = 0
        while used < bytes.count, !isComplete {
            if var data {
                let count = data.consume(bytes.from(used))
                used += count
                self.data = data.isComplete ? nil : data
                if !data.isComplete, used < bytes.count { return used > 0 ? used : nil }
                continue
            }
            switch RedisLengthLine.read(bytes, at: used, atMost: Self.maximumBulk) {
            case .incomplete: return used
            case .line(let line) where line.marker == UInt8(ascii: "$") && line.number >= 0:
                used = line.next
                bulksLeft -= 1
                data = TerminatedData(count: line.number)
            case .line, .malformed: return used > 0 ? used : nil
            }
        }
        return used
    }
}
