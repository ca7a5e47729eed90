import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

struct FlagSiteTests {
    private let fixture = SiteFixture()
    private let path = "/flags/br/br.gif"
    private var tag: String { SiteFixture.tag(SiteFixture.gif) }

    // MARK: What is there

    @Test func `a flag is served with its type, date, tag and ranges`() throws {
        let seen = try fixture.ask(path)
        #expect(seen.status == 200)
        #expect(seen.text == SiteFixture.gif)
        #expect(seen["Content-Type"] == "image/gif")
        #expect(seen["Last-Modified"] == SiteFixture.modifiedText)
        #expect(seen["ETag"] == tag)
        #expect(seen["Accept-Ranges"] == "bytes")
        #expect(seen.isPrepared)
    }

    @Test func `the metadata is JSON and the sums are served like any file`() throws {
        let metadata = try fixture.ask("/flags/br/metadata.json")
        #expect(metadata.text == SiteFixture.metadata)
        #expect(metadata["Content-Type"]?.hasPrefix("application/json") == true)
        #expect(try fixture.ask("/flags/SHA256SUMS").text == "0 a\n")
    }

    @Test func `a query does not change what is found`() throws {
        for target in ["\(path)?a=b", "\(path)?", "\(path)?../x", "http://y/flags/br/br.gif?c"] {
            #expect(try fixture.ask(target).text == SiteFixture.gif)
        }
    }

    @Test func `every way to ask for a file finds the same response`() throws {
        let ways: [(String, [String], String, String)] = [
            ("GET", [], "1.0", path), ("HEAD", [], "1.1", path), ("GET", ["X: y"], "1.1", path),
            ("GET", ["Connection: close"], "1.1", path),
            ("GET", [], "1.1", "/flags/b%72/%62r.gif"),
            ("GET", [], "1.1", "http://elsewhere/flags/br/br.gif"),
            ("GET", ["Content-Length: 5"], "1.1", path),
        ]
        for (method, fields, version, target) in ways {
            let seen = try fixture.ask(target, fields, method: method, version: version)
            #expect(seen.status == 200 && seen.text == SiteFixture.gif && seen.isPrepared)
        }
    }

    @Test func `the front doors lead to the list of flags`() throws {
        for target in ["/", "/flags", "/?a", "http://x", "http://x/flags"] {
            let seen = try fixture.ask(target)
            #expect(seen.status == 302)
            #expect(seen["Location"] == "/flags/")
        }
        #expect(try fixture.ask("/flags/").status == 200)
        #expect(try fixture.ask("/flags/")["Content-Type"] == "text/html; charset=utf-8")
    }

    @Test func `a new store is served from the next request on`() throws {
        let file = SiteFixture.file("new.txt", "new")
        fixture.site.store = FlagStore(
            files: [file], countries: [], name: { "\($0)" }, loadedAt: 0)
        #expect(try fixture.ask("/flags/new.txt").text == "new")
        #expect(try fixture.ask(path).status == 404)
    }

    // MARK: Methods

