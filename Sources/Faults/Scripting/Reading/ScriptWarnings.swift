import HTTPWire

/// What may be a mistake in a script that can be done.
struct ScriptWarnings {
    private let program: ScriptProgram
    /// Where parameters are declared, by their places among all.
    private let places: [Int: (line: Int, column: Int)]
    var turns = mostTurns

    init(_ program: ScriptProgram, places: [Int: (line: Int, column: Int)]) {
        (self.program, self.places) = (program, places)
    }

    /// In the order of their places.
    var all: [ScriptError] {
        (unused + unframed + unfinished).sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    private var unused: [ScriptError] {
        let used = Set(program.steps.flatMap(\.variables))
        return places.compactMap { index, place in
            guard !used.contains(.parameter(index)) else { return nil }
            let name = program.parameters[index].name
            return ScriptError(
                line: place.line, column: place.column,
                "No step has '$\(name)': the parameter does nothing.")
        }
    }

    /// Chunks in an answer that does not say that it has them.
    private var unframed: [ScriptError] {
        let isChunked = program.steps.flatMap(\.texts).contains { text in
            text.parts.contains { part in
                guard case .literal(let bytes) = part else { return false }
                return String(decoding: bytes, as: UTF8.self).lowercased().contains("chunked")
            }
        }
        guard !isChunked, let chunk = program.steps.first(where: { $0.verb == .chunk }) else {
            return []
        }
        return [
            ScriptError(
                line: chunk.line, column: chunk.column,
                "No head says that there are chunks. Write head drop Content-Length set "
                    + "\"Transfer-Encoding: chunked\".")
        ]
    }

    // MARK: Less than was promised

    /// An answer that is over before all of it is there, on a connection that goes on.
    private var unfinished: [ScriptError] {
        var run = ScriptRun(program, [:], seed: 0)
        var (now, left, made) = (Instant(nanoseconds: 0), turns, 0)
        var (promised, content) = (0, 0)
        run.take(ScriptRequest())
        while !run.isOver, left > 0, made < Self.mostBytes {
            left -= 1
            if run.question != nil { run.take(Self.answer, other: Self.answer) }
            for action in run.run(at: now, room: ScriptBatch.largest) {
                switch action {
                // An interim answer has no body, whatever it says.
                case .head(let status?, _, _) where status.code < 200 && status.code != 101: break
                case .head(_, _, let length): promised = length ?? 0
                case .bytes(let bytes):
                    made += bytes.count
                    content += Self.content(bytes)
                case .end where made == 0: return [silent]
                case .end, .awaitRequest:
                    if content < promised { return [missing(before: run.index)] }
                    (promised, content) = (0, 0)
                    run.take(ScriptRequest())
                case .cut, .half: return []
                }
            }
            // A loop for ever has its deadline also while it sends.
            if run.isWaiting { now = run.deadline ?? now }
        }
        return []
    }

    private var silent: ScriptError {
        ScriptError(
            line: program.steps[0].line, column: program.steps[0].column,
            "Nothing is sent, and the connection goes on: the client waits for ever. Write head "
                + "and body, or how it ends: fin, rst or silence.")
    }

    private func missing(before index: Int) -> ScriptError {
        let step = program.steps[..<index].last { $0.verb.sends } ?? program.steps[0]
        return ScriptError(
            line: step.line, column: step.column,
            "Less is sent than Content-Length promises, and the connection goes on: the client "
                + "waits for the rest. Send all of it, or write how it ends: fin, rst or silence.")
    }

    private static func content(_ bytes: Bytes) -> Int {
        guard !bytes.isHead else { return 0 }
        return bytes.storage.content?.map(\.count).reduce(0, +) ?? bytes.count
    }

    /// Enough for any script that is not a flood.
    static let mostTurns = 1024
    private static let mostBytes = 262_144

    private static let answer = HonestAnswer(
        head: Array(
            ("HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nETag: \"1\"\r\n"
                + "Content-Length: 1000\r\n\r\n").utf8),
        body: [UInt8](repeating: 0, count: 1000))
}
