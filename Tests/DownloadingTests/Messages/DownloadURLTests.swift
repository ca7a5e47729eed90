import Testing

@testable import Downloading

struct DownloadURLTests {
    @Test(arguments: [
        ("http://localhost:8001/flags", "localhost:8001", "/flags"),
        ("HTTP://LocalHost/a?b=c#d", "localhost", "/a?b=c"),
        ("http://[::1]:80", "[::1]", "/"), ("http://a.test?x", "a.test", "/?x"),
        ("http://a.test:8080/ü", "a.test:8080", "/%C3%BC"),
    ])
    func `host and target are told apart`(text: String, authority: String, target: String) throws {
        let url = try DownloadURL(text)
        #expect((url.authority, url.target) == (authority, target))
        #expect(try DownloadURL(url.description) == url)
    }

    @Test(arguments: [
        ("https://a.test/", DownloadURL.Mistake.secure), ("a.test/", .scheme), ("", .scheme),
        ("http://me:secret@a.test/", .user), ("http:///flags", .host), ("http://a:99999/", .host),
        ("http://a:0/", .host), ("http://a.test/b c", .character),
        ("http://a/\r\nX: y", .character),
        ("http://a/" + String(repeating: "x", count: 9000), .length),
    ])
    func `what is none is refused with its reason`(text: String, mistake: DownloadURL.Mistake) {
        #expect(throws: mistake) { try DownloadURL(text) }
    }

    @Test func `a path goes below a base, with and without its slash`() throws {
        for base in ["http://a/flags", "http://a/flags/", "http://a/flags?old"] {
            #expect(
                try DownloadURL(base).appending("br/br.gif").description
                    == "http://a/flags/br/br.gif")
        }
    }

    @Test(arguments: [
        ("http://b:81/x", "http://b:81/x"), ("//b/x", "http://b/x"), ("/x?y", "http://a/x?y"),
        ("?y", "http://a/one/two?y"), ("x", "http://a/one/x"), ("../x", "http://a/x"),
        ("../../../x", "http://a/x"), ("./", "http://a/one/"), ("..", "http://a/"),
        ("x/../y#z", "http://a/one/y"), ("", "http://a/one/two"),
    ])
    func `a Location leads where RFC 3986 says`(location: String, expected: String) throws {
        let url = try DownloadURL("http://a/one/two")
        #expect(url.following(location)?.description == expected)
    }

    @Test(arguments: ["https://a/", "ftp://a/", "mailto:a@b", "http://", "/a b", "/\u{7f}"])
    func `a Location that is not spoken here leads nowhere`(location: String) throws {
        #expect(try DownloadURL("http://a/").following(location) == nil)
    }
}
