import Testing

@testable import Sweeping

struct ConcurrencySearchTests {
    /// All the numbers it asks for, if rows are like that.
    private func numbers(
        _ maximum: Int, seed: UInt64 = 1, row: (Int) -> SweepRow
    ) -> [Int] {
        var search = ConcurrencySearch(maximum: maximum, seed: seed)
        let expected = search.expectedRows
        var found: [Int] = []
        while let number = search.next() {
            found.append(number)
            #expect(search.expectedRows >= found.count && search.expectedRows <= expected)
            search.note(row(number))
        }
        #expect(search.expectedRows == found.count && found.count <= expected)
        #expect(search.next() == nil)
        return found
    }

    private func rate(_ rate: Double) -> Interval { Interval(mean: rate, halfWidth: rate / 50) }

    private func delay(_ number: Int) -> SweepRow { row(number, rate: rate(2 * Double(number))) }
    private func queue(_ number: Int) -> SweepRow {
        row(number, rate: rate(Double(min(number, 8))))
    }

    @Test func `it doubles up to the maximum, then looks below`() {
        let found = numbers(128, row: delay)
        #expect(found.prefix(8) == [1, 2, 4, 8, 16, 32, 64, 128])
        #expect(found.dropFirst(8).sorted() == [80, 96, 112])
        #expect(numbers(100, row: delay).prefix(8) == [1, 2, 4, 8, 16, 32, 64, 100])
    }

    @Test(arguments: [(0, [1]), (1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 4, 3])])
    func `a small maximum leaves few`(maximum: Int, wanted: [Int]) {
        #expect(numbers(maximum, row: delay) == wanted)
    }

    @Test func `the greatest maximum traps nothing`() {
        #expect(ConcurrencySearch(maximum: .max, seed: 1).expectedRows == 70)
        #expect(numbers(.max, row: delay).last ?? 0 > 1 << 61)
    }

    @Test func `two without a gain end it, and the best is looked at from both sides`() {
        let found = numbers(128, row: queue)
        #expect(found.prefix(6) == [1, 2, 4, 8, 16, 32])
        #expect(found.dropFirst(6).sorted() == [5, 6, 7, 10, 12, 14])
    }

    @Test func `the order of the second round depends on the seed`() {
        let orders = Set((1...20).map { numbers(128, seed: $0, row: queue) })
        #expect(orders.count > 10)
        #expect(numbers(128, seed: 4, row: queue) == numbers(128, seed: 4, row: queue))
    }

    @Test func `a gain in between counts anew`() {
        let rates: [Int: Double] = [1: 10, 2: 10, 4: 20, 8: 20, 16: 40, 32: 40, 64: 40]
        let found = numbers(1000) { row($0, rate: rate(rates[$0] ?? 39)) }
        #expect(found.prefix(7) == [1, 2, 4, 8, 16, 32, 64])
        #expect(found.dropFirst(7).sorted() == [10, 12, 14, 20, 24, 28])
    }

    @Test func `failures that rise end it, those that were there do not`() {
        let refusing = numbers(128) { number in
            row(
                number, rate: rate(Double(min(number, 8))),
                failures: number > 8 ? [(kind: "503", count: 500)] : [])
        }
        #expect(refusing.prefix(5) == [1, 2, 4, 8, 16])
        #expect(refusing.dropFirst(5).sorted() == [5, 6, 7, 10, 12, 14])
        let error = numbers(128) { number in
            // With one connection four ended, and none failed by chance.
            let count = number == 1 ? 0 : 250 + number % 20
            return row(
                number, rate: rate(Double(number)), completed: number == 1 ? 4 : 1000,
                failures: [(kind: "418", count: count)])
        }
        #expect(error.prefix(8) == [1, 2, 4, 8, 16, 32, 64, 128])
    }

    @Test(arguments: [(900, 128), (1100, 16)])
    func `of very many a rise by less than one in a hundred is none`(
        _ failed: Int, _ last: Int
    ) {
        // It is no chance: of 100 000 one in 200 fails, give or take 25.
        let found = numbers(128) { number in
            row(
                number, rate: rate(Double(number)), completed: 100_000,
                failures: number > 8 ? [(kind: "503", count: failed)] : [])
        }
        #expect(found.max() == last)
    }

    @Test func `twice the time of one alone ends it`() {
        let found = numbers(128) { number in
            row(number, rate: rate(Double(number)), p95: number > 16 ? 1.01 : number > 4 ? 1 : 0.5)
        }
        #expect(found.prefix(6) == [1, 2, 4, 8, 16, 32])
    }

    @Test func `before there are five, only that nothing succeeds ends it`() {
        let found = numbers(128) { row($0, rate: rate(1), p95: Double($0)) }
        #expect(found == [1, 2, 4, 8, 16])
    }

    @Test func `if nothing succeeds it ends soon`() {
        #expect(numbers(128) { row($0, rate: Interval(mean: 0, halfWidth: 1)) } == [1, 2, 4])
        let odd = Interval(mean: .nan, halfWidth: .nan)
        #expect(numbers(128) { row($0, rate: odd) } == [1, 2, 4])
    }

    @Test func `a list is measured as it is, each number once`() {
        var search = ConcurrencySearch(numbers: [4, 1, 0, 4, 16, -3, 1])
        #expect(search.expectedRows == 3)
        var found: [Int] = []
        while let number = search.next() {
            found.append(number)
            search.note(row(number, rate: rate(1), failures: [(kind: "503", count: number * 60)]))
        }
        #expect(found == [4, 1, 16] && search.expectedRows == 3)
        var empty = ConcurrencySearch(numbers: [])
        #expect(empty.expectedRows == 0 && empty.next() == nil)
    }
}
