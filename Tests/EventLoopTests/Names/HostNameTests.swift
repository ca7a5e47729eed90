import Testing

@testable import EventLoop

struct HostNameTests {
    @Test(arguments: [
        "a", "backend", "a.b", "example.com.", "_dmarc.example.com", "xn--bcher-kva.example",
        "1.2.3",
        String(repeating: "a", count: 63), String(repeating: "abc.", count: 63) + "a",
    ])
    func `a name of letters, digits, hyphens and underscores may be asked for`(name: String) {
        #expect(HostName.isValid(name))
    }

    @Test(arguments: [
        "", ".", "..", "a..b", ".a", "a..", " ", "a b", "a\0b", "a\n", "bücher.example", "a/b",
        "[::1]",
        "a:80", "%00", "*", String(repeating: "a", count: 64),
        String(repeating: "abc.", count: 63) + "ab", String(repeating: ".", count: 300),
        String(repeating: "[", count: 1000),
    ])
    func `anything else may not`(name: String) {
        #expect(!HostName.isValid(name))
        #expect(HostName.localAddresses(name, port: 1) == nil)
    }

    @Test(arguments: ["localhost", "LocalHost", "localhost.", "a.b.localhost"])
    func `localhost and the names below it are known`(name: String) {
        let addresses = HostName.localAddresses(name, port: 80)
        #expect(addresses?.map(\.description) == ["127.0.0.1:80", "[::1]:80"])
    }

    @Test(arguments: ["127.0.0.1", "10.1.2.3", "::1", "2001:db8::1"])
    func `a literal is its own address`(literal: String) {
        #expect(HostName.localAddresses(literal, port: 80)?.map(\.host) == [literal])
    }

    @Test(arguments: ["notlocalhost", "localhost.example", "1.2.3", "example.com"])
    func `other names must be looked up`(name: String) {
        #expect(HostName.localAddresses(name, port: 80) == nil)
    }
}
