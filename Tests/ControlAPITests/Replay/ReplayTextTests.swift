import Testing

@testable import ControlAPI

@Suite struct ReplayTextTests {
    @Test(arguments: ["", "a\tb\r\nc", "<script>", "äöü 🇧🇷", "\u{feff}x"])
    func `text is shown as it is`(_ text: String) {
        for isCut in [false, true] {
            #expect(ReplayText.text(Array(text.utf8), isCut: isCut) == text)
        }
    }

    @Test(arguments: [
        [0x00], [0x1b], [0x7f], [0xc2, 0x85], [0xff], [0xc0, 0x80], [0x80], [0x41, 0x80],
    ])
    func `what is no text, or has control characters, is not`(_ bytes: [UInt8]) {
        for isCut in [false, true] {
            #expect(ReplayText.text(bytes, isCut: isCut) == nil)
        }
    }

    @Test(arguments: ["ä", "€", "🇧"])
    func `a character that is cut is left out`(_ character: String) {
        let bytes = Array("x\(character)".utf8)
        for count in 2..<bytes.count {
            #expect(ReplayText.text(Array(bytes[..<count]), isCut: true) == "x")
            #expect(ReplayText.text(Array(bytes[..<count]), isCut: false) == nil)
        }
    }
}
