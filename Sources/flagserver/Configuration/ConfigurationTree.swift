/// Makes nodes of what a parser comes across. An alias shares what it stands for, and is counted as
/// if that were written out, so that nobody walks through more than is allowed.
struct ConfigurationTree {
    /// A node, with what it adds to the tree wherever it stands.
    private struct Branch {
        let node: ConfigurationNode
        /// Of nodes, itself among them.
        let count: Int
        /// Of lists and mappings within each other.
        let height: Int
    }

    private let path: String
    private let text: [UInt8]
    private let parser: YAMLParser
    private var anchored: [String: Branch] = [:]
    /// Of the nodes so far.
    private var count = 0

    /// - Parameter text: valid UTF-8.
    init(_ text: [UInt8], path: String) {
        (parser, self.text, self.path) = (YAMLParser(text), text, path)
    }

    /// - Returns: nil if there is nothing in the text.
    /// - Throws: `YAMLProblem` if it is no YAML, `CommandLineError` 78 for what is not taken here.
    mutating func root() throws -> ConfigurationNode? {
        guard case .document = try parser.next().kind else { return nil }
        let root = try branch(try parser.next(), depth: 0).node
        let after = try parser.next()
        guard case .textEnd = after.kind else {
            throw error("there are several documents in this file. Keep one.", at: after.mark)
        }
        return root
    }

    private mutating func branch(_ event: YAMLEvent, depth: Int) throws -> Branch {
        if case .alias(let name) = event.kind { return try alias(name, event.mark, depth) }
        try check(adding: Self.weight(event), depth, at: event.mark)
        let (content, count, height) = try content(of: event, depth: depth)
        let node = ConfigurationNode(content: content, place: place(event.mark))
        let branch = Branch(node: node, count: count, height: height)
        if let name = event.anchor { anchored[name] = branch }
        return branch
    }

    private mutating func content(
        of event: YAMLEvent, depth: Int
    ) throws -> (ConfigurationNode.Content, count: Int, height: Int) {
        let parts: [Branch]
        let content: ConfigurationNode.Content
        switch event.kind {
        case .scalar(let text, let isPlain):
            if isPlain, ForeignComment.isPart(of: text),
                let comment = ForeignComment(in: self.text)
            {
                throw comment.error(path)
            }
            return (.scalar(text, isPlain: isPlain), Self.weight(event), 0)
        case .list:
            parts = try branches(depth: depth + 1)
            content = .list(parts.map(\.node))
        case .mapping:
            parts = try branches(depth: depth + 1)
            content = .mapping(try Self.pairs(parts))
        case .document, .alias, .collectionEnd, .textEnd:
            preconditionFailure("no value is written so")
        }
        return (
            content, parts.reduce(1) { $0 + $1.count }, (parts.map { $0.height + 1 }).max() ?? 0
        )
    }

    /// All until the end of the list or mapping.
    private mutating func branches(depth: Int) throws -> [Branch] {
        var branches: [Branch] = []
        while true {
            let event = try parser.next()
            if case .collectionEnd = event.kind { return branches }
            branches.append(try branch(event, depth: depth))
        }
    }

    private static func pairs(
        _ parts: [Branch]
    ) throws -> [(key: ConfigurationNode, value: ConfigurationNode)] {
        var names: Set<String> = []
        return try stride(from: 0, to: parts.count, by: 2).map { index in
            let key = parts[index].node
            guard case .scalar(let text, _) = key.content else { throw key.expected("a key") }
            guard names.insert(ConfigurationFields.underscored(text)).inserted else {
                throw key.error("'\(text)' is given twice. Keep one of them.")
            }
            return (key, parts[index + 1].node)
        }
    }

    private mutating func alias(_ name: String, _ mark: YAMLMark, _ depth: Int) throws -> Branch {
        guard let branch = anchored[name] else {
            throw error(
                "there is no '&\(name)' above that '*\(name)' could stand for. Quote a text that "
                    + "begins with '*'.", at: mark)
        }
        try check(adding: branch.count, depth + branch.height, at: mark)
        return branch
    }

    // MARK: What is too much

    /// A long text counts as several values: aliases can multiply it, too.
    private static func weight(_ event: YAMLEvent) -> Int {
        guard case .scalar(let text, _) = event.kind else { return 1 }
        return 1 + text.utf8.count / 64
    }

    private mutating func check(adding more: Int, _ depth: Int, at mark: YAMLMark) throws {
        count += more
        guard count <= ConfigurationSyntax.maximumNodes else {
            throw error(
                "there are more than \(ConfigurationSyntax.maximumNodes) values, aliases written "
                    + "out and long texts counted as several.", at: mark)
        }
        guard depth <= ConfigurationSyntax.maximumDepth else {
            throw error("lists and mappings are too deep within each other.", at: mark)
        }
    }

    private func error(_ reason: String, at mark: YAMLMark) -> CommandLineError {
        CommandLineError(.configuration, reason, at: place(mark))
    }

    private func place(_ mark: YAMLMark) -> CommandLineError.Place {
        CommandLineError.Place(path: path, line: mark.line, column: mark.column)
    }
}
