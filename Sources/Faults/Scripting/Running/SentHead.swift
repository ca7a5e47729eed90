import HTTPWire

/// What a head means that is sent.
struct SentHead: Equatable {
    /// nil if its status line says none.
    var status: HTTPStatus?
    /// How many bytes the status line has, with its end.
    var statusLine = 0
    var promised: Int?

    init(_ head: ArraySlice<UInt8>) {
        guard let end = head.firstIndex(of: 0x0a) else { return }
        status = Self.status(head[..<end])
        statusLine = status == nil ? 0 : end + 1 - head.startIndex
        var lengths: [String] = []
        var isCoded = false
        for line in HeadLines.split(Array(head[(end + 1)...])) {
            if let length = HeadLines.value(of: "content-length", in: line) {
                lengths.append(length)
            }
            if HeadLines.name(of: line) == "transfer-encoding" { isCoded = true }
        }
        guard lengths.count == 1, !isCoded, Notation.isDigits(lengths[0]) else { return }
        promised = Int(lengths[0])
    }

    /// Of `HTTP/1.1 200 OK`, whose last two parts may be missing.
    private static func status(_ line: ArraySlice<UInt8>) -> HTTPStatus? {
        let line = line.last == 0x0d ? line.dropLast() : line
        let (start, text) = ("HTTP/1.", HeadLines.text(line))
        let code = text.dropFirst(9).prefix(3)
        guard text.utf8.count >= 12, text.hasPrefix(start), Notation.isDigits(code),
            Notation.isDigits(text.dropFirst(start.count).prefix(1)),
            text.dropFirst(8).first == " ", text.utf8.count == 12 || text.dropFirst(12).first == " "
        else { return nil }
        return Int(code).flatMap { HTTPStatus($0) }
    }
}
