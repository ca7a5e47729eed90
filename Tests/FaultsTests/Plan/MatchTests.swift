import HTTPWire
import TestSupport
import Testing

@testable import Faults

struct MatchTests {
    @Test func `a client is its address, however it is written`() {
        let same = ["10.0.0.1", "::ffff:10.0.0.1", "0:0:0:0:0:ffff:a00:1"].map(Match.key)
        #expect(Set(same).count == 1)
        #expect(Match.key(ofClient: "fe80::1%eth0") == Match.key(ofClient: "fe80:0::1"))
        #expect(Match.key(ofClient: "10.0.0.2") != same[0])
        #expect(Match.key(ofClient: "no address") != Match.key(ofClient: ""))
    }

    @Test func `a client is an address or lies in a network`() {
        let matching = [
            ("127.0.0.1", "127.0.0.1"), ("10.0.0.0/8", "10.255.3.4"), ("10.1.2.3/8", "10.9.9.9"),
            ("0.0.0.0/0", "1.2.3.4"), ("192.168.1.128/25", "192.168.1.200"), ("::1", "::1"),
            ("::1", "0:0:0:0:0:0:0:1"), ("fd00::/8", "fdff:1::2"), ("::/0", "fe80::1"),
            ("fe80::1", "fe80::1%eth0"), ("1.2.3.4", "::ffff:1.2.3.4"),
            ("::ffff:1.2.3.4", "1.2.3.4"), ("::ffff:10.0.0.0/104", "10.1.2.3"),
            ("2001:DB8::a", "2001:db8:0:0::000a"), ("1::", "1:0:0:0:0:0:0:0"),
        ]
        for (pattern, host) in matching {
            #expect(Match.client(pattern, matches: host), "\(pattern) \(host)")
            #expect(Match.isClientPattern(pattern))
        }
        let others = [
            ("127.0.0.1", "127.0.0.2"), ("10.0.0.0/8", "11.0.0.0"), ("::1", "::2"),
            ("192.168.1.128/25", "192.168.1.127"), ("fd00::/8", "fc00::1"), ("::1", "127.0.0.1"),
            ("0.0.0.0/0", "::1"), ("::/0", "1.2.3.4"), ("127.0.0.1", "localhost"),
            ("127.0.0.1", ""), ("1.2.3.4/31", "1.2.3.6"),
        ]
        for (pattern, host) in others {
            #expect(!Match.client(pattern, matches: host), "\(pattern) \(host)")
        }
    }

    @Test(arguments: [
        "", "/", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/",
        "1.2.3.4/08",
        "1.2.3.4/8/8", "1.2.3.4/-1", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "::1/129", "12345::", "g::", "::1.2.3", "1.2.3.4::", "+1::", "localhost", "1.2.3.+4",
        "1:2:3:4:5:6:7::8", "::ffff:1.2.3.4/95", "::1/ 8",
    ])
    func `what is no address matches nothing`(pattern: String) {
        #expect(!Match.isClientPattern(pattern))
        #expect(!Match.client(pattern, matches: pattern))
    }

    @Test func `a pattern that is changed counts as it is then`() throws {
        var match = Match()
        func applies() throws -> Bool {
            try withRequest("GET /flags/br/br.gif?x HTTP/1.1\r\nHost: x\r\nA: bc\r\n\r\n") {
                match.applies(to: $0, from: nil, number: 1)
            }
        }
        match.path = "*.gif"
        #expect(try applies())
        match.path = "*x"
        #expect(try !applies())
        match.path = nil
        match.header = HeaderMatch(name: "a", value: "b?")
        #expect(try applies())
        match.header = HeaderMatch(name: "a", value: "b")
        #expect(try !applies())
    }

    @Test func `header names are in lower case`() {
        #expect(HeaderMatch(name: "X-Test").name == "x-test")
        #expect(HeaderMatch(name: "a") != HeaderMatch(name: "a", value: "*"))
    }
}
