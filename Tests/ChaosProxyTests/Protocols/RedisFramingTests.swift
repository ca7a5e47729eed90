import Testing

@testable import ChaosProxy

struct RedisFramingTests {
    private func conversation(_ turns: Conversation.Turn...) -> Conversation {
        .cutEverywhere(.redis, turns)
    }

    private func command(_ words: String...) -> String {
        "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }

    // MARK: Commands

    @Test func `pipelined commands are told apart by name and first argument`() {
        let talk = conversation(
            .client(command("SET", "key", "a\r\nb") + command("PING") + command("get", "key")))
        #expect(
            talk.requests == [
                "SET\r\n$3\r\nkey 32", "PING 14", "get\r\n$3\r\nkey 22",
            ])
        #expect(!talk.tunnels && talk.outcome.unusedSent.isEmpty)
    }

    @Test func `inline commands are told apart, with what is no command before them`() {
        let talk = conversation(.client("PING\r\n\r\n*0\r\n*-1\r\n  get  k x\r\nSET k v\n"))
        #expect(talk.requests == ["PING 6", "get  k 23", "SET k 8"])
    }

    @Test func `an empty name or argument is one, too`() {
        let talk = conversation(.client(command("", "") + command("GET", "") + command("PING")))
        #expect(talk.requests.map { $0.suffix(3) } == [" 16", " 19", " 14"])
    }

    @Test func `a large argument is passed on as it comes`() {
        var talk = Conversation(.redis)
        talk.client("*3\r\n$3\r\nSET\r\n$5000000\r\n")
        #expect(talk.requests.isEmpty)
        for _ in 0..<5 { talk.client([UInt8](repeating: 0x61, count: 1_000_000)) }
        #expect(talk.outcome.requests.map(\.count) == [5_000_023])
        let target = "SET\r\n$5000000\r\n" + String(repeating: "a", count: 1024 - 15)
        #expect(talk.outcome.requests.map(\.text) == [target])
        talk.client("\r\n$1\r\nv\r\n")
        #expect(talk.outcome.requests[0].isComplete && talk.outcome.unusedSent.isEmpty)
    }

    @Test func `a name or argument beyond the target's limit is cut, wherever the pieces end`() {
        let long = String(repeating: "n", count: 1500)
        for words in [command(long, "a"), command("GET", long), command("GET", long, "b")] {
            let talk = Conversation(.redis, [.client(words + command("PING"))])
            #expect(talk.outcome.requests.map(\.text.utf8.count) == [1024, 4])
            let other = Conversation(.redis, [.client(words + command("PING"))], cut: 0)
            #expect(other.outcome == talk.outcome)
        }
    }

    @Test(arguments: [
        "SUBSCRIBE", "psubscribe", "SSUBSCRIBE", "UNSUBSCRIBE", "MONITOR", "SYNC", "PSYNC",
        "REPLCONF",
    ])
    func `commands with other than one reply tunnel`(name: String) {
        for text in [command(name, "x"), "\(name) x\r\n"] {
            let talk = conversation(.client(command("PING") + text), .server("+PONG\r\n"))
            #expect(talk.requests == ["PING 14"] && talk.outcome.unusedSent == Array(text.utf8))
            #expect(talk.replies == ["7"] && !talk.outcome.serverTunnels)
        }
    }

    @Test func `CLIENT REPLY tunnels, CLIENT with another argument does not`() {
        #expect(conversation(.client(command("client", "Reply", "OFF"))).tunnels)
        #expect(conversation(.client("CLIENT REPLY SKIP\r\n")).tunnels)
        let other = conversation(.client(command("CLIENT", "ID")))
        #expect(other.requests == ["CLIENT\r\n$2\r\nID 24"])
    }

    @Test func `a password is no part of the target`() {
        let talk = conversation(.client(command("AUTH", "secret") + "auth secret\r\n"))
        #expect(talk.requests == ["AUTH 26", "auth 13"])
    }

    @Test(arguments: [
        "*1048577\r\n", "*x\r\n", "*-2\r\n", "*1\n", "*1\r\n+OK\r\n", "*1\r\n$536870913\r\n",
        "*1\r\n$-1\r\n", "*1\r\n$4\r\nPINGx", "\u{16}\u{3}", "*00000000000000000000000000000001\r",
        "*2\r\n$3\r\nGET\r\n:1\r\n",
    ])
    func `a malformed command tunnels`(text: String) {
        let talk = conversation(.client(text))
        #expect(talk.outcome.clientTunnels && talk.requests.isEmpty)
        #expect(talk.outcome.unusedSent.starts(with: text.utf8.prefix(1)))
    }

