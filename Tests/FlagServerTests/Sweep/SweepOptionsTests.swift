import Sweeping
import Testing

@testable import flagserver

struct SweepOptionsTests {
    private func numbers(_ arguments: String...) throws -> [Int] {
        var search = try SweepOptions.parse(arguments).search(seed: 1)
        var numbers: [Int] = []
        while let next = search.next(), numbers.count < 9 {
            numbers.append(next)
            search.note(
                SweepRow(
                    concurrency: next, seconds: 1,
                    rate: Interval(mean: Double(next), halfWidth: 0), completed: 10, p50: 1,
                    p95: 1, meanTime: 1))
        }
        return numbers
    }

    @Test func `a list is measured as it stands`() throws {
        #expect(try numbers("-m", "8,1,4") == [8, 1, 4])
        #expect(try numbers("-m", "7") == [7])
    }

    @Test func `auto goes up to the largest`() throws {
        #expect(try numbers("--max", "5").prefix(4) == [1, 2, 4, 5])
        #expect(try numbers("-m", "auto").prefix(8) == [1, 2, 4, 8, 16, 32, 64, 128])
    }

    @Test(arguments: [
        (["-m", "0"], "-m LIST"), (["-m", "1,,2"], "-m LIST"), (["-m", "1001"], "-m LIST"),
        (["-m", "x"], "-m LIST"), (["--max", "0"], "--max N"),
        (["--max", "4", "-m", "1"], "--max"),
    ])
    func `what is no number is refused`(arguments: [String], words: String) throws {
        let options = try SweepOptions.parse(arguments)
        let error = #expect(throws: GetUsageError.self) { try options.search(seed: 1) }
        #expect(error?.reason.hasPrefix(words) == true)
    }

    @Test func `a budget has bounds, and stdout one reader`() throws {
        #expect(try SweepOptions.parse([]).time() == 30_000_000_000)
        #expect(try SweepOptions.parse(["--budget", "1.5s"]).time() == 1_500_000_000)
        for text in ["0", "1d", "-1", "3601"] {
            let options = try SweepOptions.parse(["--budget=\(text)"])
            #expect(throws: GetUsageError.self) { try options.time() }
        }
        let both = try SweepOptions.parse(["--json", "-", "--csv", "-"])
        #expect(throws: GetUsageError.self) { try both.isForProgram() }
        #expect(try SweepOptions.parse(["--json", "-"]).isForProgram())
    }
}
