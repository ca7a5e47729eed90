import Glibc
import TestSupport
import Testing

@testable import Records

/// `word number` for each record.
struct NumberLine: RecordFormat {
    let word: String

    init(_ word: String = "record") { self.word = word }

    mutating func append(_ record: ExchangeRecord, to line: inout [UInt8]) {
        line += "\(word) \(record.sequence)\n".utf8
    }

    static func record(_ number: Int) -> ExchangeRecord {
        var record = ExchangeRecord(proxy: "local")
        record.sequence = UInt64(number)
        return record
    }
}

/// A log writer's thread lives as long as the process, and so do the pipes it writes to here.
struct LogWriterRecordsTests {
    private func keptPipe() throws -> Pipe {
        let pipe = try Pipe()
        _ = Unmanaged.passRetained(pipe)
        return pipe
    }

    private func startedLog() throws -> (Pipe, LogWriter) {
        let pipe = try keptPipe()
        let log = LogWriter(descriptor: pipe.writer)
        log.start()
        return (pipe, log)
    }

    @Test func `texts and records keep their order`() throws {
        let pipe = try keptPipe()
        let log = LogWriter(descriptor: pipe.writer) { NumberLine() }
        var expected = ""
        for number in 1...2000 {
            log.write(NumberLine.record(number))
            expected += "record \(number)\n"
            for part in 0..<number % 3 {
                log.write("text \(number).\(part)\n")
                expected += "text \(number).\(part)\n"
            }
        }
        log.write("end\n")
        #expect(pipe.read(through: "end\n") == expected + "end\n")
    }

    @Test func `a format that comes late is for what is written then`() throws {
        let pipe = try keptPipe()
        let log = LogWriter(descriptor: pipe.writer)
        log.write("banner\n")
        log.start { NumberLine("first") }
        log.write(NumberLine.record(1))
        log.flush(milliseconds: 600_000)
        log.start { NumberLine("second") }
        log.write(NumberLine.record(2))
        #expect(pipe.read(through: "second 2\n") == "banner\nfirst 1\nsecond 2\n")
    }

    @Test func `without a format records are not written`() throws {
        let pipe = try keptPipe()
        let log = LogWriter(descriptor: pipe.writer)
        log.write(NumberLine.record(1))
        log.write("end\n")
        #expect(pipe.read(through: "\n") == "end\n")
    }

    /// Reads until there are so many lines of records.
    private func receive(_ count: Int, from pipe: Pipe) -> [Substring] {
        var lines: [Substring] = []
        while lines.count(where: { $0.hasPrefix("record ") }) < count {
            let text = pipe.read(through: "\n")
            if text.isEmpty { break }
            lines += text.split(separator: "\n")
        }
        return lines
    }

    /// That the test comes to its end shows that no write waits.
    @Test func `records that nobody reads are dropped, counted and said`() throws {
        let pipe = try keptPipe()
        let log = LogWriter(descriptor: pipe.writer) { NumberLine() }
        // More than what the thread has taken and the queue hold together.
        let total = 4 * LogWriter.maximumRecords
        for number in 1...total { log.write(NumberLine.record(number)) }
        let dropped = log.dropped
        #expect(dropped >= total - 2 * LogWriter.maximumRecords - 4096)
        var lines = receive(total - dropped, from: pipe)
        log.flush(milliseconds: 600_000)
        log.write(NumberLine.record(total + 1))
        lines += receive(1, from: pipe)

        var (next, said) = (1, 0)
        for line in lines {
            let words = line.split(separator: " ")
            if words[0] == "record" {
                #expect(Int(words[1]) == next)
                next += 1
            } else {
                let count = try #require(Int(words[1]))
                #expect(
                    line == "warning: \(count) log lines were dropped: whoever reads them is "
                        + "too slow.")
                next += count
                said += count
            }
        }
        #expect(next == total + 2)
        #expect(said == dropped && log.dropped == dropped)
    }

    @Test func `whoever asks is told of the first drop, and no line is`() throws {
        let pipe = try keptPipe()
        let (told, teller) = try startedLog()
        let log = LogWriter(descriptor: pipe.writer, format: { NumberLine() }) { loss in
            if case .dropped = loss { teller.write("dropped\n") }
        }
        let total = 4 * LogWriter.maximumRecords
        for number in 1...total { log.write(NumberLine.record(number)) }
        teller.write("end\n")
        #expect(told.read(through: "end\n") == "dropped\nend\n")
        var lines = receive(total - log.dropped, from: pipe)
        log.flush(milliseconds: 600_000)
        log.write(NumberLine.record(0))
        lines += receive(1, from: pipe)
        #expect(lines.allSatisfy { $0.hasPrefix("record ") } && lines.last == "record 0")
    }

    @Test func `on a full disk every line is counted`() throws {
        let (told, teller) = try startedLog()
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        let log = LogWriter(descriptor: descriptor, format: { NumberLine() }) { loss in
            guard case .failed(ENOSPC) = loss else { return }
            teller.write("failed\n")
        }
        for number in 1...5000 {
            log.write(NumberLine.record(number))
            if number % 1000 == 0 { log.flush(milliseconds: 600_000) }
        }
        #expect(log.dropped == 5000)
        teller.write("end\n")
        #expect(told.read(through: "end\n") == "failed\nend\n")
    }

    /// A limit so high that it stops no other test; the file is sparse.
    @Test func `a file that can grow no more ends in a whole line`() throws {
        let directory = TemporaryDirectory()
        let descriptor = open(directory.file("log"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        let limit = 1 << 40
        let room = 1000
        try #require(lseek(descriptor, limit - room, SEEK_SET) == limit - room)
        var old = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        try #require(getrlimit(resource, &old) == 0)
        var new = rlimit(rlim_cur: rlim_t(limit), rlim_max: old.rlim_max)
        try #require(setrlimit(resource, &new) == 0)
        defer { setrlimit(resource, &old) }

        let log = LogWriter(descriptor: descriptor, format: { NumberLine() })
        for number in 1...500 { log.write(NumberLine.record(number)) }
        log.flush(milliseconds: 600_000)

        var bytes = [UInt8](repeating: 0, count: room)
        let count = pread(descriptor, &bytes, room, limit - room)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        let kept = 500 - log.dropped
        #expect(kept > 50 && kept < 500)
        #expect(text == (1...kept).map { "record \($0)\n" }.joined())
        close(descriptor)
    }
}
