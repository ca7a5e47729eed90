import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

struct IndexPageTests {
    private func page(_ countries: [(String, String)], _ files: [String]) -> String {
        let countries = countries.compactMap { code, name in
            CountryCode(code).map { IndexPage.Country(code: $0, name: name) }
        }
        let file = IndexPage(countries: countries, files: files).file(5)
        return file.content.text ?? ""
    }

    @Test func `every country has its picture, its name and its metadata`() {
        let page = page([("br", "Brazil"), ("in", "India")], [])
        for (code, name) in [("br", "Brazil"), ("in", "India")] {
            let picture = "/flags/\(code)/\(code).gif"
            let item =
                "<li><a href=\"\(picture)\"><img src=\"\(picture)\" alt=\"\" loading=\"lazy\">"
                + "\(name)</a> <a href=\"/flags/\(code)/metadata.json\">\(code)</a></li>"
            #expect(page.contains(item))
        }
        #expect(page.contains("<h1>2 flags</h1>"))
        #expect(page.contains("<title>2 flags</title>"))
    }

    @Test func `names are written as text and never as HTML`() {
        let page = page([("xx", "<script>alert(\"&\")</script>"), ("ci", "Côte d'Ivoire")], [])
        #expect(page.contains("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;"))
        #expect(!page.contains("<script>"))
        #expect(page.contains("Côte d'Ivoire"))
    }

    @Test func `a mark on a special character does not save it from being escaped`() {
        // In Swift "<" and a combining accent are one character, which is not "<".
        let page = page([("xx", "<\u{301}b>")], ["\"\u{301}x.txt"])
        #expect(!page.contains("<\u{301}b"))
        #expect(!page.unicodeScalars.contains(sequence: "<\u{301}b".unicodeScalars))
        #expect(!page.unicodeScalars.contains(sequence: ">\"\u{301}x".unicodeScalars))
    }

    @Test func `which server it is and what it does stands above the flags`() {
        var page = IndexPage(countries: [], files: [])
        #expect(page.file(5).content.text?.contains("server") == false)
        page.server = "ERROR: 25 % → 418 / 503 & <more>"
        let text = page.file(5).content.text ?? ""
        #expect(
            text.contains(
                "<h1>0 flags</h1>\n<p class=\"server\">ERROR: 25 % → 418 / 503 &amp; "
                    + "&lt;more&gt;</p>\n<ul"))
    }

    @Test func `flags with white edges have an edge`() {
        #expect(page([], []).contains("filter: drop-shadow(0 0 1px #777);"))
    }

    @Test func `other files are listed by their escaped paths`() {
        let files = [
            "br/br.gif", "br/metadata.json", "br/more.txt", "SHA256SUMS", "a b/<c>.txt",
            "zz/zz.gif",
        ]
        let page = page([("br", "Brazil")], files)
        #expect(page.contains("<h2>Other files</h2>"))
        #expect(page.contains("<li><a href=\"/flags/br/more.txt\">br/more.txt</a></li>"))
        #expect(page.contains("<li><a href=\"/flags/SHA256SUMS\">SHA256SUMS</a></li>"))
        #expect(
            page.contains("<li><a href=\"/flags/a%20b/%3Cc%3E.txt\">a b/&lt;c&gt;.txt</a></li>"))
        #expect(page.contains("<li><a href=\"/flags/zz/zz.gif\">zz/zz.gif</a></li>"))
        #expect(!page.contains("<li><a href=\"/flags/br/br.gif\">br/br.gif"))
    }

    @Test func `a folder of flags alone has no other files`() {
        #expect(!page([("br", "Brazil")], ["br/br.gif", "br/metadata.json"]).contains("Other"))
    }

    @Test func `the page is HTML with a tag of its content`() {
        let file = IndexPage(countries: [], files: []).file(5)
        #expect(file.name == "index.html")
        #expect(file.lastModified == 5)
        #expect(file.content.memory.map { EntityTag(contentOf: $0) } == file.entityTag)
        #expect(page([], []).hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(page([], []).hasSuffix("</html>\n"))
    }
}

extension String.UnicodeScalarView {
    fileprivate func contains(sequence: String.UnicodeScalarView) -> Bool {
        let (all, part) = (Array(self), Array(sequence))
        return all.indices.contains { all[$0...].starts(with: part) }
    }
}
