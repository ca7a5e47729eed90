import EventLoop
import HTTPWire

/// Gives larger responses a place in one memory file, to be sent from there without a copy.
final class MemoryPlacement {
    /// Responses from this size on are sent with sendfile; below it, one copying send is faster.
    private static let threshold = 6 << 10

    /// Without a memory file everything still works, with a copy more.
    private lazy var file = try? MemoryFile()
    private var end: Int64 = 0

    func place(_ response: PreparedResponse) {
        guard response.body.memory != nil, response.count >= Self.threshold, let file else {
            return
        }
        let page = MemoryFile.pageSize
        let size = Int64((response.largestCount + page - 1) / page * page)
        response.place(in: file.descriptor, at: end, size: size, owner: file)
        end += 2 * size
    }
}
