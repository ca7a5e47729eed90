import HTTPWire

/// A request that waits for its place, as it was understood.
final class HeldRequest {
    private let head: RequestHead
    private let count: Int
    private let isComplete: Bool
    private let isHTTP: Bool

    init(_ head: RequestHead, count: Int, isComplete: Bool) {
        isHTTP = head.request != nil
        var head = head
        head.request = nil  // views into bytes that do not stay
        (self.head, self.count, self.isComplete) = (head, count, isComplete)
    }

    /// It again, at the start of the bytes that were kept of it.
    func step(in bytes: UnsafeRawBufferPointer) -> RequestStep {
        .begins(head(in: bytes), count: count, isComplete: isComplete)
    }

    func head(in bytes: UnsafeRawBufferPointer) -> RequestHead {
        var head = head
        var skipped = 0
        if isHTTP { head.request = try? HTTPParser.parse(bytes, skipped: &skipped) }
        return head
    }
}
