import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

struct ServerPageTests {
    /// What a server does, which can be changed.
    private final class Words {
        var text: String
        var count = 0

        init(_ text: String) { self.text = text }

        func next() -> String {
            count += 1
            return text
        }
    }

    private let fixture = SiteFixture()
    private let words = Words("ERROR: 25 % → 418 / 503")

    private func site() -> Site {
        fixture.site.site { [words] _ in words.next() }
    }

    @Test func `the page says what the server does now, however often that changes`() throws {
        let site = site()
        let first = try fixture.ask("/flags/", of: site)
        #expect(first.text.contains("<p class=\"server\">ERROR: 25 % → 418 / 503</p>"))
        #expect(first.isPrepared)
        words.text = "ERROR: no faults"
        let second = try fixture.ask("/flags/", of: site)
        #expect(second.text.contains("<p class=\"server\">ERROR: no faults</p>"))
        #expect(second["ETag"] != first["ETag"])
    }

    @Test func `whoever has the page is told whether it is still true`() throws {
        let site = site()
        let tag = try #require(try fixture.ask("/flags/", of: site)["ETag"])
        #expect(try fixture.ask("/flags/", ["If-None-Match: \(tag)"], of: site).status == 304)
        words.text = "ERROR: no faults"
        #expect(try fixture.ask("/flags/", ["If-None-Match: \(tag)"], of: site).status == 200)
    }

    @Test func `each server has its own page of the same flags`() throws {
        let (one, other) = (site(), fixture.site.site { _ in "LOCAL: no faults" })
        #expect(try fixture.ask("/flags/", of: one).text.contains("ERROR: 25 %"))
        #expect(try fixture.ask("/flags/", of: other).text.contains("LOCAL: no faults"))
        #expect(!(try fixture.ask("/flags/").text.contains("server\"")))
    }

    @Test func `all else is answered as by the site, and nobody is asked for words`() throws {
        let site = site()
        for target in [
            "/flags/br/br.gif", "/flags", "/", "/flags/x", "/flagsX", "/flags/SHA256SUMS",
        ] {
            let (one, other) = (
                try fixture.ask(target, of: site), try fixture.ask(target)
            )
            #expect(one.status == other.status && one.text == other.text)
        }
        #expect(words.count == 0)
        #expect(try fixture.ask("/flags/?a=b", method: "POST", of: site).status == 405)
        #expect(try fixture.ask("/flags/?a=b", method: "HEAD", of: site).status == 200)
        #expect(try fixture.ask("/flags/", ["Range: bytes=0-9"], of: site).status == 206)
    }
}
