import Testing

@testable import Names

struct ZoneTests {
    private func entry(
        _ name: String, _ addresses: [UInt8]..., six: [[UInt8]] = [], canonical: String? = nil
    ) throws -> ZoneEntry {
        ZoneEntry(
            try DomainName(name), addresses4: addresses, addresses6: six,
            canonicalName: try canonical.map { try DomainName($0) })
    }

    private func answer(
        _ zone: Zone, _ name: String, _ type: RecordType = .address4
    ) throws -> Zone.Answer {
        zone.answer(NameQuestion(try DomainName(name), type))
    }

    /// `br.flags.test 127.0.0.1`, and the response code.
    private func told(
        _ zone: Zone, _ name: String, _ type: RecordType = .address4
    ) throws -> [String] {
        let answer = try answer(zone, name, type)
        let records = answer.records.map { record in
            let content =
                switch record.content {
                case .name(let name): "\(name)"
                case .bytes(let bytes): bytes.map { "\($0)" }.joined(separator: ".")
                case .authority: "SOA"
                }
            return "\(record.name) \(content)"
        }
        return records + [answer.code.word]
    }

    private func problem(_ entries: [ZoneEntry]) -> String? {
        do throws(ZoneError) {
            _ = try Zone(entries: entries)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `countries lead to both loopbacks, and nothing else is there`() throws {
        let zone = try Zone(countries: ["br", "cn"])
        #expect(try told(zone, "br.flags.test") == ["br.flags.test 127.0.0.1", "NOERROR"])
        let six = try told(zone, "CN.flags.test", .address6)
        #expect(six == ["CN.flags.test 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1", "NOERROR"])
        #expect(try told(zone, "flags.test") == ["flags.test 127.0.0.1", "NOERROR"])
        #expect(try told(zone, "xx.flags.test") == ["NXDOMAIN"])
        #expect(try told(zone, "a.br.flags.test") == ["NXDOMAIN"])
        #expect(try told(zone, "def.dev") == ["NXDOMAIN"])
    }

    @Test func `where nothing is, it is said how long that may be remembered`() throws {
        let zone = try Zone(countries: ["br"], entries: [entry("def.dev", [1, 2, 3, 4])])
        #expect(try answer(zone, "xx.flags.test").authority?.name == Zone.apex)
        #expect(try answer(zone, "none.dev").authority?.name == .root)
        let noData = try answer(zone, "def.dev", .address6)
        #expect(noData.code == .noError && noData.records.isEmpty)
        #expect(noData.authority?.name == .root && noData.authority?.timeToLive == 30)
        #expect(try answer(zone, "def.dev").authority == nil)
        // test is there, because flags.test is.
        #expect(try told(zone, "test") == ["NOERROR"])
        #expect(try told(zone, "flags.test", .startOfAuthority) == ["flags.test SOA", "NOERROR"])
        #expect(try told(zone, ".", .startOfAuthority) == [". SOA", "NOERROR"])
    }

    @Test func `a name from outside comes before a country`() throws {
        let zone = try Zone(countries: ["br"], entries: [entry("BR.flags.test", [10, 0, 0, 1])])
        #expect(try told(zone, "br.flags.test") == ["br.flags.test 10.0.0.1", "NOERROR"])
        #expect(try told(zone, "br.flags.test", .address6) == ["NOERROR"])
    }

    @Test func `canonical names are followed, whatever is asked but themselves`() throws {
        let zone = try Zone(entries: [
            entry("a.dev", canonical: "b.dev"), entry("b.dev", canonical: "c.dev"),
            entry("c.dev", [1, 1, 1, 1]), entry("lost.dev", canonical: "nowhere.dev"),
        ])
        #expect(
            try told(zone, "a.dev")
                == ["a.dev b.dev", "b.dev c.dev", "c.dev 1.1.1.1", "NOERROR"])
        #expect(try told(zone, "a.dev", .canonicalName) == ["a.dev b.dev", "NOERROR"])
        #expect(try told(zone, "a.dev", .any) == ["a.dev b.dev", "NOERROR"])
        #expect(try told(zone, "a.dev", .address6) == ["a.dev b.dev", "b.dev c.dev", "NOERROR"])
        // The code is that of the last name (RFC 6604).
        #expect(try told(zone, "lost.dev") == ["lost.dev nowhere.dev", "NXDOMAIN"])
        #expect(try answer(zone, "lost.dev").authority != nil)
    }

    @Test func `a wildcard stands for what is not there, but not below what is`() throws {
        let zone = try Zone(entries: [
            entry("*.x.dev", [9, 9, 9, 9]), entry("a.b.x.dev", [1, 1, 1, 1]),
            entry("*.alias.dev", canonical: "q.x.dev"),
        ])
        #expect(try told(zone, "any.x.dev") == ["any.x.dev 9.9.9.9", "NOERROR"])
        #expect(try told(zone, "Two.Three.x.dev") == ["Two.Three.x.dev 9.9.9.9", "NOERROR"])
        // b.x.dev is there, though it has nothing (RFC 4592 §2.2.1).
        #expect(try told(zone, "b.x.dev") == ["NOERROR"])
        #expect(try told(zone, "c.b.x.dev") == ["NXDOMAIN"])
        #expect(try told(zone, "x.dev") == ["NOERROR"])
        #expect(try told(zone, "any.x.dev", .address6) == ["NOERROR"])
        #expect(
            try told(zone, "w.alias.dev")
                == ["w.alias.dev q.x.dev", "q.x.dev 9.9.9.9", "NOERROR"])
    }

