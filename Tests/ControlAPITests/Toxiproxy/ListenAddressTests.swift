import ChaosProxy
import EventLoop
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("localhost:80", "127.0.0.1:80", ListenAddress.Hosts.loopbacks),
        ("LocalHost:0", "127.0.0.1:0", .loopbacks), (":80", "127.0.0.1:80", .loopbacks),
        ("", "127.0.0.1:0", .loopbacks), ("localhost:", "127.0.0.1:0", .loopbacks),
        ("0.0.0.0:80", "[::]:80", .all), ("[::]:80", "[::]:80", .all),
        (":http", "127.0.0.1:80", .loopbacks), ("localhost:HTTPS", "127.0.0.1:443", .loopbacks),
    ])
    func `many spellings are understood`(
        _ text: String, _ shown: String, _ hosts: ListenAddress.Hosts
    ) throws {
        let address = try ListenAddress(text)
        #expect("\(address)" == shown)
        #expect(address.hosts == hosts)
        #expect(address.addresses.count == 2)
        #expect(address.addresses.allSatisfy { $0.port == address.port })
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:8", "[::1]:8"), ("127.0.0.2:0", "127.0.0.2:0"),
        ("[::ffff:127.0.0.1]:80", "127.0.0.1:80"), ("[127.0.0.1]:80", "127.0.0.1:80"),
    ])
    func `a literal address is one address`(_ text: String, _ shown: String) throws {
        let address = try ListenAddress(text)
        #expect("\(address)" == shown)
        #expect(address.addresses.map { "\($0)" } == [shown])
    }

    @Test func `an empty host may mean all interfaces`() throws {
        #expect(try "\(ListenAddress(":7", emptyHost: .all))" == "[::]:7")
        #expect(try "\(ListenAddress("", emptyHost: .all))" == "[::]:0")
    }

    @Test(arguments: [
        ("garbage", "address garbage: missing port in address"),
        ("[::1]", "address [::1]: missing port in address"),
        ("[::1]x:1", "address [::1]x:1: missing port in address"),
        ("[::1]:1:2", "address [::1]:1:2: too many colons in address"),
        ("[::1", "address [::1: missing ']' in address"),
        ("::1:80", "address ::1:80: too many colons in address"),
        ("a[b:80", "address a[b:80: unexpected '[' in address"),
        ("a]:80", "address a]:80: unexpected ']' in address"),
        ("localhost:99999", "address 99999: invalid port"),
        ("localhost:-1", "address -1: invalid port"),
        ("localhost:nope", "lookup tcp/nope: unknown port"),
        ("no.such:80", "lookup no.such: no such host"),
        ("127.0.0.1\0:80", "lookup 127.0.0.1\0: no such host"),
        ("256.1.1.1:80", "lookup 256.1.1.1: no such host"),
    ])
    func `the rest is refused in Go's words`(_ text: String, _ words: String) {
        do throws(ProxyError) {
            _ = try ListenAddress(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect("\(error)" == words)
        }
    }
}
