import Glibc
import Testing

@testable import Records

struct LogBatchTests {
    private func fill(_ batch: inout LogBatch, _ count: Int) {
        for _ in 0..<count {
            batch.append(ExchangeRecord(proxy: "local"))
            batch.append(String(repeating: "x", count: 99) + "\n")
        }
    }

    @Test func `the room that a burst has needed is given back`() {
        var batch = LogBatch()
        fill(&batch, 10_000)
        batch.removeAll()
        fill(&batch, 1)
        batch.removeAll()
        #expect(batch.records.capacity <= 256)
        #expect(batch.text.capacity <= 64 << 10)
        #expect(batch.isEmpty)
    }

    @Test(arguments: [10, 10_000])
    func `what is needed each time is kept`(count: Int) {
        var batch = LogBatch()
        for _ in 0..<3 {
            fill(&batch, count)
            batch.removeAll()
            #expect(batch.records.capacity >= count)
            #expect(batch.text.capacity >= count * 100)
        }
    }

    @Test func `lines have room for what is usual, and no more`() {
        var batch = LogBatch()
        var (format, output): ((any RecordFormat)?, [UInt8]) = (nil, [])
        batch.append(String(repeating: "x", count: 1_000_000))
        #expect(batch.write(to: -1, &format, &output) != nil)
        #expect(output.capacity >= 1_000_000)
        #expect(LogBatch().write(to: -1, &format, &output) == nil)
        #expect(output.capacity == 0)
        output.reserveCapacity(64 << 10)
        #expect(LogBatch().write(to: -1, &format, &output) == nil)
        #expect(output.capacity >= 64 << 10)
    }

    @Test func `a reader that is stuck is given up by who cannot wait`() throws {
        let pipe = try Pipe(isBlocking: false)
        var (batch, output) = (LogBatch(), [UInt8]())
        var format: (any RecordFormat)?
        let line = String(repeating: ".", count: 63) + "\n"
        for _ in 0..<65 { batch.append(line) }
        let failure = batch.write(to: pipe.writer, &format, &output, isPatient: false)
        #expect(failure?.error == EAGAIN)
        #expect(failure?.lines == 1, "the pipe has room for the others")
        #expect(pipe.waiting == 4096)
    }
}
