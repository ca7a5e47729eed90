import Faults
import HTTPWire

/// A backend's reply that is read whole before a script changes it.
struct CollectedReply {
    /// The largest content that is kept, in bytes.
    static let maximumContent = 8 << 20
    /// What it may have on the wire, with its chunks.
    private static let maximumCount = 2 * maximumContent
    /// How long content may take whose length is not announced, in nanoseconds.
    static let maximumTime: Nanoseconds = 10_000_000_000

    private(set) var head: [UInt8] = []
    /// What has come behind the head, as it came.
    private(set) var rest: [UInt8] = []
    /// Where content lies in it, in order.
    private(set) var content: [Range<Int>] = []
    private(set) var contentCount = 0
    private(set) var status: UInt16?
    /// What its head announces.
    private(set) var promised: Int?

    var hasHead: Bool { status != nil }
    /// All bytes that are kept.
    var count: Int { head.count + rest.count }
    var isTooLarge: Bool {
        max(contentCount, promised ?? 0) > Self.maximumContent || rest.count > Self.maximumCount
    }

    mutating func take(head: UnsafeRawBufferPointer, _ status: UInt16, promised: Int?) {
        self.head += head
        (self.status, self.promised) = (status, promised)
    }

    /// - Parameter content: where content lies in `bytes`; nil: everywhere.
    mutating func take(_ bytes: UnsafeRawBufferPointer, content runs: [Range<Int>]?) {
        for run in runs ?? [0..<bytes.count] where !run.isEmpty {
            note(rest.count + run.lowerBound..<rest.count + run.upperBound)
        }
        rest += bytes
    }

    private mutating func note(_ run: Range<Int>) {
        contentCount += run.count
        if let last = content.last, last.upperBound == run.lowerBound {
            content[content.count - 1] = last.lowerBound..<run.upperBound
        } else {
            content.append(run)
        }
    }

    /// What the script gets: content that was framed by chunks, or by the end of the connection,
    /// with its length.
    var answer: HonestAnswer {
        var body: [UInt8] = []
        body.reserveCapacity(contentCount)
        for run in content { body += rest[run] }
        guard promised == nil else { return HonestAnswer(head: head, body: body) }
        let head = head.withUnsafeBytes { ChangedHead.response($0, contentCount: body.count) }
        return HonestAnswer(head: head, body: body)
    }
}
