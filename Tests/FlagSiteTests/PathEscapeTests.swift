import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

/// Spellings that have led out of the folder elsewhere. Here there is only a table.
struct PathEscapeTests {
    private let fixture = SiteFixture([
        ("my file.txt", "space"), ("ünï.txt", "unicode"), ("a%41.txt", "percent"),
        ("aA.txt", "plain"), ("back\\slash.txt", "backslash"), ("50%.txt", "half"),
        ("a%2fb.txt", "escaped slash"), ("a?b#c.txt", "marks"), ("sub/deep/er.txt", "deep"),
    ])

    @Test func `no spelling leads out of the folder`() throws {
        let targets = [
            "/flags/../flags/br/br.gif", "/flags/./br/br.gif", "/../flags/br/br.gif",
            "/flags/%2e%2e/flags/br/br.gif", "/flags/%2E%2E/%2e%2e/etc/passwd", "/flags/br/..",
            "/flags/..%2fflags/br/br.gif", "/flags/..%5c..%5cetc", "/flags/br%2fbr.gif",
            "/flags/br%2Fbr.gif", "/flags%2fbr/br.gif", "/flags/br%5cbr.gif", "//flags/br/br.gif",
            "/flags//br/br.gif", "/flags/br//br.gif", "/flags/br/br.gif/", "/flags/br/br.gif/.",
            "/flags/br/br.gif%00", "/flags/br/br.gif%00.txt", "/flags/%00br/br.gif",
            "/flags/br/br.gif%20", "/flags/br/br.gif.", "/flags/br/br.gif;a=b",
            "/flags/br/%2562r.gif", "/flags/%252e%252e/flags/br/br.gif", "/flags/br/BR.GIF",
            "/Flags/br/br.gif", "/flags/br", "/flags/br/", "/flags/..", "/..", "/.", "//", "///",
            "/flags/...//br", "/%2e%2e/%2e%2e/etc/passwd", "/flags/%c0%ae%c0%ae/br.gif",
            "/flags/%uff0e/br.gif", "/etc/passwd", "/flags/~root", "/flags/br/br.gif:80",
            "/flags/br/br%", "/flags/br/br%2", "/flags/br/br%g1.gif", "/flags/index.html",
            "//x/flags/br/br.gif", "http://x//flags/br/br.gif", "/flags/%2fflags/br/br.gif",
        ]
        for target in targets {
            for method in ["GET", "HEAD", "POST"] {
                for fields in [[], ["Range: bytes=0-1"], ["If-None-Match: *"]] {
                    let seen = try fixture.ask(target, fields, method: method)
                    #expect([400, 404].contains(seen.status), "\(method) \(target)")
                    #expect(!seen.isPrepared)
                    #expect(!seen.text.contains("GIF89a"))
                }
            }
        }
    }

    @Test func `a malformed escape is a bad request and a well-formed one names nothing`() throws {
        for target in ["/%", "/%2", "/%zz", "/a%0", "/%%41", "/%2f%zz", "/%zz%2f", "/%2f%"] {
            #expect(try fixture.ask(target).status == 400, "\(target)")
        }
        for target in ["/%41", "/%2f", "/%2F", "/a%2fb%2Fc", "/%ff", "/%5c"] {
            #expect(try fixture.ask(target).status == 404, "\(target)")
        }
    }

    @Test func `NUL names nothing`() throws {
        for target in ["/%00", "/flags/%00", "/flags/br/br.gif%00", "/%2f%00"] {
            #expect([400, 404].contains(try fixture.ask(target).status), "\(target)")
        }
    }

    @Test func `files with unusual names are found by their escaped names`() throws {
        let targets = [
            ("/flags/my%20file.txt", "space"), ("/flags/%C3%BCn%c3%af.txt", "unicode"),
            ("/flags/a%2541.txt", "percent"), ("/flags/aA.txt", "plain"),
            ("/flags/back%5Cslash.txt", "backslash"), ("/flags/50%25.txt", "half"),
            ("/flags/a%252fb.txt", "escaped slash"), ("/flags/a%3Fb%23c.txt", "marks"),
            ("/flags/sub/deep/er.txt", "deep"), ("/flags/sub/deep/%65r.txt", "deep"),
        ]
        for (target, text) in targets {
            for fields in [[], ["Connection: keep-alive"]] {
                let seen = try fixture.ask(target, fields)
                #expect(seen.status == 200 && seen.text == text, "\(target)")
            }
        }
    }

    @Test func `an escape stands for its byte and never for itself`() throws {
        for method in ["GET", "HEAD"] {
            // There are files with the names a%41.txt, aA.txt, a%2fb.txt and 50%.txt.
            #expect(try fixture.ask("/flags/a%41.txt", method: method).text == "plain")
            #expect(try fixture.ask("/flags/a%2fb.txt", method: method).status == 404)
            #expect(try fixture.ask("/flags/50%.txt", method: method).status == 400)
        }
    }

    @Test func `a thousand random paths find nothing that is not in the table`() throws {
        let pieces = [
            "/", "..", ".", "%2e", "%2f", "%5c", "%00", "%25", "flags", "br", "br.gif", "%", "~",
            "%c0%af", ";", "etc", "passwd", "//",
        ]
        let paths = Set(["/flags/", "/flags/br/br.gif"])
        var generator = TestGenerator(seed: 15)
        for _ in 0..<1500 {
            let count = 1 + generator.next(below: 8)
            let path = "/" + (0..<count).map { _ in generator.element(of: pieces) }.joined()
            let seen = try fixture.ask(path)
            guard seen.status == 200 else {
                #expect([302, 400, 404].contains(seen.status), "\(path)")
                continue
            }
            #expect(paths.contains(path.replacing("%2e", with: ".")), "\(path)")
        }
    }
}
