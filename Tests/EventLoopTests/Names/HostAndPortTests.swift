import EventLoop
import Testing

struct HostAndPortTests {
    @Test(
        arguments: [
            ("localhost:8001", "localhost", 8001), ("192.0.2.7:80", "192.0.2.7", 80),
            ("[::1]:5432", "::1", 5432), ("my_host-1.test:0", "my_host-1.test", 0),
            ("[2001:db8::7]:65535", "2001:db8::7", 65535), ("azAZ09:1", "azAZ09", 1),
            (String(repeating: "a", count: 253) + ":80", String(repeating: "a", count: 253), 80),
        ] as [(String, String, UInt16)])
    func `a name or an address with its port, and back`(text: String, host: String, port: UInt16) {
        let pair = HostAndPort(text)
        #expect(pair == HostAndPort(host: host, port: port))
        #expect(pair?.description == text)
    }

    @Test(arguments: [
        "", ":", "a", "a:", ":80", "a:b", "a:65536", "a:-1", "a: 80", "a b:80", "::1:80",
        "[a]:80", "[192.0.2.7]:80", "[]:80", "[::1]", "[::1]80", "[::1:80", "é:80", "a/b:80",
        "a:+80", "a:８０", String(repeating: "a", count: 254) + ":80", "a{b:80", "a`b:80",
        "a@b:80", "a;b:80",
    ])
    func `anything else is neither`(text: String) {
        #expect(HostAndPort(text) == nil)
    }

    @Test(
        arguments: [
            ("a:b", "a", "b", false), (":", "", "", false), ("[a]:80", "a", "80", true),
            ("[::1]:http", "::1", "http", true), ("a b:", "a b", "", false),
        ] as [(String, String, String, Bool)])
    func `a text is split at its last colon`(
        text: String, host: String, port: String, isBracketed: Bool
    ) throws {
        let parts = try HostAndPort.split(text)
        #expect((String(parts.host), String(parts.port)) == (host, port))
        #expect(parts.isBracketed == isBracketed)
    }

    @Test(
        arguments: [
            ("", .missingPort), ("a", .missingPort), ("[::1]", .missingPort),
            ("[::1]x:1", .missingPort), ("[::1", .missingBracket), ("::1:80", .tooManyColons),
            ("[::1]:1:2", .tooManyColons), ("a[b:80", .openingBracket), ("a:[", .openingBracket),
            ("a]:80", .closingBracket), ("[[a]:1", .openingBracket), ("[a]]:1", .missingPort),
        ] as [(String, HostAndPort.SplitError)])
    func `what cannot be split says why`(text: String, error: HostAndPort.SplitError) {
        #expect(throws: error) { try HostAndPort.split(text) }
    }
}
