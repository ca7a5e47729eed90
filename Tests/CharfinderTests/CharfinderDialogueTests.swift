import Testing

@testable import Charfinder

struct CharfinderDialogueTests {
    private static let bar = String(repeating: "─", count: 66)
    private static let cats = """
        U+1F638\t\u{1f638}\tGRINNING CAT FACE WITH SMILING EYES\r
        U+1F63A\t\u{1f63a}\tSMILING CAT FACE WITH OPEN MOUTH\r
        U+1F63B\t\u{1f63b}\tSMILING CAT FACE WITH HEART-SHAPED EYES\r

        """

    /// Everything that is said until it listens or ends.
    private func hear(_ dialogue: inout CharfinderDialogue) -> (text: String, isOver: Bool) {
        var bytes: [UInt8] = []
        while true {
            switch dialogue.next() {
            case .bytes(let piece): bytes += piece
            case .listens, .waits: return (String(decoding: bytes, as: UTF8.self), false)
            case .ends: return (String(decoding: bytes, as: UTF8.self), true)
            }
        }
    }

    private func say(_ text: some Sequence<UInt8>, to dialogue: inout CharfinderDialogue) {
        Array(text).withUnsafeBytes { dialogue.receive($0) }
    }

    /// A session: all that is said to it, as one text.
    private func session(
        _ said: [UInt8], edition: CharfinderEdition = .second, pieces: Int = .max,
        ends: Bool = false
    ) -> (text: String, isOver: Bool) {
        var dialogue = CharfinderDialogue(edition, IndexFixture.whole.index)
        var heard = hear(&dialogue).text
        var rest = said[...]
        while !rest.isEmpty {
            say(rest.prefix(pieces), to: &dialogue)
            rest = rest.dropFirst(pieces)
            let (text, isOver) = hear(&dialogue)
            heard += text
            if isOver { return (heard, true) }
        }
        if ends { dialogue.receiveEnd() }
        let (text, isOver) = hear(&dialogue)
        return (heard + text, isOver)
    }

