import Testing

@testable import flagserver

struct WireEventTests {
    @Test func `bytes are shown so that all of them can be read, the first of them`() {
        #expect(WireEvent.escaped(Array("a\r\n\\\u{0}".utf8) + [0xff]) == "a\\r\\n\\\\\\x00\\xff")
        #expect(WireEvent.escaped([UInt8](repeating: 0x41, count: 9999)).count == 256)
    }
}
