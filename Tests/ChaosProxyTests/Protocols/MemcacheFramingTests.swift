import Testing

@testable import ChaosProxy

struct MemcacheFramingTests {
    private func conversation(_ turns: Conversation.Turn...) -> Conversation {
        .cutEverywhere(.memcache, turns)
    }

    // MARK: Commands

    @Test(arguments: ["set", "add", "replace", "append", "prepend"])
    func `a storage command has its data with it`(name: String) {
        let talk = conversation(.client("\(name) k 0 0 4\r\na\r\nb\r\nget k\r\n"))
        let count = name.utf8.count + 16
        #expect(talk.requests == ["\(name) k 0 0 4 \(count)", "get k 7"])
    }

    @Test func `cas has its data with it, and an empty item is one`() {
        let talk = conversation(.client("cas k 0 0 0 77\r\n\r\nset k 1 2 0 noreply\r\n\r\n"))
        #expect(talk.requests == ["cas k 0 0 0 77 18", "set k 1 2 0 noreply 23!"])
    }

    @Test func `large data is passed on as it comes`() {
        var talk = Conversation(.memcache, [.client("set k 0 0 3000000\r\n")])
        for _ in 0..<3 { talk.client([UInt8](repeating: 0, count: 1_000_000)) }
        #expect(talk.requests == ["set k 0 0 3000000 3000019..."])
        talk.client("\r\n")
        #expect(talk.requests == ["set k 0 0 3000000 3000021"])
    }

    @Test(arguments: [
        "delete k noreply", "incr k 1 noreply", "decr k 1 noreply", "touch k 0 noreply",
        "flush_all noreply", "flush_all 0 noreply", "verbosity 1 noreply", "quit",
    ])
    func `noreply is not answered, nor is quit`(line: String) {
        let talk = conversation(.client(line + "\r\n"))
        #expect(talk.requests == ["\(line) \(line.utf8.count + 2)!"])
    }

    @Test(arguments: ["delete noreply", "get noreply", "get a noreply", "gats 0 noreply"])
    func `a key may be called noreply`(line: String) {
        #expect(conversation(.client(line + "\r\n")).requests == ["\(line) \(line.utf8.count + 2)"])
    }

    @Test(arguments: [
        "set k 0 0\r\n", "set k 0 0 -1\r\n", "set k 0 0 x\r\n", "set k 0 0 1073741825\r\n", "\r\n",
        "watch\r\n", "lru_crawler metadump all\r\n", "mg k v q\r\n", "ms k 2 q\r\n", "ms k S2\r\n",
        "md k q\r\n", "ma k N0 q\r\n", "\u{0}",
    ])
    func `what cannot be framed tunnels`(text: String) {
        var talk = Conversation(.memcache)
        talk.client(text == "\0" ? [0x80] : Array(text.utf8))
        #expect(talk.outcome.clientTunnels && talk.requests.isEmpty && !talk.reason.isEmpty)
    }

    @Test func `data without its line end tunnels`() {
        let talk = conversation(.client("set k 0 0 1\r\nabc\r\n"))
        #expect(talk.requests == ["set k 0 0 1 14..."] && talk.outcome.clientTunnels)
    }

    @Test func `a target is cut at 1 KiB`() {
        let line = "get " + String(repeating: "k", count: 2000)
        let talk = Conversation(.memcache, [.client(line + "\r\n")], cut: 0)
        #expect(talk.outcome.requests.map(\.text) == [String(line.prefix(1024))])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a line of more than 64 KiB tunnels, however it comes`() {
        var talk = Conversation(.memcache, [.client("get ")])
        for _ in 4..<65_536 { talk.client([0x61]) }
        #expect(!talk.tunnels)
        talk.client([0x61])
        #expect(talk.tunnels)
    }

    // MARK: Replies

    private func reply(_ text: String, to command: String) -> Conversation {
        conversation(
            .client("\(command)\r\nversion\r\n"), .server(text), .server("VERSION 1\r\n"))
    }

    @Test(arguments: [
        ("get a b", "VALUE a 0 3\r\nEND\r\nVALUE b 0 0 9\r\n\r\nEND\r\n"), ("gets a", "END\r\n"),
        ("gat 1 a", "VALUE a 0 1\r\nx\r\nEND\r\n"), ("gats 1 a", "SERVER_ERROR out\r\n"),
        ("get", "ERROR\r\n"), ("get a", "CLIENT_ERROR bad\r\n"),
        ("stats", "STAT a 1\r\nSTAT b 2\r\nEND\r\n"), ("stats reset", "RESET\r\n"),
        ("stats detail on", "OK\r\n"), ("stats x", "CLIENT_ERROR bad\r\n"),
        ("delete a", "DELETED\r\n"), ("incr a 1", "12\r\n"), ("nonsense", "ERROR\r\n"),
        ("mg a v", "VA 2 t1\r\nEN\r\n"), ("mg a", "HD\r\n"), ("mg a v", "EN\r\n"),
        ("md a", "NF\r\n"), ("ma a v", "VA 2\r\n10\r\n"), ("mn", "MN\r\n"),
        ("me a", "ME a b=c\r\n"),
        ("set a 0 0 1\r\nx", "STORED\r\n"), ("ms a 1 T0\r\nx", "HD\r\n"),
    ])
    func `a reply ends where it ends`(command: String, text: String) {
        let talk = reply(text, to: command)
        #expect(talk.replies == ["\(text.utf8.count)", "11"] && !talk.tunnels)
    }

    @Test func `replies to pipelined commands are told apart`() {
        let talk = conversation(
            .client("get a\r\nset b 0 0 1 noreply\r\nx\r\nget b\r\n"),
            .server("VALUE a 0 1\r\nx\r\nEND\r\nEND\r\n"))
        #expect(talk.replies == ["21", "5"] && !talk.tunnels)
    }

    @Test func `a large item is passed on as it comes`() {
        var talk = Conversation(
            .memcache, [.client("get k\r\n"), .server("VALUE k 0 3000000\r\n")])
        for _ in 0..<3 { talk.server([UInt8](repeating: 0, count: 1_000_000)) }
        #expect(talk.replies == ["3000019..."] && talk.outcome.unusedReceived.isEmpty)
        talk.server("\r\nEND\r\n")
        #expect(talk.replies == ["3000026"])
    }

    @Test(arguments: [
        ("get k", "VALUE k 0\r\n"), ("get k", "VALUE k 0 x\r\n"), ("get k", "STORED\r\n"),
        ("mg k v", "VA x\r\n"), ("get k", "VALUE k 0 1\r\nabc"),
    ])
    func `a reply without a known end tunnels`(command: String, text: String) {
        let talk = conversation(.client(command + "\r\n"), .server(text))
        #expect(talk.outcome.serverTunnels && !talk.outcome.clientTunnels)
    }

    @Test func `a reply that nobody asked for tunnels`() {
        let talk = conversation(.client("incr k x noreply\r\n"), .server("ERROR\r\n"))
        #expect(talk.outcome.serverTunnels && talk.outcome.unusedReceived.count == 7)
    }
}
