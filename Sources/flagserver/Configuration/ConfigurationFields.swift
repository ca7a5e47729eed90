import Faults

/// The keys of one mapping of a configuration file. A key may be written with hyphens or with
/// underscores.
struct ConfigurationFields {
    let node: ConfigurationNode
    /// In the order of the file, by the name with underscores.
    let fields: [(name: String, key: ConfigurationNode, value: ConfigurationNode)]

    /// - Throws: `CommandLineError` if it is no mapping.
    init(_ node: ConfigurationNode, _ what: String) throws {
        guard case .mapping(let pairs) = node.content else { throw node.expected(what) }
        self.node = node
        fields = try pairs.map { key, value in
            guard case .scalar(let text, _) = key.content else { throw key.expected("a key") }
            return (Self.underscored(text), key, value)
        }
    }

    /// - Parameters:
    ///   - names: as they are told.
    ///   - owner: whose keys they are: `proxy 'error'`; nil at the top.
    func check(known names: [String], in owner: String?) throws {
        let known = Set(names.map(Self.underscored))
        for field in fields where !known.contains(field.name) {
            throw unknown(field.key, names, in: owner)
        }
    }

    func unknown(
        _ key: ConfigurationNode, _ names: [String], in owner: String?
    ) -> CommandLineError {
        guard case .scalar(let text, _) = key.content else { return key.expected("a key") }
        guard text != "<<" else {
            return key.error("'<<' merges nothing here. Repeat the keys, or give an alias alone.")
        }
        let spellings = Dictionary(
            names.map { (Self.underscored($0), $0) }, uniquingKeysWith: { first, _ in first })
        // At the top there are options, by whatever name.
        let word = Self.underscored(text).lowercased()
        let synonym = owner == nil ? Synonyms.key(word.replacing("_", with: "-")) : nil
        let nearest = Suggestion.nearest(to: word, in: spellings.keys.sorted())
        let hint =
            (synonym ?? nearest).flatMap { spellings[Self.underscored($0)] }.map {
                " Did you mean '\($0)'?"
            }
            ?? " There are \(names.joined(separator: ", "))."
        let place = owner.map { " in \($0)" } ?? ""
        return key.error("unknown key '\(text)'\(place).\(hint)")
    }

    static func underscored(_ name: String) -> String { name.replacing("-", with: "_") }

    // MARK: Values

    subscript(name: String) -> ConfigurationNode? {
        let name = Self.underscored(name)
        return fields.first { $0.name == name }?.value
    }

    func text(_ name: String, orPlain words: [String] = []) throws -> String? {
        try self[name]?.text(orPlain: words)
    }

    func flag(_ name: String) throws -> Bool? { try self[name]?.flag() }

    func list(_ name: String) throws -> [ConfigurationNode]? { try self[name]?.list() }
}
