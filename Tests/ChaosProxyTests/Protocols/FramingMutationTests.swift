import TestSupport
import Testing

@testable import ChaosProxy

/// A seeded fuzz run: no framing traps, stands still or uses what is not there (`Conversation`
/// checks each step), and none sees another conversation when the bytes are cut elsewhere.
struct FramingMutationTests {
    private static let http: [Conversation.Turn] = [
        .client("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
        .client("HEAD / HTTP/1.0\r\n\r\n"),
        .server("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        .client("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nGET / HTTP/1.1\r\nUpgrade: a\r\n"),
        .server("HTTP/1.1 404 \nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 O"),
    ]
    private static let redis: [Conversation.Turn] = [
        .client("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n\r\n\r\n"),
        .client("PING a b\r\n*0\r\n*1\r\n$4\r\nEXEC\r\n"),
        .server("+OK\r\n*3\r\n$-1\r\n%1\r\n:1\r\n_\r\n$2\r\nab\r\n"),
        .server(">1\r\n+x\r\n|1\r\n+a\r\n#t\r\n~1\r\n=5\r\ntxt:a\r\n"),
    ]
    private static let memcache: [Conversation.Turn] = [
        .client("set k 0 0 3\r\nabc\r\nget a b\r\nms k 1 T0\r\nx\r\n"),
        .client("mg k v\r\nstats\r\ntouch k 1\r\n"),
        .server("STORED\r\nVALUE a 0 2\r\nEN\r\nVALUE b 0 0 7\r\n\r\nEND\r\nHD\r\nVA 1 f\r\nx\r\n"),
        .server("STAT a 1\r\nEND\r\nTOUCHED\r\n"),
    ]
    private static let smtp: [Conversation.Turn] = [
        .server("220 a\r\n"), .client("EHLO a\r\nAUTH LOGIN\r\n"),
        .server("250-a\r\n250 b\r\n334 x\r\n"), .client("eA==\r\n"), .server("235 ok\r\n"),
        .client("MAIL FROM:<a>\r\nBDAT 3\r\n\r\n.DATA\r\n"), .server("250\r\n250 a\r\n354 go\r\n"),
        .client("a\r\n..\r\n.\r\nSTARTTLS\r\n"), .server("250 a\r\n220 go\r\n"),
    ]

    private static let charfinder: [Conversation.Turn] = [
        .server("?> "), .client("chess black\r\nsun\n \n"),
        .server("U+265A\t♚\tBLACK CHESS KING\r\n── 1 found\r\n?> ── 0 found\r\n?> ?> "),
        .client("? >\ndigit"), .server("?x\r\n?\r\n?> "), .client("\n"), .server("? 1\r\n?> "),
    ]

    private static let pieces = [
        "\r\n", "\n", "\r", " ", "0", "9", "-1", "\r\n\r\n", "*2\r\n", "$1\r\n", ">", "|", ".",
        "END\r\n", "354 ", "noreply", "q", "99999999999999999999", "\0", "é", "DATA\r\n",
        "HTTP/1.1 101 \n\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n",
        "SUBSCRIBE", "VALUE ", "250-",
    ].map { Array($0.utf8) }

    private func mutated(_ text: String, _ generator: inout TestGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<max(0, generator.next(below: 8) - 5) {
            let place = generator.next(below: bytes.count + 1)
            let end = min(bytes.count, place + 1 + generator.next(below: 8))
            switch generator.next(below: 5) {
            case 0: bytes.insert(contentsOf: generator.element(of: Self.pieces), at: place)
            case 1: bytes.insert(UInt8(generator.next(below: 256)), at: place)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: if place < bytes.count { bytes[place] ^= 1 << generator.next(below: 8) }
            }
        }
        return bytes
    }

    /// The messages that were told apart; where a malformed chunk lies may depend on the cut.
    private func messages(_ talk: Conversation) -> [String] {
        talk.outcome.requests.filter(\.isComplete).map { "\($0.text) \($0.count)" }
            + talk.outcome.replies.filter(\.isComplete).map { "\($0.status ?? 0) \($0.count)" }
    }

    private func run(_ protocol: ProxyProtocol, _ turns: [Conversation.Turn], seed: UInt64) {
        var generator = TestGenerator(seed: seed)
        var (tunnels, complete) = (0, 0)
        for _ in 0..<12_500 {
            var whole = Conversation(`protocol`)
            var cut = Conversation(`protocol`)
            for turn in turns {
                switch turn {
                case .client(let text):
                    let bytes = mutated(text, &generator)
                    let middle = generator.next(below: bytes.count + 1)
                    whole.client(bytes)
                    cut.client(Array(bytes[..<middle]))
                    cut.client(Array(bytes[middle...]))
                case .server(let text):
                    let bytes = mutated(text, &generator)
                    let middle = generator.next(below: bytes.count + 1)
                    whole.server(bytes)
                    cut.server(Array(bytes[..<middle]))
                    cut.server(Array(bytes[middle...]))
                }
            }
            if messages(whole) != messages(cut) {
                Issue.record("\(messages(whole)) is not \(messages(cut))")
            }
            tunnels += whole.tunnels ? 1 : 0
            complete += whole.tunnels ? 0 : 1
        }
        // The run is worth something only if it meets both.
        #expect(tunnels > 500 && complete > 200, "\(tunnels) \(complete)")
    }

    @Test func `no mutated HTTP is framed wrongly`() { run(.http, Self.http, seed: 1) }
    @Test func `no mutated Redis is framed wrongly`() { run(.redis, Self.redis, seed: 2) }
    @Test func `no mutated memcache is framed wrongly`() { run(.memcache, Self.memcache, seed: 3) }
    @Test func `no mutated charfinder is framed wrongly`() {
        run(.charfinder, Self.charfinder, seed: 5)
    }
    @Test func `no mutated SMTP is framed wrongly`() { run(.smtp, Self.smtp, seed: 4) }
}
