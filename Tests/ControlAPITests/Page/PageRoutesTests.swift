import EventLoop
import Faults
import Foundation
import HTTPWire
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct PageRoutesTests {
    /// As browsers send it.
    private static let accept = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"
    /// Of all that a browser loads, in bytes.
    private static let mostBytes = 60_000
    private static let text = String(decoding: PageText.bytes, as: UTF8.self)

    private func page(_ fields: [String] = [accept]) throws -> ControlHarness.Answer {
        try ControlHarness().send("GET /", fields: fields)
    }

    @Test func `browsers get the page, others the list of routes`() throws {
        let html = try page()
        #expect(html.status == 200 && html["Content-Type"] == "text/html; charset=utf-8")
        #expect(html.body.hasPrefix("<!DOCTYPE html>\n"))
        for fields in [[], ["Accept: */*"], ["Accept: application/json"]] {
            let text = try page(fields)
            #expect(text["Content-Type"] == "text/plain; charset=utf-8")
            #expect(text.body == Route.summary)
        }
        #expect(try page()["Vary"] == "Accept" && page([])["Vary"] == "Accept")
    }

    @Test func `nothing is allowed that it does not need`() throws {
        let answer = try page()
        let policy = try #require(answer["Content-Security-Policy"])
        for rule in [
            "default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "base-uri 'none'",
            "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        ] {
            #expect(policy.contains(rule))
        }
        #expect(!policy.contains("unsafe") && !policy.contains("*"))
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        #expect(answer["Cache-Control"] == "no-store")
    }

    @Test func `the policy has the digests of what is in the page`() throws {
        for (before, behind) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let from = try #require(Self.text.ranges(of: before).first)
            let to = try #require(Self.text.ranges(of: behind).first)
            let inside = Self.text[from.upperBound..<to.lowerBound]
            #expect(inside.utf8.count > 1000)
            let digest = SHA256.base64(Array(inside.utf8))
            #expect(PageText.policy.contains("'sha256-\(digest)'"))
        }
    }

    @Test func `it is small, and refers to nothing outside`() {
        #expect(PageText.bytes.count <= Self.mostBytes)
        for word in [
            "https://", "//cdn", "@import", " url(", ":url(", "<iframe", "src=\"", "href=\"/",
        ] {
            #expect(!Self.text.contains(word), "\(word)")
        }
    }

    @Test func `the markup has no handlers and no styles of its own`() {
        let script = Self.text.ranges(of: "<script>")
        #expect(script.count == 1)
        let markup = Self.text[..<(script.first?.lowerBound ?? Self.text.startIndex)]
        #expect(markup.ranges(of: "<style").count == 1)
        for word in [" style=", " onclick=", " onload=", "javascript:"] {
            #expect(!Self.text.contains(word), "\(word)")
        }
    }

    @Test func `texts become markup or code nowhere`() {
        for word in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
            "srcdoc", "setTimeout(\"", "parseFromString",
        ] {
            #expect(!Self.text.contains(word), "\(word)")
        }
    }

    // MARK: Its source

    @Test func `every file of the folder is in the page, by its list`() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources")
        let folder = sources.appendingPathComponent("ControlAPI/Page/Files")
        let list = sources.appendingPathComponent("CTexts/page.list")
        let listed = try String(contentsOf: list, encoding: .utf8).split(separator: "\"")
        let names = listed.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == found.sorted())
    }

    @Test func `lines are joined only where no statement can end`() {
        let lines = ["a {", "b = 1;", "c = [", "2,", "3]", "d()", "}", "e"]
        #expect(PageText.withoutLineEnds(lines) == "a {b = 1;c = [2,3]\nd()}e")
        #expect(PageText.withoutLineEnds(["if (a) {", "b();", "}"]) == "if (a) {b()}")
    }

    @Test(arguments: [
        ("const a = b ? 1 : \"c  d\";", "let a=b?1:\"c  d\";"),
        ("for (const [a] of b) constant(c, unconst);", "for(let[a]of b)constant(c,unconst);"),
        ("return [x + +y, - -z, i - --j];", "return[x+ +y,- -z,i- --j];"),
        ("say(`${a + b} of  it` + 'it\\'s  ' + c)", "say(`${a + b} of  it`+'it\\'s  '+c)"),
        ("if (/a [ /\"] b/.test(c)) d = 1 / e;", "if(/a [ /\"] b/.test(c))d=1/e;"),
        (
            "f((x) => { g(x, async (y) => \"(z) => ;}\"); });",
            "f(x=>{g(x,async(y)=>\"(z) => ;}\")});"
        ),
        (
            "for (const key of keys) await go(\"a/b\", key)",
            "for(let key of keys)await go(\"a/b\",key)"
        ),
    ])
    func `blanks of scripts stay where they mean something`(source: String, made: String) {
        #expect(SourceLine.script(source[...]) == made)
    }

    @Test func `blanks of styles stay where they mean something`() {
        let made = SourceLine.style("#a b > c { margin: 0 .3rem; width: min(1px, 2% + 3px); }")
        #expect(made == "#a b > c{margin:0 .3rem;width:min(1px,2% + 3px)}")
    }

    // MARK: Who may have it

    @Test func `the page itself needs no token, what it shows does`() throws {
        let harness = try ControlHarness { $0.token = "secret" }
        for path in ["/", "/flags"] {
            #expect(try harness.send("GET \(path)", fields: [Self.accept]).status == 200)
        }
        #expect(try harness.send("GET /").status == 401)
        for path in ["/events", "/proxies", "/journal", "/concurrency", "/pages"] {
            #expect(try harness.send("GET \(path)", fields: [Self.accept]).status == 401)
        }
        #expect(try harness.send("POST /", fields: [Self.accept]).status == 401)
    }

    @Test func `a link may lead to the page, a page of another site may not load it`() throws {
        let harness = try ControlHarness()
        let site = [Self.accept, "Sec-Fetch-Site: cross-site"]
        let link = site + ["Sec-Fetch-Mode: navigate"]
        #expect(try harness.send("GET /", fields: link).status == 200)
        #expect(try harness.send("GET /proxies", fields: link).status == 403)
        #expect(try harness.send("GET /", fields: site).status == 403)
    }

    @Test func `the peers' modes have no page`() throws {
        for mode in [APIOptions.Mode.toxiproxy, .vaurien] {
            let harness = try ControlHarness { $0.mode = mode }
            #expect(try harness.send("GET /", fields: [Self.accept]).status == 404)
        }
    }

    @Test func `every type of toxic is told with what it takes`() throws {
        let answer = try ControlHarness().send("GET /faults")
        #expect(answer.status == 200)
        #expect(answer.body.ranges(of: "{\"type\":").count == FaultType.allCases.count)
        #expect(answer.body.contains("\"type\":\"latency\",\"stream\":\"downstream\""))
        for (type, places) in [
            ("latency", "\"streams\":true,\"messages\":true"),
            ("bandwidth", "\"streams\":true,\"messages\":false"),
            ("servfail", "\"streams\":false,\"messages\":true"),
        ] {
            let fault = answer.body.split(separator: "{").first {
                $0.hasPrefix("\"type\":\"\(type)\",")
            }
            #expect(fault?.contains(places) == true, "\(type)")
        }
    }

    // MARK: Flags

    @Test func `flags come from the site, without an exchange`() throws {
        let harness = try ControlHarness()
        harness.control.flags = FlagPictures(
            answer: { request in
                .made(.text(200, String(decoding: request.target, as: UTF8.self)))
            }, codes: { ["br", "it"] })
        #expect(try harness.send("GET /flags").body == "[\"br\",\"it\"]")
        #expect(try harness.send("GET /flags/br/br.gif").body == "/flags/br/br.gif")
        #expect(harness.journal?.count == 0)
    }

    @Test func `without flags there are none`() throws {
        let harness = try ControlHarness()
        #expect(try harness.send("GET /flags").body == "[]")
        #expect(try harness.send("GET /flags/br/br.gif").status == 404)
    }
}
