import Glibc
import Testing

@testable import EventLoop

struct ProcessFiguresTests {
    @Test func `the figures are those of a process that lives`() throws {
        let figures = try #require(ProcessFigures.read())
        #expect(figures.processorTime > 0)
        #expect(figures.openDescriptors > 2)
        #expect(figures.maximumDescriptors >= UInt64(figures.openDescriptors))
        #expect(figures.residentMemory > 1 << 20)
        #expect(figures.virtualMemory >= figures.residentMemory)
        // This file was written in 2026.
        #expect(figures.started > 1_700_000_000_000_000_000)
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        #expect(figures.started / 1_000_000_000 <= UInt64(now.tv_sec), "it has been started")
    }

    @Test func `a name with blanks and parentheses is skipped`() throws {
        let line = "7 (a) (b c) S 1 " + (5...52).map { "\($0)" }.joined(separator: " ")
        let stat = try #require(ProcessFigures.Stat(line))
        #expect((stat.startTicks, stat.virtualMemory, stat.residentPages) == (22, 23, 24))
        #expect(ProcessFigures.Stat("7 (a) S 1") == nil)
        #expect(ProcessFigures.Stat("") == nil)
    }
}
