import Names

extension ProtocolTraits {
    /// Its messages are told apart by who answers them.
    static let dns = ProtocolTraits(key: DomainNames.key)
}

/// The domain system's questions as they are written on a line: `A br.flags.test`.
enum DomainNames {
    /// As `NameQuery.key`; what is no question, as it stands.
    static func key(_ request: String) -> [UInt8] {
        let words = request.split(separator: " ")
        guard words.count == 2, let type = RecordType(String(words[0])),
            let name = try? DomainName(String(words[1]))
        else { return Array(request.utf8) }
        return NameQuery.key(type, name)
    }
}
