import EventLoop
import Testing

@testable import Downloading

struct RetrievalTests {
    private static let hello = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\nhello"
    private static let cut = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\nhe"
    private static let rest =
        "HTTP/1.1 206 Part\r\nETag: \"a\"\r\nContent-Range: bytes 2-4/5\r\n"
        + "Content-Length: 3\r\n\r\nllo"

    private func retrieve(
        _ replies: [ScriptedServer.Reply], resumes: Bool = false,
        from partial: PartialContent? = nil,
        _ look: ([String]) throws -> Void = { _ in },
        check: @escaping ([UInt8]) -> DownloadFailure? = { _ in nil },
        advice: @escaping Retrieval.Advice = { attempt, _, _ in attempt < 3 ? 1_000 : nil }
    ) throws -> RetrievedContent {
        let loop = try EventLoop()
        let server = try ScriptedServer(replies, on: loop)
        let client = DownloadClient(
            on: loop, limits: DownloadLimits(connections: 1, patience: 50_000_000))
        var content: RetrievedContent?
        let retrieval = Retrieval(
            try server.url(), by: client, resumes: resumes, from: partial, check: check,
            advice: advice)
        retrieval.begin { content = $0 }
        loop.run("the content") { content != nil }
        client.stop()
        try look(server.requests)
        return try #require(content)
    }

    private func text(_ content: RetrievedContent) -> String {
        String(decoding: content.content, as: UTF8.self)
    }

    @Test func `what succeeds is asked for once`() throws {
        let content = try retrieve([.keep(Self.hello)])
        #expect(content.outcome == .ok && text(content) == "hello" && content.attempts == 1)
    }

    @Test func `404 is found out once`() throws {
        let content = try retrieve([.keep("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")])
        #expect(content.outcome == .notFound && content.attempts == 1)
    }

    @Test func `other statuses are failures in the words of the book`() throws {
        let reply = "HTTP/1.1 418 x\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n"
        var told: [String?] = []
        let content = try retrieve(
            [.keep(reply)],
            advice: { attempt, _, retryAfter in
                told.append(retryAfter)
                return attempt < 2 ? 1_000 : nil
            })
        guard case .failed(let failure) = content.outcome else {
            Issue.record("\(content.outcome)")
            return
        }
        #expect(failure.description == "HTTP error 418 - I'm a teapot" && failure.status == 418)
        #expect(content.attempts == 2 && told == ["9", "9"])
    }

    @Test func `tried again it succeeds`() throws {
        let content = try retrieve([.rst(""), .fin(Self.cut), .keep(Self.hello)])
        #expect(content.outcome == .ok && content.attempts == 3 && text(content) == "hello")
        #expect(content.partial == nil)
    }

    @Test func `what was cut is gone on with where the server still has the same`() throws {
        let content = try retrieve([.fin(Self.cut), .keep(Self.rest)], resumes: true) { requests in
            #expect(requests[1].contains("\r\nRange: bytes=2-\r\nIf-Range: \"a\"\r\n"))
            #expect(!requests[0].contains("Range"))
        }
        #expect(content.outcome == .ok && text(content) == "hello" && content.attempts == 2)
    }

    @Test func `what has changed meanwhile comes whole`() throws {
        let content = try retrieve([.fin(Self.cut), .keep(Self.hello)], resumes: true)
        #expect(text(content) == "hello")
    }

    @Test func `a part that does not fit is thrown away`() throws {
        let wrong = Self.rest.replacing("2-4/5", with: "1-3/5")
        let content = try retrieve(
            [.fin(Self.cut), .keep(wrong), .keep(Self.hello)], resumes: true
        ) { #expect(!$0[2].contains("Range")) }
        #expect(text(content) == "hello" && content.attempts == 3)
    }

    @Test func `a range that cannot be had is not asked for again`() throws {
        let none = "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"
        let content = try retrieve(
            [.fin(Self.cut), .keep(none), .keep(Self.hello)], resumes: true,
            advice: { attempt, _, _ in attempt < 2 ? 1_000 : nil })
        #expect(text(content) == "hello" && content.attempts == 3)
    }

    @Test func `parts of parts are put together, and what is left is handed over`() throws {
        let part = Self.rest.replacing("llo", with: "l")
        let content = try retrieve(
            [.fin(Self.cut), .fin(part), .fin(part.replacing("2-4", with: "3-4"))], resumes: true
        ) { #expect($0[2].contains("\r\nRange: bytes=3-\r\n")) }
        #expect(content.partial == PartialContent(Array("hell".utf8), validator: "\"a\""))
        let earlier = PartialContent(Array("he".utf8), validator: "\"a\"")
        #expect(text(try retrieve([.keep(Self.rest)], resumes: true, from: earlier)) == "hello")
    }

    @Test func `weak tags and nothing at all validate nothing`() throws {
        let weak = Self.cut.replacing("\"a\"", with: "W/\"a\"")
        let content = try retrieve([.fin(weak), .keep(Self.hello)], resumes: true) {
            #expect(!$0[1].contains("Range"))
        }
        #expect(content.partial == nil && content.outcome == .ok)
    }

    @Test func `wrong bytes are a failure that may be tried again`() throws {
        let wrong = DownloadFailure(.checksum, "other bytes")
        let content = try retrieve([.keep(Self.hello)], check: { _ in wrong })
        #expect(content.outcome == .failed(wrong) && content.attempts == 3 && text(content) == "")
    }
}
