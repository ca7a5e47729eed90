import ControlAPI
import Testing

@testable import flagserver

struct ControlRequestTests {
    private let url = try? ControlURL("http://localhost:1/base", from: "--url")

    private func text(_ request: ControlRequest, token: String? = nil) throws -> String {
        String(decoding: request.bytes(to: try #require(url), token: token), as: UTF8.self)
    }

    @Test func `a request says whom it asks, and with which token`() throws {
        #expect(
            try text(ControlRequest("GET", "/proxies"), token: "x")
                == "GET /base/proxies HTTP/1.1\r\nHost: localhost:1\r\n"
                + "User-Agent: \(Banner.version)\r\nConnection: close\r\n"
                + "Authorization: Bearer x\r\n\r\n")
    }

    @Test func `content has its type and length`() throws {
        let content = JSONValue.object([.init("enabled", .bool(false))])
        let text = try text(ControlRequest("POST", "/proxies/a", content))
        #expect(
            text.hasSuffix(
                "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"enabled\":false}"))
        #expect(
            try self.text(ControlRequest("POST", "/reset")).hasSuffix("Content-Length: 0\r\n\r\n"))
    }
}
