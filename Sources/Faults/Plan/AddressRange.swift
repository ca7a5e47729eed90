/// The addresses with one prefix: CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).
public struct AddressRange {
    /// 4 or 16.
    private let bytes: [UInt8]
    private let bits: Int

    /// - Parameter text: `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`; bits behind the prefix may be set.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = Self.bytes(parts[0]) else { return nil }
        // A prefix of a mapped address is written for the 128 bits that stand there.
        let written = parts[0].contains(":") ? 128 : 32
        var bits = written
        if parts.count == 2 {
            guard let number = Self.decimal(parts[1], atMost: written) else { return nil }
            bits = number
        }
        let hidden = written - 8 * bytes.count
        guard bits >= hidden else { return nil }
        (self.bytes, self.bits) = (bytes, bits - hidden)
    }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        let whole = bits / 8
        guard bytes[..<whole] == address[..<whole] else { return false }
        let mask = ~(UInt8.max >> UInt8(bits % 8))
        return bits % 8 == 0 || (bytes[whole] ^ address[whole]) & mask == 0
    }

    /// The 4 or 16 bytes of an address; a zone (`%eth0`) is left away.
    public static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        guard text.contains(":") else { return version4(text) }
        let address = text.prefix { $0 != "%" }
        guard let bytes = version6(String(address)) else { return nil }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return bytes[..<12] == mapped[...] ? Array(bytes[12...]) : bytes
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { decimal($0, atMost: 255).map { UInt8($0) } }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Digits alone, at most three, and no leading zero that somebody might take for octal.
    private static func decimal(_ text: some StringProtocol, atMost limit: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }),
            text == "0" || !text.hasPrefix("0"), let number = Int(text), number <= limit
        else { return nil }
        return number
    }

    /// RFC 4291 §2.2: eight groups, `::` once for a run of zeros, the last four bytes perhaps in
    /// decimal.
    private static func version6(_ text: String) -> [UInt8]? {
        let halves = halves(text)
        // Decimal bytes are the last four, so not those before a gap.
        guard let head = groups(halves.head, mayBeDecimal: halves.tail == nil),
            let tail = groups(halves.tail ?? "", mayBeDecimal: true)
        else { return nil }
        let count = head.count + tail.count
        guard halves.tail == nil ? count == 16 : count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - count) + tail
    }

    /// What stands before and behind the first `::`; no tail if there is none.
    private static func halves(_ text: String) -> (head: String, tail: String?) {
        let bytes = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
        guard let gap else { return (text, nil) }
        return (
            String(decoding: bytes[..<gap], as: UTF8.self),
            String(decoding: bytes[(gap + 2)...], as: UTF8.self)
        )
    }

    private static func groups(_ text: String, mayBeDecimal: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            if mayBeDecimal, isLast, part.contains("."), let last = version4(part) {
                bytes += last
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexadecimal),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
        }
        return bytes
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 <= 5
    }
}
