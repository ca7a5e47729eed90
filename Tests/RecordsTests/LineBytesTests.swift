import Foundation
import Testing

@testable import Records

struct LineBytesTests {
    private func text(_ append: (inout [UInt8]) -> Void) -> String {
        var bytes = Array("> ".utf8)
        append(&bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("> "))
        return String(text.dropFirst(2))
    }

    @Test(arguments: [0, 7, 9, 10, 99, 100, 11_415, .max - 1, .max] as [UInt64])
    func `a number has its decimal digits`(number: UInt64) {
        #expect(text { $0.append(decimal: number) } == "\(number)")
    }

    @Test func `a negative number is written as 0`() {
        #expect(text { $0.append(decimal: -1) } == "0")
        #expect(text { $0.append(decimal: Int.max) } == "\(Int.max)")
    }

    @Test(
        arguments: [
            (1, 7, "7"), (2, 7, "07"), (6, 120_345, "120345"), (3, 120_345, "345"),
            (6, 0, "000000"),
        ] as [(Int, UInt64, String)])
    func `so many digits, with zeros in front`(count: Int, number: UInt64, digits: String) {
        #expect(text { $0.append(digits: count, of: number) } == digits)
    }

    // MARK: JSON

    @Test func `a text has the escapes that JSON demands and no more`() {
        #expect(
            "a\"b\\c\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}/<é🏴\u{2028}".asJSON
                == #""a\"b\\c\n\r\t\b\f\u0000\u001f"# + "\u{7f}/<é🏴\u{2028}\"")
        #expect("".asJSON == "\"\"")
    }

    @Test func `for pages nothing can end a script or a line`() {
        let json = text { $0.append(json: "</a>&\u{2028}\u{2029}é\"", isForPages: true) }
        #expect(json == #""\u003c/a\u003e\u0026\u2028\u2029é\"""#)
        #expect(text { $0.append(json: "plain é", isForPages: true) } == "\"plain é\"")
    }

    @Test func `every character is read again by another reader`() throws {
        let scalars = (0..<0x3000).compactMap(Unicode.Scalar.init) + ["\u{fffd}", "\u{10ffff}"]
        var all = ""
        for scalar in scalars { all.unicodeScalars.append(scalar) }
        for isForPages in [false, true] {
            let json = text { $0.append(json: all, isForPages: isForPages) }
            let read = try JSONSerialization.jsonObject(
                with: Data(json.utf8), options: .fragmentsAllowed)
            #expect((read as? String)?.utf8.elementsEqual(all.utf8) == true)
        }
    }
}
