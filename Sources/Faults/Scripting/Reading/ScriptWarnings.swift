/// What may be a mistake in a script that can be done.
struct ScriptWarnings {
    private let program: ScriptProgram
    /// Where each parameter is declared.
    private let places: [(line: Int, column: Int)]

    init(_ program: ScriptProgram, places: [(line: Int, column: Int)]) {
        (self.program, self.places) = (program, places)
    }

    /// In the order of their places.
    var all: [ScriptError] {
        (unused + unframed).sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    private var unused: [ScriptError] {
        let used = Set(program.steps.flatMap(\.variables))
        return places.enumerated().compactMap { index, place in
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
}
