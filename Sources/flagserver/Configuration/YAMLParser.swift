internal import CYAML

/// libyaml's parser of one text. It owns all memory of C's: that of an event is freed before the
/// event is handed out, the rest with the parser.
final class YAMLParser {
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let textTag = "tag:yaml.org,2002:str"

    /// libyaml keeps its address.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    /// libyaml reads it where it lies.
    private let text: UnsafeMutableBufferPointer<UInt8>
    /// The beginnings of lists and mappings that have not ended yet, the outermost first.
    private var open: [YAMLEvent] = []

    /// - Parameter text: valid UTF-8. Windows' editors begin it with a byte order mark, which is
    ///   no part of it.
    init(_ text: [UInt8]) {
        let isMarked = text.starts(with: Self.byteOrderMark)
        let content = text.dropFirst(isMarked ? Self.byteOrderMark.count : 0)
        self.text = .allocate(capacity: content.count)
        _ = self.text.initialize(from: content)
        precondition(yaml_parser_initialize(parser) == 1, "there is no memory for a parser")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, self.text.baseAddress, content.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// - Throws: `YAMLProblem`; nothing comes after it, nor after the end of the text.
    func next() throws(YAMLProblem) -> YAMLEvent {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw problem }
            defer { yaml_event_delete(&event) }
            if let event = Self.event(event) {
                keepOpen(event)
                return event
            }
        }
    }

    private func keepOpen(_ event: YAMLEvent) {
        switch event.kind {
        case .list, .mapping: open.append(event)
        case .collectionEnd: open.removeLast()
        case .document, .scalar, .alias, .textEnd: break
        }
    }

    // MARK: Events

    /// - Returns: nil for what says nothing: the text's beginning and a document's end.
    private static func event(_ event: yaml_event_t) -> YAMLEvent? {
        let (kind, anchor): (YAMLEvent.Kind, UnsafeMutablePointer<yaml_char_t>?)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: (kind, anchor) = (.document, nil)
        case YAML_SCALAR_EVENT: (kind, anchor) = (scalar(event), event.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: (kind, anchor) = (.list, event.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: (kind, anchor) = (.mapping, event.data.mapping_start.anchor)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: (kind, anchor) = (.collectionEnd, nil)
        case YAML_ALIAS_EVENT: (kind, anchor) = (.alias(string(event.data.alias.anchor) ?? ""), nil)
        // Nothing at all is what libyaml gives after the end.
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: (kind, anchor) = (.textEnd, nil)
        default: return nil
        }
        return YAMLEvent(kind: kind, anchor: string(anchor), mark: YAMLMark(event.start_mark))
    }

    private static func scalar(_ event: yaml_event_t) -> YAMLEvent.Kind {
        let scalar = event.data.scalar
        // There may be NUL in it.
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE && string(scalar.tag) != textTag
        return .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    // MARK: What is wrong

    private var problem: YAMLProblem {
        let state = parser.pointee
        let mark =
            state.error == YAML_READER_ERROR
            ? mark(ofByte: state.problem_offset) : YAMLMark(state.problem_mark)
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        return YAMLProblem(
            context: state.context.map { String(cString: $0) } ?? "",
            problem: state.problem.map { String(cString: $0) } ?? "there is not enough memory",
            mark: mark,
            begin: state.context == nil ? nil : YAMLMark(state.context_mark),
            open: open.last, lineStart: Self.lineStart(scalars, mark.index),
            character: scalars.dropFirst(mark.index).first)
    }

    private static func lineStart(
        _ scalars: String.UnicodeScalarView, _ index: Int
    ) -> String {
        let before = scalars.prefix(index)
        let start = before.lastIndex { $0 == "\n" || $0 == "\r" }.map(before.index(after:))
        return String(Substring(before[(start ?? before.startIndex)...]))
    }

    private func mark(ofByte offset: Int) -> YAMLMark {
        let before = String(decoding: text.prefix(offset), as: UTF8.self)
        let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return YAMLMark(
            index: before.unicodeScalars.count, line: lines.count,
            column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(index: mark.index, line: mark.line + 1, column: mark.column + 1)
    }
}
