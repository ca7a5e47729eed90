import Faults
import Glibc

// What statistics want of chance.
extension SeededGenerator {
    /// Above 0, up to 1.
    private mutating func unit() -> Double { Double(next() >> 11 + 1) * 0x1p-53 }

    /// From the standard normal distribution (Box and Muller).
    mutating func normal() -> Double {
        (-2 * log(unit())).squareRoot() * cos(2 * .pi * unit())
    }

    /// In any order, each as likely.
    mutating func shuffled(_ numbers: [Int]) -> [Int] {
        var numbers = numbers
        for last in numbers.indices.dropFirst().reversed() {
            numbers.swapAt(last, Int(next(below: UInt64(last + 1))))
        }
        return numbers
    }
}
