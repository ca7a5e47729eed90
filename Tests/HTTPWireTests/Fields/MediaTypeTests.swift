import Testing

@testable import HTTPWire

struct MediaTypeTests {
    @Test(arguments: [
        ("flag.gif", "image/gif"), ("flag.png", "image/png"), ("flag.jpg", "image/jpeg"),
        ("flag.jpeg", "image/jpeg"), ("flag.webp", "image/webp"), ("flag.svg", "image/svg+xml"),
        ("favicon.ico", "image/vnd.microsoft.icon"), ("flags.json", "application/json"),
        ("feed.xml", "application/xml"), ("flag.pdf", "application/pdf"),
        ("flags.zip", "application/zip"), ("flags.gz", "application/gzip"),
        ("flag.mp4", "video/mp4"), ("flags.tar", "application/x-tar"), ("a.woff2", "font/woff2"),
        ("SHA256SUMS.asc", "application/pgp-signature"),
    ])
    func `binary types are known`(_ name: String, _ type: String) {
        #expect(MediaType.of(fileName: name) == type)
    }

    @Test(arguments: [
        ("index.html", "text/html"), ("index.htm", "text/html"), ("style.css", "text/css"),
        ("script.js", "text/javascript"), ("script.mjs", "text/javascript"),
        ("notes.txt", "text/plain"), ("README.md", "text/markdown"), ("flags.csv", "text/csv"),
    ])
    func `text types are known and have a charset`(_ name: String, _ type: String) {
        #expect(MediaType.of(fileName: name) == type + "; charset=utf-8")
    }

    @Test(arguments: ["SHA256SUMS", "README", "LICENSE", "SHA256-SUMS", "MD5_SUMS", "A"])
    func `a name in capitals without extension is text`(_ name: String) {
        #expect(MediaType.of(fileName: name) == "text/plain; charset=utf-8")
    }

    @Test(arguments: [
        "", ".", "..", "...", "readme", "Readme", "123", "-", "_1", "ÉTÉ", "RE ADME", "flag.",
        "flag.x", "flag.unknown", ".gif", ".html", "SHA256SUMS.", "flag.gif ",
        "flag.g\u{69}\u{307}f", "flag.gif\u{0}", "png", "flag-png", "a.png/b", "LICENSE/",
    ])
    func `a name that tells nothing is of unknown type`(_ name: String) {
        #expect(MediaType.of(fileName: name) == "application/octet-stream")
    }

    @Test func `the extension is known in any letter case`() {
        #expect(MediaType.of(fileName: "FLAG.GIF") == "image/gif")
        #expect(MediaType.of(fileName: "Flag.PnG") == "image/png")
        #expect(MediaType.of(fileName: "INDEX.HTML") == "text/html; charset=utf-8")
    }

    @Test func `only the last extension counts`() {
        #expect(MediaType.of(fileName: "flags.svg.gz") == "application/gzip")
        #expect(MediaType.of(fileName: "a.gif.html") == "text/html; charset=utf-8")
        #expect(MediaType.of(fileName: "..gif") == "image/gif")
        #expect(MediaType.of(fileName: ".hidden.gif") == "image/gif")
    }

    @Test func `a very long name is survived`() {
        let name = String(repeating: "A", count: 100_000)
        #expect(MediaType.of(fileName: name) == "text/plain; charset=utf-8")
        #expect(MediaType.of(fileName: "a." + name) == "application/octet-stream")
    }

    @Test func `types are safe to send in a field`() {
        let names = ["html", "js", "csv", "svg", "ico", "7z", "webmanifest", "yaml", "mov", "none"]
        for name in names {
            let type = MediaType.of(fileName: "a." + name)
            #expect(type.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
            #expect(type.split(separator: "/").count == 2)
        }
    }
}
