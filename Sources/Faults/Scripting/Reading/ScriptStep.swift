/// A step of a script, and where it stands.
struct ScriptStep: Sendable {
    enum ChunkSize: Sendable {
        /// What it has, and so many more.
        case right(plus: ScriptExpression?)
        case text(ScriptText)
    }

    enum Filling: Sendable { case zero, random, text(ScriptText) }

    enum Action: Sendable {
        case begin(ScriptBeginning)
        case ask(dropped: [String], set: [ScriptText])
        case head(ScriptHeadChanges)
        case body(ScriptPart)
        /// - Parameter ends: what ends its data; nil: CRLF.
        case chunk(ScriptPart, ChunkSize, extension: ScriptText?, ends: ScriptText?)
        case lastChunk([ScriptText])
        case send(ScriptText)
        case fill(ScriptExpression, Filling)
        case wait(ScriptExpression)
        /// nil: off.
        case pace((bytes: ScriptExpression, every: ScriptExpression)?)
        /// - Parameter end: the step behind its `done`.
        case loop(ScriptLoop, end: Int)
        /// - Parameter start: the step that began it.
        case done(start: Int)
        case request
        case cut(Cut)
        case half
        case silence(ScriptExpression?)
        case closeWait(ScriptExpression)
    }

    var action: Action
    let verb: ScriptVerb
    let line: Int
    let column: Int

    /// All variables that it looks at.
    var variables: [ScriptVariable] {
        switch action {
        case .begin, .done, .request, .cut, .half, .pace(nil), .silence(nil): []
        case .ask(_, let set): set.flatMap(\.variables)
        case .head(let changes): changes.variables
        case .body(let part): part.variables
        case .chunk(let part, let size, let name, let ends):
            part.variables + Self.variables(size) + (name?.variables ?? [])
                + (ends?.variables ?? [])
        case .lastChunk(let lines): lines.flatMap(\.variables)
        case .send(let text): text.variables
        case .fill(let count, .text(let text)): count.variables + text.variables
        case .fill(let count, .zero), .fill(let count, .random): count.variables
        case .wait(let time), .closeWait(let time), .silence(let time?): time.variables
        case .pace(let pace?): pace.bytes.variables + pace.every.variables
        case .loop(.times(let count), _): count.variables
        case .loop(.forever(let bytes, let time), _): bytes.variables + time.variables
        }
    }

    /// The texts that it sends.
    var texts: [ScriptText] {
        switch action {
        case .head(let changes): changes.texts
        case .send(let text): [text]
        case .begin, .ask, .body, .chunk, .lastChunk, .fill, .wait, .pace, .loop, .done, .request,
            .cut, .half, .silence, .closeWait:
            []
        }
    }

    private static func variables(_ size: ChunkSize) -> [ScriptVariable] {
        switch size {
        case .right(let plus): plus?.variables ?? []
        case .text(let text): text.variables
        }
    }

    /// Whether it is about the honest answer.
    var needsAnswer: Bool {
        switch action {
        case .head, .body, .chunk, .lastChunk: true
        case .begin, .ask, .send, .fill, .wait, .pace, .loop, .done, .request, .cut, .half,
            .silence, .closeWait:
            variables.contains(where: \.needsAnswer)
        }
    }

    var needsOther: Bool {
        switch action {
        case .body(let part), .chunk(let part, _, _, _):
            part.isOther || variables.contains(where: \.needsOther)
        case .begin, .ask, .head, .lastChunk, .send, .fill, .wait, .pace, .loop, .done, .request,
            .cut, .half, .silence, .closeWait:
            variables.contains(where: \.needsOther)
        }
    }
}

/// How often steps are repeated.
enum ScriptLoop: Sendable {
    case times(ScriptExpression)
    /// Until so many bytes have been sent in it or so much time has passed.
    case forever(bytes: ScriptExpression, time: ScriptExpression)
}
