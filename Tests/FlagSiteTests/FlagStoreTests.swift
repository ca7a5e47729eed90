import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

struct FlagStoreTests {
    private func path(_ text: String, in store: FlagStore) -> String? {
        Array(text.utf8).withUnsafeBytes { store.resource(at: $0)?.response.target }
    }

    private func store(_ names: [String], codes: [String] = []) -> FlagStore {
        let countries = codes.compactMap { code in
            CountryCode(code).map { FlagStore.Country(code: $0, name: code.uppercased()) }
        }
        return FlagStore(
            files: names.map { SiteFixture.file($0, $0) }, countries: countries,
            loadedAt: SiteFixture.now)
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

    @Test func `countries are in the order of their codes`() {
        let store = store([], codes: ["us", "br", "in", "ad"])
        #expect(store.countries.map(\.code.description) == ["ad", "br", "in", "us"])
    }

    @Test func `all responses are the files and the page`() {
        let responses = store(["b", "a"]).responses
        #expect(responses.map(\.target) == ["/flags/b", "/flags/a", "/flags/"])
        #expect(responses.allSatisfy { $0.status == 200 })
    }

    @Test func `a prebuilt response has its fields and the extra ones`() throws {
        let extra = HTTPField("Vary", "Origin")
        let store = FlagStore(
            files: [SiteFixture.file("a.txt", "text")], countries: [], loadedAt: SiteFixture.now,
            extraFields: [extra])
        for response in store.responses {
            let names = response.fields.map(\.name)
            #expect(names == ["Content-Type", "Last-Modified", "ETag", "Accept-Ranges", "Vary"])
        }
    }

    @Test func `equal content has an equal tag and other content another`() {
        #expect(SiteFixture.tag("a") == SiteFixture.tag("a"))
        #expect(SiteFixture.tag("a") != SiteFixture.tag("b"))
        #expect(SiteFixture.tag("") != SiteFixture.tag("\0"))
    }

    @Test func `the page dates from the moment of loading`() {
        let fields = store([]).responses.last?.fields
        let modified = fields?.first { $0.name == "Last-Modified" }?.value
        #expect(modified == HTTPDate.string(SiteFixture.now))
    }
}
