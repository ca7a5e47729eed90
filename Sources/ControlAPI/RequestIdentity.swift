import Faults

/// Names requests with 20 characters, as Toxiproxy does: 12 bytes in base 32 with the digits in
/// their order (RFC 4648 §7), in small letters.
struct RequestIdentity {
    private static let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    private let seed: UInt64
    private var count: UInt32 = 0

    init(seed: UInt64) {
        self.seed = seed
    }

    mutating func next() -> String {
        count &+= 1
        var generator = SeededGenerator(seed: seed &+ UInt64(count))
        let random = generator.next()
        var text: [UInt8] = []
        var (waiting, bits) = (0, 0)
        for index in 0..<12 {
            let byte =
                index < 8 ? random >> UInt64(8 * index) : UInt64(count >> UInt32(8 * (11 - index)))
            waiting = (waiting & 31) << 8 | Int(byte & 255)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(Self.digits[waiting >> bits & 31])
            }
        }
        text.append(Self.digits[waiting << (5 - bits) & 31])
        return String(decoding: text, as: UTF8.self)
    }
}
