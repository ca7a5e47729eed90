import Glibc
import TestSupport
import Testing

@testable import Records

/// Its thread lives as long as the process.
struct LogFileTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.file("log") }

    private func text(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    private func write(_ line: String, to file: LogFile) {
        file.writer.write(line)
        file.writer.flush(milliseconds: 600_000)
    }

    @Test func `a log is appended to`() throws {
        try directory.write("log", "old\n")
        let file = try LogFile(path)
        file.writer.start()
        file.started()
        write("new\n", to: file)
        #expect(try text(path) == "old\nnew\n")
    }

    @Test(arguments: [true, false])
    func `one that was renamed goes on under its old name`(isStarted: Bool) throws {
        let file = try LogFile(path)
        if isStarted {
            file.writer.start()
            file.started()
        }
        write("first\n", to: file)
        #expect(rename(path, path + ".1") == 0)
        write("second\n", to: file)
        file.reopen(milliseconds: 600_000)
        write("third\n", to: file)
        #expect(try text(path + ".1") == "first\nsecond\n")
        #expect(try text(path) == "third\n")
    }

    @Test func `what cannot be opened again is written on, and says so`() throws {
        let file = try LogFile(path)
        file.writer.start()
        #expect(rename(path, path + ".1") == 0)
        try directory.folder("log")
        file.reopen(milliseconds: 600_000)
        write("on\n", to: file)
        #expect(
            try text(path + ".1")
                == "error: cannot write the log '\(path)': Is a directory. Name a file. "
                + "What was open before is written on.\non\n")
    }

    @Test func `what cannot be written is refused with what to do`() throws {
        #expect(throws: JournalFileError.self) { try LogFile(directory.path) }
        do {
            _ = try LogFile("\(directory.path)/none/log")
        } catch {
            #expect(error.description.hasSuffix("Create its directory first, or choose another."))
        }
    }
}
