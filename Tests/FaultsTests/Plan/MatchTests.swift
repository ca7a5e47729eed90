import Testing

@testable import Faults

struct MatchTests {
    private func glob(_ pattern: String, _ text: String) -> Bool {
        Match.glob(pattern.utf8, matches: text.utf8)
    }

    @Test func `a star is any run and a question mark one byte`() {
        let matching = [
            ("", ""), ("*", ""), ("*", "/a/b"), ("/flags/br/*", "/flags/br/br.gif"),
            ("*.gif", "/flags/br/br.gif"), ("/?/x", "/a/x"), ("a*b*c", "a-b-b-c"),
            ("a**c", "ac"), ("*a", "aaa"), ("a*a", "aa"), ("???", "abc"), ("*?", "a"),
            ("a*?", "ab"), ("/flags/br/*", "/flags/br/a/b"),
        ]
        for (pattern, text) in matching { #expect(glob(pattern, text), "\(pattern) \(text)") }
        let others = [
            ("", "a"), ("a", ""), ("?", ""), ("a*b", "a"), ("/flags/br/*", "/flags/cn/br.gif"),
            ("*.gif", "a.gifx"), ("a", "A"), ("abc", "ab"), ("a*a", "a"), ("**?", ""),
        ]
        for (pattern, text) in others { #expect(!glob(pattern, text), "\(pattern) \(text)") }
    }

    @Test func `a client is its address, however it is written`() {
        let same = ["10.0.0.1", "::ffff:10.0.0.1", "0:0:0:0:0:ffff:a00:1"].map(Match.key)
        #expect(Set(same).count == 1)
        #expect(Match.key(ofClient: "fe80::1%eth0") == Match.key(ofClient: "fe80:0::1"))
        #expect(Match.key(ofClient: "10.0.0.2") != same[0])
        #expect(Match.key(ofClient: "no address") != Match.key(ofClient: ""))
    }

    @Test func `it agrees with the definition on all short texts`() {
        let letters = Array("ab*?".utf8)
        var patterns: [[UInt8]] = [[]]
        for _ in 0..<4 { patterns += patterns.flatMap { base in letters.map { base + [$0] } } }
        var texts: [[UInt8]] = [[]]
        for _ in 0..<4 { texts += texts.flatMap { base in Array("ab".utf8).map { base + [$0] } } }
        for pattern in Set(patterns) {
            for text in Set(texts) {
                let expected = Self.matches(pattern[...], text[...])
                #expect(Match.glob(pattern, matches: text) == expected, "\(pattern) \(text)")
            }
        }
    }

    /// By the definition, exponential.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        if first == UInt8(ascii: "*") {
            return (0...text.count).contains { matches(rest, text.dropFirst($0)) }
        }
        guard let letter = text.first, first == UInt8(ascii: "?") || first == letter else {
            return false
        }
        return matches(rest, text.dropFirst())
    }

    @Test func `many stars do not blow up`() {
        let pattern = String(repeating: "a*", count: 200) + "b"
        #expect(!glob(pattern, String(repeating: "a", count: 2000)))
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

    @Test func `header names are in lower case`() {
        #expect(HeaderMatch(name: "X-Test").name == "x-test")
        #expect(HeaderMatch(name: "a") != HeaderMatch(name: "a", value: "*"))
    }
}