    @Test func `what is malformed behind the head tunnels there`() {
        let talk = conversation(.client("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n:1\r\n"))
        #expect(talk.requests == ["SET\r\n$1\r\nk 20..."] && talk.outcome.clientTunnels)
        #expect(conversation(.client("*2\r\n$3\r\nGET\r\n$1\r\nkxx")).tunnels)
    }

    @Test(.timeLimit(.minutes(1)))
    func `an inline command of more than 64 KiB tunnels, however it comes`() {
        var talk = Conversation(.redis)
        for _ in 0..<65_536 { talk.client([0x61]) }
        #expect(!talk.tunnels)
        talk.client([0x61])
        #expect(talk.tunnels)
    }

    // MARK: Replies

    private func replies(_ text: String) -> Conversation {
        conversation(
            .client(command("A") + command("B")), .server(text), .server("+END\r\n"))
    }

    @Test(arguments: [
        "+OK\r\n", "-ERR no\r\n", ":-12\r\n", "$3\r\na\r\n\r\n", "$0\r\n\r\n", "$-1\r\n", "*-1\r\n",
        "*0\r\n", "*2\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(123\r\n",
        "!3\r\nERR\r\n", "=5\r\ntxt:a\r\n", "~1\r\n+a\r\n",
        "%2\r\n+a\r\n:1\r\n+b\r\n%1\r\n_\r\n_\r\n", "|1\r\n+ttl\r\n:9\r\n+OK\r\n",
        "*1\r\n|1\r\n+a\r\n+b\r\n:1\r\n", "|0\r\n+OK\r\n",
        ">2\r\n+invalidate\r\n*1\r\n+k\r\n+OK\r\n", ">0\r\n+OK\r\n",
    ])
    func `a reply of every type ends where it ends`(text: String) {
        let talk = replies(text)
        #expect(talk.replies == ["\(text.utf8.count)", "6"] && !talk.tunnels)
    }

    @Test func `the replies of a transaction and of a pipeline are counted`() {
        let commands = command("MULTI") + command("SET", "a", "b") + command("EXEC")
        let talk = conversation(
            .client(commands), .server("+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n"))
        #expect(talk.replies == ["5", "9", "9"] && !talk.tunnels)
    }

    @Test func `a large reply is passed on as it comes`() {
        var talk = Conversation(.redis, [.client(command("A")), .server("*2\r\n$5000000\r\n")])
        for _ in 0..<5 { talk.server([UInt8](repeating: 0, count: 1_000_000)) }
        #expect(talk.replies == ["5000014..."] && talk.outcome.unusedReceived.isEmpty)
        talk.server("\r\n:1\r\n")
        #expect(talk.replies == ["5000020"])
    }

    @Test func `a push comes without a request, a reply does not`() {
        let talk = conversation(.server(">1\r\n+a\r\n>1\r\n+b\r\n+OK\r\n"))
        #expect(talk.replies == ["16..."] && talk.outcome.serverTunnels)
        #expect(talk.outcome.unusedReceived == Array("+OK\r\n".utf8))
    }

    @Test(arguments: [
        "$?\r\n", "*?\r\n", "HTTP/1.1", "$-2\r\n", "%-1\r\n", "$536870913\r\n", "$1\n", "\u{15}",
    ])
    func `a malformed reply tunnels`(text: String) {
        let talk = conversation(.client(command("A")), .server(text))
        #expect(talk.outcome.serverTunnels && talk.replies.isEmpty)
        #expect(talk.outcome.unusedReceived.starts(with: text.utf8.prefix(1)))
    }

    @Test func `a push within a reply, or data without its line end, tunnels`() {
        for text in ["*1\r\n>1\r\n+a\r\n", "*1\r\n$1\r\nabc"] {
            #expect(conversation(.client(command("A")), .server(text)).outcome.serverTunnels)
        }
    }

    @Test func `replies are nested at most 32 deep`() {
        let nested = String(repeating: "*1\r\n", count: 32)
        #expect(replies(nested + ":1\r\n").replies == ["132", "6"])
        #expect(replies(nested + "*1\r\n:1\r\n").outcome.serverTunnels)
        #expect(replies(nested + "*0\r\n").replies == ["132", "6"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a reply line of more than 64 KiB tunnels, however it comes`() {
        var talk = Conversation(.redis, [.client(command("A")), .server("+")])
        for _ in 1..<65_536 { talk.server([0x61]) }
        #expect(!talk.tunnels)
        talk.server([0x61])
        #expect(talk.outcome.serverTunnels)
    }
}
