/// All names that there are. Whatever else is asked for does not exist. Immutable.
public final class Zone: Sendable {
    /// Where the names of the countries are.
    public static let apex = DomainName(wire: [5] + Array("flags".utf8) + [4] + "test".utf8 + [0])
    /// Longest chain of canonical names.
    public static let maximumChain = 8
    /// Most names from the outside.
    public static let maximumEntries = 10_000

    /// What a name has; nothing, if there are only names below it (RFC 4592 §2.2.2).
    private struct Node {
        var addresses4: [NameRecord] = []
        var addresses6: [NameRecord] = []
        var canonical: NameRecord?
        var authority: NameRecord?

        func records(_ type: RecordType) -> [NameRecord] {
            switch type {
            case .address4: addresses4
            case .address6: addresses6
            case .canonicalName: canonical.map { [$0] } ?? []
            case .startOfAuthority: authority.map { [$0] } ?? []
            // One set of several is enough (RFC 8482 §4.1).
            case .any: addresses4.isEmpty ? addresses6 : addresses4
            default: []
            }
        }
    }

    /// What is answered.
    struct Answer {
        var code = ResponseCode.noError
        var records: [NameRecord] = []
        /// Says how long what is not there may be remembered; nil where something is.
        var authority: NameRecord?
    }

    private let nodes: [DomainName: Node]
    private let hasWildcards: Bool
    private let authorities: (apex: NameRecord, root: NameRecord)

    /// - Parameters:
    ///   - countries: labels below `flags.test`, each of which leads to both loopbacks.
    ///   - entries: come before these.
    /// - Throws: what does not go together.
    public init(countries: [String] = [], entries: [ZoneEntry] = []) throws(ZoneError) {
        guard entries.count <= Self.maximumEntries else {
            throw ZoneError("there are at most \(Self.maximumEntries) names.")
        }
        authorities = (Self.authority(of: Self.apex), Self.authority(of: .root))
        var nodes: [DomainName: Node] = [:]
        let own = countries.compactMap { DomainName(labels: [Array($0.utf8)] + Self.apex.labels) }
        for name in own + [Self.apex] { nodes[name] = Self.node(Self.loopbacks(name)) }
        var names: Set<DomainName> = []
        for entry in entries {
            try entry.check()
            guard names.insert(entry.name).inserted else {
                throw ZoneError("the name \(entry.name) is there twice.", of: entry.name)
            }
            nodes[entry.name] = Self.node(entry)
        }
        hasWildcards = names.contains { $0.labels.first == [UInt8(ascii: "*")] }
        Self.addParents(to: &nodes)
        nodes[Self.apex]?.authority = authorities.apex
        nodes[.root]?.authority = authorities.root
        self.nodes = nodes
        for entry in entries { try checkChain(from: entry) }
    }

    // MARK: Making it

    private static func loopbacks(_ name: DomainName) -> ZoneEntry {
        ZoneEntry(
            name, addresses4: [[127, 0, 0, 1]],
            addresses6: [[UInt8](repeating: 0, count: 15) + [1]])
    }

    private static func node(_ entry: ZoneEntry) -> Node {
        func record(_ type: RecordType, _ content: NameRecord.Content) -> NameRecord {
            NameRecord(entry.name, type, timeToLive: entry.timeToLive, content)
        }
        return Node(
            addresses4: entry.addresses4.map { record(.address4, .bytes($0)) },
            addresses6: entry.addresses6.map { record(.address6, .bytes($0)) },
            canonical: entry.canonicalName.map { record(.canonicalName, .name($0)) })
    }

    private static func authority(of name: DomainName) -> NameRecord {
        let numbers = NameRecord.Numbers(
            serial: 1, refresh: 3600, retry: 600, expire: 86_400,
            minimum: ZoneEntry.usualTimeToLive)
        let mailbox = DomainName(wire: [6] + Array("nobody".utf8) + apex.wire)
        return NameRecord(
            name, .startOfAuthority, timeToLive: ZoneEntry.usualTimeToLive,
            .authority(server: apex, mailbox: mailbox, numbers: numbers))
    }

    /// Whatever a name lies below is there, too.
    private static func addParents(to nodes: inout [DomainName: Node]) {
        for name in Array(nodes.keys) {
            var parent = name
            repeat {
                parent = parent.parent
                if nodes[parent] == nil { nodes[parent] = Node() }
            } while !parent.isRoot
        }
        if nodes[.root] == nil { nodes[.root] = Node() }
    }

    /// - Throws: where canonical names lead to no end.
    private func checkChain(from entry: ZoneEntry) throws(ZoneError) {
        guard entry.canonicalName != nil else { return }
        var name = entry.name
        for _ in 0...Self.maximumChain {
            guard let node = node(of: name), case .name(let next)? = node.canonical?.content
            else { return }
            name = next
            guard name != entry.name else {
                throw ZoneError(
                    "the cname of \(entry.name) leads back to itself.", of: entry.name)
            }
        }
        throw ZoneError(
            "the cname of \(entry.name) leads to no end: a chain has at most "
                + "\(Self.maximumChain) of them, and none leads back.", of: entry.name)
    }

    // MARK: Looking up

    /// What a name has; nil if it is not there, and no wildcard stands for it (RFC 4592 §4.3.3).
    private func node(of name: DomainName) -> Node? {
        if let node = nodes[name] { return node }
        guard hasWildcards else { return nil }
        var encloser = name
        repeat { encloser = encloser.parent } while nodes[encloser] == nil
        return encloser.wildcard.flatMap { nodes[$0] }
    }

    func answer(_ question: NameQuestion) -> Answer {
        var answer = Answer()
        var name = question.name
        // One more than there are, to find out what the last one leads to.
        for _ in 0...Self.maximumChain {
            guard let node = node(of: name) else {
                answer.code = .nameError
                break
            }
            if let canonical = node.canonical, question.type != .canonicalName,
                case .name(let next) = canonical.content
            {
                answer.records.append(canonical.named(name))
                if question.type == .any { return answer }
                name = next
                continue
            }
            let records = node.records(question.type)
            guard !records.isEmpty else { break }
            Self.add(records, of: name, to: &answer)
            return answer
        }
        answer.authority = name.lies(within: Self.apex) ? authorities.apex : authorities.root
        return answer
    }

    /// Their owner is spelled as it was asked for.
    private static func add(_ records: [NameRecord], of name: DomainName, to answer: inout Answer) {
        let isSpelledSo = records[0].name.wire == name.wire
        let records = isSpelledSo ? records : records.map { $0.named(name) }
        if answer.records.isEmpty { answer.records = records } else { answer.records += records }
    }
}
