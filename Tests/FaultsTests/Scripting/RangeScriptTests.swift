import Testing

@testable import Faults

/// Parts and what they say of themselves; the client has asked for all from byte 40 on.
struct RangeScriptTests {
    private let all = FakeSite().body

    private func trace(_ name: String) throws -> ScriptTrace {
        ScriptTrace(try ScriptCatalogueTests.script(name), first: 40)
    }

    private func contentRange(_ trace: ScriptTrace) -> String? {
        trace.bytes.text.split(separator: "\r\n").first { $0.hasPrefix("Content-Range: ") }
            .map { String($0.dropFirst(15)) }
    }

    @Test(
        arguments: [
            ("range-wrong.later", "bytes 50-99/100", 50, 50),
            ("range-wrong.unsaid", nil, 40, 60), ("range-wrong.unsaid-half", nil, 40, 60),
            ("range-wrong.malformed", "40 to 99 of 100", 40, 60),
            ("range-before", "bytes 0-99/100", 0, 100),
            ("range-total", "bytes 40-99/1100", 40, 60),
        ] as [(String, String?, Int, Int)])
    func `a part is labelled and as long as its variant says`(
        _ name: String, _ label: String?, _ first: Int, _ count: Int
    ) throws {
        let trace = try trace(name)
        #expect(contentRange(trace) == label)
        #expect(trace.content == Array(all[first..<(first + count)]))
        #expect(
            trace.steps.contains { $0.event == .head(status: 206, statusLine: 30, promised: count) }
        )
    }

    @Test(arguments: ["range-ignored", "changed-midway.whole"])
    func `everything comes where a part was asked for`(_ name: String) throws {
        let trace = try trace(name)
        #expect(trace.steps.first?.event == .asks(["drop range"]))
        #expect(trace.content == all)
        #expect(contentRange(trace) == nil)
    }

    @Test func `changed-midway begins with the other file, on the first attempt only`() throws {
        let script = try ScriptCatalogueTests.script("changed-midway.retry")
        let trace = ScriptTrace(script)
        #expect(trace.content == Array(FakeSite().otherBody[..<10]))
        #expect(trace.bytes.text.contains("ETag: \"other\""))
        #expect(script.exchanges?.description == "1")
    }

    @Test func `range-416 tells how large the file is, or does not`() throws {
        let labels = ["complete": "bytes */100", "page": "bytes */100", "partial": "bytes */100"]
        for variant in ["complete", "unsaid", "page", "partial"] {
            let trace = try trace("range-416.\(variant)")
            #expect(contentRange(trace) == labels[variant])
            #expect(trace.bytes.text.hasPrefix("HTTP/1.1 416 Range Not Satisfiable\r\n"))
        }
    }

    @Test func `byteranges is a multipart of the one part`() throws {
        let content = try trace("byteranges").content.text
        let head = "--x\r\nContent-Type: image/gif\r\nContent-Range: bytes 40-99/100\r\n\r\n"
        #expect(content == head + Array(all[40...]).text + "\r\n--x--\r\n")
    }

    @Test func `partial-unasked comes as an honest part`() throws {
        var site = FakeSite()
        site.body = Array(repeating: 0x61, count: 1000)
        let script = try ScriptCatalogueTests.script("partial-unasked.part")
        let trace = ScriptTrace(script, site: site)
        #expect(contentRange(trace) == "bytes 0-499/1000")
        #expect(trace.content.count == 500)
    }

    @Test func `what lies under the name beforehand is said`() throws {
        let given = try ScriptCatalogueTests.script("range-ignored").note.given
        #expect(given == FaultNote.Given(percent: 40, isOther: false))
        let other = try ScriptCatalogueTests.script("changed-midway.whole").note.given
        #expect(other == FaultNote.Given(percent: 40, isOther: true))
        let all = try ScriptCatalogueTests.script("range-416.complete").note.given
        #expect(all == FaultNote.Given(percent: 100, isOther: false))
    }
}
