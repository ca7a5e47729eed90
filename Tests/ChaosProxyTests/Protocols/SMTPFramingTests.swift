import Testing

@testable import ChaosProxy

struct SMTPFramingTests {
    private let greeting = Conversation.Turn.server("220 mail ready\r\n")

    private func conversation(_ turns: Conversation.Turn...) -> Conversation {
        .cutEverywhere(.smtp, [greeting] + turns)
    }

    // MARK: Commands and replies

    @Test func `the greeting is a reply without a request`() {
        #expect(conversation().replies == ["220 16"])
        let long = Conversation.cutEverywhere(.smtp, [.server("220-a\r\n220 b\r\n")])
        #expect(long.replies == ["220 14"] && !long.tunnels)
    }

    @Test func `a client that does not wait for the greeting is not answered with it`() {
        let talk = Conversation.cutEverywhere(
            .smtp, [.client("NOOP\r\n"), greeting, .server("250 OK\r\n")])
        #expect(talk.requests == ["NOOP 6"] && talk.replies == ["250 24"])
    }

    @Test func `each command has a reply of one or several lines`() {
        let talk = conversation(
            .client("EHLO a b\r\n"), .server("250-mail\r\n250-PIPELINING\r\n250 SIZE\r\n"),
            .client("RSET\r\n"), .server("250\r\n"))
        #expect(talk.requests == ["EHLO a b 10", "RSET 6"])
        #expect(talk.replies == ["220 16", "250 36", "250 5"] && !talk.tunnels)
    }

    @Test func `pipelined commands are answered in order`() {
        let talk = conversation(
            .client("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\n"),
            .server("250 1\r\n550 2\r\n250 3\r\n"))
        #expect(talk.requests == ["MAIL FROM:<a> 15", "RCPT TO:<b> 13", "RCPT TO:<c> 13"])
        #expect(talk.replies == ["220 16", "250 7", "550 7", "250 7"])
    }

    // MARK: DATA

    private let message = "a\r\n..\r\n.\n\r.\r\n\r\n.\r\n"

    @Test func `DATA is one exchange with its message`() {
        let talk = conversation(
            .client("MAIL FROM:<a>\r\nDATA\r\n"), .server("250 1\r\n354 go\r\n"), .client(message),
            .server("250 queued\r\n"), .client("QUIT\r\n"), .server("221 bye\r\n"))
        #expect(talk.requests == ["MAIL FROM:<a> 15", "DATA \(6 + message.utf8.count)", "QUIT 6"])
        #expect(talk.replies == ["220 16", "250 7", "250 20", "221 9"] && !talk.tunnels)
    }

    @Test func `a message may be empty, and two may follow each other at once`() {
        let talk = conversation(
            .client("DATA\r\n"), .server("354 go\r\n"), .client(".\r\nMAIL FROM:<b>\r\nDATA\r\n"),
            .server("250 first\r\n250 sender\r\n354 go\r\n"), .client("x\r\n.\r\n"),
            .server("554 second\r\n"))
        #expect(talk.requests == ["DATA 9", "MAIL FROM:<b> 15", "DATA 12"])
        #expect(talk.replies == ["220 16", "250 19", "250 12", "554 20"] && !talk.tunnels)
    }

    @Test func `a message that comes early waits for the reply that decides what it is`() {
        let early = Conversation.Turn.client("DATA\r\nNOOP\r\n.\r\n")
        let accepted = conversation(early, .server("354 go\r\n"))
        #expect(accepted.requests == ["DATA 15"] && accepted.replies == ["220 16", "8..."])
    }

    @Test func `DATA that is refused ends with its line`() {
        let talk = conversation(
            .client("DATA\r\nNOOP\r\n"), .server("503 no\r\n250 OK\r\n"))
        #expect(talk.requests == ["DATA 6", "NOOP 6"])
        #expect(talk.replies == ["220 16", "503 8", "250 8"])
        #expect(conversation(.client("DATA\r\n"), .server("503 no\r\n")).requests == ["DATA 6"])
    }

    @Test func `a message may be answered before its end`() {
        let talk = conversation(
            .client("DATA\r\n"), .server("354 go\r\n"), .client("abc"), .server("552 full\r\n"),
            .client("\r\n.\r\nQUIT\r\n"), .server("221 bye\r\n"))
        #expect(talk.requests == ["DATA 14", "QUIT 6"])
        #expect(talk.replies == ["220 16", "552 18", "221 9"])
    }

