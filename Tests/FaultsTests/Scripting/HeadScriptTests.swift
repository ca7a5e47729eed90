import Testing

@testable import Faults

/// Heads to the byte, and answers in place of one.
struct HeadScriptTests {
    private let fields = "Content-Type: image/gif\r\nETag: \"honest\"\r\nContent-Length: 100\r\n"
    private let body = FakeSite().body.text

    private func trace(_ name: String, _ arguments: [String: Quantity] = [:]) throws -> ScriptTrace
    {
        ScriptTrace(try ScriptCatalogueTests.script(name), arguments)
    }

    private func bytes(_ name: String) throws -> String { try trace(name).bytes.text }

    @Test func `nothing, a FIN or a reset come in place of an answer`() throws {
        #expect(try trace("empty-response").steps == [.init(at: 0, event: .fin)])
        #expect(try trace("reset-before-response").steps == [.init(at: 0, event: .rst)])
        #expect(
            try trace("hang", ["time": .number(5_000_000_000)]).steps
                == [.init(at: 5_000_000_000, event: .fin)])
    }

    @Test func `status lines are as their variants say`() throws {
        let lines = [
            "no-reason": "HTTP/1.1 200", "status-range.wraps": "HTTP/1.1 65736 X",
            "status-range.four-digits": "HTTP/1.1 1000 X",
            "status-range.leading-zero": "HTTP/1.1 099 X",
            "status-range.negative": "HTTP/1.1 -200 X",
            "status-range.hundred-digits": "HTTP/1.1 2\(String(repeating: "0", count: 99)) X",
            "version-wrong.minor-two": "HTTP/1.2 200 OK",
            "version-wrong.minor-x": "HTTP/1.x 200 OK", "version-wrong.http2": "HTTP/2 200",
            "version-wrong.icy": "ICY 200 OK", "lone-cr.behind-version": "HTTP/1.1\r200 OK",
            "lone-cr.behind-code": "HTTP/1.1 200\rOK",
        ]
        for (name, line) in lines {
            #expect(try bytes(name) == "\(line)\r\n\(fields)\r\n\(body)", "\(name)")
        }
    }

    @Test func `lines before the other fields are as their variants say`() throws {
        let lines = [
            "lone-cr.before-name": "\rX-Header: value", "lone-cr.behind-name": "X-Header\r: value",
            "lone-cr.before-value": "X-Header:\r value", "lone-cr.in-value": "X-Header: val\rue",
            "lone-cr.between-fields": "X-Header: value\rX-Other: value",
            "fold-first": " X-Header: value",
        ]
        for (name, line) in lines {
            let wanted = "HTTP/1.1 200 OK\r\n\(line)\r\n\(fields)\r\n\(body)"
            #expect(try bytes(name) == wanted, "\(name)")
        }
    }

    @Test func `lines behind the other fields are as their variants say`() throws {
        let lines = [
            "lone-cr.before-end": "X-Header: value\r", "obs-fold": "X-Folded: one\r\n two",
            "nul-in-header": "X-N: a\0b", "no-colon.missing": "X-Header value",
            "no-colon.nameless": ": value", "no-colon.space-before": "X-Header : value",
            "filename-traversal.dots":
                "Content-Disposition: attachment; filename=\"../../flagserver-was-here\"",
            "filename-traversal.backslashes":
                "Content-Disposition: attachment; filename=\"..\\\\..\\\\flagserver-was-here\"",
        ]
        for (name, line) in lines {
            let wanted = "HTTP/1.1 200 OK\r\n\(fields)\(line)\r\n\r\n\(body)"
            #expect(try bytes(name) == wanted, "\(name)")
        }
    }

    @Test func `bare-lf ends each line of the head with LF alone`() throws {
        let head = "HTTP/1.1 200 OK\r\n\(fields)\r\n"
        #expect(try bytes("bare-lf") == head.replacing("\r\n", with: "\n") + body)
    }

    /// The 17 places of a head of two lines.
    static let places = [0, 2, 4, 5, 6, 7, 8, 9, 12, 13, 15, 17, 24, 32, 33, 35, 37]

    @Test(arguments: [
        ("lf", "\n"), ("cr", "\r"), ("tab", "\t"), ("space", " "), ("nul", "\0"), ("colon", ":"),
    ])
    func `symbol-matrix puts its character at each of 17 places`(
        _ variant: String, _ symbol: String
    ) throws {
        let head = Array("HTTP/1.1 200 OK\r\nX-Frame-Options:DENY\r\n\(fields)\r\n".utf8)
        for place in Self.places {
            let trace = try trace("symbol-matrix.\(variant)-name", ["place": .number(Int64(place))])
            let wanted = head[..<place] + Array(symbol.utf8) + head[place...] + Array(body.utf8)
            #expect(trace.bytes == Array(wanted), "\(place)")
        }
    }

    @Test func `head-eof ends within the head`() throws {
        let head = "HTTP/1.1 200 OK\r\n\(fields)"
        #expect(try bytes("head-eof.in-status") == "HTTP/1.1 200")
        #expect(try bytes("head-eof.in-field").utf8.elementsEqual(head.utf8.prefix(60)))
        #expect(try bytes("head-eof.before-blank-line") == head)
    }

    @Test func `header-overflow has a value of 64 KiB, or 300 fields`() throws {
        let long = try bytes("header-overflow.long")
        let value = String(repeating: "a", count: 65_536)
        #expect(long == "HTTP/1.1 200 OK\r\n\(fields)X-Long: \(value)\r\n\r\n\(body)")
        let many = try bytes("header-overflow.many").split(separator: "\r\n")
        let added = (1...300).map { "X-Many-\($0): 0123456789" }
        #expect(many.filter { $0.hasPrefix("X-Many-") }.map(String.init) == added)
        #expect(try trace("header-overflow.many").content.text == body)
    }

    @Test func `head-drip sends byte by byte, and the body at once`() throws {
        for (variant, milliseconds) in [("quick", 4), ("slow", 28)] {
            let trace = try trace("head-drip.\(variant)")
            let head = trace.bytes.count - 100
            let interval = Nanoseconds(milliseconds) * 1_000_000
            #expect(trace.last?.at == Nanoseconds(head - 1) * interval)
            let bytes = trace.steps.filter { if case .bytes = $0.event { true } else { false } }
            #expect(bytes.count == head)
            #expect(bytes[1].at == interval)
        }
    }

    @Test func `head-stall sends 40 per cent of the head`() throws {
        let trace = try trace("head-stall")
        let head = "HTTP/1.1 200 OK\r\n\(fields)\r\n"
        #expect(trace.bytes == Array(head.utf8.prefix(head.utf8.count * 2 / 5)))
        #expect(trace.last == .init(at: 600_000_000_000, event: .fin))
    }

    @Test func `informational sends five interim answers before the final one`() throws {
        let lines = [
            "early-hints": "HTTP/1.1 103 Early Hints\r\nLink: </flags/>; rel=preload\r\n\r\n",
            "continue": "HTTP/1.1 100 Continue\r\n\r\n",
            "processing": "HTTP/1.1 102 Processing\r\n\r\n",
        ]
        let final = "HTTP/1.1 200 OK\r\n\(fields)\r\n\(body)"
        for (variant, interim) in lines {
            let wanted = String(repeating: interim, count: 5) + final
            #expect(try bytes("informational.\(variant)") == wanted)
        }
    }

    @Test func `informational-flood lasts 8 seconds and then ends`() throws {
        let trace = try trace("informational-flood")
        #expect(trace.last == .init(at: 8_000_000_000, event: .fin))
        let all = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 800)
        #expect(trace.bytes.text == all)
    }

    @Test func `informational-flood ends when it has sent what it may`() throws {
        let trace = try trace("informational-flood", ["max": .number(60)])
        #expect(trace.bytes.count == 60)
        #expect(trace.last == .init(at: 20_000_000, event: .fin))
    }

    @Test func `head-endless is bounded`() throws {
        let trace = try trace("head-endless", ["max": .number(100_000)])
        #expect(trace.bytes.count == 17 + fields.utf8.count + 100_000)
        #expect(trace.bytes.text.contains("\r\nX-Endless-4000: value\r\n"))
    }

    @Test func `redirections lead where their variants say`() throws {
        let next = "/fault;n=1/flags/br/br.gif"
        let wanted = [
            "redirect.found": (302, next), "redirect.moved": (301, next),
            "redirect.see-other": (303, next), "redirect.temporary": (307, next),
            "redirect.permanent": (308, next),
            "redirect.absolute": (302, "http://localhost:8005\(next)"),
            "redirect.network-path": (302, "//localhost:8005\(next)"),
            "redirect.elsewhere": (302, "http://localhost:8001/flags/br/br.gif"),
            "redirect-loop.itself": (302, "/fault;n=2/flags/br/br.gif"),
            "redirect-loop.growing": (302, "/fault;n=2/flags/br/br.gif?"),
            "location-scheme.file": (302, "file:///etc/passwd"),
            "location-scheme.slashes": (302, "http:////h/"),
        ]
        for (name, (status, location)) in wanted {
            let bytes = try bytes(name)
            #expect(bytes.hasPrefix("HTTP/1.1 \(status) "), "\(name)")
            #expect(bytes.contains("\r\nLocation: \(location)\r\n"), "\(name)")
        }
    }

    @Test func `retry-after says when in five ways`() throws {
        let wanted = [
            "seconds": "1", "date": "Thu, 01 Jan 2026 00:00:02 GMT",
            "past": "Wed, 31 Dec 2025 23:59:00 GMT", "day": "86400", "garbage": "soon",
        ]
        for (variant, value) in wanted {
            #expect(
                try bytes("retry-after.\(variant)").contains("\r\nRetry-After: \(value)\r\n"),
                "\(variant)")
        }
    }
}
