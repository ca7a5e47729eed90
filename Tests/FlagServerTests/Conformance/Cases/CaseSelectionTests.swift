import Faults
import Testing

@testable import flagserver

struct CaseSelectionTests {
    private let cases = [
        ("truncate", FaultNote.Group.body), ("bad-length.negative", .body),
        ("redirect.found", .redirect),
    ].map { name, group in
        ConformanceCase(
            group: group, fault: name, expect: .error, level: .high, sentence: "So.",
            place: .path(name))
    }

    private func names(_ patterns: String...) throws -> [String] {
        try CaseSelection(patterns: patterns).chosen(from: cases).map(\.name)
    }

    @Test func `without a pattern all are meant`() throws {
        #expect(try names().count == 3)
    }

    @Test func `a case is named in full, by its fault, its family or its group`() throws {
        #expect(try names("body/truncate") == ["body/truncate"])
        #expect(try names("truncate") == ["body/truncate"])
        #expect(try names("bad-length") == ["body/bad-length.negative"])
        #expect(try names("body/bad-length") == ["body/bad-length.negative"])
        #expect(try names("body") == ["body/truncate", "body/bad-length.negative"])
        #expect(try names("body/t*", "redirect*") == ["body/truncate", "redirect/redirect.found"])
    }

    @Test func `what matches nothing is a mistake with a hint`() {
        let error = #expect(throws: CommandLineError.self) { try names("body/truncat") }
        #expect(error?.status == .usage)
        #expect(error?.reason.contains("Did you mean 'body/truncate'?") == true)
    }

    @Test func `a name means all deliveries, or the one that it names`() throws {
        let all = cases.flatMap(\.deliveries)
        #expect(all.count == 9)
        let plain = try CaseSelection(patterns: ["body/truncate"]).chosen(from: all)
        #expect(
            plain.map(\.name) == ["body/truncate", "body/truncate+split", "body/truncate+bytes"])
        let one = try CaseSelection(patterns: ["body/truncate+bytes"]).chosen(from: all)
        #expect(one.map(\.delivery) == [.bytes])
    }

    @Test func `to be served a case has to be one`() throws {
        #expect(try CaseSelection.one("truncate", of: cases).name == "body/truncate")
        #expect(throws: CommandLineError.self) { try CaseSelection.one("body", of: cases) }
    }

    @Test func `a command that lacks something is told what`() {
        var item = cases[0]
        let plain = CommandTemplate(["get", "{url}"], folder: nil) { _ in false }
        let full = CommandTemplate(
            ["get", "{url}", "{out}", "{url2}", "{out2}"], folder: nil
        ) { _ in false }
        #expect(item.lack(plain, missing: [.gzip]) == nil)
        item.needs = [.gzip]
        #expect(item.lack(plain, missing: [.gzip]) == "it does not ask for gzip")
        item.needs = [.reuse]
        #expect(item.lack(plain, missing: [])?.contains("{url2}") == true)
        #expect(item.lack(full, missing: []) == nil)
        item.given = FaultNote.Given(percent: 40, isOther: false)
        #expect(item.lack(plain, missing: []) != nil && item.lack(full, missing: []) == nil)
    }
}
