import Testing

@testable import Names

struct DomainNameTests {
    private func problem(_ text: String) -> String? {
        do throws(ZoneError) {
            _ = try DomainName(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `case is kept and does not matter`() throws {
        let (small, mixed) = (try DomainName("br.flags.test"), try DomainName("bR.Flags.TEST"))
        #expect(small == mixed && small.hashValue == mixed.hashValue)
        #expect(mixed.description == "bR.Flags.TEST" && mixed.folded == small.wire)
        #expect(small != (try DomainName("b2.flags.test")))
        // @ and [ stand beside the letters, ` and { beside the small ones.
        let beside = [0x40, 0x5b, 0x60, 0x7b].map { DomainName(labels: [[UInt8($0)]]) }
        #expect(Set(beside).count == 4)
    }

    @Test func `a name is read with its last dot or without`() throws {
        #expect(try DomainName("a.b.").wire == [1, 0x61, 1, 0x62, 0])
        #expect(try DomainName("a.b") == DomainName("a.b."))
        #expect(try DomainName(".").isRoot && DomainName.root.description == ".")
        #expect(try DomainName("*.def.dev").description == "*.def.dev")
        #expect(try DomainName("_dmarc.x-1.dev").labels.count == 3)
    }

    @Test func `what is no name is told so`() {
        #expect(problem("") == "'' is no name: between two dots there is nothing.")
        #expect(problem("a..b") == "'a..b' is no name: between two dots there is nothing.")
        #expect(problem(".a")?.contains("nothing") == true)
        #expect(problem("münchen.de")?.contains("xn--") == true)
        #expect(problem("a b.dev")?.contains("letters, digits") == true)
        #expect(problem("a.*.dev")?.contains("'*.' at its beginning") == true)
        let label = String(repeating: "a", count: 64)
        #expect(problem("\(label).dev")?.contains("64 bytes. It has at most 63.") == true)
        #expect(problem("\(label.dropLast()).dev") == nil)
        let long = String(repeating: "a23456789.", count: 26)
        #expect(problem(long)?.contains("longer than 253 characters") == true)
    }

    @Test func `bytes that cannot be read are shown as numbers`() {
        let name = DomainName(labels: [[0x61, 0x2e, 0x5c, 0x20, 0xff, 0], [0x62]])
        #expect(name?.description == #"a\.\\\032\255\000.b"#)
        #expect(DomainName(labels: [[]]) == nil)
    }

    @Test func `a name lies within itself and what is behind its labels`() throws {
        let name = try DomainName("a.b.Test")
        #expect(name.parent == (try DomainName("b.test")))
        for other in ["a.b.test", "b.TEST", "test", "."] {
            #expect(name.lies(within: try DomainName(other)))
        }
        for other in ["c.test", "x.a.b.test", ".b.test".replacing(".b", with: "bb")] {
            #expect(!name.lies(within: try DomainName(other)))
        }
        #expect(DomainName.root.parent.isRoot)
    }

    @Test func `types have words, and all others numbers`() {
        #expect(RecordType.address6.description == "AAAA")
        #expect(RecordType(rawValue: 999).description == "TYPE999")
        #expect(RecordType("aaaa") == .address6 && RecordType("TYPE28") == .address6)
        #expect(RecordType("nothing") == nil && RecordType("TYPE70000") == nil)
    }
}