    @Test(arguments: [1, 2, 7, .max])
    func `the second edition's session, in pieces of any size`(_ pieces: Int) {
        let (text, isOver) = session(
            Array("cat smiling\r\n\nno such\n".utf8), pieces: pieces)
        let prompt = "?> "
        #expect(
            text == prompt + Self.cats + "\(Self.bar) 3 found\r\n" + prompt + prompt
                + "\(Self.bar) 0 found\r\n" + prompt)
        #expect(!isOver)
    }

    @Test func `the first edition's session`() {
        let (text, _) = session(
            Array("cat smiling\nrook's\nbismillah\n".utf8), edition: .first)
        #expect(text.hasPrefix("?> \(Self.cats)3 matches for 'cat smiling'\r\n?> "))
        #expect(text.contains("\r\n?> No match for \"rook's\"\r\n?> "))
        #expect(text.hasSuffix(" AR-RAHEEM\r\n1 match for 'bismillah'\r\n?> "))
    }

    @Test(
        arguments: [
            [3, 0x0a], [0, 0x0a], [0x20, 0x09, 4, 0x61, 0x0a], [0xff, 0xf4, 0xff, 0xfd, 6],
            [0x61, 0xff, 0xf4], [0xe2, 0x82, 0x0a], [0xc3, 0x28, 0x0a], [3], [0xc0],
        ] as [[UInt8]])
    func `a control character, or no UTF-8, ends the session`(_ said: [UInt8]) {
        let (text, isOver) = session(Array("no such\n".utf8) + said + Array("sun\n".utf8))
        #expect(isOver)
        #expect(text == "?> \(Self.bar) 0 found\r\n?> ")
    }

    @Test func `half a character is waited for`() {
        let (text, isOver) = session([0xe2, 0x82])
        #expect((text, isOver) == ("?> ", false))
        #expect(session([0xe2, 0x82], ends: true).isOver)
    }

    @Test func `a tab or a return before a query is no control`() {
        #expect(session(Array("\t\r cat smiling \n".utf8)).text.contains(" 3 found\r\n?> "))
    }

    @Test func `what a client says last counts as a line`() {
        let (text, isOver) = session(Array("sun\ncat smiling".utf8), ends: true)
        #expect(isOver)
        #expect(text.hasSuffix("\(Self.cats)\(Self.bar) 3 found\r\n?> "))
        #expect(session([], ends: true) == ("?> ", true))
    }

    @Test(arguments: [CharfinderDialogue.maximumLine + 1, 64 << 10, 1 << 20])
    func `a line that is too long is left out, and the next one is served`(_ count: Int) {
        let line = [UInt8](repeating: 0x61, count: count) + Array("\ncat smiling\n".utf8)
        let (text, isOver) = session(line, pieces: 1000)
        #expect(text == "?> \(CharfinderDialogue.tooLong)?> \(Self.cats)\(Self.bar) 3 found\r\n?> ")
        #expect(!isOver)
    }

    @Test func `the longest line is served, and one without end takes no room`() {
        let line = Array("sun".utf8) + [UInt8](repeating: 0x20, count: 4093)
        #expect(session(line + [0x0a]).text.hasSuffix(" found\r\n?> "))
        #expect(!session(line + [0x0a]).text.contains("at most"))
        var dialogue = CharfinderDialogue(.second, IndexFixture.whole.index)
        _ = hear(&dialogue)
        for _ in 0..<100 {
            say([UInt8](repeating: 0x78, count: 10_000), to: &dialogue)
            _ = hear(&dialogue)
            #expect(dialogue.hasRoom)
        }
        dialogue.receiveEnd()
        #expect(hear(&dialogue) == ("?> ", true))
    }

    @Test func `a return before the line's end is none of its bytes`() {
        let line = Array("sun".utf8) + [UInt8](repeating: 0x20, count: 4093)
        for pieces in [1, 4096, 4097, .max] {
            let text = session(line + [0x0d, 0x0a], pieces: pieces).text
            #expect(text.hasSuffix(" found\r\n?> ") && !text.contains("at most"))
        }
        let longer = line + [0x20, 0x0d, 0x0a]
        for pieces in [1, 4097, 4098, .max] {
            #expect(
                session(longer, pieces: pieces) == ("?> \(CharfinderDialogue.tooLong)?> ", false))
        }
    }

    @Test(arguments: [1, 5000, .max])
    func `what ends a session ends it in a line that is too long, too`(_ pieces: Int) {
        let rest = [UInt8](repeating: 0x61, count: 5000) + Array("\nsun\n".utf8)
        for start in [[0x03], [0x20, 0x00], [0x61, 0xff]] as [[UInt8]] {
            #expect(session(start + rest, pieces: pieces) == ("?> ", true))
        }
    }

    @Test func `only blanks of one byte are left out, and only such controls end a session`() {
        for query in ["\u{a0}", "\u{2003}", "\u{85}"] {
            #expect(session(Array("\(query)\n".utf8)) == ("?> \(Self.bar) 0 found\r\n?> ", false))
        }
        #expect(session(Array("\u{1c} \u{b}\n".utf8)) == ("?> ?> ", false))
        #expect(session(Array("\u{a0}\u{3}\n".utf8)) == ("?> \(Self.bar) 0 found\r\n?> ", false))
    }

    @Test func `queries wait for the index, and are not read without bound meanwhile`() {
        let turns = ManualTurns()
        let index = CharacterIndex(turns: turns.add)
        var dialogue = CharfinderDialogue(.second, index)
        #expect(dialogue.next() == .bytes(Array("?> ".utf8)))
        #expect(dialogue.next() == .listens)
        say(Array("cat smiling\ncat smiling\n".utf8), to: &dialogue)
        #expect(dialogue.next() == .waits)
        #expect(dialogue.next() == .waits)
        #expect(dialogue.hasRoom)
        say([UInt8](repeating: 0x0a, count: 65_536), to: &dialogue)
        #expect(!dialogue.hasRoom)
        index.whenComplete {}
        turns.finish()
        let text = hear(&dialogue).text
        let answer = "\(Self.cats)\(Self.bar) 3 found\r\n?> "
        #expect(text == answer + answer + String(repeating: "?> ", count: 65_536))
    }

    @Test func `a long answer comes in small pieces`() {
        var dialogue = CharfinderDialogue(.first, IndexFixture.whole.index)
        _ = hear(&dialogue)
        say(Array("cjk\nsun\n".utf8), to: &dialogue)
        var (count, rows) = (0, 0)
        while case .bytes(let piece) = dialogue.next() {
            #expect(piece.count < 2 * RowWriter.piece)
            rows += piece.count { $0 == 0x0a }
            count += piece.count
        }
        let found = ["cjk", "sun"].map { IndexFixture.whole.index.matches($0).count }
        #expect(rows == found[0] + found[1] + 2)
        #expect(found[0] > 97_000 && count > 4_000_000)
    }
}
