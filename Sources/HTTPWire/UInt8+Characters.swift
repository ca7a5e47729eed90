// The character classes of RFC 9110 and RFC 3986, as the parsers ask for them.
extension UInt8 {
    /// Whether it may not stand in a field value; a tab may (RFC 9110 §5.5).
    @inline(__always)
    var isControl: Bool { (self < 0x20 && self != 0x09) || self == 0x7f }

    @inline(__always)
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// token characters of RFC 9110 §5.6.2: ! # $ % & ' * + - . 0-9, then A-Z ^ _ ` a-z | ~
    @inline(__always)
    public var isToken: Bool { isMember(0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe) }

    /// Characters of a request target: those of RFC 3986 without fragment; `"<>\^`{|}` and
    /// everything outside of visible ASCII must be percent-encoded. `[` and `]` stand in an IPv6
    /// authority.
    @inline(__always)
    var isTarget: Bool { isMember(0xafff_fff2_0000_0000, 0x47ff_fffe_afff_ffff) }

    /// reg-name of RFC 3986 §3.2.2: unreserved / pct-encoded / sub-delims.
    @inline(__always)
    var isRegisteredName: Bool { isMember(0x2bff_7ff2_0000_0000, 0x47ff_fffe_87ff_fffe) }

    /// - Parameters:
    ///   - low: a bit for each of the characters 0 to 63.
    ///   - high: of 64 to 127.
    @inline(__always)
    private func isMember(_ low: UInt64, _ high: UInt64) -> Bool {
        let map = self & 0x40 == 0 ? low : high
        return self < 0x80 && (map >> UInt64(self & 63)) & 1 == 1
    }
}
