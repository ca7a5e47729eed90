/// A name that is to be known, with what it has.
public struct ZoneEntry: Sendable {
    /// Most addresses of a family.
    public static let maximumAddresses = 64
    /// In seconds, where nothing else is said.
    public static let usualTimeToLive: UInt32 = 30
    /// Longest time in seconds (RFC 2181 §8).
    public static let maximumTimeToLive: UInt32 = 0x7fff_ffff

    public var name: DomainName
    /// Each of 4 bytes.
    public var addresses4: [[UInt8]]
    /// Each of 16 bytes.
    public var addresses6: [[UInt8]]
    /// The name that has what this one has not.
    public var canonicalName: DomainName?
    /// In seconds.
    public var timeToLive: UInt32

    public init(
        _ name: DomainName, addresses4: [[UInt8]] = [], addresses6: [[UInt8]] = [],
        canonicalName: DomainName? = nil, timeToLive: UInt32 = Self.usualTimeToLive
    ) {
        (self.name, self.canonicalName, self.timeToLive) = (name, canonicalName, timeToLive)
        (self.addresses4, self.addresses6) = (addresses4, addresses6)
    }

    /// - Throws: what does not go together.
    func check() throws(ZoneError) {
        guard addresses4.allSatisfy({ $0.count == 4 }), addresses6.allSatisfy({ $0.count == 16 })
        else {
            throw ZoneError("an address of \(name) has the length of another family.", of: name)
        }
        guard max(addresses4.count, addresses6.count) <= Self.maximumAddresses else {
            throw ZoneError(
                "\(name) has at most \(Self.maximumAddresses) addresses of a family.", of: name)
        }
        guard Set(addresses4).count == addresses4.count,
            Set(addresses6).count == addresses6.count
        else { throw ZoneError("an address of \(name) is there twice.", of: name) }
        guard timeToLive <= Self.maximumTimeToLive else {
            throw ZoneError("the ttl of \(name) is at most \(Self.maximumTimeToLive) s.", of: name)
        }
        if let canonicalName { try check(canonicalName) }
    }

    private func check(_ canonicalName: DomainName) throws(ZoneError) {
        guard !name.isRoot, name != Zone.apex else {
            throw ZoneError(
                "\(name) has an SOA, so that it can have no cname (RFC 1034 §3.6.2). Write a and "
                    + "aaaa.", of: name)
        }
        guard addresses4.isEmpty, addresses6.isEmpty else {
            throw ZoneError(
                "\(name) has a cname, so that it can have nothing else (RFC 1034 §3.6.2). Leave a "
                    + "and aaaa out.", of: name)
        }
        guard canonicalName.labels.first != [UInt8(ascii: "*")] else {
            throw ZoneError(
                "the cname of \(name) is \(canonicalName), which stands for many.", of: name)
        }
    }
}
