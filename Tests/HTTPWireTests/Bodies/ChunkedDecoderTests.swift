import Testing

@testable import HTTPWire

struct ChunkedDecoderTests {
    /// What came of decoding some bytes.
    private struct Outcome: Equatable {
        var body: [UInt8] = []
        var consumed = 0
        var isComplete = false
        var error: ChunkedCodingError?
    }

    /// Decodes pieces of a connection until the body ends or fails.
    private func decode(pieces: [ArraySlice<UInt8>]) -> Outcome {
        var decoder = ChunkedDecoder()
        var outcome = Outcome()
        for piece in pieces {
            do throws(ChunkedCodingError) {
                outcome.consumed += try consume(piece, with: &decoder, into: &outcome.body)
            } catch {
                outcome.error = error
                break
            }
        }
        outcome.isComplete = decoder.isComplete
        if decoder.bodyBytes != outcome.body.count { Issue.record("bodyBytes is wrong") }
        return outcome
    }

    private func consume(
        _ piece: ArraySlice<UInt8>, with decoder: inout ChunkedDecoder, into body: inout [UInt8]
    ) throws(ChunkedCodingError) -> Int {
        var runs: [UInt8] = []
        let bytes = Array(piece)
        // withUnsafeBytes does not pass typed errors on in every library version; a Result does.
        let result = bytes.withUnsafeBytes { view -> Result<Int, ChunkedCodingError> in
            do throws(ChunkedCodingError) {
                let count = try decoder.consume(view) { run in
                    if run.isEmpty { Issue.record("an empty run") }
                    runs.append(contentsOf: run)
                }
                return .success(count)
            } catch {
                return .failure(error)
            }
        }
        body += runs
        return try result.get()
    }

    private func decode(_ text: String) -> Outcome {
        decode(pieces: [Array(text.utf8)[...]])
    }

    private func decodeByByte(_ bytes: [UInt8]) -> Outcome {
        decode(pieces: bytes.indices.map { bytes[$0...$0] })
    }

    private func complete(_ body: String, of text: String) -> Outcome {
        Outcome(body: Array(body.utf8), consumed: text.utf8.count, isComplete: true)
    }

    /// A body with all there may be.
    private let sample =
        "5\r\nhello\r\n" + "0A ;a=\"b;\t\";c\r\n, \r\nworld!\r\n"
        + "00;z\r\nA-b: c d\r\nE:\r\n\r\n"

    // MARK: Well-formed bodies

    @Test func `a body is decoded`() {
        let text = "4\r\nWiki\r\n6\r\npedia \r\nB\r\nin \r\nchunks\r\n0\r\n\r\n"
        #expect(decode(text) == complete("Wikipedia in \r\nchunks", of: text))
    }

    @Test func `a body with extensions and trailers is decoded`() {
        #expect(decode(sample) == complete("hello, \r\nworld!", of: sample))
    }

    @Test func `an empty body is decoded`() {
        #expect(decode("0\r\n\r\n") == complete("", of: "0\r\n\r\n"))
    }

    @Test func `what follows the body is left alone`() {
        let text = "1\r\na\r\n0\r\n\r\n"
        let outcome = decode(text + "GET / HTTP/1.1\r\n\r\n")
        #expect(outcome == complete("a", of: text))
    }

    @Test func `a complete decoder consumes nothing more`() throws {
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        let all = Array("0\r\n\r\n".utf8)
        #expect(try consume(all[...], with: &decoder, into: &body) == 5)
        #expect(decoder.isComplete)
        #expect(try consume(all[...], with: &decoder, into: &body) == 0)
        #expect(body.isEmpty)
    }

    @Test func `no bytes at all change nothing`() throws {
        var decoder = ChunkedDecoder()
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(try decoder.consume(empty) { _ in Issue.record("data") } == 0)
        #expect(!decoder.isComplete)
        #expect(decoder.bodyBytes == 0)
    }

