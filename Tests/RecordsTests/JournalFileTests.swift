import Glibc
import TestSupport
import Testing

@testable import Records

/// A journal's thread lives as long as the process.
struct JournalFileTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.file("journal") }

    /// A log that can be read.
    private func makeLog() throws -> (LogWriter, Pipe) {
        let pipe = try Pipe()
        _ = Unmanaged.passRetained(pipe)
        return (LogWriter(descriptor: pipe.writer), pipe)
    }

    private func journal(_ path: String, _ log: LogWriter) throws -> JournalFile {
        try JournalFile(path, log: log) { NumberLine() }
    }

    /// What `log` says until now.
    private func said(_ log: LogWriter, _ pipe: Pipe) -> String {
        log.write("end\n")
        return String(pipe.read(through: "end\n").dropLast(4))
    }

    private func lines(_ range: ClosedRange<Int>) -> String {
        range.map { "record \($0)\n" }.joined()
    }

    private func text(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test func `a file is appended to`() throws {
        try directory.write("journal", "of the last run, longer than what comes\n")
        let (log, pipe) = try makeLog()
        let journal = try journal(path, log)
        journal.start()
        for number in 1...3 { journal.write(NumberLine.record(number)) }
        journal.finish(milliseconds: 600_000)
        #expect(try text(path) == "of the last run, longer than what comes\n" + lines(1...3))
        #expect(journal.dropped == 0)
        #expect(said(log, pipe).isEmpty)
    }

    @Test func `a file that somebody shortens goes on where it ends`() throws {
        let (log, _) = try makeLog()
        let journal = try journal(path, log)
        journal.start()
        for number in 1...9 {
            try #require(truncate(path, 0) == 0)
            journal.write(NumberLine.record(number))
            journal.flush(milliseconds: 600_000)
            #expect(try text(path) == lines(number...number))
        }
    }

    @Test func `a file that was renamed is left, and no line is lost`() throws {
        let (log, pipe) = try makeLog()
        let journal = try journal(path, log)
        journal.start()
        for number in 1...40 {
            journal.write(NumberLine.record(number))
            guard number.isMultiple(of: 10) else { continue }
            try #require(rename(path, "\(path).\(number)") == 0)
            journal.reopen(milliseconds: 600_000)
            #expect(try text("\(path).\(number)") == lines(number - 9...number))
            #expect(try text(path).isEmpty)
        }
        journal.write(NumberLine.record(41))
        journal.finish(milliseconds: 600_000)
        #expect(try text(path) == lines(41...41))
        #expect(said(log, pipe).isEmpty)
    }

    @Test func `a file that cannot be opened again is written on`() throws {
        let folder = directory.file("folder")
        try #require(mkdir(folder, 0o700) == 0)
        let (log, pipe) = try makeLog()
        let journal = try journal("\(folder)/journal", log)
        journal.start()
        try #require(rename(folder, "\(folder)2") == 0)
        journal.reopen(milliseconds: 600_000)
        journal.write(NumberLine.record(1))
        journal.flush(milliseconds: 600_000)
        #expect(try text("\(folder)2/journal") == lines(1...1))
        #expect(
            said(log, pipe) == "error: cannot write the journal '\(folder)/journal': No such file "
                + "or directory. Create its directory first, or choose another. What was open "
                + "before is written on.\n")
    }

    @Test func `who could not write any more begins again with another file`() throws {
        let (log, pipe) = try makeLog()
        try #require(symlink("/dev/full", path) == 0)
        let journal = try journal(path, log)
        journal.start()
        journal.write(NumberLine.record(1))
        journal.flush(milliseconds: 600_000)
        #expect(journal.dropped == 1 && said(log, pipe).contains("No space left on device"))
        try #require(unlink(path) == 0)
        journal.reopen(milliseconds: 600_000)
        journal.write(NumberLine.record(2))
        journal.flush(milliseconds: 600_000)
        #expect(try text(path) == lines(2...2) && journal.dropped == 1)
    }

    @Test func `a file is made, for its owner to write`() throws {
        let (log, _) = try makeLog()
        let journal = try journal(path, log)
        journal.start()
        for number in 1...10_000 { journal.write(NumberLine.record(number)) }
        journal.flush(milliseconds: 600_000)
        #expect(try text(path) == lines(1...10_000))
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 & ~0o644 == 0)
    }

    // MARK: What cannot be opened

    private func refused(_ path: String) throws -> String {
        let (log, _) = try makeLog()
        let error = #expect(throws: JournalFileError.self) { try journal(path, log) }
        return error?.description ?? ""
    }

    @Test func `a directory is refused`() throws {
        #expect(
            try refused(directory.path) == "cannot write the journal '\(directory.path)': "
                + "Is a directory. Name a file, or - for standard output.")
    }

    @Test func `a place that does not exist is refused`() throws {
        let path = directory.file("none/journal")
        #expect(
            try refused(path) == "cannot write the journal '\(path)': No such file or directory. "
                + "Create its directory first, or choose another.")
    }

    @Test func `a FIFO without a reader is refused, and holds nobody`() throws {
        try #require(mkfifo(path, 0o600) == 0)
        #expect(
            try refused(path) == "cannot write the journal '\(path)': No such device or address. "
                + "No program reads from it; start the reader first.")
    }

    @Test(.enabled(if: geteuid() != 0, "nothing is forbidden to root"))
    func `a file of others is refused`() throws {
        try directory.write("journal", "mine\n")
        try #require(chmod(path, 0o400) == 0)
        #expect(
            try refused(path) == "cannot write the journal '\(path)': Permission denied. "
                + "Choose a place that you may write to.")
    }

    // MARK: What cannot be written any more

    @Test func `a full disk is said once, and every line counted`() throws {
        let (log, pipe) = try makeLog()
        let journal = try journal("/dev/full", log)
        journal.start()
        for number in 1...3000 {
            journal.write(NumberLine.record(number))
            if number % 1000 == 0 { journal.flush(milliseconds: 600_000) }
        }
        #expect(journal.dropped == 3000)
        #expect(
            said(log, pipe) == "error: cannot write the journal '/dev/full' any more: "
                + "No space left on device; the servers go on without it.\n")
        journal.finish(milliseconds: 600_000)
        #expect(
            said(log, pipe) == "warning: 3000 lines are missing in the journal '/dev/full'.\n")
    }

    @Test func `a reader who leaves is said once`() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(reader >= 0)
        let (log, pipe) = try makeLog()
        let journal = try journal(path, log)
        journal.start()
        journal.write(NumberLine.record(1))
        journal.flush(milliseconds: 600_000)
        #expect(journal.dropped == 0)
        close(reader)
        for number in 2...3 {
            journal.write(NumberLine.record(number))
            journal.flush(milliseconds: 600_000)
        }
        #expect(journal.dropped == 2)
        #expect(
            said(log, pipe) == "error: cannot write the journal '\(path)' any more: "
                + "Broken pipe; the servers go on without it.\n")
    }

    /// That the test comes to its end shows that no write waits.
    @Test func `a reader who never reads stops nobody, and the end says what is missing`() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(reader >= 0)
        let (log, pipe) = try makeLog()
        let journal = try journal(path, log)
        journal.start()
        let total = 3 * JournalFile.maximumRecords
        for number in 1...total { journal.write(NumberLine.record(number)) }
        let dropped = journal.dropped
        #expect(dropped > 0)
        #expect(
            said(log, pipe) == "warning: lines of the journal '\(path)' are dropped: whoever "
                + "reads it is too slow. The end and /metrics say how many.\n")
        journal.finish(milliseconds: 1)
        let end = said(log, pipe)
        #expect(end.hasPrefix("warning: at least "))
        #expect(end.hasSuffix(" lines are missing in the journal '\(path)'.\n"))
        let count = try #require(end.split(separator: " ").compactMap { Int($0) }.first)
        // What waits for a reader is missing as well.
        #expect(count >= dropped && count <= total)
        close(reader)
    }
}
