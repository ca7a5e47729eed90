import Testing

@testable import Downloading

struct AnswerReaderTests {
    private func take(
        _ reader: inout AnswerReader, _ text: String
    ) throws(DownloadFailure) -> Int {
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(DownloadFailure) in try reader.take(bytes) }
        }
        return try result.get()
    }

    private func failure(_ text: String, asksForPart: Bool = false) -> DownloadFailure? {
        var reader = AnswerReader(maximum: 100, asksForPart: asksForPart)
        do throws(DownloadFailure) {
            _ = try take(&reader, text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `any cut of the bytes gives the same answer`() throws {
        let texts = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\nhello",
            "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        ]
        for text in texts {
            for cut in 0...text.utf8.count {
                var reader = AnswerReader(maximum: 100)
                let first = String(decoding: text.utf8.prefix(cut), as: UTF8.self)
                let second = String(decoding: text.utf8.dropFirst(cut), as: UTF8.self) + "MORE"
                let early = try take(&reader, first)
                #expect(early == cut)
                #expect(reader.isComplete == (cut == text.utf8.count))
                if !reader.isComplete {
                    #expect(try take(&reader, second) == text.utf8.count - cut)
                }
                #expect(
                    reader.isComplete && String(decoding: reader.content, as: UTF8.self) == "hello")
                #expect(reader.end(isReset: true) == nil)
            }
        }
    }

    @Test func `fields that matter are read, in any case and with any blanks`() throws {
        var reader = AnswerReader(maximum: 100)
        _ = try take(
            &reader,
            "HTTP/1.1 302 Found\r\nLOCATION:  /x \r\nretry-after:\t7\r\nETag:\"a\"\r\n"
                + "Connection: a\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n")
        let head = try #require(reader.head)
        #expect(head.fields.location == "/x" && head.fields.retryAfter == "7")
        #expect(head.fields.entityTag == "\"a\"" && head.fields.connection == "a, Close")
        #expect(!head.keepsAlive && head.length == 0)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\n\r\n", false), ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 1\r\n\r\n", false),
    ])
    func `a connection goes on where both ends know where the answer ends`(
        text: String, keeps: Bool
    ) throws {
        var reader = AnswerReader(maximum: 100)
        _ = try take(&reader, text)
        #expect(reader.head?.keepsAlive == keeps)
    }

    @Test(arguments: [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", false,
            DownloadFailure.Kind.truncated
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", true, .reset),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello", false, .truncated),
        ("HTTP/1.1 20", false, .truncated), ("", false, .closed), ("", true, .reset),
        ("HTTP/1.1 200 OK\r\n\r\n12345", true, .reset),
    ])
    func `an end before the end is a failure`(
        text: String, isReset: Bool, kind: DownloadFailure.Kind
    ) throws {
        var reader = AnswerReader(maximum: 100)
        _ = try take(&reader, text)
        #expect(reader.end(isReset: isReset)?.kind == kind)
    }

    @Test func `whoever answers on the way without end is told so, and who switches`() {
        let interim = String(repeating: "HTTP/1.1 100 Go\r\n\r\n", count: 17)
        #expect(failure(interim)?.description == "more than 16 interim answers")
        let switches = failure("HTTP/1.1 101 Switch\r\n\r\n")?.description
        #expect(switches == "the server switches to a protocol that nobody asked for")
    }

    @Test func `what is too large is told, also if what follows is malformed`() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = "65\r\n\(String(repeating: "x", count: 0x65))"
        #expect(failure(head + chunk)?.kind == .large)
        #expect(failure(head + chunk + "no CRLF")?.kind == .large)
        #expect(failure(head + "2\r\nxx" + "no CRLF")?.kind == .malformed)
    }

    @Test func `how far it came is said`() throws {
        var reader = AnswerReader(maximum: 100)
        _ = try take(&reader, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        #expect(
            reader.end(isReset: false)
                == DownloadFailure(
                    .truncated, status: 200, "the connection ended after 5 of 10 bytes"))
    }

    @Test func `what ends with the connection is whole when it ends in order`() throws {
        var reader = AnswerReader(maximum: 100)
        _ = try take(&reader, "HTTP/1.1 200 OK\r\n\r\nhello")
        #expect(!reader.isComplete && reader.end(isReset: false) == nil)
    }

    @Test(arguments: [
        ("FTP/1.1 200 OK\r\n\r\n", DownloadFailure.Kind.malformed),
        ("HTTP/1.1 101 Switch\r\n\r\n", .malformed),
        (String(repeating: "HTTP/1.1 100 Go\r\n\r\n", count: 17), .malformed),
        ("HTTP/1.1 304 Same\r\n\r\n", .malformed), ("HTTP/1.1 206 Part\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", .malformed),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .coding),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", .coding),
        ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", .large),
        ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 101), .large),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"
                + String(repeating: "x", count: 101), .large
        ),
    ])
    func `what cannot be a file is refused`(text: String, kind: DownloadFailure.Kind) {
        #expect(failure(text)?.kind == kind)
    }

    @Test(arguments: [
        "X-Header value", ": nameless", "X-Header : value", "X-Header\t: value",
    ])
    func `a line that is no field is refused`(line: String) {
        let text = "HTTP/1.1 200 OK\r\n\(line)\r\nContent-Length: 0\r\n\r\n"
        #expect(failure(text)?.kind == .malformed)
    }

    @Test func `the same Location twice is one, and two are none`() throws {
        let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /a\r\nLocation: "
        #expect(failure(head + "/b\r\n\r\n")?.kind == .redirect)
        #expect(failure(head + "/a\r\n\r\n") == nil)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 None\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 0\r\n\r\n",
    ])
    func `what changes nothing is overlooked`(text: String) {
        #expect(failure(text) == nil)
    }

    @Test func `a part and an unchanged file are taken only where they were asked for`() {
        #expect(failure("HTTP/1.1 206 Part\r\nContent-Length: 0\r\n\r\n", asksForPart: true) == nil)
    }

    @Test func `statuses without content have none`() throws {
        var reader = AnswerReader(maximum: 100)
        _ = try take(&reader, "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n")
        #expect(reader.isComplete && reader.content.isEmpty)
    }
}
