import Glibc

/// One answer as a client has it: what came of it, and when.
struct DayAnswer {
    /// nil until all of its first line has come.
    var status: UInt16?
    var hasHead = false
    /// nil: none is announced.
    var promised: Int?
    var isChunked = false
    /// Bytes of content that have come, and of everything.
    var content = 0
    var count = 0
    var firstAt: UInt64 = 0
    var lastAt: UInt64 = 0
    var isComplete = false
}

/// Reads what a client is answered, without a look at how the product reads.
struct DayReader {
    private(set) var answers: [DayAnswer] = []
    /// How many bytes were read.
    private var place = 0
    /// Of the chunk under way.
    private var left = 0
    private var isBehindChunk = false
    private(set) var isNonsense = false

    /// How many answers are complete.
    var completed: Int { answers.last?.isComplete == false ? answers.count - 1 : answers.count }

    /// Takes in what is new.
    ///
    /// - Parameters:
    ///   - bytes: all that has come so far.
    ///   - isHead: whether the request of that place was one for the head alone.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, at now: UInt64, isHead: (Int) -> Bool
    ) {
        while place < bytes.count, !isNonsense {
            if answers.last?.isComplete ?? true {
                answers.append(DayAnswer(firstAt: now))
            }
            let index = answers.count - 1
            let before = place
            var answer = answers[index]
            answer.lastAt = now
            if !answer.hasHead {
                readHead(bytes, &answer, isHead: isHead(index))
            } else if answer.isChunked {
                readChunk(bytes, &answer)
            } else {
                take(min(bytes.count - place, (answer.promised ?? 0) - answer.content), &answer)
                answer.isComplete = answer.content == answer.promised
            }
            answers[index] = answer
            if place == before { return }
        }
    }

    private mutating func take(_ count: Int, _ answer: inout DayAnswer) {
        place += count
        answer.content += count
        answer.count += count
    }

    private mutating func readHead(
        _ bytes: UnsafeRawBufferPointer, _ answer: inout DayAnswer, isHead: Bool
    ) {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
        if answer.status == nil, Self.find("\r\n", in: rest) != nil {
            let digits = rest[9..<12].map { UInt16($0 &- 0x30) }
            answer.status = digits[0] * 100 + digits[1] * 10 + digits[2]
            isNonsense = !rest.starts(with: "HTTP/1.1 ".utf8) || digits.contains { $0 > 9 }
        }
        guard let end = Self.find("\r\n\r\n", in: rest) else {
            return answer.count = rest.count
        }
        let head = UnsafeRawBufferPointer(rebasing: rest[..<(end + 4)])
        answer.hasHead = true
        answer.count = head.count
        place += head.count
        answer.isChunked = Self.find("chunked", in: head) != nil && !isHead
        if !answer.isChunked { answer.promised = isHead ? 0 : Self.length(head) }
        answer.isComplete = answer.promised == 0
        if answer.promised == nil, !answer.isChunked { isNonsense = true }
    }

    private static func length(_ head: UnsafeRawBufferPointer) -> Int? {
        guard let start = find("Content-Length: ", in: head) else { return nil }
        return head[(start + 16)...].prefix { $0 >= 0x30 && $0 <= 0x39 }
            .reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// A size, or content, or what is behind it.
    private mutating func readChunk(
        _ bytes: UnsafeRawBufferPointer, _ answer: inout DayAnswer
    ) {
        guard left == 0 else {
            let count = min(left, bytes.count - place)
            left -= count
            isBehindChunk = left == 0
            return take(count, &answer)
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
        let skipped = isBehindChunk ? 2 : 0
        guard rest.count > skipped,
            let line = Self.find("\r\n", in: UnsafeRawBufferPointer(rebasing: rest[skipped...]))
        else { return }
        let digits = String(decoding: rest[skipped..<skipped + line], as: UTF8.self)
        guard let size = Int(digits, radix: 16) else { return isNonsense = true }
        // The last one has an empty line behind it.
        let count = skipped + line + (size == 0 ? 4 : 2)
        guard rest.count >= count else { return }
        (left, isBehindChunk) = (size, false)
        place += count
        answer.count += count
        answer.isComplete = size == 0
    }

    private static func find(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        bytes.place(of: text)
    }
}

extension UnsafeRawBufferPointer {
    /// Where a text begins in it.
    func place(of text: StaticString) -> Int? {
        guard let base = baseAddress else { return nil }
        var place = 0
        while place + text.utf8CodeUnitCount <= count {
            guard let found = memchr(base + place, Int32(text.utf8Start[0]), count - place) else {
                return nil
            }
            place = UnsafeRawPointer(found) - base
            guard place + text.utf8CodeUnitCount <= count else { return nil }
            if memcmp(found, text.utf8Start, text.utf8CodeUnitCount) == 0 { return place }
            place += 1
        }
        return nil
    }
}
