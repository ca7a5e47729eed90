import Faults
import TestSupport
import Testing

@testable import flagserver

struct FaultPageTests {
    private let page = FaultPage(
        FaultRow.all, authority: "a.test:8005", example: "/flags/br/br.gif")

    @Test func `every line that can be pasted names faults that can be read`() throws {
        for row in FaultRow.all {
            guard let segment = row.segment else {
                let command = row.command("a.test:8005", "/flags/br/br.gif")
                #expect(command == "flagserver --toxic '\(row.toxic)'")
                continue
            }
            let path = try FaultPath(Array(segment.utf8))
            #expect(path.toxics.map(\.fault.type.rawValue) == [row.name])
            #expect(path.toxics.allSatisfy { $0.toxicity == .random(.always) })
            let command = row.command("a.test:8005", "/flags/br/br.gif")
            #expect(command.hasSuffix("'http://a.test:8005/\(segment)/flags/br/br.gif'"))
        }
    }

    @Test func `a line has what its fault needs`() throws {
        func command(_ name: String) throws -> String {
            try #require(FaultRow.all.first { $0.name == name }).command("a:1", "/b/c.gif")
        }
        #expect(try command("truncate") == "curl -o c.gif 'http://a:1/truncate;at=40%25/b/c.gif'")
        #expect(
            try command("redirect.found")
                == "curl -L -o c.gif 'http://a:1/redirect.found;n=3/b/c.gif'")
        #expect(
            try command("range-ignored")
                == "curl -r 100- -o c.gif 'http://a:1/range-ignored/b/c.gif'"
        )
    }

    @Test func `a row has the parameters with their defaults`() throws {
        let row = try #require(FaultRow.all.first { $0.name == "bandwidth" })
        #expect(row.segment == "bandwidth;rate=64kB")
        #expect(row.toxic == "fault:bandwidth rate=64kB/s")
        #expect(row.parameters.map(\.name).contains("rate"))
    }

    @Test func `no fault is left out of a group`() {
        #expect(page.groups.flatMap(\.rows).count == FaultType.allCases.count)
        #expect(page.groups.allSatisfy { !$0.rows.isEmpty })
    }

    @Test func `the page is small, needs nothing else and has no scripts`() {
        let html = FaultHTML(page: page).text
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        for word in ["<script", "src=", "@import", "url(", "<link rel=\"s"] {
            #expect(!html.contains(word))
        }
        #expect(html.utf8.count < 200_000)
    }

    @Test func `what a client says of itself is text in the page`() {
        let page = FaultPage(FaultRow.all, authority: "<b>\"&", example: "/<i>")
        let html = FaultHTML(page: page).text
        #expect(!html.contains("<b>") && !html.contains("<i>"))
        #expect(html.contains("&lt;b&gt;&quot;&amp;"))
    }
}
