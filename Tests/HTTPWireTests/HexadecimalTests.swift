import HTTPWire
import Testing

struct HexadecimalTests {
    @Test func `every byte is a digit or none`() {
        let digits = Array("0123456789abcdef".utf8)
        for byte in UInt8.min...UInt8.max {
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
            let value = digits.firstIndex(of: isCapital ? byte | 0x20 : byte)
            #expect(Hexadecimal.value(of: byte) == value.map { UInt8($0) })
        }
    }

    @Test func `digits are written small and, for URLs, with capital letters`() {
        #expect((0...15).map(Hexadecimal.digit) == Array("0123456789abcdef".utf8))
        #expect((0...15).map(Hexadecimal.capital) == Array("0123456789ABCDEF".utf8))
    }
}
