import Glibc
import Testing

@testable import Records

struct LogBatchTests {
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
