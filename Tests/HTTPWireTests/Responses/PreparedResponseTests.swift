import TestSupport
import Testing

@testable import HTTPWire

struct PreparedResponseTests {
    private let date: Int64 = 784_111_777
    private let fields = [HTTPField("Content-Type", "text/plain")]
    private final class Owner {}

    /// The piece as text if it lies in memory.
    private func memory(
        _ response: PreparedResponse, date: Int64,
        replace: PreparedResponse.Replace = { _, _, _, _ in true }
    ) -> String? {
        guard case .memory(let bytes) = response.piece(date: date, replace: replace) else {
            return nil
        }
        return String(view: bytes)
    }

    private func head(
        _ status: HTTPStatus, length: Int?, date: Int64,
        _ persistence: HTTPSerializer.Persistence = .implied
    ) -> String {
        String(
            decoding: HTTPSerializer.head(
                status, fields: fields, contentLength: length, date: date,
                persistence: persistence), as: UTF8.self)
    }

    @Test func `head and body lie in one piece`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("the body"))
        let expected = head(200, length: 8, date: date) + "the body"
        #expect(memory(response, date: date) == expected)
        #expect(response.count == expected.utf8.count)
    }

    @Test func `the date changes with the seconds and nothing else does`() {
        let response = PreparedResponse(418, fields: fields, body: Bytes("b"))
        for seconds in [date, date + 1, date - 1, 0, -1, date, date] {
            let expected = head(418, length: 1, date: seconds) + "b"
            #expect(memory(response, date: seconds) == expected)
        }
    }

    @Test func `an empty body leaves the head alone`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes(""))
        #expect(memory(response, date: date) == head(200, length: 0, date: date))
    }

    @Test func `a part of a storage is served as that part`() {
        let body = Bytes("0123456789")[2..<5]
        let response = PreparedResponse(200, fields: fields, body: body)
        #expect(memory(response, date: date) == head(200, length: 3, date: date) + "234")
    }

    @Test func `a body in a file stays there`() {
        let body = Bytes(ByteStorage(file: 99, count: 1_000_000, owner: Owner()))
        let response = PreparedResponse(200, fields: fields, body: body)
        let expected = head(200, length: 1_000_000, date: date)
        #expect(memory(response, date: date) == expected)
        #expect(response.count == expected.utf8.count + 1_000_000)
    }

    @Test func `the head alone is that of a GET`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        for persistence in [HTTPSerializer.Persistence.implied, .keepAlive, .close] {
            let expected = head(200, length: 4, date: date, persistence)
            let actual = response.head(date: date, persistence: persistence)
            #expect(actual.text == expected)
        }
    }

    @Test func `a field more stands behind the others and before what the connection does`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        let before = String(
            decoding: head(200, length: 4, date: date).utf8.dropLast(2), as: UTF8.self)
        for persistence in [HTTPSerializer.Persistence.implied, .keepAlive, .close] {
            for value in ["", "a", String(repeating: "long ", count: 1000) + "end"] {
                let line = HTTPSerializer.line(for: persistence)
                let actual = response.head(
                    date: date, persistence: persistence, adding: HTTPField("More", value))
                #expect(actual.text == before + "More: \(value)\r\n\(line)\r\n")
            }
        }
    }

    @Test func `the rest of a piece is what was not sent, to the byte`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("the body"))
        let whole = Array((memory(response, date: date) ?? "").utf8)
        for sent in 0...whole.count {
            let rest = response.rest(after: sent).flatMap { $0.memory.map(Array.init) ?? [] }
            #expect(rest == Array(whole[sent...]), "after \(sent)")
        }
        #expect(response.rest(after: whole.count).isEmpty)
    }

    @Test func `the rest keeps its date when the response gets another`() throws {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        let before = try #require(memory(response, date: date))
        let rest = response.rest(after: 0)
        _ = memory(response, date: date + 1)
        #expect(rest.map { $0.text ?? "" }.joined() == before)
    }

    @Test func `a status without a body has no Content-Length`() {
        // RFC 9110 §8.6: MUST NOT in a 204; in a 304 only that of the 200 it stands for.
        for status in [204, 304] as [HTTPStatus] {
            let response = PreparedResponse(status, fields: fields, body: Bytes(""))
            let expected = head(status, length: nil, date: date)
            #expect(memory(response, date: date) == expected)
            let alone = response.head(date: date, persistence: .implied)
            #expect(alone.text == expected)
        }
    }

    // MARK: In a memory file

    @Test func `a placed response is put into its file once for each date`() throws {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        response.place(in: 7, at: 8192, owner: Owner())
        var written: [String] = []
        for seconds in [date, date, date + 1, date + 1, date + 1] {
            let piece = response.piece(date: seconds) { file, offset, head, body in
                #expect(file == 7 && offset == 8192)
                written.append(String(view: head) + String(view: body))
                return true
            }
            guard case .file(let file, let offset, let count) = piece else {
                Issue.record("not in the file")
                continue
            }
            #expect(file == 7 && offset == 8192 && count == response.count)
        }
        #expect(
            written == [date, date + 1].map { head(200, length: 4, date: $0) + "body" })
    }

    @Test func `a file that cannot be changed is used no more`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        response.place(in: 7, at: 0, owner: Owner())
        var calls = 0
        for seconds in [date, date + 1] {
            let text = memory(response, date: seconds) { _, _, _, _ in
                calls += 1
                return false
            }
            #expect(text == head(200, length: 4, date: seconds) + "body")
        }
        #expect(calls == 1)
    }

    @Test func `a body in the program's memory is sent from a file without a copy on the heap`() {
        let body = Bytes("body")
        let response = PreparedResponse(200, fields: fields, body: body)
        response.place(in: 7, at: 0, owner: Owner())
        _ = response.piece(date: date) { _, _, _, memory in
            #expect(memory.baseAddress == body.memory?.baseAddress)
            return true
        }
    }

    @Test func `a response that was stamped before it was placed is put into its file too`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        _ = memory(response, date: date)
        response.place(in: 7, at: 0, owner: Owner())
        var written = 0
        _ = response.piece(date: date) { _, _, _, _ in
            written += 1
            return true
        }
        #expect(written == 1)
    }

    @Test func `the closing one says so, and has the place behind`() {
        let response = PreparedResponse(200, fields: fields, body: Bytes("body"))
        response.place(in: 7, at: 8192, size: 4096, owner: Owner())
        let closing = response.closing
        #expect(closing === response.closing)
        #expect(closing.count == response.largestCount)
        var text = ""
        let piece = closing.piece(date: date) { file, offset, head, body in
            #expect(file == 7 && offset == 12_288)
            text = String(view: head) + String(view: body)
            return true
        }
        guard case .file(7, offset: 12_288, count: closing.count) = piece else {
            Issue.record("not in its place")
            return
        }
        #expect(text.contains("\r\nConnection: close\r\n") && text.hasSuffix("\r\n\r\nbody"))
    }
}
