/// Numbers for mutations: xorshift64*, the same in every run.
public struct TestGenerator {
    private var state: UInt64

    /// - Parameter seed: not 0.
    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }

    /// A number below `bound`, which is at least 1.
    public mutating func next(below bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    public mutating func element<Element>(of array: [Element]) -> Element {
        array[next(below: array.count)]
    }
}
