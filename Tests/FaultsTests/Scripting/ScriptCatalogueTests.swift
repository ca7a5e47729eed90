import Testing

@testable import Faults

/// The catalogue as a whole: what there must be, and that each of it says what it is.
struct ScriptCatalogueTests {
    static func script(_ name: String) throws -> Script {
        try #require(
            Script.catalogue.first { $0.name == name || $0.name.hasPrefix("\(name).") }, "\(name)")
    }

    /// What people ask for, but for what happens before there is an answer.
    static let wanted: [FaultNote.Group: [String]] = [
        .connection: ["early-response", "half-close"],
        .head: [
            "empty-response", "reset-before-response", "hang", "delay", "head-stall", "head-drip",
            "malformed-status", "http09", "no-reason", "bare-lf", "obs-fold", "nul-in-header",
            "header-overflow", "status", "retry-after", "filename-traversal", "status-range",
            "version-wrong", "lone-cr", "symbol-matrix", "no-colon", "fold-first", "head-eof",
            "head-endless", "bodyless-framed",
        ],
        .interim: ["informational", "informational-flood", "switch-101", "interim-then-09"],
        .redirect: ["redirect", "redirect-loop", "head-sum", "location-twice", "location-scheme"],
        .body: [
            "conflicting-length", "bad-length", "truncate", "reset-mid-body",
            "truncate-eof-framed", "stall", "drip", "slice", "bit-flip", "wrong-object",
            "error-page-200", "extra-bytes", "oom-length", "loss-emulated", "length-forms",
            "length-same-twice", "endless-body",
        ],
        .chunks: [
            "chunked-truncate", "chunked-malformed", "te-forms", "trailers", "trailers-hostile",
            "chunk-ext", "chunk-ext-flood", "chunk-overflow",
        ],
        .coding: [
            "gzip-truncated", "gzip-bad-crc", "gzip-not-gzip", "gzip-multi-member", "gzip-bomb",
            "encoded-empty", "coding-chain", "coding-names", "zstd-frames", "coding-unasked",
        ],
        .range: [
            "range-ignored", "range-wrong", "range-416", "changed-midway", "spurious-304",
            "partial-unasked", "byteranges", "range-before", "range-total",
        ],
        .reuse: ["unsolicited-glued", "unsolicited-idle", "cancelled-reuse", "speaks-first"],
    ]

    @Test func `every fault of an answer that people ask for is there, in its group`() {
        for group in FaultNote.Group.allCases {
            let here = Script.catalogue.filter { $0.note.group == group }.map {
                String($0.name.prefix { $0 != "." })
            }
            #expect(Set(here) == Set(Self.wanted[group] ?? []), "\(group)")
        }
    }

    /// Faults of the catalogue that the core has under a name of its own.
    @Test(arguments: ["bandwidth", "latency", "corrupt", "slow_close", "respond", "limit_data"])
    func `what the core does no script does`(_ name: String) {
        #expect(FaultType(rawValue: name) != nil)
        #expect(!Script.catalogue.contains { $0.name.replacing("-", with: "_") == name })
    }

    /// What happens before there is a request, and how long a connection lasts.
    static let ofConnections = [
        "refuse", "accept-stall", "accept-delay", "accept-reset", "accept-close", "v6-blackhole",
        "v4-only", "v6-only", "keepalive-race", "close-after", "idle-close", "lying-keep-alive",
        "connection-close-stays",
    ]

    @Test(
        .enabled(if: FaultType(rawValue: "refuse") != nil),
        arguments: ofConnections)
    func `what happens to connections is no script, and is there`(_ name: String) {
        #expect(FaultType(rawValue: name) != nil)
        #expect(!Script.catalogue.contains { $0.name.prefix { $0 != "." } == name })
    }

    @Test(arguments: Script.catalogue.map(\.name))
    func `a script says what it is, what a client should make of it, and where that is ruled`(
        _ name: String
    ) throws {
        let script = try Self.script(name)
        #expect(script.isOwn)
        #expect(script.sentence.hasSuffix("."))
        #expect(script.note.expect != nil)
        #expect(script.note.level != nil)
        #expect(script.note.sources.allSatisfy { $0.hasPrefix("RFC ") })
        #expect(!script.note.sources.isEmpty)
        #expect(script.note.links.allSatisfy { $0.hasPrefix("https://github.com/") })
        #expect(script.parameters.allSatisfy { !$0.summary.isEmpty })
    }

    @Test func `no name stands for two faults`() {
        let names = Script.catalogue.map(\.name)
        let faults = Set(names.map { String($0.prefix { $0 != "." }) })
        let aliases = Dictionary(grouping: Script.catalogue) { $0.name.prefix { $0 != "." } }
            .values.flatMap { Set($0.flatMap(\.note.aliases)) }
        let all = (Array(faults) + aliases).map { $0.lowercased().replacing("_", with: "-") }
        #expect(Set(all).count == all.count)
        #expect(Set(names).count == names.count)
    }

    /// So that they can be pasted into a report.
    @Test func `a variant has at most 18 lines`() {
        for script in Script.catalogue {
            for block in script.text.split(separator: "\nvariant ") {
                let lines = block.split(separator: "\n")
                #expect(lines.count <= 18, "\(script.name)")
            }
        }
    }

    @Test func `what must be accepted is there within two seconds`() {
        for script in Script.catalogue where script.note.expect == .accept {
            let trace = ScriptGoldenTests.trace(script)
            let last = trace.steps.last { if case .bytes = $0.event { true } else { false } }
            #expect(last?.at ?? 0 <= 2_000_000_000, "\(script.name)")
        }
    }

    @Test
    func `what never ends by itself ends within ten minutes, and a flood within eight seconds`() {
        for script in Script.catalogue {
            // Fewer bytes than they may send, but more than in that time: a head has no pauses.
            let isFlood = script.parameters.contains { $0.name == "max" }
            let trace = ScriptGoldenTests.trace(script, isFlood ? ["max": .number(100_000)] : [:])
            let isSilent = script.parameters.contains {
                $0.name == "time" && $0.defaultValue > 8000
            }
            let most: Nanoseconds = isSilent ? 600_000_000_000 : 8_000_000_000
            #expect(trace.last.map { $0.at <= most } == true, "\(script.name)")
            #expect(trace.last?.event != .waits, "\(script.name)")
        }
    }
}
