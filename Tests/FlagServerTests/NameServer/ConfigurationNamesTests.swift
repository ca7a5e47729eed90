import Names
import Testing

@testable import flagserver

struct ConfigurationNamesTests {
    private func names(_ text: String) throws -> NameServerSettings {
        try #require(try Settings(configured: text).names)
    }

    /// `2:5: …`
    private func refusal(_ text: String) -> String {
        do {
            _ = try Settings(configured: text)
            return "it is taken"
        } catch let error as CommandLineError {
            return "\(error.place?.line ?? 0):\(error.place?.column ?? 0): \(error.reason)"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a list of names turns it on`() throws {
        let read = try names(
            """
            dns:
              - { name: def.dev, a: [127.0.0.1, 10.0.0.1], aaaa: "::1", ttl: 60 }
              - { name: "*.wild.test", a: 10.0.0.2, ttl: 5m }
              - { name: no, cname: def.dev }
              - { name: empty.test }
            """)
        #expect(read.port == 8053)
        #expect(
            read.entries.map(\.name.description) == ["def.dev", "*.wild.test", "no", "empty.test"])
        #expect(read.entries[0].addresses4 == [[127, 0, 0, 1], [10, 0, 0, 1]])
        #expect(read.entries[0].addresses6 == [[UInt8](repeating: 0, count: 15) + [1]])
        #expect(read.entries.map(\.timeToLive) == [60, 300, 30, 30])
        #expect(read.entries[2].canonicalName?.description == "def.dev")
    }

    @Test func `what stands for an address of IPv4 is one of IPv6`() throws {
        let read = try names("dns: [ { name: a.dev, aaaa: \"::ffff:1.2.3.4\" } ]")
        #expect(
            read.entries[0].addresses6
                == [[UInt8](repeating: 0, count: 10) + [0xff, 0xff, 1, 2, 3, 4]])
    }

    @Test func `a chain may lead to a country, though a wildcard stands for all others`() throws {
        let read = try names(
            """
            dns:
              - { name: a.test, cname: br.flags.test }
              - { name: "*.flags.test", cname: a.test }
            """)
        #expect(read.entries.count == 2)
        _ = try read.zone(countries: ["br"])
        // With other flags it is told, and no name server is left out.
        let error = #expect(throws: CommandLineError.self) { try read.zone(countries: ["cn"]) }
        #expect(error?.reason.hasPrefix("dns: the cname of a.test leads") == true)
        #expect(error?.status == .configuration)
    }

    @Test func `a port, a word, or a port and names`() throws {
        #expect(try names("dns: 5353").port == 5353)
        #expect(try names("dns: on").port == 8053)
        #expect(try names("dns: true").port == 8053)
        #expect(try Settings(configured: "dns: off").names == nil)
        let both = try names("dns: { port: 0, names: [ { name: a.dev } ] }")
        #expect(both.port == 0 && both.entries.count == 1)
    }

    @Test func `what is typed says where, and the file which`() throws {
        let settings = try Settings(configured: "dns: [ { name: a.dev } ]", ["--dns=53"])
        #expect(settings.names?.port == 53 && settings.names?.entries.count == 1)
    }

    @Test(arguments: [
        ("dns:\n  - { name: a..b }", "2:13: 'a..b' is no name"),
        ("dns:\n  - { name: ok.dev }\n  - { name: ok.dev }", "3:5: dns: the name ok.dev is there"),
        ("dns:\n  - { a: 127.0.0.1 }", "2:5: a name is missing."),
        ("dns: [ { name: a.dev, a: \"::1\" } ]", "1:26: '::1' is no IPv4 address."),
        ("dns: [ { name: a.dev, aaaa: 1.2.3.4 } ]", "1:29: '1.2.3.4' is no IPv6 address."),
        ("dns: [ { name: a.dev, a: \"::ffff:1.2.3.4\" } ]", "1:26: '::ffff:1.2.3.4' is no IPv4"),
        ("dns: [ { name: flags.test, cname: a.dev } ]", "1:8: dns: flags.test has an SOA"),
        ("dns: [ { name: a.dev, aaaa: \"fe80::1%lo\" } ]", "1:29: "),
        ("dns: [ { name: a.dev, ttl: 1.5 } ]", "1:28: ttl '1.5' is no number of seconds."),
        ("dns: [ { name: a.dev, nane: x } ]", "1:23: unknown key 'nane' in a name of dns."),
        ("dns: [ { name: a.dev, cname: a.dev } ]", "1:8: dns: the cname of a.dev leads back"),
        ("dns: { ports: 1 }", "1:8: unknown key 'ports' in dns. Did you mean 'port'?"),
        ("dns: 70000", "1:6: dns 70000 is no port"),
    ])
    func `what cannot be is told with its place`(text: String, start: String) {
        let found = refusal(text)
        #expect(found.hasPrefix(start), "\(found)")
    }
}
