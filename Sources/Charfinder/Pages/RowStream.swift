import HTTPWire

/// An answer with more rows than are made at once: they are made while it is sent, as all clients
/// together have their turns.
final class RowStream: ResponseStream {
    private var rows: RowWriter
    private var share: RowShare?

    init(fields: [HTTPField], _ rows: RowWriter, count: Int, _ turns: RowTurns) {
        self.rows = rows
        super.init(200, fields: fields, contentLength: count)
        share = RowShare(turns) { [weak self] in self?.onMore?() }
    }

    override func next() -> Piece {
        // Whoever cannot wait for more takes it all at once.
        if onMore != nil, let share, !share.take() { return .later }
        let piece = rows.next()
        return piece.isEmpty ? .end : .bytes(piece)
    }
}
