import Testing

@testable import flagserver

struct DownloadSiteTests {
    private static func site(
        _ label: String? = nil, base: String? = nil, _ edition: Edition = .first,
        _ variables: [String: String] = [:]
    ) throws(GetUsageError) -> DownloadSite {
        try DownloadSite(label: label, baseURL: base, edition: edition) { variables[$0] }
    }

    private static func refusal(
        _ label: String? = nil, base: String? = nil, _ variables: [String: String] = [:]
    ) -> String? {
        #expect(throws: GetUsageError.self) { try site(label, base: base, .first, variables) }?
            .reason
    }

    @Test(arguments: [
        (nil, "LOCAL", "http://localhost:8001/flags"),
        ("delay", "DELAY", "http://localhost:8002/flags"),
        ("Error", "ERROR", "http://localhost:8003/flags"),
        ("CHAOS", "CHAOS", "http://localhost:8004/flags"),
        ("fault", "FAULT", "http://localhost:8005/ok/flags"),
        (
            "fault/latency;latency=2s", "FAULT",
            "http://localhost:8005/latency;latency=2s/flags"
        ),
    ])
    func `A label has its server's port`(typed: String?, label: String, url: String) throws {
        let site = try Self.site(typed)
        #expect(site.label == label && site.url == url)
    }

    @Test func `The second edition has other ports`() throws {
        #expect(try Self.site(nil, .second).url == "http://localhost:8000/flags")
        #expect(try Self.site("DELAY", .second).url == "http://localhost:8001/flags")
        #expect(try Self.site("ERROR", .second).url == "http://localhost:8002/flags")
    }

    @Test(arguments: [
        ("http://a.example:81/f/", nil, "CUSTOM", "http://a.example:81/f"),
        ("[::1]:9000", nil, "CUSTOM", "http://[::1]:9000"),
        ("HTTP://host", nil, "CUSTOM", "http://host"),
        ("host/a", "error", "ERROR", "http://host/a"),
        ("a_b:1//", "LOCAL", "LOCAL", "http://a_b:1"),
    ])
    func `A URL wins, and a label that is given stays`(
        base: String, typed: String?, label: String, url: String
    ) throws {
        let site = try Self.site(typed, base: base)
        #expect(site.label == label && site.url == url)
    }

    @Test func `Servers on free ports are found by their variables`() throws {
        let variables = [
            "FLAGS_ERROR_URL": "http://localhost:40123/flags",
            "FLAGS_FAULT_URL": "http://localhost:40125", "FLAGS_LOCAL_URL": "",
        ]
        func url(_ label: String, base: String? = nil) throws -> String {
            try Self.site(label, base: base, .second, variables).url
        }
        #expect(try url("error") == "http://localhost:40123/flags")
        #expect(try url("FAULT/ok") == "http://localhost:40125/ok/flags")
        #expect(try url("LOCAL") == "http://localhost:8000/flags")
        #expect(try url("error", base: "b") == "http://b")
    }

    @Test(arguments: [
        "https://a/flags", "ftp://a", "://a", "", "http://", "http:///flags", "a:0", "a:65536",
        "a:b", "user@a", "http://[::1", "::1", "a b", "a/\u{1b}[2J", "a/ü", "a?x=1", "a#f",
        "a/\\b", String(repeating: "a", count: 3_000),
    ])
    func `What is no plain http URL is refused`(url: String) throws {
        #expect(try #require(Self.refusal(base: url)).hasPrefix("--base-url "))
        guard !url.isEmpty else { return }
        let reason = try #require(Self.refusal(nil, ["FLAGS_LOCAL_URL": url]))
        #expect(reason.hasPrefix("FLAGS_LOCAL_URL "))
    }

    @Test func `TLS and the book's own site are refused with a word on what to do`() {
        #expect(
            Self.refusal(base: "https://a/flags")
                == "--base-url https://a/flags must begin with http://; flagget speaks no TLS.")
        #expect(
            Self.refusal("remote")
                == "--server REMOTE is the book's own site, which is not for tests; name another "
                + "one with --base-url URL.")
    }

    @Test(arguments: ["LOCAL/reset", "FAULT/a b", "FAULT/a?b"])
    func `A fault that cannot be asked for is refused`(label: String) throws {
        #expect(try #require(Self.refusal(label)).hasPrefix("--server "))
    }

    @Test func `A fault has no place in a URL that is given whole`() {
        #expect(Self.refusal("FAULT/ok", base: "a") != nil)
    }
}
