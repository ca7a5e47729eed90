// The character classes of RFC 9110 and RFC 3986, as the parsers ask for them.

/// Whether a byte may not stand in a field value; a tab may (RFC 9110 §5.5).
@inline(__always)
func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7f }

@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

@inline(__always)
private func isMember(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
    let map = byte & 0x40 == 0 ? low : high
    return byte < 0x80 && (map >> UInt64(byte & 63)) & 1 == 1
}

/// token characters of RFC 9110 §5.6.2: ! # $ % & ' * + - . 0-9, then A-Z ^ _ ` a-z | ~
@inline(__always)
func isToken(_ byte: UInt8) -> Bool {
    isMember(byte, 0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe)
}

/// Characters of a request target: those of RFC 3986 without fragment; `"<>\^`{|}` and everything
/// outside of visible ASCII must be percent-encoded. `[` and `]` stand in an IPv6 authority.
@inline(__always)
func isTarget(_ byte: UInt8) -> Bool {
    isMember(byte, 0xafff_fff2_0000_0000, 0x47ff_fffe_afff_ffff)
}

/// reg-name of RFC 3986 §3.2.2: unreserved / pct-encoded / sub-delims.
@inline(__always)
func isRegisteredName(_ byte: UInt8) -> Bool {
    isMember(byte, 0x2bff_7ff2_0000_0000, 0x47ff_fffe_87ff_fffe)
}
