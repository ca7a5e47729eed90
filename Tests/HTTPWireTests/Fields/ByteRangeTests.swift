import Testing

@testable import HTTPWire

struct ByteRangeTests {
    private func select(_ field: String, size: Int) -> ByteRange.Selection {
        Array(field.utf8).withUnsafeBytes { ByteRange.select($0, size: size) }
    }

    /// Ranges given as (first, last) positions.
    private func ranges(_ positions: (Int, Int)...) -> ByteRange.Selection {
        .ranges(positions.map { ByteRange(lowerBound: $0, count: $1 - $0 + 1) })
    }

    @Test func `the examples of the RFC select what it says`() {
        // RFC 9110 §14.1.2
        #expect(select("bytes=0-499", size: 10_000) == ranges((0, 499)))
        #expect(select("bytes=500-999", size: 10_000) == ranges((500, 999)))
        #expect(select("bytes=-500", size: 10_000) == ranges((9500, 9999)))
        #expect(select("bytes=9500-", size: 10_000) == ranges((9500, 9999)))
        #expect(select("bytes=0-0,-1", size: 10_000) == ranges((0, 0), (9999, 9999)))
        #expect(
            select("bytes= 0-999, 4500-5499, -1000", size: 10_000)
                == ranges((0, 999), (4500, 5499), (9000, 9999)))
        #expect(
            select("bytes=500-600,601-999", size: 10_000) == ranges((500, 600), (601, 999)))
        #expect(
            select("bytes=500-700,601-999", size: 10_000) == ranges((500, 700), (601, 999)))
    }

    @Test func `every small interval selects what a model says`() {
        for size in 0...6 {
            for first in 0...8 {
                let open = first < size ? ranges((first, size - 1)) : .unsatisfiable
                #expect(select("bytes=\(first)-", size: size) == open)
                for last in 0...8 {
                    let positions = (0..<size).filter { first...max(first, last) ~= $0 }
                    var expected = ByteRange.Selection.unsatisfiable
                    if let from = positions.first, let through = positions.last {
                        expected = ranges((from, through))
                    }
                    if last < first { expected = .whole }
                    #expect(select("bytes=\(first)-\(last)", size: size) == expected)
                }
            }
        }
    }

    @Test func `every small suffix selects what a model says`() {
        for size in 1...6 {
            for length in 1...8 {
                let expected = ranges((max(0, size - length), size - 1))
                #expect(select("bytes=-\(length)", size: size) == expected)
            }
        }
    }

    @Test func `a suffix range of zero is unsatisfiable`() {
        #expect(select("bytes=-0", size: 10) == .unsatisfiable)
        #expect(select("bytes=-00", size: 10) == .unsatisfiable)
        #expect(select("bytes=-0", size: 0) == .unsatisfiable)
    }

    @Test func `the suffix of an empty representation is all of it`() {
        #expect(select("bytes=-1", size: 0) == .whole)
        #expect(select("bytes=0-0,-1", size: 0) == .whole)
        #expect(select("bytes=-1,-0", size: 0) == .whole)
    }

    @Test func `an interval of an empty representation is unsatisfiable`() {
        #expect(select("bytes=0-", size: 0) == .unsatisfiable)
        #expect(select("bytes=0-0", size: 0) == .unsatisfiable)
    }

    @Test func `unsatisfiable ranges beside others are left out`() {
        #expect(select("bytes=20-30,0-1,-0,9-", size: 10) == ranges((0, 1), (9, 9)))
        #expect(select("bytes=20-30,10-,-0", size: 10) == .unsatisfiable)
    }

    @Test func `ranges stay in the order asked`() {
        #expect(select("bytes=5-6,0-1,3-3", size: 10) == ranges((5, 6), (0, 1), (3, 3)))
    }

    @Test(arguments: ["bytes", "BYTES", "Bytes", "bYtEs"])
    func `the unit is known in any letter case`(_ unit: String) {
        #expect(select("\(unit)=1-2", size: 10) == ranges((1, 2)))
    }

    @Test(arguments: [
        "", "=", "bytes", "bytes=", "bytes=,", "bytes= , ,", "byte=0-1", "bytess=0-1", "items=0-1",
        "bytes 0-1", "bytes:0-1", "bytes =0-1", " bytes=0-1", "=0-1", "0-1", "none", "bytes==0-1",
        "bytes=-", "bytes=--1", "bytes=-1-", "bytes=0", "bytes=0-1-2", "bytes=0--1", "bytes=+0-1",
        "bytes=0-+1", "bytes=0x0-1", "bytes=a-b", "bytes=0-b", "bytes=0 -1", "bytes=0- 1",
        "bytes=0-1 2-3", "bytes=0-1;2-3", "bytes=0-1,x", "bytes=x,0-1", "bytes=2-1",
        "bytes=0-1,5-4", "bytes=0-1\n", "bytes=0-1\u{0}", "bytes=0-1,bytes=2-3", "bytes=*",
        "bytes=0.5-1", "bytes=٠-١", "bytes=0-1/10", "\"bytes=0-1\"",
    ])
    func `an invalid field or another unit selects the whole`(_ field: String) {
        #expect(select(field, size: 100) == .whole)
    }

    @Test func `only letters of the unit have a case`() {
        // "\u{2}" and "B" differ from "b" in one bit each.
        #expect(select("\u{2}ytes=0-1", size: 10) == .whole)
        #expect(select("\"ytes=0-1", size: 10) == .whole)
        #expect(select("bytes\u{1D}0-1", size: 10) == .whole)
    }

    @Test func `an invalid range is found wherever it is`() {
        #expect(select("bytes=50-60,2-1", size: 10) == .whole)
        #expect(select("bytes=2-1,50-60", size: 10) == .whole)
    }

    @Test func `empty elements and whitespace between ranges are ignored`() {
        #expect(select("bytes=,0-1 ,\t, 3-4,", size: 10) == ranges((0, 1), (3, 4)))
        let commas = String(repeating: ",", count: FieldCursor.maximumEmptyElements)
        #expect(select("bytes=\(commas)0-1", size: 10) == ranges((0, 1)))
        #expect(select("bytes=\(commas),0-1", size: 10) == .whole)
    }

    @Test func `numbers may have leading zeros`() {
        #expect(select("bytes=000-0000000000000000000000001", size: 10) == ranges((0, 1)))
    }

    @Test func `numbers past the largest integer do not overflow`() {
        let huge = String(repeating: "9", count: 1000)
        let max = String(Int.max)
        #expect(select("bytes=0-\(huge)", size: 10) == ranges((0, 9)))
        #expect(select("bytes=\(huge)-", size: 10) == .unsatisfiable)
        #expect(select("bytes=\(huge)-\(huge)", size: 10) == .unsatisfiable)
        #expect(select("bytes=-\(huge)", size: 10) == ranges((0, 9)))
        #expect(select("bytes=\(huge)-5", size: 10) == .whole)
        #expect(select("bytes=0-\(max)", size: 10) == ranges((0, 9)))
        #expect(select("bytes=0-9223372036854775808", size: 10) == ranges((0, 9)))
        #expect(select("bytes=9223372036854775808-", size: 10) == .unsatisfiable)
        #expect(select("bytes=-18446744073709551617", size: 10) == ranges((0, 9)))
        // 2⁶⁴, which wraps round to 0
        #expect(select("bytes=18446744073709551616-", size: 10) == .unsatisfiable)
    }

    @Test func `the largest representation does not overflow`() {
        let whole = ByteRange(lowerBound: 0, count: .max)
        #expect(select("bytes=0-", size: .max) == .ranges([whole]))
        #expect(select("bytes=0-\(Int.max)", size: .max) == .ranges([whole]))
        #expect(select("bytes=-\(Int.max)", size: .max) == .ranges([whole]))
        #expect(select("bytes=0-,0-,0-", size: .max) == .whole)
        #expect(select("bytes=\(Int.max)-", size: .max) == .unsatisfiable)
        let last = ByteRange(lowerBound: .max - 1, count: 1)
        #expect(select("bytes=\(Int.max - 1)-", size: .max) == .ranges([last]))
        #expect(whole.contentRange(of: .max) == "bytes 0-\(Int.max - 1)/\(Int.max)")
    }

    @Test func `at most 64 ranges are selected`() {
        func field(_ count: Int) -> String {
            "bytes=" + (0..<count).map { "\($0)-\($0)" }.joined(separator: ",")
        }
        let expected = (0..<64).map { ByteRange(lowerBound: $0, count: 1) }
        #expect(select(field(64), size: 1000) == .ranges(expected))
        #expect(select(field(65), size: 1000) == .whole)
        #expect(select(field(50_000), size: 1_000_000) == .whole)
    }

    @Test func `ranges with no byte count towards the 64 too`() {
        let unsatisfiable = String(repeating: "9-,", count: 64)
        #expect(select("bytes=" + unsatisfiable, size: 5) == .unsatisfiable)
        #expect(select("bytes=" + unsatisfiable + "0-0", size: 5) == .whole)
    }

    @Test func `ranges together larger than the representation select the whole`() {
        #expect(select("bytes=0-,0-0", size: 10) == .whole)
        #expect(select("bytes=0-,0-", size: 10) == .whole)
        #expect(select("bytes=-6,-5", size: 10) == .whole)
        #expect(select("bytes=-5,-5", size: 10) == ranges((5, 9), (5, 9)))
        #expect(select("bytes=0-4,5-9", size: 10) == ranges((0, 4), (5, 9)))
        #expect(select("bytes=0-0,0-0", size: 1) == .whole)
    }

    @Test func `what is selected lies in the representation and is not larger`() {
        let pieces = ["0", "3", "7", "12", "-", "-", ",", ","]
        for code in 0..<(8 * 8 * 8 * 8 * 8) {
            let text = (0..<5).map { pieces[code >> (3 * $0) & 7] }.joined()
            guard case .ranges(let ranges) = select("bytes=" + text, size: 8) else { continue }
            let areInside = ranges.allSatisfy { range in
                range.lowerBound >= 0 && range.count >= 1 && range.lowerBound + range.count <= 8
            }
            let total = ranges.reduce(0) { $0 + $1.count }
            if ranges.isEmpty || !areInside || total > 8 { Issue.record("bytes=\(text)") }
        }
    }

    @Test func `every byte in every place of a field is survived`() {
        let original = Array("bytes=1-2, -3".utf8)
        var accepted: Set<UInt8> = []
        for position in 7..<original.count {
            for byte in UInt8.min...UInt8.max {
                var changed = original
                changed[position] = byte
                if changed.withUnsafeBytes({ ByteRange.select($0, size: 99) }) != .whole {
                    accepted.insert(byte)
                }
            }
        }
        #expect(accepted == Set("0123456789-, \t".utf8))
    }

    @Test func `Content-Range has inclusive positions and the size`() {
        #expect(ByteRange(lowerBound: 0, count: 100).contentRange(of: 1234) == "bytes 0-99/1234")
        #expect(ByteRange(lowerBound: 7, count: 1).contentRange(of: 8) == "bytes 7-7/8")
        #expect(ByteRange.unsatisfied(size: 1234) == "bytes */1234")
        #expect(ByteRange.unsatisfied(size: 0) == "bytes */0")
    }
}
