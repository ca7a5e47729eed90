import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

struct FlagStoreTests {
    private func path(_ text: String, in store: FlagStore) -> String? {
        Array(text.utf8).withUnsafeBytes { store.resource(at: $0)?.response.target }
    }

    private func store(_ names: [String], codes: [String] = []) -> FlagStore {
        FlagStore(
            files: names.map { SiteFixture.file($0, $0) },
            countries: codes.compactMap { CountryCode($0) }, name: { "\($0)".uppercased() },
            loadedAt: SiteFixture.now)
    }

    private func response(_ path: String, in store: FlagStore) throws -> PreparedResponse {
        try #require(Array(path.utf8).withUnsafeBytes { store.resource(at: $0)?.response })
    }

    @Test func `every file lies under its path and knows its target`() {
        let names = ["br/br.gif", "br/metadata.json", "SHA256SUMS", "a/b/c.txt"]
        let store = store(names)
        for name in names { #expect(path("/flags/\(name)", in: store) == "/flags/\(name)") }
        #expect(path("/flags/", in: store) == "/flags/")
        for name in ["/flags", "/", "", "br/br.gif", "/flags/br", "/flags/br/"] {
            #expect(path(name, in: store) == nil, "\(name)")
        }
    }

    @Test func `the target of a file is its path as a client writes it`() {
        let store = store(["my file.txt", "50%.txt", "ü.txt"])
        #expect(path("/flags/my file.txt", in: store) == "/flags/my%20file.txt")
        #expect(path("/flags/50%.txt", in: store) == "/flags/50%25.txt")
        #expect(path("/flags/ü.txt", in: store) == "/flags/%C3%BC.txt")
    }

    @Test func `all targets are the files and the page`() {
        #expect(store(["b", "a b"]).targets == ["/flags/b", "/flags/a%20b", "/flags/"])
    }

    @Test func `a response is made and placed when it is asked for first, and only then`() throws {
        var placed: [String] = []
        let store = FlagStore(
            files: ["a", "b"].map { SiteFixture.file($0, $0) }, countries: [], name: { "\($0)" },
            loadedAt: SiteFixture.now, place: { placed.append($0.target) })
        #expect(placed == [])
        let first = try response("/flags/b", in: store)
        #expect(placed == ["/flags/b"])
        #expect(try response("/flags/b", in: store) === first)
        _ = try response("/flags/", in: store)
        #expect(placed == ["/flags/b", "/flags/"])
    }

    @Test func `the page has the countries with their names`() throws {
        let store = store(["br/br.gif"], codes: ["br"])
        let page = try response("/flags/", in: store).body.text
        #expect(page?.contains(">BR</a>") == true)
    }

    @Test func `the bytes are those of the files`() {
        #expect(store(["12345", "678"]).byteCount == 8)
    }

    @Test func `a response has its fields and the extra ones`() throws {
        let extra = HTTPField("Vary", "Origin")
        let store = FlagStore(
            files: [SiteFixture.file("a.txt", "text")], countries: [], name: { "\($0)" },
            loadedAt: SiteFixture.now, extraFields: [extra])
        for path in ["/flags/a.txt", "/flags/"] {
            let response = try response(path, in: store)
            let names = response.fields.map(\.name)
            #expect(names == ["Content-Type", "Last-Modified", "ETag", "Accept-Ranges", "Vary"])
            #expect(response.status == 200)
        }
    }

    @Test func `equal content has an equal tag and other content another`() {
        #expect(SiteFixture.tag("a") == SiteFixture.tag("a"))
        #expect(SiteFixture.tag("a") != SiteFixture.tag("b"))
        #expect(SiteFixture.tag("") != SiteFixture.tag("\0"))
    }

    @Test func `the page dates from the moment of loading`() throws {
        let fields = try response("/flags/", in: store([])).fields
        let modified = fields.first { $0.name == "Last-Modified" }?.value
        #expect(modified == HTTPDate.string(SiteFixture.now))
    }

    @Test func `another file is of the kind of what stands behind the last slash`() {
        let site = SiteFixture([("cn/cn.gif", "c"), ("cn/metadata.json", "m")]).site
        let json = "/flags/br/metadata.json"
        #expect(site.other(than: json, seed: 0) == "/flags/cn/metadata.json")
        // It has none, so that it is a flag.
        for seed in 0..<2 as Range<UInt64> {
            #expect(site.other(than: json + "/", seed: seed)?.hasSuffix(".gif") == true)
        }
        #expect(site.other(than: "/flags/br/br.png", seed: 0) == nil)
    }
}
