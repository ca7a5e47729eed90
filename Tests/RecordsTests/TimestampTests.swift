import Testing

@testable import Records

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00"), (951_782_400, "2000-02-29T00:00:00"),
        (951_868_800, "2000-03-01T00:00:00"), (1_795_269_721, "2026-11-21T14:02:01"),
        (4_107_542_399, "2100-02-28T23:59:59"), (4_107_542_400, "2100-03-01T00:00:00"),
        (-5, "1969-12-31T23:59:55"), (Int64.min, "0001-01-01T00:00:00"),
        (Int64.max, "9999-12-31T23:59:59"),
    ])
    func `seconds are written as RFC 3339 has them`(_ seconds: Int64, _ text: String) {
        var bytes: [UInt8] = []
        Timestamp.append(seconds: seconds, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test func `moments are written to the microsecond`() {
        #expect(Timestamp.text(nanoseconds: 0) == "1970-01-01T00:00:00.000000Z")
        let text = Timestamp.text(nanoseconds: 1_795_269_721_120_345_678)
        #expect(text == "2026-11-21T14:02:01.120345Z")
    }

    @Test(arguments: [
        ("2026-11-21T14:02:01.120345Z", 1_795_269_721_120_345_000),
        ("2026-11-21t14:02:01z", 1_795_269_721_000_000_000),
        ("2026-11-21 14:02:01Z", 1_795_269_721_000_000_000),
        ("2026-11-21T16:02:01+02:00", 1_795_269_721_000_000_000),
        ("2026-11-21T16:02:01 02:00", 1_795_269_721_000_000_000),
        ("2026-11-21T10:32:01.5-03:30", 1_795_269_721_500_000_000),
        ("1970-01-01T00:00:00.0000000019Z", 1),
    ])
    func `times are read`(_ text: String, _ nanoseconds: Int64) {
        #expect(Timestamp.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: [
        "", "now", "2026-11-21", "2026-11-21T14:02:01", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T14:60:00Z", "2026-11-21T14:02:61Z",
        "2026-11-21T14:02:01.Z", "2026-11-21T14:02:01Zx", "2026-11-21T14:02:01+2:00",
        "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "２０26-11-21T14:02:01Z",
    ])
    func `what is no time is refused`(_ text: String) {
        #expect(Timestamp.nanoseconds(text) == nil)
    }

    @Test func `every day is read as it was written`() {
        for day in stride(from: Int64(0), through: 106_000, by: 1) {
            var bytes: [UInt8] = []
            Timestamp.append(seconds: day * 86_400, to: &bytes)
            let text = String(decoding: bytes, as: UTF8.self) + "Z"
            guard Timestamp.nanoseconds(text) == day * 86_400_000_000_000 else {
                Issue.record("\(text)")
                return
            }
        }
    }
}
