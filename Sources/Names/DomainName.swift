/// A name of the domain system, as it stands on the wire: labels with their lengths, then the root
/// (RFC 1035 §3.1). Its case is kept, and compared as if there were none (RFC 4343).
public struct DomainName: Hashable, Sendable {
    /// Longest label, and longest name with all lengths, in bytes (RFC 1035 §2.3.4).
    public static let maximumLabel = 63
    public static let maximumBytes = 255

    /// From 1 byte, the root's, to 255.
    public let wire: [UInt8]

    public static let root = DomainName(wire: [0])

    /// - Parameter wire: complete and within the bounds.
    init(wire: [UInt8]) {
        self.wire = wire
    }

    /// - Returns: nil if a label is empty or too long, or the name is.
    public init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...Self.maximumLabel).contains($0.count) }) else { return nil }
        let wire = labels.reduce(into: [UInt8]()) { $0 += [UInt8($1.count)] + $1 } + [0]
        guard wire.count <= Self.maximumBytes else { return nil }
        self.init(wire: wire)
    }

    public var isRoot: Bool { wire.count == 1 }

    /// Without the root's.
    public var labels: [[UInt8]] {
        var labels: [[UInt8]] = []
        var start = 0
        while wire[start] > 0 {
            let end = start + 1 + Int(wire[start])
            labels.append(Array(wire[(start + 1)..<end]))
            start = end
        }
        return labels
    }

    /// Without its first label; the root's is the root.
    public var parent: DomainName {
        isRoot ? self : DomainName(wire: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// `*.` before it (RFC 4592); nil where that is too long.
    var wildcard: DomainName? {
        let wire = [1, UInt8(ascii: "*")] + wire
        return wire.count <= Self.maximumBytes ? DomainName(wire: wire) : nil
    }

    /// Whether it is `other` or below it.
    public func lies(within other: DomainName) -> Bool {
        var name = self
        while name.wire.count > other.wire.count { name = name.parent }
        return name == other
    }

    // MARK: Comparing

    /// What a byte is compared as. Lengths are below 64, where no letter is.
    @inline(__always)
    static func folded(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 <= 25 ? byte | 0x20 : byte
    }

    /// In lower case: equal for names that are the same.
    public var folded: [UInt8] { wire.map(Self.folded) }

    public static func == (left: DomainName, right: DomainName) -> Bool {
        guard left.wire.count == right.wire.count else { return false }
        for index in left.wire.indices
        where folded(left.wire[index]) != folded(right.wire[index]) {
            return false
        }
        return true
    }

    /// FNV-1a, which is much quicker than a hasher that is fed byte by byte. Who asks chooses no
    /// name that is kept.
    public func hash(into hasher: inout Hasher) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in wire { hash = (hash ^ UInt64(Self.folded(byte))) &* 0x100_0000_01b3 }
        hasher.combine(hash)
    }
}
