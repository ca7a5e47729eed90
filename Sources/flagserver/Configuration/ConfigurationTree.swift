import Yams

/// Takes the nodes of the parser over, with aliases written out.
struct ConfigurationTree {
    private let path: String
    private var count = 0

    init(path: String) {
        self.path = path
    }

    /// - Throws: `CommandLineError` 78 if there are too many, or too deep ones.
    mutating func node(_ node: Node, depth: Int) throws -> ConfigurationNode {
        let place = CommandLineError.Place(
            path: path, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        count += 1
        guard count <= ConfigurationSyntax.maximumNodes else {
            throw CommandLineError(
                .configuration,
                "there are more than \(ConfigurationSyntax.maximumNodes) values, aliases written "
                    + "out.", at: place)
        }
        guard depth <= ConfigurationSyntax.maximumDepth else {
            throw CommandLineError(
                .configuration, ConfigurationSyntax.tooDeep, at: place)
        }
        return ConfigurationNode(content: try content(node, depth), place: place)
    }

    private mutating func content(
        _ node: Node, _ depth: Int
    ) throws -> ConfigurationNode.Content {
        if let sequence = node.sequence {
            return .list(try sequence.map { try self.node($0, depth: depth + 1) })
        }
        if let mapping = node.mapping {
            var pairs: [(key: ConfigurationNode, value: ConfigurationNode)] = []
            for (key, value) in mapping {
                pairs.append(
                    (try self.node(key, depth: depth + 1), try self.node(value, depth: depth + 1)))
            }
            return .mapping(pairs)
        }
        let scalar = node.scalar
        let isText = scalar?.tag.description == Tag.Name.str.rawValue
        return .scalar(scalar?.string ?? "", isPlain: scalar?.style == .plain && !isText)
    }
}

/// What the parser says, in words for people.
enum ConfigurationSyntaxError {
    static func commandLineError(_ error: YamlError, _ path: String) -> CommandLineError {
        func place(_ mark: Mark) -> CommandLineError.Place {
            CommandLineError.Place(path: path, line: mark.line, column: mark.column)
        }
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            guard !problem.contains("nesting level") else {
                return CommandLineError(
                    .configuration, ConfigurationSyntax.tooDeep, at: place(mark))
            }
            guard !problem.contains("another document") else {
                return CommandLineError(
                    .configuration, "there are several documents in this file. Keep one.",
                    at: place(mark))
            }
            let during = context.map { "\($0.text): " } ?? ""
            let hint = hint(problem, context?.text ?? "")
            return CommandLineError(
                .configuration, "\(during)\(problem).\(hint)", at: place(mark))
        case .reader(let problem, let offset, _, let text):
            return CommandLineError(
                .configuration, "\(problem).", at: self.place(offset ?? 0, in: text, path))
        case .duplicatedKeysInMapping(let keys, let context):
            return CommandLineError(
                .configuration, "'\(keys.first ?? "")' is given twice. Keep one of them.",
                at: place(context.mark))
        default:
            return CommandLineError(
                .configuration, "\(error)",
                at: CommandLineError.Place(path: path, line: 1, column: 1))
        }
    }

    private static func hint(_ problem: String, _ context: String) -> String {
        if context.contains("alias") || problem.contains("undefined alias") {
            return " Quote a text that begins with '*'."
        }
        if context.contains("anchor") { return " Quote a text that begins with '&'." }
        if problem.contains("cannot start any token") {
            return " Indent with blanks, not tabs; quote a text that begins with such a character."
        }
        if problem.contains("mapping values are not allowed") {
            return " Quote a text with ': ' in it."
        }
        return ""
    }

    /// - Parameter offset: in characters.
    private static func place(
        _ offset: Int, in text: String, _ path: String
    ) -> CommandLineError.Place {
        let before = text.prefix(offset)
        let line = before.reduce(1) { $1.isNewline ? $0 + 1 : $0 }
        let column = before.reversed().prefix { !$0.isNewline }.count + 1
        return CommandLineError.Place(path: path, line: line, column: column)
    }
}
