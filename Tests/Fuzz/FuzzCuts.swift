import Faults

/// Places that are drawn from the input itself: the same input is always cut in the same way.
struct FuzzCuts {
    private var generator: SeededGenerator
    /// Beyond that bytes do not come one by one: what scans all of them each time would take long.
    private static let mostAlone = 200

    init(_ input: UnsafeRawBufferPointer) {
        generator = SeededGenerator(seed: SeededGenerator.hash(input))
    }

    mutating func number(below bound: Int) -> Int {
        Int(generator.next(below: UInt64(bound)))
    }

    /// The bytes in order, in a few pieces, or each alone; some pieces may be empty.
    mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        if bytes.count <= Self.mostAlone, number(below: 3) == 0 { return bytes.map { [$0] } }
        var places = (0...number(below: 4)).map { _ in number(below: bytes.count + 1) }.sorted()
        places.append(bytes.count)
        var start = 0
        return places.map { place in
            defer { start = place }
            return Array(bytes[start..<place])
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Its first lines, of which each is an input of its own.
    var fuzzLines: [UnsafeRawBufferPointer] {
        split(separator: 0x0a, maxSplits: 6).prefix(6).map { UnsafeRawBufferPointer(rebasing: $0) }
    }
}
