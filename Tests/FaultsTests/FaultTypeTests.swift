import Testing

@testable import Faults

struct FaultTypeTests {
    private func name(_ word: String) -> String? { FaultType(rawValue: word)?.rawValue }

    @Test func `the core comes first, then the scripts by their groups`() {
        #expect(Array(FaultType.allCases.prefix(FaultType.core.count)) == FaultType.core)
        let scripts = FaultType.allCases.dropFirst(FaultType.core.count)
        #expect(scripts.allSatisfy { $0.isScript && $0.place == .exchange })
        let groups = scripts.compactMap(\.note.group)
        let order = FaultNote.Group.allCases.filter(groups.contains)
        #expect(groups.count == scripts.count)
        #expect(groups == order.flatMap { group in groups.filter { $0 == group } })
    }

    @Test func `every type is found by its name, and no two have one`() {
        for type in FaultType.allCases + [.script] {
            #expect(FaultType(rawValue: type.rawValue) == type, "\(type.rawValue)")
        }
        let names = FaultType.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(Set(FaultType.allCases).count == names.count)
    }

    @Test func `hyphens, underscores and capitals make no other name`() {
        for word in ["limit_data", "limit-data", "LIMIT_DATA", "Limit-Data"] {
            #expect(name(word) == "limit_data")
        }
        for word in ["reset-mid-body", "reset_mid_body", "RESET_MID_BODY"] {
            #expect(name(word) == "reset-mid-body")
        }
        for word in ["", " ", "limit", "limit_data ", "trunc", ".", "truncate."] {
            #expect(name(word) == nil, "\(word)")
        }
    }

    @Test func `a fault with variants is its first one`() throws {
        let variants = FaultType.all(named: "chunked-malformed")
        let first = try #require(variants.first)
        #expect(variants.count > 2)
        #expect(variants.allSatisfy { $0.rawValue.hasPrefix("chunked-malformed.") })
        #expect(FaultType(rawValue: "chunked-malformed") == first)
        #expect(FaultType(rawValue: "CHUNKED_MALFORMED") == first)
        #expect(FaultType.all(named: variants[1].rawValue) == [variants[1]])
        #expect(first.fault == "chunked-malformed")
        #expect(first != variants[1])
        #expect(name("chunked-malformed.nothing") == nil)
    }

    @Test func `WireMock's names and ours are aliases`() {
        #expect(name("PREMATURE_FIN") == "truncate")
        #expect(name("premature-fin") == "truncate")
        #expect(name("MALFORMED_RESPONSE_CHUNK")?.hasPrefix("chunked-malformed.") == true)
        #expect(FaultType.all(named: "MALFORMED_RESPONSE_CHUNK").count > 2)
        for type in FaultType.allCases {
            for alias in type.note.aliases {
                #expect(name(alias) != nil, "\(alias) of \(type.rawValue)")
            }
        }
    }

    @Test func `a name of the core means the core`() {
        for type in FaultType.core { #expect(FaultType(rawValue: type.rawValue) == type) }
    }

    @Test func `behaviours are no types`() {
        for behaviour in Behaviour.allCases {
            #expect(name(behaviour.rawValue) == nil)
            #expect(name(behaviour.rawValue.uppercased()) == nil)
        }
        #expect(!FaultType.allCases.contains { Behaviour(rawValue: $0.rawValue) != nil })
        #expect(name("NO_RESPONSE") == "no-response")
        #expect(name("blackhole") == "no-response")
    }

    @Test func `a toxic is called by type and stream, a script by its type alone`() throws {
        #expect(Latency.type.defaultName("downstream") == "latency_downstream")
        #expect(try #require(FaultType(rawValue: "truncate")).defaultName("upstream") == "truncate")
        #expect(FaultType.script.defaultName("upstream") == "script")
    }

    @Test func `what the core is about is known, too`() {
        #expect(Bandwidth.type.note.group == .body)
        #expect(Bandwidth.type.note.expect == .accept)
        #expect(Respond.type.note.expect == .observe)
        #expect(Noop.type.note == FaultNote())
        for type in FaultType.core {
            #expect(type.note.links.allSatisfy { $0.hasPrefix("https://github.com/") })
        }
    }

    /// Parameters stand beside the keys that every toxic has.
    @Test func `no parameter of a script is called like a key of every toxic`() {
        for type in FaultType.allCases where type.isScript {
            for parameter in type.attributes {
                #expect(
                    !ToxicKeys.taken.contains(parameter.name),
                    "\(parameter.name) of \(type.rawValue)")
            }
        }
    }
}
