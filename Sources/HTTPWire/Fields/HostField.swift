/// Host = uri-host [ ":" port ] (RFC 9110 §7.2), with the hosts of RFC 3986 §3.2.2.
enum HostField {
    /// - Parameters:
    ///   - needsHost: an http URL without a host is none (RFC 9110 §4.2.1).
    ///   - needsPort: the target of CONNECT has one (RFC 9112 §3.2.3).
    static func isValid(
        _ value: UnsafeRawBufferPointer, needsHost: Bool = false, needsPort: Bool = false
    ) -> Bool {
        guard let index = value.first == 0x5b ? endOfLiteral(value) : endOfName(value) else {
            return false
        }
        guard index > 0 || !needsHost else { return false }
        guard index < value.count else { return !needsPort }
        guard value[index] == 0x3a, value.count - index <= 6 else { return false }
        guard index + 1 < value.count || !needsPort else { return false }
        return value[(index + 1)...].allSatisfy { $0 &- 0x30 <= 9 }
    }

    /// - Returns: nil if a percent-encoding is malformed.
    private static func endOfName(_ value: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while index < value.count, value[index].isRegisteredName {
            if value[index] == UInt8(ascii: "%") {
                guard index + 2 < value.count, Hexadecimal.value(of: value[index + 1]) != nil,
                    Hexadecimal.value(of: value[index + 2]) != nil
                else { return nil }
            }
            index += 1
        }
        return index
    }

    /// - Returns: where `[…]` ends; nil unless it holds an IPv6 or a future version's address.
    private static func endOfLiteral(_ value: UnsafeRawBufferPointer) -> Int? {
        guard let end = value.firstIndex(of: 0x5d) else { return nil }
        let text = value.view(1..<end)
        return isIPv6(text) || isIPvFuture(text) ? end + 1 : nil
    }

    /// Eight groups of up to four digits, or fewer with one `::`; the last two may be an IPv4
    /// address.
    private static func isIPv6(_ text: UnsafeRawBufferPointer) -> Bool {
        var groups = 0
        var gaps = 0
        var index = 0
        while index < text.count {
            if text[index] == 0x3a {
                let isGap = index + 1 < text.count && text[index + 1] == 0x3a
                guard isGap || (groups > 0 && index + 1 < text.count) else { return false }
                gaps += isGap ? 1 : 0
                index += isGap ? 2 : 1
                if isGap, index < text.count, text[index] == 0x3a { return false }
                continue
            }
            let start = index
            while index < text.count, Hexadecimal.value(of: text[index]) != nil { index += 1 }
            if index < text.count, text[index] == 0x2e {
                guard isIPv4(text.view(start..<text.count)) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(index - start), index == text.count || text[index] == 0x3a else {
                return false
            }
            groups += 1
        }
        return gaps == 0 ? groups == 8 : gaps == 1 && groups < 8
    }

    private static func isIPv4(_ text: UnsafeRawBufferPointer) -> Bool {
        let parts = text.split(separator: 0x2e, omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                let isNumber = part.allSatisfy { $0 &- 0x30 <= 9 } && (1...3).contains(part.count)
                return isNumber && part.reduce(0) { $0 * 10 + Int($1) - 0x30 } <= 255
                    && (part.count == 1 || part.first != 0x30)
            }
    }

    /// "v" 1*HEXDIG "." and at least one more character.
    private static func isIPvFuture(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.first.map({ $0 | 0x20 }) == UInt8(ascii: "v"),
            let point = text.firstIndex(of: 0x2e), point > 1, point + 1 < text.count
        else { return false }
        return text[1..<point].allSatisfy { Hexadecimal.value(of: $0) != nil }
            && text[(point + 1)...].allSatisfy {
                $0 == 0x3a || ($0.isRegisteredName && $0 != 0x25)
            }
    }
}
