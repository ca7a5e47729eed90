import Downloading
import Testing

@testable import flagserver

struct DownloadWindowTests {
    /// What becomes of a window before a server with so much room: each round takes `time` for as
    /// many as there is room for.
    private func settled(maximum: Int, room: Int, failing: Bool = false) -> Int {
        var window = DownloadWindow(.best, maximum: maximum)
        let outcome: DownloadResult.Outcome =
            failing ? .failed(DownloadFailure(.reset, "reset")) : .ok
        var now: UInt64 = 0
        for _ in 0..<5000 {
            now += 1_000_000_000 / UInt64(min(window.count, room))
            window.note(outcome, at: now)
        }
        return window.count
    }

    @Test func `a fixed number stays`() {
        var window = DownloadWindow(.fixed(7), maximum: 7)
        for now in 1...100 {
            window.note(.ok, at: UInt64(now))
        }
        #expect(window.count == 7)
    }

    @Test(arguments: [(1000, 8, 8), (1000, 1000, 1000), (3, 1000, 3), (1, 5, 1), (1000, 1, 2)])
    func `the best is doubled up to where it brings nothing more`(
        maximum: Int, room: Int, expected: Int
    ) {
        #expect(settled(maximum: maximum, room: room) == expected)
    }

    @Test func `where nothing succeeds, few are enough`() {
        #expect(settled(maximum: 1000, room: 1000, failing: true) <= 4)
    }
}
