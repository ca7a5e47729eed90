import HTTPWire

/// An answer with more rows than are made at once: they are made while they are sent.
final class RowStream: ResponseStream {
    private var rows: RowWriter

    init(fields: [HTTPField], _ rows: RowWriter, count: Int) {
        self.rows = rows
        super.init(200, fields: fields, contentLength: count)
    }

    override func next() -> Piece {
        let piece = rows.next()
        return piece.isEmpty ? .end : .bytes(piece)
    }
}
