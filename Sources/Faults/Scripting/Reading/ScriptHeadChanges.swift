/// How a head differs from the honest one.
struct ScriptHeadChanges: Sendable {
    enum StatusLine: Sendable {
        case honest
        case code(ScriptExpression)
        case text(ScriptText)
    }

    enum Change: Sendable {
        /// In the place of the first field of its name, and of all others of it.
        case set(ScriptText)
        /// Behind the others.
        case add(ScriptText)
        case drop(String)
        /// Before the others.
        case first(ScriptText)
    }

    var statusLine = StatusLine.honest
    var changes: [Change] = []
    /// What ends each line; nil: CRLF.
    var ends: ScriptText?
    /// nil: all of it.
    var range: ScriptRange?
    /// Whether the empty line is left out.
    var isOpen = false

    var texts: [ScriptText] {
        var texts = changes.compactMap { change in
            switch change {
            case .set(let text), .add(let text), .first(let text): text
            case .drop: nil
            }
        }
        if case .text(let text) = statusLine { texts.append(text) }
        if let ends { texts.append(ends) }
        return texts
    }

    var variables: [ScriptVariable] {
        let code: [ScriptVariable]
        if case .code(let expression) = statusLine {
            code = expression.variables
        } else {
            code = []
        }
        return code + texts.flatMap(\.variables) + (range?.variables ?? [])
    }
}
