import Testing

@testable import Faults

/// Where a body ends and what its lengths say.
struct BodyScriptTests {
    private let all = FakeSite().body

    private func trace(
        _ name: String, _ arguments: [String: Quantity] = [:], site: FakeSite = FakeSite()
    ) throws -> ScriptTrace {
        ScriptTrace(try ScriptCatalogueTests.script(name), arguments, site: site)
    }

    @Test func `truncate promises everything and ends at 40 per cent`() throws {
        let trace = try trace("truncate")
        #expect(trace.steps[0].event == .head(status: 200, statusLine: 17, promised: 100))
        #expect(trace.content == Array(all[..<40]))
        #expect(trace.last == .init(at: 0, event: .fin))
    }

    @Test func `truncate ends where it is told, in bytes as well`() throws {
        #expect(try trace("truncate", ["at": .number(7)]).content == Array(all[..<7]))
        #expect(try trace("truncate", ["at": .fraction(0.99)]).content == Array(all[..<99]))
        #expect(try trace("truncate", ["at": .number(1000)]).content == all)
    }

    @Test func `reset-mid-body ends with a reset behind the bytes`() throws {
        let trace = try trace("reset-mid-body")
        #expect(trace.content == Array(all[..<40]))
        #expect(trace.last == .init(at: 0, event: .rst))
    }

    @Test func `truncate-eof-framed has no length, so that nothing is missing`() throws {
        let trace = try trace("truncate-eof-framed")
        #expect(trace.steps[0].event == .head(status: 200, statusLine: 17, promised: nil))
        #expect(trace.bytes.text.contains("\r\nConnection: close\r\n"))
        #expect(!trace.bytes.text.contains("Content-Length"))
        #expect(trace.content == Array(all[..<40]))
    }

    @Test(arguments: [
        ("conflicting-length.short-last", ["100", "40"]),
        ("conflicting-length.short-first", ["40", "100"]),
        ("conflicting-length.both-short", ["40", "41"]),
        ("length-same-twice.list", ["100, 100"]), ("length-same-twice.lines", ["100", "100"]),
        ("length-forms.leading-zero", ["0100"]),
    ])
    func `lengths stand in the head in their order, and all of the body follows`(
        _ name: String, _ lengths: [String]
    ) throws {
        let trace = try trace(name)
        let fields = trace.bytes.text.split(separator: "\r\n").filter {
            $0.hasPrefix("Content-Length: ")
        }
        #expect(fields.map { String($0.dropFirst(16)) } == lengths)
        #expect(trace.content == all)
        #expect(trace.last?.event == .end)
    }

    @Test func `a length that is none does not hide that the body breaks off`() throws {
        for script in Script.catalogue
        where script.name.hasPrefix("bad-length.") || script.name.hasPrefix("length-forms.") {
            guard script.note.expect == .error else { continue }
            let trace = ScriptTrace(script)
            #expect(trace.content == Array(all[..<40]), "\(script.name)")
            #expect(trace.last?.event == .fin, "\(script.name)")
        }
    }

    @Test func `drip sends its last 300 bytes within 5.8 seconds`() throws {
        var site = FakeSite()
        site.body = Array(repeating: 0x61, count: 1000)
        let trace = try trace("drip", site: site)
        let times = trace.steps.compactMap { step -> Nanoseconds? in
            if case .bytes = step.event { step.at / 1_000_000 } else { nil }
        }
        #expect(times == (0..<30).map { $0 * 200 })
        #expect(trace.content == site.body)
        guard case .bytes(let first) = trace.steps[1].event else { return }
        #expect(first.text.hasSuffix(String(repeating: "a", count: 710)))
    }

    @Test func `a lost packet is emulated by the time that it would have taken`() throws {
        let waits = ["once": 200, "twice": 600, "thrice": 1400]
        for (variant, milliseconds) in waits {
            let trace = try trace("loss-emulated.\(variant)")
            #expect(trace.last?.at == Nanoseconds(milliseconds) * 1_000_000, "\(variant)")
            #expect(trace.content == all)
        }
    }

    @Test func `bit-flip changes as many bits as it says, and no length`() throws {
        let content = try trace("bit-flip", ["bits": .number(3)]).content
        let changed = zip(content, all).map { ($0 ^ $1).nonzeroBitCount }.reduce(0, +)
        #expect(content.count == all.count)
        #expect(changed == 3)
    }

    @Test func `wrong-object has the other's bytes, its length and its tag`() throws {
        let trace = try trace("wrong-object")
        #expect(trace.content == FakeSite().otherBody)
        #expect(trace.bytes.text.contains("ETag: \"other\"\r\n"))
        #expect(
            trace.steps.contains { $0.event == .head(status: 200, statusLine: 17, promised: 26) })
    }

    @Test(arguments: [
        "error-page-200.html", "error-page-200.json", "status.with-body", "status.teapot",
        "status.too-many", "status.server-error", "status.bad-gateway", "status.gateway-timeout",
        "range-416.page",
    ])
    func `a page of its own is as long as its head says`(_ name: String) throws {
        let trace = try trace(name)
        let promised = trace.steps.compactMap { step -> Int? in
            if case .head(_, _, let promised) = step.event { promised } else { nil }
        }
        #expect(promised == [trace.content.count])
    }

    @Test func `what is promised with a status and no body is nothing`() throws {
        for script in Script.catalogue
        where ["retry-after", "redirect", "redirect-loop", "location-scheme"]
            .contains(script.name.prefix { $0 != "." })
        {
            let trace = ScriptTrace(script)
            #expect(trace.content.isEmpty, "\(script.name)")
            guard case .head(let status, _, let promised)? = trace.steps.first?.event else {
                Issue.record("\(script.name) has no head")
                continue
            }
            #expect(promised == 0, "\(script.name)")
            #expect(status.map { $0 >= 300 } == true)
        }
    }
}

extension [UInt8] {
    /// As text; what is none stands as U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }
}
