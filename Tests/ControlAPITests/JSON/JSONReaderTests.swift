import TestSupport
import Testing

@testable import ControlAPI

@Suite struct JSONReaderTests {
    private func read(_ text: String, isWhole: Bool = false) throws -> JSONValue {
        try read(Array(text.utf8), isWhole: isWhole)
    }

    private func read(_ bytes: [UInt8], isWhole: Bool = false) throws -> JSONValue {
        try bytes.withUnsafeBytes { try JSONReader.read($0, isWhole: isWhole) }
    }

    private func refusal(_ text: String) -> String? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `values of every kind are read`() throws {
        let value = try read(" {\"a\": [1, -2.5e+3, true, false, null, \"x\"], \"b\": {}} ")
        let elements: [JSONValue] = [
            .number("1"), .number("-2.5e+3"), .bool(true), .bool(false), .null, .string("x"),
        ]
        #expect(
            value == .object([.init("a", .array(elements)), .init("b", .object([]))]))
        #expect(try read("[ ]") == .array([]))
    }

    @Test func `what follows the first value is left alone, unless all is asked for`() throws {
        #expect(try read("{} garbage") == .object([]))
        #expect(try read("null}") == .null)
        #expect(throws: JSONError.self) { try read("{} x", isWhole: true) }
        #expect(try read("{} \n", isWhole: true) == .object([]))
    }

    @Test(arguments: [
        ("", "EOF"), ("  \n", "EOF"), ("{", "unexpected EOF"), ("[1,", "unexpected EOF"),
        ("\"a", "unexpected EOF"), ("tru", "unexpected EOF"), ("-", "unexpected EOF"),
        ("1.", "unexpected EOF"), ("\"\\u12", "unexpected EOF"), ("{\"a\"", "unexpected EOF"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("'a'", "invalid character '\\'' looking for beginning of value"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{a}", "invalid character 'a' looking for beginning of object key string"),
        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1ex", "invalid character 'x' in exponent of numeric literal"),
        ("nul1", "invalid character '1' in literal null (expecting 'l')"),
        ("[01]", "invalid character '1' after array element"),
    ])
    func `errors have Go's words`(_ text: String, _ words: String) {
        #expect(refusal(text) == words)
    }

    @Test func `escapes and surrogates become characters`() throws {
        #expect(try read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"") == .string("\"\\/\u{8}\u{c}\n\r\t"))
        #expect(try read("\"\\u00e9\\uD83d\\uDE00\"") == .string("é😀"))
        #expect(try read("\"\\ud800\"") == .string("\u{fffd}"))
        #expect(try read("\"\\udc00x\"") == .string("\u{fffd}x"))
        #expect(try read("\"\\ud800\\u0041\"") == .string("\u{fffd}A"))
        #expect(try read("\"\\ud800\\ud83d\\ude00\"") == .string("\u{fffd}😀"))
        #expect(try read([0x22, 0xff, 0x61, 0x22]) == .string("\u{fffd}a"))
        #expect(try read("\"\\u0000\"") == .string("\0"))
    }

    @Test func `the depth is limited`() throws {
        let deepest = JSONReader.maximumDepth
        let allowed = String(repeating: "[", count: deepest)
        #expect(refusal(allowed + String(repeating: "]", count: deepest)) == nil)
        #expect(refusal(allowed + "[") == "exceeded max depth")
        #expect(refusal(String(repeating: "{\"a\":", count: 100_000)) == "exceeded max depth")
        #expect(refusal(String(repeating: "[[],", count: 100_000)) == "exceeded max depth")
    }

    @Test func `numbers of any length keep their digits`() throws {
        let digits = String(repeating: "9", count: 100_000)
        #expect(try read(digits) == .number(digits))
    }

    @Test func `a hundred thousand mutated bodies are read or refused`() throws {
        let seeds = [
            #"{"name":"é","listen":"127.0.0.1:0","upstream":null,"enabled":true,"toxics":[]}"#,
            #"{"type":"latency","attributes":{"latency":1.5e3,"jitter":-0},"toxicity":0.2}"#,
            #"[[1,2,{"a":"\ud83d\ude00\"\\"}],null,false,"\u00e9",-1.25E-7]"#,
        ].map { Array($0.utf8) }
        var generator = TestGenerator(seed: 8474)
        for round in 0..<100_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...generator.next(below: 5) {
                Self.mutate(&bytes, &generator)
            }
            guard let value = try? read(bytes) else { continue }
            // What was read is written as something that is read as the same.
            #expect(try read(JSONWriter.text(value), isWhole: true) == value)
        }
    }

    private static let alphabet =
        Array("{}[]\",:\\u0dD19eE+-. tfn\n\0".utf8) + [0xff, 0xc3, 0xed]

    private static func mutate(_ bytes: inout [UInt8], _ generator: inout TestGenerator) {
        let byte = alphabet[generator.next(below: alphabet.count)]
        let place = generator.next(below: max(bytes.count, 1))
        switch generator.next(below: 4) {
        case 0 where !bytes.isEmpty: bytes[place] = byte
        case 1 where !bytes.isEmpty: bytes.remove(at: place)
        case 2: bytes.insert(byte, at: min(place, bytes.count))
        default: bytes.removeLast(min(bytes.count, place / 2))
        }
    }
}