    @Test func `loops and long chains are refused`() throws {
        #expect(
            problem([try entry("a.dev", canonical: "A.dev")])
                == "the cname of a.dev leads back to itself.")
        let two = [try entry("a.dev", canonical: "b.dev"), try entry("b.dev", canonical: "a.dev")]
        #expect(problem(two) == "the cname of a.dev leads back to itself.")
        // Through a wildcard, and into a loop that it is not in itself.
        #expect(problem([try entry("*.w.dev", canonical: "a.w.dev")])?.contains("no end") == true)
        let into = [try entry("in.dev", canonical: "a.dev")] + two
        #expect(problem(into)?.contains("in.dev leads to no end") == true)
        func chain(_ count: Int) throws -> [ZoneEntry] {
            try (0..<count).map { try entry("n\($0).dev", canonical: "n\($0 + 1).dev") }
        }
        #expect(problem(try chain(8)) == nil)
        #expect(problem(try chain(9))?.contains("at most 8") == true)
        let zone = try Zone(entries: chain(8) + [entry("n8.dev", [1, 1, 1, 1])])
        #expect(try told(zone, "n0.dev").count == 10)
    }

    @Test func `what does not go together is refused`() throws {
        #expect(
            problem([try entry("a.dev", [1, 1, 1, 1], canonical: "b.dev")])?.contains("RFC 1034")
                == true)
        #expect(
            problem([try entry("a.dev"), try entry("A.dev")]) == "the name A.dev is there twice.")
        #expect(
            problem([try entry("a.dev", canonical: "*.b")])?.contains("stands for many") == true)
        #expect(problem([try entry("a.dev", [1, 1])])?.contains("length") == true)
        for name in ["flags.test", "FLAGS.test.", "."] {
            let reason = problem([try entry(name, canonical: "b.dev")])
            #expect(reason?.contains("has an SOA, so that it can have no cname") == true)
        }
        #expect(
            problem([try entry("a.dev", [1, 1, 1, 1], [1, 1, 1, 1])])
                == "an address of a.dev is there twice.")
        let six = [UInt8](repeating: 1, count: 16)
        #expect(problem([try entry("a.dev", six: [six, six])])?.contains("twice") == true)
        var late = try entry("a.dev", [1, 1, 1, 1])
        late.timeToLive = 0x8000_0000
        #expect(problem([late])?.contains("at most 2147483647 s") == true)
        let many = ZoneEntry(
            try DomainName("a.dev"),
            addresses4: [[UInt8]](repeating: [1, 1, 1, 1], count: 65))
        #expect(problem([many])?.contains("at most 64 addresses") == true)
        let all = try (0...Zone.maximumEntries).map { try entry("n\($0).dev") }
        #expect(problem(all) == "there are at most 10000 names.")
        #expect(problem(Array(all.dropLast())) == nil)
    }

    @Test func `who asks for anything gets one kind of it`() throws {
        let loopback = [UInt8](repeating: 0, count: 15) + [1]
        let zone = try Zone(entries: [
            entry("both.dev", [1, 1, 1, 1], [2, 2, 2, 2], six: [loopback]),
            entry("six.dev", six: [loopback]),
        ])
        #expect(
            try told(zone, "both.dev", .any)
                == ["both.dev 1.1.1.1", "both.dev 2.2.2.2", "NOERROR"])
        #expect(try told(zone, "six.dev", .any).count == 2)
        #expect(try told(zone, "both.dev", RecordType(rawValue: 16)) == ["NOERROR"])
    }
}