    @Test func `a body cut anywhere in three is decoded the same`() {
        let bytes = Array(sample.utf8)
        let expected = complete("hello, \r\nworld!", of: sample)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                if decode(pieces: pieces) != expected { Issue.record("\(first), \(second)") }
            }
        }
        #expect(decodeByByte(bytes) == expected)
    }

    @Test func `a body that has not ended is not complete`() {
        let bytes = Array(sample.utf8)
        for length in bytes.indices {
            let outcome = decode(pieces: [bytes[..<length]])
            #expect(outcome.consumed == length)
            #expect(outcome.error == nil)
            #expect(!outcome.isComplete)
        }
    }

    @Test func `data is passed on as it arrives, without a copy`() throws {
        var decoder = ChunkedDecoder()
        let first = Array("a\r\n0123".utf8)
        try first.withUnsafeBytes { view in
            var runs = 0
            _ = try decoder.consume(view) { run in
                runs += 1
                #expect(run.count == 4)
                #expect(run.baseAddress == view.baseAddress.map { $0 + 3 })
            }
            #expect(runs == 1)
        }
        #expect(decoder.bodyBytes == 4)
    }

    @Test func `data may be any bytes`() {
        let data = Array(UInt8.min...UInt8.max)
        let bytes = Array("100\r\n".utf8) + data + Array("\r\n0\r\n\r\n".utf8)
        let expected = Outcome(body: data, consumed: bytes.count, isComplete: true)
        #expect(decode(pieces: [bytes[...]]) == expected)
        #expect(decodeByByte(bytes) == expected)
    }

    @Test func `a decoder is small`() {
        #expect(MemoryLayout<ChunkedDecoder>.size <= 32)
        #expect(MemoryLayout<ChunkedDecoder>.stride <= 32)
    }

    // MARK: Sizes

    @Test func `every small size is read in either letter case`() {
        for size in 1...300 {
            let data = String(repeating: "x", count: size)
            for uppercase in [false, true] {
                let digits = String(size, radix: 16, uppercase: uppercase)
                let text = "\(digits)\r\n\(data)\r\n0\r\n\r\n"
                #expect(decode(text) == complete(data, of: text))
            }
        }
    }

    @Test func `a size may have leading zeros up to 16 digits`() {
        let text = "0000000000000001\r\na\r\n0000000000000000\r\n\r\n"
        #expect(decode(text) == complete("a", of: text))
        #expect(decode("00000000000000001\r\na").error == .sizeTooLarge)
        #expect(decode("00000000000000000\r\n\r\n").error == .sizeTooLarge)
    }

    @Test func `a size may be the largest integer and no larger`() {
        let outcome = decode("7fffffffffffffff\r\nabc")
        #expect(outcome == Outcome(body: Array("abc".utf8), consumed: 21))
        #expect(decode("8000000000000000\r\n").error == .sizeTooLarge)
        #expect(decode("ffffffffffffffff\r\n").error == .sizeTooLarge)
        #expect(decode("FFFFFFFFFFFFFFFFF\r\n").error == .sizeTooLarge)
        #expect(decode("10000000000000000\r\n").error == .sizeTooLarge)
        #expect(decode(String(repeating: "0", count: 100_000)).error == .sizeTooLarge)
    }

    @Test(arguments: [
        "\r\n", " 1\r\n", "-1\r\n", "+1\r\n", "x1\r\n", "g\r\n", ";a\r\n", "\n", "\t1",
    ])
    func `a line without a size is malformed`(_ text: String) {
        #expect(decode(text).error == .missingSize)
    }

    @Test(arguments: [
        "0x1\r\n", "1g\r\n", "1.0\r\n", "1,\r\n", "1\n", "1\u{0}", "1_0\r\n", "1h\r\n",
    ])
    func `a size with anything after it is malformed`(_ text: String) {
        #expect(decode(text).error == .invalidSize)
    }

    @Test func `a space after a size is malformed without an extension`() {
        #expect(decode("1 \r\na").error == .invalidSize)
        #expect(decode("1\t\r\na").error == .invalidSize)
        #expect(decode("1 2\r\na").error == .invalidSize)
        #expect(decode("1 \t ;a\r\na").error == nil)
    }

    @Test func `every byte right after a size is judged`() {
        let allowed = Set("0123456789abcdefABCDEF \t;\r".utf8)
        for byte in UInt8.min...UInt8.max {
            let outcome = decode(pieces: [[0x31, byte]])
            #expect((outcome.error == nil) == allowed.contains(byte))
        }
    }

    // MARK: Line ends

    @Test(arguments: ["1\ra", "1\r\r\n", "0\r\n\ra", "0\r\n\r\r", "0\r\na:b\rc", "1;a\rb"])
    func `a carriage return alone is malformed`(_ text: String) {
        #expect(decode(text).error == .missingLineFeed)
    }

    @Test func `a line feed alone is malformed`() {
        #expect(decode("1\na\n0\n\n").error == .invalidSize)
        #expect(decode("1;a\na").error == .controlInExtension)
        #expect(decode("0\r\n\n").error == .invalidTrailerName)
        #expect(decode("0\r\na:b\n\r\n").error == .controlInTrailer)
    }

    @Test(arguments: ["1\r\nab", "1\r\na\n", "1\r\na\r\r", "1\r\na0", "1\r\na\ra", "1\r\na\r1"])
    func `data longer than its size is malformed`(_ text: String) {
        #expect(decode(text).error == .missingDataEnd)
    }

    @Test func `data shorter than its size takes in what follows`() {
        let outcome = decode("8\r\na\r\n0\r\n\r\n")
        #expect(outcome.body == Array("a\r\n0\r\n\r\n".utf8))
        #expect(!outcome.isComplete)
    }

    // MARK: Extensions

    @Test func `every byte in an extension is judged`() {
        for byte in UInt8.min...UInt8.max {
            let outcome = decode(pieces: [Array("1;a".utf8) + [byte]])
            let isControl = (byte < 0x20 && byte != 0x09 && byte != 0x0D) || byte == 0x7F
            #expect(outcome.error == (isControl ? .controlInExtension : nil))
        }
    }

    @Test func `a line with an extension is at most 4 KiB`() {
        let most = "1;" + String(repeating: "x", count: 4094)
        let text = most + "\r\na\r\n0\r\n\r\n"
        #expect(decode(text) == complete("a", of: text))
        #expect(decode(most + "x\r\na\r\n0\r\n\r\n").error == .lineTooLong)
        #expect(decode("1" + String(repeating: " ", count: 5000)).error == .lineTooLong)
        #expect(decode("1;" + String(repeating: "x", count: 1_000_000)).error == .lineTooLong)
    }

    @Test func `all extensions together are at most 64 KiB`() {
        // Each has 64 bytes.
        let chunk = "1;" + String(repeating: "x", count: 63) + "\r\na\r\n"
        let most = String(repeating: chunk, count: 1024)
        let text = most + "0\r\n\r\n"
        #expect(decode(text) == complete(String(repeating: "a", count: 1024), of: text))
        #expect(decode(most + "0;\r\n\r\n").error == .extensionsTooLong)
    }

    @Test func `chunks without extensions may be any number`() {
        let text = String(repeating: "1\r\na\r\n", count: 70_000) + "0\r\n\r\n"
        #expect(decode(text) == complete(String(repeating: "a", count: 70_000), of: text))
    }

    // MARK: Trailers

    @Test(arguments: [
        "a:b\r\n", "a:\r\n", "a:\t b\t\r\n", "!#$%&'*+-.^_`|~09azAZ:b\r\n", "a:é\r\n",
    ])
    func `a trailer field is passed over`(_ field: String) {
        let text = "0\r\n\(field)\(field)\r\n"
        #expect(decode(text) == complete("", of: text))
    }

    @Test(arguments: [
        ":b\r\n", "a b:c\r\n", "a :b\r\n", "a\t:b\r\n", "a\r\n", "é:b\r\n", "a(b:c\r\n",
    ])
    func `a trailer without a proper name is malformed`(_ field: String) {
        #expect(decode("0\r\n" + field).error == .invalidTrailerName)
    }

    @Test func `a folded trailer is malformed`() {
        #expect(decode("0\r\na: b\r\n c\r\n\r\n").error == .foldedTrailer)
        #expect(decode("0\r\na: b\r\n\tc\r\n\r\n").error == .foldedTrailer)
        #expect(decode("0\r\n a: b\r\n\r\n").error == .foldedTrailer)
        #expect(decode("0\r\n \r\n").error == .foldedTrailer)
    }

    @Test func `every byte in a trailer name is judged`() {
        let allowed = Set("!#$%&'*+-.^_`|~:".utf8).union(UInt8(ascii: "0")...UInt8(ascii: "9"))
            .union(UInt8(ascii: "a")...UInt8(ascii: "z"))
            .union(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        for byte in UInt8.min...UInt8.max {
            let outcome = decode(pieces: [Array("0\r\na".utf8) + [byte]])
            #expect(outcome.error == (allowed.contains(byte) ? nil : .invalidTrailerName))
        }
    }

    @Test func `every byte in a trailer value is judged`() {
        for byte in UInt8.min...UInt8.max {
            let outcome = decode(pieces: [Array("0\r\na:".utf8) + [byte]])
            let isControl = (byte < 0x20 && byte != 0x09 && byte != 0x0D) || byte == 0x7F
            #expect(outcome.error == (isControl ? .controlInTrailer : nil))
        }
    }

    @Test func `there are at most 100 trailer fields`() {
        let most = "0\r\n" + String(repeating: "a:b\r\n", count: 100)
        #expect(decode(most + "\r\n") == complete("", of: most + "\r\n"))
        #expect(decode(most + "a:b\r\n\r\n").error == .tooManyTrailers)
    }

    @Test func `the trailer section is at most 32 KiB`() {
        let most = "0\r\na:" + String(repeating: "b", count: 32_768 - 6) + "\r\n\r\n"
        #expect(decode(most) == complete("", of: most))
        let more = "0\r\na:" + String(repeating: "b", count: 32_768 - 5) + "\r\n\r\n"
        #expect(decode(more).error == .trailersTooLong)
        let name = "0\r\n" + String(repeating: "a", count: 1_000_000)
        #expect(decode(name).error == .trailersTooLong)
    }

    // MARK: Failure

    @Test func `a decoder that has failed goes on failing`() {
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        for text in ["1\r\nab", "\r\n0\r\n\r\n", "0\r\n\r\n"] {
            #expect(throws: ChunkedCodingError.missingDataEnd) {
                try consume(Array(text.utf8)[...], with: &decoder, into: &body)
            }
        }
        #expect(body == Array("a".utf8))
        #expect(!decoder.isComplete)
    }

    @Test func `a change anywhere is judged the same in one piece and byte by byte`() {
        let bytes = Array(sample.utf8)
        var disagreements: [String] = []
        for position in bytes.indices {
            for byte in "\0\t\n\r !\"-/019:;=@AFGafgxz~\u{7F}é".utf8 {
                var changed = bytes
                changed[position] = byte
                var whole = decode(pieces: [changed[...]])
                // One piece that fails has no count, single bytes have one up to the failure.
                let single = decodeByByte(changed)
                if whole.error != nil { whole.consumed = single.consumed }
                if whole != single { disagreements.append("\(byte) at \(position)") }
            }
        }
        #expect(disagreements.isEmpty)
    }

    @Test func `every reason has its own text`() {
        let texts = ChunkedCodingError.allCases.map(\.description)
        #expect(Set(texts).count == ChunkedCodingError.allCases.count)
        #expect(!texts.contains(""))
    }
}
