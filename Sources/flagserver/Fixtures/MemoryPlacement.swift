import EventLoop
import FlagSite

/// Puts the larger responses of a store into one memory file, to be sent without a copy.
enum MemoryPlacement {
    /// Responses from this size on are sent with sendfile; below it, one copying send is faster.
    private static let threshold = 6 << 10

    static func place(_ store: FlagStore) {
        let large = store.responses.filter { $0.pieceCount >= threshold }
        let page = MemoryFile.pageSize
        let sizes = large.map { ($0.largestPieceCount + page - 1) / page * page }
        // Without a memory file everything still works, with a copy more.
        guard let file = try? MemoryFile(byteCount: sizes.reduce(0, +) * 2) else { return }
        var offset: Int64 = 0
        for (response, size) in zip(large, sizes.map(Int64.init)) {
            response.place(in: file.descriptor, at: offset, size: size, owner: file)
            offset += 2 * size
        }
    }
}
