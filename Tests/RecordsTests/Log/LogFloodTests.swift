import HTTPWire
import TestSupport
import Testing

@testable import Faults
@testable import Records

struct LogFloodTests {
    /// 2026-11-21T14:02:01Z
    private static let start: Int64 = 1_795_269_721_000_000_000

    /// At a time behind the start, in milliseconds.
    private func record(at time: Int64, status: RecordStatus = 200) -> ExchangeRecord {
        var record = SampleRecords.served(1)
        (record.time, record.status) = (Self.start + time * 1_000_000, status)
        return record
    }

    private func isFolded(_ flood: inout LogFlood, _ time: Int64, _ wanted: Bool) {
        let found = flood.folds(record(at: time))
        #expect(found == wanted, "at \(time) ms")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func log() -> LogLine {
        LogLine(.people(hasColor: false), folds: true, columns: { 80 })
    }

    @Test func `50 lines a second stand, the 51st is folded, and a calm second ends it`() {
        var flood = LogFlood()
        for number in 0..<50 { isFolded(&flood, Int64(number), false) }
        #expect(flood.isEmpty)
        isFolded(&flood, 999, true)
        // The next second is folded until it is known to be calm.
        isFolded(&flood, 1000, true)
        isFolded(&flood, 2000, false)
    }

    @Test func `a flood that goes on is folded from the first one of each second`() {
        var flood = LogFlood()
        let folded = (0..<300).filter { flood.folds(record(at: Int64($0) * 10)) }
        #expect(folded == Array(50..<300))
    }

    @Test func `after a second of silence, or a clock that was set back, it is calm`() {
        for later in [3000, -5000] as [Int64] {
            var flood = LogFlood()
            for _ in 0..<60 { _ = flood.folds(record(at: 0)) }
            isFolded(&flood, later, false)
        }
    }

    @Test func `what was folded is in the counts, the worst first`() {
        var flood = LogFlood()
        for number in 0..<50 { _ = flood.folds(record(at: Int64(number))) }
        for number in 0..<100 {
            var record = record(at: 50 + Int64(number), status: number < 60 ? 200 : 503)
            if number < 3 { record.hasGivenUp = true }
            if number >= 98 { record.refusal = .rate }
            _ = flood.folds(record)
        }
        #expect(
            flood.text(width: 120) == "14:02:01.149 100 exchanges in 0.0 s: unplanned errors 38, "
                + "gave up 3, refused 2, 200 × 60, 503 × 40")
        #expect(
            flood.text(width: 60)
                == "14:02:01.149 100 exchanges in 0.0 s: unplanned errors 38, g…")
        flood.forget()
        #expect(flood.isEmpty && flood.text(width: 80).isEmpty)
    }

    @Test func `one line is written over until other lines come`() {
        var (log, output) = (log(), [UInt8]())
        for _ in 0..<50 { log.append(record(at: 0), to: &output) }
        log.settle(&output)
        #expect(text(output).split(separator: "\n").count == 50 && !text(output).contains("\r"))
        output = []
        for _ in 0..<10 { log.append(record(at: 5), to: &output) }
        #expect(output.isEmpty)
        log.settle(&output)
        #expect(text(output) == "\r14:02:01.005 10 exchanges in 0.0 s: 200 × 10")
        output = []
        log.append(record(at: 300), to: &output)
        log.settle(&output)
        #expect(text(output) == "\r14:02:01.300 11 exchanges in 0.2 s: 200 × 11")
        output = []
        log.append(record(at: 5000), to: &output)
        #expect(
            text(output) == "\r14:02:01.300 11 exchanges in 0.2 s: 200 × 11\n"
                + "14:02:06.000 LOCAL  200    0.0 ms  GET /flags/br/br.gif\n")
    }

    @Test func `a message does not run into the line, and the next counts begin below it`() {
        var (log, output) = (log(), [UInt8]())
        for _ in 0..<61 { log.append(record(at: 0), to: &output) }
        output = []
        log.interrupt(&output)
        #expect(text(output) == "\r14:02:01.000 11 exchanges in 0.0 s: 200 × 11\n")
        output = []
        log.interrupt(&output)
        log.settle(&output)
        #expect(output.isEmpty)
        log.append(record(at: 1), to: &output)
        log.settle(&output)
        #expect(text(output) == "\r14:02:01.001 1 exchange in 0.0 s: 200 × 1")
    }

    @Test func `a shorter line leaves nothing of the longer one before, and never wraps`() {
        var (log, output) = (
            LogLine(.people(hasColor: false), folds: true, columns: { 40 }), [UInt8]()
        )
        for _ in 0..<51 { log.append(record(at: 0), to: &output) }
        output = []
        log.settle(&output)
        log.append(record(at: 1, status: 503), to: &output)
        log.settle(&output)
        for line in text(output).split(separator: "\r") { #expect(line.columns < 40, "\(line)") }
    }

    @Test func `off a terminal nothing is folded`() {
        for style in [.text, .people(hasColor: false)] as [LogLine.Style] {
            var (log, output) = (LogLine(style), [UInt8]())
            for _ in 0..<200 { log.append(record(at: 0), to: &output) }
            log.interrupt(&output)
            log.settle(&output)
            #expect(text(output).split(separator: "\n").count == 200)
            #expect(!text(output).contains("\r"))
        }
    }
}
