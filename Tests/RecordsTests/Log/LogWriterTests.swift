import Glibc
import Testing

@testable import Records

/// A log writer's thread lives as long as the process, and so do the pipes it writes to here.
struct LogWriterTests {
    /// Lines of 64 bytes that begin with their number.
    private func line(_ number: Int) -> String {
        let start = "line \(number) "
        return start + String(repeating: ".", count: 63 - start.utf8.count) + "\n"
    }

    /// The pipe stays open for the writer's thread, which may come back to it at any time.
    private func keep(_ pipe: Pipe) { _ = Unmanaged.passRetained(pipe) }

    @Test(arguments: [true, false])
    func `everything below the bound arrives in order`(isBlocking: Bool) throws {
        let pipe = try Pipe(isBlocking: isBlocking)
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        let lines = (1...LogWriter.maximumQueued / 64).map(line)
        for line in lines { log.write(line) }
        #expect(pipe.read(through: lines[lines.count - 1]) == lines.joined())
    }

    @Test func `flush waits for what was written`() throws {
        let pipe = try Pipe()
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        log.write("one\n")
        log.write("two\n")
        log.flush(milliseconds: 600_000)
        #expect(pipe.waiting == 8)
        #expect(pipe.read(through: "two\n") == "one\ntwo\n")
    }

    @Test func `flush of nothing returns at once, before and after the first line`() throws {
        let pipe = try Pipe()
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        log.flush(milliseconds: 600_000)
        log.write("x\n")
        log.flush(milliseconds: 600_000)
        log.flush(milliseconds: 600_000)
        #expect(pipe.read(through: "\n") == "x\n")
    }

    @Test func `flush gives up on a reader who never reads`() throws {
        let pipe = try Pipe()
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        for number in 1...1000 { log.write(line(number)) }
        log.flush(milliseconds: 1)
        #expect(pipe.waiting <= 4096)
        #expect(pipe.read(through: line(1000)) == (1...1000).map(line).joined())
    }

    /// That the test comes to its end shows that no write waits.
    @Test func `a reader who never reads stops nobody, and learns what was dropped`() throws {
        let pipe = try Pipe()
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        // Far more than the pipe, what the thread has taken and the queue hold together.
        let total = 4 * LogWriter.maximumQueued / 64
        for number in 1...total { log.write(line(number)) }

        let end = "end\n"
        let received = try readAll(pipe, log, then: end)
        var next = 1
        var dropped = 0
        for received in received.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = received.split(separator: " ")
            if words.first == "warning:" {
                let count = try #require(words.dropFirst().first.flatMap { Int($0) })
                #expect(
                    received == "warning: \(count) log lines were dropped: whoever reads them is "
                        + "too slow.")
                next += count
                dropped += count
            } else if words.first == "line" {
                #expect(received + "\n" == line(next))
                next += 1
            }
        }
        #expect(next == total + 1)
        #expect(received.hasSuffix("\n" + end))
        let held = 2 * LogWriter.maximumQueued + 4096
        #expect(dropped >= total - held / 64 - 1)
    }

    /// Reads on another thread until `log` has written everything, and one line more.
    private func readAll(_ pipe: Pipe, _ log: LogWriter, then end: String) throws -> String {
        let reading = Reading(pipe, end)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(reading).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let reading = Unmanaged<Reading>.fromOpaque(context).takeRetainedValue()
                reading.text = reading.pipe.read(through: reading.end)
                return nil
            }, context)
        try #require(result == 0)
        log.flush(milliseconds: 600_000)
        log.write(end)
        pthread_join(thread, nil)
        return reading.text
    }

    /// What a thread reads; its maker looks at it after the thread has ended.
    private final class Reading {
        let pipe: Pipe
        let end: String
        var text = ""

        init(_ pipe: Pipe, _ end: String) {
            (self.pipe, self.end) = (pipe, end)
        }
    }

    @Test func `writing goes on after drops when the reader has caught up`() throws {
        let pipe = try Pipe()
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        log.write("first\n")
        log.flush(milliseconds: 600_000)
        log.write(String(repeating: "x", count: LogWriter.maximumQueued) + "\n")
        log.write("next\n")
        #expect(
            pipe.read(through: "next\n") == "first\n"
                + "warning: 1 log lines were dropped: whoever reads them is too slow.\nnext\n")
    }

    @Test func `a text larger than the bound is dropped and said`() throws {
        let pipe = try Pipe()
        keep(pipe)
        let log = LogWriter(descriptor: pipe.writer)
        log.write(String(repeating: "x", count: LogWriter.maximumQueued) + "\n")
        log.write("next\n")
        #expect(
            pipe.read(through: "next\n")
                == "warning: 1 log lines were dropped: whoever reads them is too slow.\nnext\n")
    }

    // MARK: Nobody to write to

    @Test func `a closed descriptor is given up`() throws {
        let pipe = try Pipe()
        // A number that no other test will be given in the meantime.
        let descriptor = fcntl(pipe.writer, F_DUPFD_CLOEXEC, 900)
        try #require(descriptor >= 900)
        close(descriptor)
        writeAndFlush(LogWriter(descriptor: descriptor))
    }

    @Test func `a descriptor that never was is given up`() {
        writeAndFlush(LogWriter(descriptor: -1))
    }

    @Test func `a pipe without a reader is given up`() throws {
        signal(SIGPIPE, SIG_IGN)
        let ends = try Pipe.ends()
        close(ends.reader)
        writeAndFlush(LogWriter(descriptor: ends.writer))
    }

    @Test func `a full disk is given up`() throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        writeAndFlush(LogWriter(descriptor: descriptor))
    }

    /// Ends only if the writer stops to wait for what cannot be written.
    private func writeAndFlush(_ log: LogWriter) {
        for number in 1...10 {
            log.write(line(number))
            log.flush(milliseconds: 600_000)
        }
        let many = 2 * LogWriter.maximumQueued / 64
        for number in 1...many { log.write(line(number)) }
        log.flush(milliseconds: 600_000)
    }
}
