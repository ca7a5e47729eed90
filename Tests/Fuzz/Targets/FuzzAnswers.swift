import HTTPWire

@testable import ControlAPI
@testable import Downloading
@testable import flagserver

/// Answers, by all who read them: what is behind the first byte, whose bits say what was asked for.
enum FuzzAnswers {
    static func check(_ input: UnsafeRawBufferPointer) throws {
        guard let first = input.first else { return }
        let bytes = Array(input.dropFirst())
        var cuts = FuzzCuts(input)
        let pieces = cuts.pieces(of: bytes)
        try same(download([bytes], first), download(pieces, first), "downloaded")
        try same(replay([bytes], first), replay(pieces, first), "replayed")
        try same(events([bytes]), events(pieces), "events")
        try checkHead(bytes)
    }

    private static func same(_ whole: String, _ cut: String, _ what: String) throws {
        try hold(whole == cut, "\(what): cut elsewhere it is another: \(whole), \(cut)")
    }

    private static func download(_ pieces: [[UInt8]], _ first: UInt8) -> String {
        var reader = AnswerReader(
            maximum: first & 4 == 0 ? 100 : 1 << 30, asksForPart: first & 1 == 0,
            keepsContent: first & 2 == 0)
        var used = 0
        for piece in pieces where !reader.isComplete {
            do {
                used += try piece.withUnsafeBytes { try reader.take($0) }
            } catch {
                // How much came before what is malformed depends on the pieces.
                return "\(error)"
            }
        }
        let end = reader.end(isReset: first & 8 == 0).map { "\($0)" } ?? "complete"
        return "\(used) \(reader.head?.status ?? 0) \(reader.contentCount) \(end) \(reader.content)"
    }

    private static func replay(_ pieces: [[UInt8]], _ first: UInt8) -> String {
        var reader = ReplayReader(isHead: first & 16 == 0)
        var ending: ReplayEnding?
        for piece in pieces where ending == nil {
            ending = piece.withUnsafeBytes { reader.take($0) }
        }
        // What comes behind the end is seen only with its last bytes.
        let isOver = ending == .complete
        let over = ending ?? reader.end(first & 8 == 0 ? .rst : .fin)
        let fields = reader.head?.fields.map { "\($0.name): \($0.value ?? "-")" } ?? []
        return "\(over) \(reader.head?.status ?? 0) \(reader.interim) \(reader.contentCount) "
            + "\(isOver ? "" : reader.problem ?? "") \(fields) \(reader.firstContent)"
    }

    private static func events(_ pieces: [[UInt8]]) -> String {
        var reader = EventReader()
        return pieces.flatMap { reader.take($0) }.map { "\($0)" }.joined()
    }

    private static func checkHead(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            let head = try taken { try HTTPResponseHead.parse(bytes) } ?? nil
            guard let head else { return }
            try hold(head.count <= bytes.count, "the head is longer than what came")
            try hold((100...999).contains(head.status), "\(head.status) is no status")
            try hold(
                HTTPResponseHead.status(bytes) == head.status, "the status alone is another one")
            if case .length(let count) = head.body { try hold(count >= 0, "it promises \(count)") }
        }
    }
}
