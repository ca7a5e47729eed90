import Testing

@testable import flagserver

struct HostAndPortTests {
    @Test(
        arguments: [
            ("localhost:8001", "localhost", 8001), ("192.0.2.7:80", "192.0.2.7", 80),
            ("[::1]:5432", "::1", 5432), ("my_host-1.test:0", "my_host-1.test", 0),
            ("[2001:db8::7]:65535", "2001:db8::7", 65535),
        ] as [(String, String, UInt16)])
    func `a name or an address with its port, and back`(text: String, host: String, port: UInt16) {
        let pair = HostAndPort(text)
        #expect(pair == HostAndPort(host: host, port: port))
        #expect(pair?.description == text)
    }

    @Test(arguments: [
        "", ":", "a", "a:", ":80", "a:b", "a:65536", "a:-1", "a: 80", "a b:80", "::1:80",
        "[a]:80", "[192.0.2.7]:80", "[]:80", "[::1]", "[::1]80", "[::1:80", "é:80", "a/b:80",
        "a:+80", "a:８０", String(repeating: "a", count: 254) + ":80",
    ])
    func `anything else is neither`(text: String) {
        #expect(HostAndPort(text) == nil)
    }
}
