import Testing

@testable import HTTPWire

struct EntityTagTests {
    /// Which of some tags a list has; nil if it is malformed.
    private func list(_ text: String) -> [EntityTag]? {
        let candidates = ["", "a", "b", "c", "a,b", "*"].map(strong)
        let found = candidates.map { isMatched($0, by: text, weakly: true) }
        guard !found.contains(nil) else { return nil }
        return zip(candidates, found).filter { $0.1 == true }.map(\.0)
    }

    private func isMatched(_ tag: EntityTag, by text: String, weakly: Bool) -> Bool? {
        Array(text.utf8).withUnsafeBytes { tag.isMatched(byList: $0, weakly: weakly) }
    }

    private func parse(_ text: String) -> EntityTag? {
        Array(text.utf8).withUnsafeBytes(EntityTag.parse)
    }

    private func strong(_ opaque: String) -> EntityTag {
        EntityTag(strong: opaque)
    }

    private func weak(_ opaque: String) -> EntityTag {
        EntityTag(isWeak: true, opaque: Array(opaque.utf8))
    }

    private func tag(of text: String) -> String {
        Array(text.utf8).withUnsafeBytes { EntityTag(contentOf: $0).description }
    }

    // MARK: Comparison

    @Test func `the comparisons follow the table of the RFC`() {
        // RFC 9110 §8.8.3.2
        let rows: [(EntityTag, EntityTag, strongly: Bool, weakly: Bool)] = [
            (weak("1"), weak("1"), false, true),
            (weak("1"), weak("2"), false, false),
            (weak("1"), strong("1"), false, true),
            (strong("1"), strong("1"), true, true),
            (strong("1"), strong("2"), false, false),
        ]
        for (one, other, strongly, weakly) in rows {
            #expect(one.matchesStrongly(other) == strongly)
            #expect(other.matchesStrongly(one) == strongly)
            #expect(isMatched(one, by: "\(other)", weakly: false) == strongly)
            #expect(isMatched(one, by: "\(other)", weakly: true) == weakly)
            #expect(isMatched(other, by: "\(one)", weakly: true) == weakly)
        }
    }

    @Test func `letter case and length tell tags apart`() {
        #expect(isMatched(strong("a"), by: "\"A\"", weakly: true) == false)
        #expect(isMatched(strong("a"), by: "\"aa\"", weakly: true) == false)
        #expect(isMatched(strong(""), by: "\"a\"", weakly: true) == false)
        #expect(strong("").matchesStrongly(strong("")))
    }

    @Test func `a tag is written with quotes and prefix`() {
        #expect(strong("abc").description == "\"abc\"")
        #expect(weak("abc").description == "W/\"abc\"")
        #expect(strong("").description == "\"\"")
        #expect(strong("é").description == "\"é\"")
    }

    // MARK: One tag

    @Test func `one tag is read`() {
        #expect(parse("\"xyzzy\"") == strong("xyzzy"))
        #expect(parse("W/\"xyzzy\"") == weak("xyzzy"))
        #expect(parse("\"\"") == strong(""))
        #expect(parse("W/\"\"") == weak(""))
        #expect(parse("\"a,b\\\"") == strong("a,b\\"))
        #expect(parse("\"W/\"") == strong("W/"))
    }

