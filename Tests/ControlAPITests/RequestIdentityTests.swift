import Faults
import Testing

@testable import ControlAPI

struct RequestIdentityTests {
    /// The bits of a name, five for each character.
    private func bits(_ name: String) throws -> [Int] {
        let digits = Array("0123456789abcdefghijklmnopqrstuv")
        return try name.flatMap { character in
            let digit = try #require(digits.firstIndex(of: character))
            return (0..<5).map { digit >> (4 - $0) & 1 }
        }
    }

    @Test(arguments: [0, 42, .max] as [UInt64])
    func `a name is eight drawn bytes and the number of the request`(seed: UInt64) throws {
        var identity = RequestIdentity(seed: seed)
        for number in 1...300 as ClosedRange<UInt64> {
            let bits = try bits(identity.next())
            try #require(bits.count == 100)
            let bytes = (0..<12).map { byte in
                bits[8 * byte..<8 * byte + 8].reduce(UInt64(0)) { $0 << 1 | UInt64($1) }
            }
            var generator = SeededGenerator(seed: seed &+ number)
            let drawn = generator.next()
            #expect(bytes.prefix(8) == (0..<8).map { drawn >> (8 * $0) & 255 }[...])
            #expect(bytes.suffix(4).reduce(0) { $0 << 8 | $1 } == number)
            // What fills the last character.
            #expect(bits.suffix(4) == [0, 0, 0, 0])
        }
    }
}