    // MARK: BDAT, AUTH, STARTTLS

    @Test func `BDAT has its octets with it`() {
        let talk = conversation(
            .client("BDAT 5\r\n\r\n.\r\nBDAT 2 LAST\r\nabBDAT 0 LAST\r\nBDAT x\r\n"))
        #expect(
            talk.requests == ["BDAT 5 13", "BDAT 2 LAST 15", "BDAT 0 LAST 13", "BDAT x 8"])
    }

    @Test func `AUTH is one exchange with its challenges, and its secret no part of the target`() {
        let talk = conversation(
            .client("AUTH LOGIN\r\n"), .server("334 VXNlcg==\r\n"), .client("YQ==\r\n"),
            .server("334 UGFzcw==\r\n"), .client("YQ==\r\n"), .server("235 ok\r\n"),
            .client("AUTH PLAIN AGEAYg==\r\nNOOP\r\n"), .server("535 no\r\n"))
        #expect(talk.requests == ["AUTH LOGIN 24", "AUTH PLAIN 21", "NOOP 6"])
        #expect(talk.replies == ["220 16", "235 36", "535 8"] && !talk.tunnels)
    }

    @Test func `STARTTLS with a 220 opens a tunnel`() {
        let talk = conversation(
            .client("STARTTLS\r\n"), .server("220 go\r\n\u{16}"), .client("\u{16}"))
        #expect(talk.requests == ["STARTTLS 10"] && talk.replies == ["220 16", "220 8"])
        #expect(talk.outcome.clientTunnels && talk.outcome.serverTunnels)
    }

    @Test func `STARTTLS that is refused is a command like others`() {
        let talk = conversation(
            .client("STARTTLS\r\nNOOP\r\n"), .server("454 no\r\n250 OK\r\n"))
        #expect(talk.requests == ["STARTTLS 10", "NOOP 6"] && !talk.tunnels)
    }

    // MARK: Injected replies

    @Test(arguments: ["DATA", "AUTH LOGIN", "STARTTLS"])
    func `what a client does not send after an injected reply is not waited for`(line: String) {
        var talk = conversation(.client("\(line)\r\n"))
        talk.injected()
        talk.client("QUIT\r\n")
        #expect(talk.requests == ["\(line) \(line.utf8.count + 2)", "QUIT 6"])
    }

    @Test func `the octets of a BDAT follow an injected reply`() {
        var talk = conversation(.client("BDAT 3\r\na"))
        talk.injected()
        talk.client("bcQUIT\r\n")
        #expect(talk.requests == ["BDAT 3 11", "QUIT 6"])
    }

    // MARK: What is no SMTP

    @Test(arguments: ["\u{16}\u{3}\u{1}", "\r\n", "250 OK\r\n"])
    func `what is no command tunnels at once`(text: String) {
        let talk = conversation(.client(text))
        #expect(talk.outcome.clientTunnels && talk.requests.isEmpty)
    }

    @Test(arguments: ["SSH-2.0", "22x", "2200 a\r\n", "22\r\n", "220_a\r\n", "\r\n"])
    func `what is no reply tunnels`(text: String) {
        let talk = Conversation.cutEverywhere(.smtp, [.server(text)])
        #expect(talk.outcome.serverTunnels && talk.replies.isEmpty)
    }

    @Test func `a reply that nobody asked for tunnels`() {
        let talk = conversation(.server("421 timeout\r\n"))
        #expect(talk.replies == ["220 16"] && talk.outcome.serverTunnels)
    }

    @Test(.timeLimit(.minutes(1)))
    func `lines have limits, however they come`() {
        var talk = conversation(.client("NOOP "))
        for _ in 5..<12_289 { talk.client([0x61]) }
        #expect(!talk.tunnels)
        talk.client([0x61])
        #expect(talk.outcome.clientTunnels)
        var other = conversation(.client("NOOP\r\n"), .server("250 "))
        for _ in 4..<4097 { other.server([0x61]) }
        #expect(!other.tunnels)
        other.server([0x61])
        #expect(other.outcome.serverTunnels)
    }
}
