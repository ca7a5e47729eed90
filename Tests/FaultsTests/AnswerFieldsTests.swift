import HTTPWire
import Testing

@testable import Faults

struct AnswerFieldsTests {
    private func checked(_ fields: [(String, String)]) throws -> [String] {
        try AnswerFields.checked(fields.map { HTTPField($0.0, $0.1) }, "headers").map {
            "\($0.name)=\($0.value)"
        }
    }

    private func refusal(_ fields: [(String, String)]) -> String {
        do {
            return "\(try checked(fields))"
        } catch {
            return "\(error)"
        }
    }

    @Test func `values lose the blanks around them, and keep all else`() throws {
        #expect(
            try checked([
                ("X-A", "  a: b\tc  "), ("x-b", ""), ("X-Ä".replacing("Ä", with: "C"), "ü"),
            ])
                == ["X-A=a: b\tc", "x-b=", "X-C=ü"])
    }

    @Test func `those of one name come together, spelled as the first`() throws {
        #expect(
            try checked([("Set-Cookie", "a=1"), ("X-A", "1"), ("set-cookie", "b=2")])
                == ["Set-Cookie=a=1", "Set-Cookie=b=2", "X-A=1"])
    }

    @Test(arguments: [
        "Content-Length", "transfer-encoding", "CONNECTION", "Date", "Server", "Keep-Alive",
        "Upgrade", "Trailer", "TE", "Proxy-Connection",
    ])
    func `what frames the answer is refused`(name: String) {
        #expect(
            refusal([(name, "1")])
                == "headers: \(name) is the server's to say, as it frames the answer. Leave it out."
        )
    }

    @Test func `no value breaks its line`() {
        for byte in ["\r", "\n", "\r\n", "\0", "\u{7f}", "\u{1b}"] {
            #expect(
                refusal([("X-A", "a\(byte)b")])
                    == "headers: the value of X-A has a line break or another control character.")
        }
        for name in ["", "X A", "X:A", "Ä", "X\r\nA"] {
            #expect(refusal([(name, "a")]) == "headers: '\(name)' is no name of a field.")
        }
    }

    @Test func `there are bounds`() throws {
        let many = (0..<65).map { ("X-\($0)", "a") }
        #expect(refusal(many) == "headers has 65 fields. It has at most 64.")
        #expect(try checked(Array(many.dropLast())).count == 64)
        let long = String(repeating: "a", count: 8192 - 7)
        #expect(try checked([("X-A", long)]).count == 1)
        #expect(refusal([("X-A", long + "a")]) == "headers has 8193 bytes. It has at most 8192.")
    }

    @Test func `a line has a colon`() throws {
        #expect(try AnswerFields.fields("X-A : 1", "headers", "none") == [HTTPField("X-A", "1")])
        #expect(try AnswerFields.fields("none", "headers", "none") == [])
        #expect(try AnswerFields.fields("", "headers", "none") == [])
        #expect(throws: FaultError("headers 'X-A' is no field. Write 'X-RateLimit-Remaining: 0'."))
        {
            try AnswerFields.fields("X-A", "headers", "none")
        }
    }
}
