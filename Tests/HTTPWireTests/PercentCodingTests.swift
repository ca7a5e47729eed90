import Testing

@testable import HTTPWire

struct PercentCodingTests {
    private func decode(_ bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBytes(PercentCoding.decodePath)
    }

    private func decode(_ text: String) -> String? {
        decode(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    private func segment(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { PercentCoding.decode($0) }
    }

    private func form(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes(PercentCoding.decodeForm)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Decoding

    @Test func `a segment may hold any byte, also a slash`() {
        #expect(segment("a%2Fb%00+") == Array("a/b\0+".utf8))
        #expect(segment("%ff") == [0xff])
        #expect(segment("") == [])
        for wrong in ["%", "%4", "a%", "%4g", "%%41", "% 41"] { #expect(segment(wrong) == nil) }
    }

    @Test func `in a form a plus is a space, and an escaped one is itself`() {
        #expect(form("a+b%2B%20c") == "a b+ c")
        #expect(form("100%") == nil && form("%2") == nil && form("") == "")
    }

    @Test(arguments: ["", "/", "/flags/ch.svg", "/a+b", "/a//b/../c/.", "/é", "/a?b#c"])
    func `a path without escapes is unchanged`(_ path: String) {
        #expect(decode(path) == path)
    }

    @Test func `a plain path of any bytes is unchanged`() {
        let bytes = (UInt8.min...UInt8.max).filter { $0 != UInt8(ascii: "%") }
        #expect(decode(bytes) == bytes)
    }

    @Test func `escapes are decoded`() {
        #expect(decode("/a%20b") == "/a b")
        #expect(decode("%41") == "A")
        #expect(decode("/%C3%A9/%c3%a9") == "/é/é")
        #expect(decode("/%25") == "/%")
        #expect(decode("/100%25") == "/100%")
        #expect(decode("/a%2Bb+c") == "/a+b+c")
        #expect(decode("/%3F%23") == "/?#")
    }

    @Test func `escapes are decoded once only`() {
        #expect(decode("/%252e%252E") == "/%2e%2E")
        #expect(decode("/%2541") == "/%41")
        #expect(decode("/%252F") == "/%2F")
        #expect(decode("/%2500") == "/%00")
    }

    @Test func `dot segments stay`() {
        #expect(decode("/%2e%2E/%2e") == "/../.")
    }

    @Test func `every escape in every letter case is decoded`() {
        for byte in UInt8.min...UInt8.max {
            let expected = byte == 0 || byte == UInt8(ascii: "/") ? nil : [0x61, byte, 0x62]
            for uppercase in [false, true] {
                let digits = String(UInt16(byte) + 0x100, radix: 16, uppercase: uppercase)
                #expect(decode(Array("a%\(digits.dropFirst())b".utf8)) == expected)
            }
        }
    }

    @Test func `every pair of bytes after a percent sign is judged`() {
        let digits = Set("0123456789abcdefABCDEF".utf8)
        var wrong: [String] = []
        for high in UInt8.min...UInt8.max {
            for low in UInt8.min...UInt8.max {
                let text = String(decoding: [high, low], as: UTF8.self)
                var isDecoded = digits.contains(high) && digits.contains(low)
                if ["00", "2f", "2F"].contains(text) { isDecoded = false }
                let decoded = decode([UInt8(ascii: "%"), high, low])
                if (decoded != nil) != isDecoded { wrong.append("\(high), \(low)") }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: [
        "%", "%4", "/a%", "/a%4", "%%", "%%41", "%4%41", "%g1", "%1g", "% 41", "%-1", "%+1",
        "%0x41", "%u0041", "/%41%", "%٤١",
    ])
    func `a malformed escape has no path`(_ path: String) {
        #expect(decode(path) == nil)
    }

    @Test(arguments: ["/a%00", "%00", "/a%2Fb", "/a%2fb", "%2f", "/ok%20%2F", "/..%2f..%2fetc"])
    func `an escaped NUL or slash has no path`(_ path: String) {
        #expect(decode(path) == nil)
    }

    @Test func `long paths are decoded`() {
        let path = String(repeating: "%41", count: 100_000)
        #expect(decode(path) == String(repeating: "A", count: 100_000))
    }

    // MARK: Encoding

    @Test func `names are encoded and slashes stay`() {
        #expect(PercentCoding.encodePath("ch/ch.svg") == "ch/ch.svg")
        #expect(PercentCoding.encodePath("a b.png") == "a%20b.png")
        #expect(PercentCoding.encodePath("é/é") == "%C3%A9/%C3%A9")
        #expect(PercentCoding.encodePath("100%") == "100%25")
        #expect(PercentCoding.encodePath("a/b?c#d") == "a/b%3Fc%23d")
        #expect(PercentCoding.encodePath("<\">") == "%3C%22%3E")
        #expect(PercentCoding.encodePath("") == "")
        #expect(PercentCoding.encodePath("a//b/\0") == "a//b/%00")
    }

    @Test func `exactly the segment characters of the RFC stay`() {
        // RFC 3986 §2.2, §2.3, §3.3
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let allowed = letters + "-._~" + "!$&'()*+,;=" + ":@" + "/"
        for byte in UInt8.min..<0x80 {
            let name = String(UnicodeScalar(byte))
            let encoded = PercentCoding.encodePath(name)
            #expect((encoded == name) == allowed.contains(name))
            #expect(encoded.utf8.count == (allowed.contains(name) ? 1 : 3))
        }
    }

    @Test func `of a component only unreserved characters stay`() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for byte in UInt8.min..<0x80 {
            let text = String(UnicodeScalar(byte))
            let isPlain = (letters + "-._~").contains(text)
            #expect((PercentCoding.encodeComponent(text) == text) == isPlain)
        }
        #expect(PercentCoding.encodeComponent("a/b é") == "a%2Fb%20%C3%A9")
    }

    @Test func `what is encoded is decoded again`() {
        let name = String(String.UnicodeScalarView((1...0x2ff).compactMap(UnicodeScalar.init)))
        #expect(decode(PercentCoding.encodePath(name)) == name)
    }
}
