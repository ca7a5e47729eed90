import EventLoop
import HTTPWire
import TestSupport
import Testing

@testable import ControlAPI

@Suite struct PageRoutesTests {
    /// As browsers send it.
    private static let accept = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"
    /// Of all that a browser loads, in bytes.
    private static let mostBytes = 60_000

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

    @Test(arguments: ["/", "/page/page.css", "/page/page.js"])
    func `every part forbids what it does not need`(_ path: String) throws {
        let answer = try ControlHarness().send("GET \(path)", fields: [Self.accept])
        let policy = try #require(answer["Content-Security-Policy"])
        for rule in [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
            "frame-ancestors 'none'", "require-trusted-types-for 'script'",
        ] {
            #expect(policy.contains(rule))
        }
        #expect(!policy.contains("unsafe") && !policy.contains("*"))
        #expect(answer["X-Content-Type-Options"] == "nosniff")
        #expect(answer["Cache-Control"] == "no-store")
    }

    @Test func `all of it is small, and refers to nothing outside`() throws {
        let parts = PageText.allCases.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(parts.reduce(0) { $0 + $1.utf8.count } <= Self.mostBytes)
        for part in parts {
            #expect(part.utf8.count > 1000)
            for word in ["https://", "//cdn", "@import", "url(", "<iframe"] {
                #expect(!part.contains(word), "\(word)")
            }
        }
    }

    @Test func `the markup has neither scripts nor styles nor handlers in it`() {
        let html = String(decoding: PageText.html.bytes, as: UTF8.self)
        #expect(html.components(of: "<script") == 1 && html.contains("src=\"/page/page.js\""))
        for word in ["<style", " style=", " onclick", " onload", "javascript:"] {
            #expect(!html.contains(word), "\(word)")
        }
    }

    @Test func `texts become markup or code nowhere`() {
        let script = String(decoding: PageText.script.bytes, as: UTF8.self)
        for word in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
            "srcdoc", "setTimeout(\"", "parseFromString",
        ] {
            #expect(!script.contains(word), "\(word)")
        }
    }

    @Test func `a part that there is not is said`() throws {
        let answer = try ControlHarness().send("GET /page/other.js")
        #expect(answer.status == 404 && answer.body.contains("page.js"))
    }

    @Test func `lines are joined only where no statement can end`() {
        let lines: [Substring] = ["a {", "b = 1;", "c = [", "2,", "3]", "d()", "}", "e"]
        #expect(PageText.withoutLineEnds(lines) == "a {b = 1;c = [2,3]\nd()}\ne")
        #expect(PageText.withoutLineEnds(["if (a) {", "b();", "}"]) == "if (a) {b()}")
    }

    // MARK: Who may have it

    @Test func `the page itself needs no token, what it shows does`() throws {
        let harness = try ControlHarness { $0.token = "secret" }
        for path in ["/", "/page/page.js", "/page/page.css", "/flags"] {
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
        #expect(
            try harness.send("GET /page/page.js", fields: site + ["Sec-Fetch-Mode: no-cors"])
                .status == 403)
    }

    @Test func `the peers' modes have no page`() throws {
        for mode in [APIOptions.Mode.toxiproxy, .vaurien] {
            let harness = try ControlHarness { $0.mode = mode }
            #expect(try harness.send("GET /", fields: [Self.accept]).status == 404)
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

extension String {
    /// How often `word` is in it.
    fileprivate func components(of word: String) -> Int {
        ranges(of: word).count
    }
}
