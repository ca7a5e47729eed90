import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

/// A site of files that are no flags.
struct FolderPageTests {
    private let site: SiteFixture = SiteFixture(root: [
        "a.txt", "b/c d/e.json", "b/f", "g:h", "b-/i",
    ])

    @Test func `every folder on the way to a file has a page`() {
        #expect(
            FolderPage.folders(of: ["a", "b/c/d", "b/e", "b/c/f", "g/h"])
                == ["", "b/", "b/c/", "g/"])
        #expect(FolderPage.folders(of: []) == [""])
    }

    @Test func `a page has folders first, each once`() {
        let files = ["a", "b-/i", "b/c/d", "b/e", "z"]
        #expect(FolderPage(folder: "", files: files).entries == ["b-/", "b/", "a", "z"])
        #expect(FolderPage(folder: "b/", files: files).entries == ["c/", "e"])
        #expect(FolderPage(folder: "b/c/", files: files).entries == ["d"])
    }

    @Test func `the root lists what there is`() throws {
        let page = try site.ask("/")
        #expect(page.status == 200)
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
        for link in [
            "<li><a href=\"/a.txt\">a.txt</a></li>", "<li><a href=\"/b/\">b/</a></li>",
            "<li><a href=\"/g:h\">g:h</a></li>",
        ] {
            #expect(page.text.contains(link), "\(link) in \(page.text)")
        }
        #expect(!page.text.contains("../"))
    }

    @Test func `folders are listed, and lead up`() throws {
        let page = try site.ask("/b/c%20d/")
        #expect(page.status == 200)
        #expect(page.text.contains("<li><a href=\"/b/\">../</a></li>"))
        #expect(page.text.contains("<li><a href=\"/b/c%20d/e.json\">e.json</a></li>"))
        #expect(try site.ask("/b/").text.contains("<li><a href=\"/\">../</a></li>"))
    }

    @Test func `files have their types, and are where they lie`() throws {
        let file = try site.ask("/b/c%20d/e.json")
        #expect((file.status, file.text) == (200, "b/c d/e.json"))
        #expect(file["Content-Type"]?.hasPrefix("application/json") == true)
    }

    @Test(arguments: [("/b", "/b/"), ("/b/c%20d", "/b/c%20d/"), ("/%62", "/b/")])
    func `a folder without its slash leads to its page`(_ path: String, _ place: String) throws {
        let answer = try site.ask(path)
        #expect((answer.status, answer["Location"]) == (302, place))
    }

    @Test(arguments: ["/flags/", "/flags", "/x", "/a.txt/", "/b/x", "/B/", "//b/", "/b/../a.txt"])
    func `nothing else is there`(_ path: String) throws {
        let answer = try site.ask(path)
        #expect(answer.status == 404)
        #expect(answer.text == "There is no such file. The files are listed at /.\n")
    }

    @Test func `files can only be read`() throws {
        #expect(try site.ask("/b", method: "PUT").status == 405)
        #expect(
            try site.ask("/", method: "PUT").text == "Files can only be read: GET or HEAD.\n")
    }
}
