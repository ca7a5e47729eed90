import HTTPWire
import Testing

@testable import Faults

/// What each step sends, and what is known of its bytes.
struct ScriptRunTests {
    private static let head =
        "0 head: ‹HTTP/1.1 200 OK|Content-Type: image/gif|Content-Length: 10|ETag: \"a\"||›"

    @Test func `the honest answer is a head and a body`() throws {
        #expect(
            try ScriptPlay.lines("head\nbody")
                == ["0 head 200 17 10", Self.head, "0 0123456789", "0 end"])
    }

    @Test(arguments: [
        ("body ..40%", "0123"), ("body 40%..", "lost 456789"), ("body 2..5", "lost 234"),
        ("body ..50%-1", "0123"), ("body ..20%+2", "0123"), ("body ..$at", "0123"),
        ("body ..$at+1", "01234"), ("body $at-4..100%-8", "01"), ("body ..99", "0123456789"),
        ("body ..29%", "01"), ("body ..$length-7", "012"), ("body of other", "foreign other"),
        ("body of other ..40%", "foreign ot"), ("body ..3\nbody 3..5", "01234"),
        ("body ..4kB", "0123456789"), ("body 0%..100%", "0123456789"),
    ])
    func `a body has the part that it says`(_ steps: String, _ text: String) throws {
        let lines = try ScriptPlay.lines(steps, header: "param at 40% position")
        #expect(lines == ["0 \(text)", "0 end"])
    }

    @Test func `what was sent before is foreign, and what follows a gap is lost`() throws {
        #expect(
            try ScriptPlay.lines("body ..4\nbody 2..6\nbody 8..")
                == ["0 0123", "0 foreign 23", "0 45", "0 lost 89", "0 end"])
    }

    @Test func `an empty part is nothing, and a place past the end is told`() throws {
        var play = try ScriptPlay("body 5..5\nbody ..20\nbody 7..3")
        play.take()
        #expect(!play.run.hasPassedEnd)
        play.goOn()
        #expect(play.lines == ["0 0123456789", "0 end"])
        #expect(play.run.hasPassedEnd)
    }

    @Test(arguments: [true, false])
    func `an answer without a body has neither body nor chunks`(_ isHead: Bool) throws {
        var play = try ScriptPlay(
            "head\nbody\nbody as gzip\nchunk\nchunk size \"5\"\nlast-chunk\nsend \"x\"")
        play.request.isHead = isHead
        if !isHead {
            play.answer.head = Array("HTTP/1.1 304 Not Modified\r\n\r\n".utf8)
        }
        play.answer.body = []
        play.take()
        play.goOn()
        #expect(play.lines.suffix(2) == ["0 foreign x", "0 end"])
        #expect(play.lines.count == 4)
    }

    @Test func `bits that are flipped are others each time, and the same for a seed`() throws {
        func flipped(_ seed: UInt64) throws -> [UInt8] {
            var play = try ScriptPlay("body flip 3", seed: seed)
            play.take()
            play.goOn()
            #expect(play.lines.contains { $0.hasPrefix("0 foreign") })
            return play.bytes
        }
        let bytes = try flipped(1)
        let changed = zip(bytes, ScriptPlay.answer.body).map { ($0 ^ $1).nonzeroBitCount }
        #expect(changed.reduce(0, +) == 3)
        #expect(try flipped(1) == bytes)
        #expect(try flipped(2) != bytes)
    }

    @Test func `only bytes that are flipped are foreign`() throws {
        let lines = try ScriptPlay.lines("body flip 1")
        #expect(lines.filter { $0.hasPrefix("0 foreign") }.map(\.count) == [11])
        #expect(try ScriptPlay.lines("body ..1 flip 99").count == 2)
    }

    @Test(arguments: [(99, 9), (4_094, 1), (4_095, 0), (1_000_000, 0)])
    func `bits that are flipped are work, of which there is only so much in one turn`(
        _ flips: Int, _ most: Int
    ) throws {
        var play = try ScriptPlay("repeat 9\nbody ..1 flip \(flips)\ndone")
        play.take()
        play.run.take(ScriptPlay.answer, other: nil)
        play.step()
        #expect(play.bytes.count == most)
        play.goOn()
        #expect(play.bytes.count == 9 && play.run.isOver)
    }

    // MARK: Chunks

    @Test(arguments: [
        ("chunk", "‹a|›0123456789‹|›"), ("chunk ..4", "‹4|›0123‹|›"),
        ("chunk ..4 size \"0x4\"", "‹0x4|›0123‹|›"), ("chunk ..4 size +12", "‹10|›0123‹|›"),
        ("chunk ..4 size -9", "‹0|›0123‹|›"), ("chunk ..4 ends \"\"", "‹4|›0123"),
        ("chunk ..4 extension \"a=b\"", "‹4;a=b|›0123‹|›"), ("last-chunk", "‹0||›"),
        ("chunk 3..3 size \"5\"", "‹5||›"), ("chunk ..4 size \"$length\"", "‹10|›0123‹|›"),
        ("last-chunk \"X: y\" \"Z: $i\"", ""), ("chunk of other", ""),
    ])
    func `chunks are framed as they say`(_ step: String, _ text: String) throws {
        let expected =
            switch step {
            case "chunk of other": ["0 ‹5|›", "0 foreign other", "0 ‹|›", "0 end"]
            case "last-chunk \"X: y\" \"Z: $i\"": ["0 ‹0|X: y|Z: 1||›", "0 end"]
            default: ["0 \(text)", "0 end"]
            }
        let steps = step.contains("$i") ? "repeat 1\n\(step)\ndone" : step
        #expect(try ScriptPlay.lines(steps) == expected)
    }

    @Test func `an empty part makes no chunk, which would be the last one`() throws {
        #expect(try ScriptPlay.lines("chunk 10..\nchunk 3..3") == ["0 end"])
    }

    @Test func `a body can be cut into chunks of one byte`() throws {
        let lines = try ScriptPlay.lines("repeat $length-7\nchunk $i-1..$i\ndone\nlast-chunk")
        #expect(lines == ["0 ‹1|›0‹|1|›1‹|1|›2‹|0||›", "0 end"])
    }

    // MARK: Exactly these bytes

    @Test(arguments: [
        ("send \"a\\r\\n\\t\\0\\\\\\\"\\x7f\"", "a|\t\0\\\"\u{7f}"), ("hex 0d0A ff", "|\u{ff}"),
        ("fill 5 \"ab\"", "ababa"), ("fill 3 zero", "\0\0\0"), ("send \"a\" \"b\"", "ab"),
        ("fill $length-8 \"x\"", "xx"), ("fill 0 zero", ""),
    ])
    func `what is sent is foreign, and no content before a head`(
        _ step: String, _ text: String
    ) throws {
        let expected = text.isEmpty ? ["0 end"] : ["0 foreign ‹\(text)›", "0 end"]
        #expect(try ScriptPlay.lines(step) == expected)
    }

    @Test func `what is sent behind a head is content`() throws {
        #expect(
            try ScriptPlay.lines("head 103 drop Content-Length\nsend \"a\"\nhead\nsend \"b\"")
                .filter {
                    $0.contains("foreign")
                } == ["0 foreign ‹a›", "0 foreign b"])
    }

    @Test func `behind an open head content begins at the empty line`() throws {
        let lines = try ScriptPlay.lines("head open\nsend \"X: y\\r\\n\"\nsend \"\\r\\nabc\"")
        #expect(lines.suffix(2) == ["0 foreign ‹X: y||›abc", "0 end"])
        let filled = try ScriptPlay.lines("head open\nfill 5 \"\\r\\n\"")
        #expect(filled.suffix(2) == ["0 foreign ‹|›|\r", "0 end"])
    }

    @Test func `another head behind a complete one is nobody's answer`() throws {
        let lines = try ScriptPlay.lines("head\nbody\nhead\nbody")
        #expect(lines.count { $0.hasPrefix("0 head ") } == 1)
        #expect(lines.count { $0.hasPrefix("0 foreign") } == 1)
    }

    @Test func `a random filling is the same for a seed`() throws {
        func filled(_ seed: UInt64) throws -> [UInt8] {
            var play = try ScriptPlay("fill 100 random", seed: seed)
            play.take()
            play.goOn()
            return play.bytes
        }
        #expect(try filled(1).count == 100)
        #expect(try filled(1) == filled(1))
        #expect(try filled(1) != filled(2))
    }

    // MARK: Requests

    @Test func `another request is answered by what follows`() throws {
        var play = try ScriptPlay(
            "ask drop Range set \"X: $path\"\nhead\nbody\nrequest\nhead 503\nfin")
        play.take()
        #expect(play.run.question?.dropped == ["range"])
        #expect(play.run.question?.set == ["X: /flags/br/br.gif"])
        play.goOn()
        #expect(play.lines.last == "0 request")
        #expect(play.run.isWaiting)
        #expect(play.run.question == nil)
        play.take()
        #expect(play.run.question == ScriptQuestion())
        play.goOn()
        #expect(play.lines.suffix(3).first == "0 head 503 34 10")
        #expect(play.lines.last == "0 fin")
    }

    @Test func `a client that has ended its side asks no more`() throws {
        var play = try ScriptPlay("head\nbody\nrequest\nfin")
        play.take()
        play.goOn()
        play.clientEnds()
        play.goOn()
        #expect(play.lines.suffix(2) == ["0 request", "0 fin"])
    }

    @Test func `steps that begin with the connection need no request`() throws {
        var play = try ScriptPlay("begin accept\nsend \"220 hi\\r\\n\"\nrequest\nhead\nbody")
        #expect(play.run.beginning == .accept)
        play.goOn()
        #expect(play.lines == ["0 foreign ‹220 hi|›"])
        #expect(play.run.isWaiting && play.run.question == nil)
        play.take()
        play.goOn()
        #expect(play.lines.suffix(2) == ["0 0123456789", "0 end"])
    }

    @Test func `a request that came early is there when it is wanted`() throws {
        var play = try ScriptPlay("begin accept\nwait 1s\nrequest\nhead\nbody")
        play.step()
        play.take()
        play.goOn()
        #expect(play.lines.last == "1000000000 end")
    }

    @Test func `what needs no answer asks for none`() throws {
        for steps in ["send \"$target\"", "wait 1s\nfin", "silence", "hex 00", "fill 3 zero"] {
            var play = try ScriptPlay(steps)
            play.take()
            #expect(play.run.question == nil, "\(steps)")
        }
        for steps in ["head", "body", "send \"$length\"", "fill $size zero", "send \"$etag\""] {
            var play = try ScriptPlay(steps)
            play.take()
            #expect(play.run.question == ScriptQuestion(), "\(steps)")
        }
        for steps in ["body of other", "send \"$other.etag\""] {
            var play = try ScriptPlay(steps)
            play.take()
            #expect(play.run.question?.needsOther == true, "\(steps)")
        }
    }
}