    @Test(arguments: [
        "", "\"", "xyzzy", "\"xyzzy", "xyzzy\"", "W/", "W/xyzzy", "W\"xyzzy\"", "w/\"xyzzy\"",
        "W/ \"xyzzy\"", "W/W/\"xyzzy\"", " \"xyzzy\"", "\"xyzzy\" ", "\"a\",\"b\"", "\"a\"\"b\"",
        "\"a b\"", "\"a\tb\"", "'a'", "*", "\"a\"x", "\"\"\"",
    ])
    func `anything but exactly one tag is none`(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func `every byte the grammar allows and no other is read in a tag`() {
        for byte in UInt8.min...UInt8.max {
            let value: [UInt8] = [0x22, byte, 0x22]
            let tag = value.withUnsafeBytes(EntityTag.parse)
            let isAllowed = byte > 0x20 && byte != 0x22 && byte != 0x7F
            #expect(tag == (isAllowed ? EntityTag(isWeak: false, opaque: [byte]) : nil))
        }
    }

    // MARK: Lists

    @Test func `every tag of a list is found`() {
        #expect(list("\"a\"") == [strong("a")])
        #expect(list("\"a\", \"b\"") == [strong("a"), strong("b")])
        #expect(list("\"b\",W/\"a\",\"b\"") == [strong("a"), strong("b")])
        #expect(list("\"a\" \t,\t \"b\"") == [strong("a"), strong("b")])
        #expect(list("\"a,b\", \"c\"") == [strong("c"), strong("a,b")])
    }

    @Test func `a star alone matches anything`() {
        for star in ["*", " * "] {
            #expect(isMatched(strong("any"), by: star, weakly: false) == true)
            #expect(isMatched(weak("any"), by: star, weakly: false) == true)
        }
    }

    @Test(arguments: ["*,*", "*, \"a\"", "\"a\", *", "**", "*a", "*,", ",*", "\"*\" *", "W/*"])
    func `a star beside anything else is malformed`(_ text: String) {
        #expect(list(text) == nil)
    }

    @Test func `a quoted star is a tag like any other`() {
        #expect(list("\"*\"") == [strong("*")])
    }

    @Test func `empty elements are ignored`() {
        #expect(list("") == [])
        #expect(list(" ") == [])
        #expect(list(",") == [])
        #expect(list(" , ,, ") == [])
        #expect(list(",\"a\"") == [strong("a")])
        #expect(list("\"a\",") == [strong("a")])
        #expect(list("\"a\", ,, \"b\" , ,") == [strong("a"), strong("b")])
    }

    @Test func `more than a reasonable number of empty elements is malformed`() {
        let most = String(repeating: ",", count: FieldCursor.maximumEmptyElements)
        #expect(list(most + "\"a\"") == [strong("a")])
        #expect(list(most + ",\"a\"") == nil)
        #expect(list("\"a\"" + most + ",\"b\"") == [strong("a"), strong("b")])
        #expect(list("\"a\"" + most + ",,\"b\"") == nil)
        #expect(list(String(repeating: ",", count: 100_000)) == nil)
        #expect(list(String(repeating: "\"a\",,", count: 33)) == nil)
    }

    @Test(arguments: [
        "a", "\"a\" \"b\"", "\"a\"\"b\"", "\"a\";\"b\"", "\"a\", b", "\"a\", \"b", "\"a\", w/\"b\"",
        "\"a\", W/", "\"a b\"", "\"a\"\u{B}", "\"a\",\n\"b\"", "W /\"a\"", "\"a\",\u{0}",
    ])
    func `a list with anything but tags is malformed`(_ text: String) {
        #expect(list(text) == nil)
    }

    @Test func `a list has as many tags as fit`() {
        let text = (0..<1000).map { "\"\($0)\"" }.joined(separator: ",")
        for number in [0, 500, 999] {
            #expect(isMatched(strong("\(number)"), by: text, weakly: false) == true)
        }
        #expect(isMatched(strong("1000"), by: text, weakly: false) == false)
    }

    /// The tags of a list as the grammar has them; nil if it is none.
    private func read(_ text: String) -> [EntityTag]? {
        guard text.wholeMatch(of: /[ ,]*(?:(?:W\/)?"[^" ]*" *(?:,[ ,]*|$))*/) != nil else {
            return nil
        }
        return text.matches(of: /(W\/)?"([^" ]*)"/).map {
            EntityTag(isWeak: $0.1 != nil, opaque: Array($0.2.utf8))
        }
    }

    @Test func `looking a tag up agrees with reading the list by its grammar`() {
        let pieces = ["\"a\"", "W/\"a\"", "\"b\"", "*", ",", " ", "\"", "ab"]
        let candidates = [strong("a"), weak("a"), strong("b"), strong("")]
        var disagreements: [String] = []
        for code in 0..<(8 * 8 * 8 * 8) {
            let text = (0..<4).map { pieces[code >> (3 * $0) & 7] }.joined()
            let tags = read(text)
            for tag in candidates {
                for weakly in [false, true] {
                    let isStar = text.allSatisfy { $0 == " " || $0 == "*" }
                    let expected =
                        isStar && text.count { $0 == "*" } == 1
                        ? true
                        : tags?.contains {
                            weakly ? tag.opaque == $0.opaque : tag.matchesStrongly($0)
                        }
                    if isMatched(tag, by: text, weakly: weakly) != expected {
                        disagreements.append(text)
                    }
                }
            }
        }
        #expect(disagreements.isEmpty)
    }

    // MARK: Tags of content

    @Test func `the hash is MurmurHash3 x64 128`() {
        #expect(tag(of: "") == "\"00000000000000000000000000000000\"")
        #expect(tag(of: "hello") == "\"cbd8a7b341bd9b025b1e906a48ae1d19\"")
        #expect(tag(of: "hello, world") == "\"342fac623a5ebc8e4cdcbc079642414d\"")
        #expect(tag(of: "19 Jan 2038 at 3:14:07 AM") == "\"b89e5988b737affc664fc2950231b2cb\"")
        #expect(
            tag(of: "The quick brown fox jumps over the lazy dog.")
                == "\"cd99481f9ee902c9695da1a38987b6e7\"")
        #expect(
            tag(of: "The quick brown fox jumps over the lazy dog")
                == "\"e34bbc7bbc071b6c7a433ca9c49a9347\"")
    }

    @Test func `the tag of content does not depend on the pieces`() {
        let content = (0..<80).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        content.withUnsafeBytes { bytes in
            let expected = EntityTag(contentOf: bytes)
            for first in 0...bytes.count {
                for second in first...bytes.count {
                    var hasher = EntityTagHasher()
                    hasher.update(UnsafeRawBufferPointer(rebasing: bytes[..<first]))
                    hasher.update(UnsafeRawBufferPointer(rebasing: bytes[first..<second]))
                    hasher.update(UnsafeRawBufferPointer(rebasing: bytes[second...]))
                    #expect(hasher.finish() == expected)
                }
            }
        }
    }

    @Test func `finishing does not disturb a hasher`() {
        let content = Array("some content that is longer than one block".utf8)
        content.withUnsafeBytes { bytes in
            var hasher = EntityTagHasher()
            for index in bytes.indices {
                hasher.update(UnsafeRawBufferPointer(rebasing: bytes[index...index]))
                let prefix = UnsafeRawBufferPointer(rebasing: bytes[...index])
                #expect(hasher.finish() == EntityTag(contentOf: prefix))
            }
        }
    }

    @Test func `no content is content too`() {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(EntityTag(contentOf: empty) == EntityTagHasher().finish())
    }

    @Test func `every changed bit and every length changes the tag`() {
        var seen: Set<[UInt8]> = []
        var count = 0
        for length in 0...48 {
            var content = [UInt8](repeating: 0, count: length)
            seen.insert(content.withUnsafeBytes { EntityTag(contentOf: $0).opaque })
            count += 1
            for bit in 0..<(8 * length) {
                content[bit / 8] ^= 1 << (bit % 8)
                seen.insert(content.withUnsafeBytes { EntityTag(contentOf: $0).opaque })
                content[bit / 8] ^= 1 << (bit % 8)
                count += 1
            }
        }
        #expect(seen.count == count)
    }

    @Test func `the tag of content is strong and reads back`() throws {
        let content = Array("content".utf8)
        let tag = content.withUnsafeBytes { EntityTag(contentOf: $0) }
        #expect(!tag.isWeak)
        #expect(tag.opaque.count == 32)
        #expect(try #require(parse(tag.description)).matchesStrongly(tag))
    }
}