    @Test func `flags can only be read`() throws {
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            for target in [path, "/flags/", "/"] {
                let seen = try fixture.ask(target, method: method)
                #expect(seen.status == 405, "\(method) \(target)")
                #expect(seen["Allow"] == "GET, HEAD, OPTIONS")
            }
            #expect(try fixture.ask("/nothing", method: method).status == 404)
        }
        let connect = try fixture.ask("x:1", method: "CONNECT")
        #expect(connect.status == 405)
        #expect(connect["Allow"] == "GET, HEAD, OPTIONS")
    }

    @Test func `an unknown method is refused with 501, in any case`() throws {
        for method in ["BREW", "get", "PROPFIND", "Head"] {
            #expect(try fixture.ask(path, method: method).status == 501)
        }
    }

    @Test func `OPTIONS says what can be done`() throws {
        for target in ["*", path, "/nothing"] {
            let seen = try fixture.ask(target, method: "OPTIONS")
            #expect(seen.status == 204)
            #expect(seen["Allow"] == "GET, HEAD, OPTIONS")
            #expect(seen.text.isEmpty)
            #expect(seen["Access-Control-Allow-Methods"] == nil)
        }
    }

    @Test func `every answer has the extra fields, and OPTIONS the preflight's`() throws {
        let origin = HTTPField("Access-Control-Allow-Origin", "*")
        let fixture = SiteFixture(extraFields: [origin])
        let answers = [
            try fixture.ask(path), try fixture.ask("/"), try fixture.ask("/nothing"),
            try fixture.ask("/%zz"), try fixture.ask(path, ["Range: bytes=0-1"]),
            try fixture.ask(path, ["Range: bytes=0-1,3-4"]),
            try fixture.ask(path, ["Range: bytes=1000-"]), try fixture.ask("/flags/"),
            try fixture.ask(path, ["If-None-Match: *"]), try fixture.ask(path, method: "POST"),
            try fixture.ask(path, ["If-Match: \"x\""]), try fixture.ask(path, method: "BREW"),
            try fixture.ask("*", method: "OPTIONS"),
        ]
        let statuses: [UInt16] = [
            200, 302, 404, 400, 206, 206, 416, 200, 304, 405, 412, 501, 204,
        ]
        #expect(answers.map(\.status) == statuses)
        for answer in answers { #expect(answer[origin.name] == "*", "\(answer.status)") }
        #expect(answers.last?["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS")
        #expect(answers.last?["Access-Control-Allow-Headers"] == "*")
    }

    // MARK: Conditions

    @Test func `a client that has the file is told so`() throws {
        let conditions = [
            "If-None-Match: \(tag)", "If-None-Match: \"x\", \(tag)", "If-None-Match: W/\(tag)",
            "If-None-Match: *", "If-Modified-Since: \(SiteFixture.modifiedText)",
            "If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT",
        ]
        for condition in conditions {
            for method in ["GET", "HEAD"] {
                let seen = try fixture.ask(path, [condition], method: method)
                #expect(seen.status == 304, "\(condition)")
                #expect(seen.text.isEmpty)
                #expect(seen["ETag"] == tag)
                #expect(seen["Last-Modified"] == SiteFixture.modifiedText)
            }
        }
    }

    @Test func `a list of tags may be spread over several lines`() throws {
        let lines = ["If-None-Match: \"a\"", "If-None-Match: \"b\", \(tag)"]
        #expect(try fixture.ask(path, lines).status == 304)
        let others = ["If-Match: \"a\"", "X: y", "If-Match: \(tag)"]
        #expect(try fixture.ask(path, others).status == 200)
    }

    @Test func `a client that has another file gets this one`() throws {
        let conditions = [
            "If-None-Match: \"x\"", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT",
            "If-Modified-Since: yesterday", "If-Match: *", "If-Match: \(tag)",
            "If-Unmodified-Since: \(SiteFixture.modifiedText)", "If-None-Match: x",
        ]
        for condition in conditions {
            #expect(try fixture.ask(path, [condition]).status == 200, "\(condition)")
        }
        let twice = ["If-Modified-Since: \(SiteFixture.modifiedText)"]
        #expect(try fixture.ask(path, twice + twice).status == 200)
    }

    @Test func `a condition that fails is answered with 412`() throws {
        let conditions = [
            "If-Match: \"x\"", "If-Match: W/\(tag)",
            "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT",
        ]
        for condition in conditions {
            #expect(try fixture.ask(path, [condition]).status == 412, "\(condition)")
        }
    }

    @Test func `conditions on what is not there do not count`() throws {
        #expect(try fixture.ask("/nothing", ["If-None-Match: *"]).status == 404)
        #expect(try fixture.ask("/nothing", ["If-Match: *"]).status == 404)
        #expect(try fixture.ask("/", ["If-None-Match: *"]).status == 302)
    }
}
