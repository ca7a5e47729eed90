import TestSupport
import Testing

@testable import HTTPWire

struct HTTPSerializerTests {
    private let date: Int64 = 784_111_777
    private let dateLine = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    private let serverLine = "Server: flagserver/0.1.0\r\n"

    private func head(
        _ status: HTTPStatus, _ fields: [HTTPField] = [], length: Int? = 0,
        _ persistence: HTTPSerializer.Persistence = .implied
    ) -> String {
        String(
            decoding: HTTPSerializer.head(
                status, fields: fields, contentLength: length, date: date,
                persistence: persistence), as: UTF8.self)
    }

    @Test func `a head has a date, a server, its fields and a length`() {
        let fields = [HTTPField("Content-Type", "image/gif"), HTTPField("ETag", "\"a\"")]
        #expect(
            head(200, fields, length: 123)
                == "HTTP/1.1 200 OK\r\n\(dateLine)\(serverLine)Content-Type: image/gif\r\n"
                + "ETag: \"a\"\r\nContent-Length: 123\r\n\r\n")
    }

    @Test func `a head without a length says nothing of one`() {
        #expect(head(204, length: nil) == "HTTP/1.1 204 No Content\r\n\(dateLine)\(serverLine)\r\n")
    }

    @Test func `the connection is mentioned only where it must be`() {
        let start = "HTTP/1.1 200 OK\r\n\(dateLine)\(serverLine)Content-Length: 0\r\n"
        #expect(head(200) == start + "\r\n")
        #expect(head(200, length: 0, .keepAlive) == start + "Connection: keep-alive\r\n\r\n")
        #expect(head(200, length: 0, .close) == start + "Connection: close\r\n\r\n")
    }

    @Test func `a status without a phrase keeps the space before it`() {
        // RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]
        #expect(head(299).hasPrefix("HTTP/1.1 299 \r\nDate: "))
    }

    @Test func `the date stands where the offset says, for every status`() {
        for code in 100...599 {
            guard let status = HTTPStatus(code) else { continue }
            let start = HTTPSerializer.dateOffset(status)
            let date = Array(head(status).utf8)[start..<start + HTTPDate.count]
            #expect(String(decoding: date, as: UTF8.self) == "Sun, 06 Nov 1994 08:49:37 GMT")
        }
    }

    @Test func `statuses are 100 to 599`() {
        for code in [Int.min, -200, 0, 99, 600, 700, 65_636, .max] {
            #expect(HTTPStatus(code) == nil)
        }
        for code in 100...599 { #expect(HTTPStatus(code).map { Int($0.code) } == code) }
        #expect("\(418 as HTTPStatus)" == "418 I'm a teapot")
        #expect((503 as HTTPStatus).reason == "Service Unavailable")
        #expect((299 as HTTPStatus).reason == "")
    }

    @Test func `only 1xx, 204, 205 and 304 have no body`() {
        let without = (100...599).filter { HTTPStatus($0)?.allowsBody == false }
        #expect(without == Array(100...199) + [204, 205, 304])
    }

    @Test func `a response for people is plain text with a line end`() {
        let response = HTTPResponse(404, text: "No.", fields: [HTTPField("Allow", "GET")])
        #expect(response.fields.map(\.name) == ["Allow", "Content-Type"])
        #expect(response.fields.last?.value == "text/plain; charset=utf-8")
        #expect(response.bodyCount == 4)
        #expect(response.body.first?.text == "No.\n")
    }
}
