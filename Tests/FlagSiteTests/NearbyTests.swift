import Testing

@testable import FlagSite

/// What a 404 proposes.
struct NearbyTests {
    private let fixture = SiteFixture()

    @Test(arguments: [
        ("/flags/br/", "/flags/br/br.gif"), ("/flags/br", "/flags/br/br.gif"),
        ("/flags/BR/BR.gif", "/flags/br/br.gif"), ("/flags/Br/", "/flags/br/br.gif"),
        ("/flags/br.gif", "/flags/br/br.gif"), ("/br/br.gif", "/flags/br/br.gif"),
        ("/FLAGS/BR/METADATA.JSON", "/flags/br/metadata.json"),
        ("/flags/%42R/br.gif", "/flags/br/br.gif"),
        ("/flags/br/br.gif/", "/flags/br/br.gif"),
    ])
    func `a path that nearly names a file is told that file`(path: String, file: String) throws {
        let answer = try fixture.ask(path)
        #expect(answer.status == 404)
        #expect(answer.text == "There is no such file. Did you mean \(file)?\n")
    }

    @Test(arguments: [
        "/flags/xx/", "/flags/br/de.gif", "/flags/br/br/br.gif", "/nothing", "/flags/br/br.png",
        "/flags/" + String(repeating: "b", count: 100),
    ])
    func `any other is told where the list is`(path: String) throws {
        let answer = try fixture.ask(path)
        #expect(answer.status == 404)
        #expect(answer.text == "There is no such file. The flags are listed at /flags/.\n")
    }
}
