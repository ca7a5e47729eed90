import Testing

@testable import ChaosProxy

struct CharfinderFramingTests {
    private let prompt = Conversation.Turn.server("?> ")

    private func conversation(_ turns: Conversation.Turn...) -> Conversation {
        .cutEverywhere(.charfinder, [prompt] + turns)
    }

    @Test func `the prompt is a reply without a request`() {
        #expect(conversation().replies == ["3"])
    }

    @Test func `a line is a request, and a reply ends with the next prompt`() {
        let talk = conversation(
            .client("chess black\r\n"), .server("U+265A\t♚\tBLACK CHESS KING\r\n1 found\r\n?> "),
            .client("\n"), .server("?> "))
        #expect(talk.requests == ["chess black 13", " 1"])
        #expect(talk.replies == ["3", "41", "3"] && !talk.tunnels)
    }

    @Test func `only a prompt that begins a line ends a reply`() {
        let talk = conversation(
            .client("a\n"), .server("x ?> y\r\n?\r\n?>\r\n ?> \r\n?> "))
        #expect(talk.replies == ["3", "24"] && !talk.tunnels)
    }

    @Test func `several lines at once are answered in order`() {
        let talk = conversation(
            .client("a\nb c\nd\n"), .server("1\r\n?> "), .server("22\r\n?> 333\r\n?> "))
        #expect(talk.requests == ["a 2", "b c 4", "d 2"])
        #expect(talk.replies == ["3", "6", "7", "8"])
    }

    @Test func `a client that does not wait for the prompt is not answered with it`() {
        let talk = Conversation.cutEverywhere(
            .charfinder, [.client("a\n"), prompt, .server("1\r\n?> ")])
        #expect(talk.requests == ["a 2"] && talk.replies == ["9"])
    }

    @Test func `a line that is longer than others is one request`() {
        let long = String(repeating: "x", count: 70_000)
        for cut in [1, 1024, 4095, 4096, 4097, 4098, 69_999, 70_000, 70_001] {
            let talk = Conversation(
                .charfinder,
                [prompt, .client(long + "\nb\n"), .server("too long\r\n?> 1\r\n?> ")], cut: cut)
            #expect(talk.outcome.requests.map(\.count) == [70_001, 2])
            #expect(talk.outcome.requests[0].text.utf8.count == RequestHead.maximumTarget)
            #expect(talk.replies == ["3", "13", "6"] && !talk.tunnels)
        }
    }

    @Test func `a return before the line's end is none of its bytes`() {
        let line = String(repeating: "x", count: 4096)
        for cut in [1, 4095, 4096, 4097, 4098] {
            let talk = Conversation(
                .charfinder,
                [prompt, .client(line + "\r\nb\n"), .server("1\r\n?> 22\r\n?> ")], cut: cut)
            #expect(talk.outcome.requests.map(\.count) == [4098, 2])
            #expect(talk.replies == ["3", "6", "7"] && !talk.tunnels)
        }
    }

    @Test func `a line that is too long ends with what its client sends, too`() {
        var framing = CharfinderFraming()
        func ask(_ count: Int) -> RequestStep {
            [UInt8](repeating: 0x78, count: count).withUnsafeBytes { framing.request($0) }
        }
        let (first, more) = (ask(5000), ask(0))
        let (ended, last, none) = (framing.clientEnded(), ask(903), ask(0))
        guard case .begins(_, 4097, isComplete: false) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(more == .incomplete && ended && none == .incomplete)
        #expect(last == .continues(count: 903, isComplete: true))
    }

    @Test(
        arguments: [
            ([0x03, 0x0a], 1), ([0x20, 0x09, 0x00], 3), ([0x61, 0xff, 0xf4, 0xff, 0xfd, 0x06], 2),
            ([0x61, 0x62, 0xe2, 0x82, 0x0a], 4), ([0xc3, 0x28, 0x0a, 0x61, 0x0a], 2),
        ] as [([UInt8], Int)])
    func `what follows a line that leaves is no request`(_ sent: [UInt8], _ count: Int) throws {
        for cut in 0...sent.count {
            var framing = CharfinderFraming()
            var rest = Array(sent[..<cut])
            var heads: [RequestHead] = []
            for more in [Array(sent[cut...]), Array("digit\n".utf8), []] {
                while true {
                    let step = rest.withUnsafeBytes { framing.request($0) }
                    guard case .begins(let head, let used, false) = step else {
                        guard case .continues(let used, false) = step, used > 0 else { break }
                        rest.removeFirst(used)
                        continue
                    }
                    heads.append(head)
                    rest.removeFirst(used)
                }
                rest += more
            }
            #expect(heads.count == 1)
            let head = try #require(heads.first)
            #expect(head.target.count == count && framing.isAnsweredByEnd(head.kind))
            #expect(rest.isEmpty)
        }
    }

    @Test func `a client that a fault has kept goes on asking`() {
        var framing = CharfinderFraming()
        func ask(_ text: String) -> RequestStep {
            Array(text.utf8).withUnsafeBytes { framing.request($0) }
        }
        let left = ask("\u{3}\nsun\n")
        guard case .begins(let head, 2, isComplete: false) = left else {
            Issue.record("\(left)")
            return
        }
        #expect(head.method.isEmpty && head.target == 0..<1)
        framing.injected()
        let (end, next) = (ask("sun\n"), ask("sun\n"))
        #expect(end == .continues(count: 0, isComplete: true))
        let sun = RequestHead(method: 0..<0, target: 0..<3)
        #expect(next == .begins(sun, count: 4, isComplete: true))
    }

    @Test func `what a client has sent last counts as a line`() {
        var framing = CharfinderFraming()
        func ask(_ text: String) -> RequestStep {
            Array(text.utf8).withUnsafeBytes { framing.request($0) }
        }
        let before = ask("sun")
        let (first, step, second) = (framing.clientEnded(), ask("sun"), framing.clientEnded())
        #expect(before == .incomplete && first && !second)
        let head = RequestHead(method: 0..<0, target: 0..<3)
        #expect(step == .begins(head, count: 3, isComplete: true))
    }

    @Test func `what nobody has asked for is not told apart`() {
        #expect(conversation(.server("a\r\n")).tunnels)
    }
}
