import Faults
import FlagSite
import HTTPWire
import TestSupport
import Testing

@testable import flagserver

struct FaultSiteTests {
    private static func store() -> FlagStore {
        let files = [
            ("br/br.gif", "GIF89a"), ("br/metadata.json", "{}"), ("cn/cn.gif", "GIF"),
        ].map { name, text in
            FlagStore.File(name: name, content: Bytes(text), lastModified: 5)
        }
        return FlagStore(
            files: files, countries: [CountryCode("br")].compactMap(\.self),
            name: { _ in "Brazil" },
            loadedAt: 5)
    }

    private let site = FaultSite(
        FlagSite(store: Self.store()) { 10 }, seed: 42, extraFields: [HTTPField("X-Extra", "1")])

    /// An answer, copied out.
    private struct Seen {
        let status: UInt16
        let fields: [HTTPField]
        let text: String

        subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    private func with<Result>(
        _ target: String, _ fields: [String] = [], method: String = "GET",
        _ body: (HTTPRequest) throws -> Result
    ) throws -> Result {
        let lines = (["Host: a.test:8005"] + fields).map { $0 + "\r\n" }.joined()
        return try Array("\(method) \(target) HTTP/1.1\r\n\(lines)\r\n".utf8).withUnsafeBytes {
            var skipped = 0
            return try body(try #require(try HTTPParser.parse($0, skipped: &skipped)))
        }
    }

    private func ask(
        _ target: String, _ fields: [String] = [], method: String = "GET"
    ) throws -> Seen {
        try with(target, fields, method: method) { request in
            switch site.answer(request) {
            case .prepared(let response):
                return Seen(
                    status: response.status.code, fields: response.fields,
                    text: response.body.text ?? "")
            case .made(let response):
                return Seen(
                    status: response.status.code, fields: response.fields,
                    text: response.body.map { $0.text ?? "" }.joined())
            case .streamed, .late: throw CommandLineError(.usage, "no stream was asked for")
            }
        }
    }

    // MARK: Behind the fault

    @Test(arguments: [
        "/ok/flags/br/br.gif", "/latency;latency=2s/flags/br/br.gif",
        "/ok/flags/br/br.gif?a=/b", "/ok/flags/%62r/br.gif",
        "http://a.test/latency;latency=2s/flags/br/br.gif",
    ])
    func `the rest of the path is what LOCAL has`(target: String) throws {
        let seen = try ask(target)
        #expect(seen.status == 200 && seen.text == "GIF89a")
    }

    @Test func `fields of the request stay, and its method`() throws {
        #expect(try ask("/ok/flags/br/br.gif", ["Range: bytes=0-2"]).text == "GIF")
        #expect(try ask("/ok/flags/br/br.gif", method: "POST").status == 405)
        #expect(try ask("*", method: "OPTIONS").status == 204)
    }

    @Test func `what the site says of places has the fault before it`() throws {
        let moved = try ask("/noop,noop/flags")
        #expect(moved.status == 302 && moved["Location"] == "/noop,noop/flags/")
        #expect(moved.text == "The flags are at /noop,noop/flags/.\n")
        #expect(
            try ask("/ok/flags/xx/xx.gif").text
                == "There is no such file. The flags are listed at /ok/flags/.\n")
        #expect(try ask("/ok/flags/").text.contains("<a href=\"/flags/br/br.gif\">"))
    }

    // MARK: What the proxy asks

    @Test func `the proxy draws what the URL names`() throws {
        func names(_ target: String) throws -> [String]? {
            try with(target) { site.plan(of: $0)?.toxics.map(\.name) }
        }
        #expect(try names("/latency;latency=2s,noop/flags/br/br.gif") == ["latency", "noop"])
        #expect(try names("/latency;latency=2s/nothing") == ["latency"])
        for target in [
            "/", "/ok/flags/br/br.gif", "/latency", "/latency?/a", "/latancy/flags/", "/flags/",
        ] {
            #expect(try names(target) == nil)
        }
        #expect(try with("*", method: "OPTIONS") { site.plan(of: $0) } == nil)
    }

    @Test func `a script knows the path behind the fault, and where it goes on`() throws {
        func told(_ target: String) throws -> [String] {
            var facts = ScriptRequest()
            try with(target) { site.complete(&facts, of: $0) }
            return [facts.path, facts.next]
        }
        let path = "/flags/br/br.gif?q"
        #expect(try told("/noop\(path)") == [path, ""])
        #expect(try told("/redirect;n=2\(path)") == [path, "/redirect;n=1\(path)"])
        #expect(try told("/redirect;n=1\(path)") == [path, "/ok\(path)"])
    }

    @Test func `another thing of the same kind is asked for without a fault`() {
        #expect(site.other(than: "/noop/flags/br/br.gif", seed: 1) == "/ok/flags/cn/cn.gif")
        #expect(site.other(than: "/noop/flags/br/metadata.json", seed: 1) == nil)
    }

    // MARK: What is wrong

    @Test(arguments: [
        (
            "/flags/br/br.gif", 404,
            "the fault comes first: /latency;latency=2s/flags/br/br.gif. Without any it is "
                + "/ok/flags/br/br.gif. / lists all faults.\n"
        ),
        (
            "/flags", 404,
            "the fault comes first: /latency;latency=2s/flags. Without any it is /ok/flags. "
                + "/ lists all faults.\n"
        ),
        (
            "/flagsx", 404, "there is no fault 'flagsx'. / lists all of them.\n"
        ),
        (
            "/latancy/flags/", 404,
            "there is no fault 'latancy'. Did you mean 'latency'? / lists all of them.\n"
        ),
        (
            "/latency", 404,
            "nothing follows the fault. Write /latency/flags/br/br.gif.\n"
        ),
        (
            "/respond,respond/flags/", 400,
            "only one fault can give the answer, and here are respond and respond. Keep one of "
                + "them.\n"
        ),
    ])
    func `who has made a mistake is told what was meant`(
        target: String, status: UInt16, text: String
    ) throws {
        let seen = try ask(target)
        #expect(seen.status == status && seen.text == text)
        #expect(seen["X-Extra"] == "1" && seen["Cache-Control"] == "no-store")
    }

    // MARK: The page

    @Test func `the list is a page for browsers and text for others`() throws {
        let text = try ask("/")
        #expect(text["Content-Type"] == "text/plain; charset=utf-8")
        #expect(text.text.hasPrefix("FAULT: the URL says what goes wrong."))
        let page = try ask("/", ["Accept: text/html,*/*;q=0.8"])
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
        #expect(page["Vary"] == "Accept, Host")
        for type in FaultType.allCases {
            #expect(text.text.contains("\n\(type.rawValue)"))
            #expect(page.text.contains("<article id=\"\(type.rawValue)\">"))
        }
    }

    @Test func `a list that is known is not sent again`() throws {
        let tag = try #require(try ask("/")["ETag"])
        let again = try ask("/", ["If-None-Match: \(tag)"])
        #expect(again.status == 304 && again.text.isEmpty)
        #expect(try ask("/", ["If-None-Match: \(tag)", "Accept: text/html"]).status == 200)
    }

    @Test func `the list can only be read`() throws {
        let seen = try ask("/", method: "DELETE")
        #expect(seen.status == 405 && seen["Allow"] == "GET, HEAD, OPTIONS")
        #expect(try ask("/", method: "OPTIONS").status == 204)
    }
}
