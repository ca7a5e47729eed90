import Names
import Testing

@testable import Faults

/// Faults of a name server: what each does to an answer, and where it can be.
struct NameEntryTests {
    private let names = ProtocolAbilities(
        name: "dns", hasHeads: false, hasNames: true, withErrors: ["http"])
    private let http = ProtocolAbilities(name: "http", hasHeads: true, withErrors: ["http"])

    private func toxic(_ words: String) throws -> Toxic {
        let parts = words.split(separator: " ").map(String.init)
        let fields = parts.dropFirst().map { word in
            let halves = word.split(separator: "=").map(String.init)
            return ToxicField(halves[0], .text(halves[1]))
        }
        return try ToxicReading([ToxicField("type", .text(parts[0]))] + fields, as: .words).toxic()
    }

    private func refusal(_ words: String, _ protocol: ProtocolAbilities) -> String? {
        do {
            try toxic(words).check(on: `protocol`)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `each has its own effect on an answer`() throws {
        let faults: [(String, NameFault)] = [
            ("nxdomain", .nameError), ("servfail", .serverFailure), ("refused", .refused),
            ("drop", .drop), ("truncate-udp", .truncation), ("wrong-id", .wrongIdentifier),
            ("wrong-question", .wrongQuestion), ("wrong-source", .wrongSource),
            ("cname-loop", .canonicalLoop), ("no-aaaa-answer", .noAddress6),
            ("slow-tcp pause=20ms", .slowStream(pause: 20_000_000)),
            ("many-records count=7", .manyRecords(count: 7)), ("ttl-zero", .zeroTimeToLive),
            ("garbage", .garbage),
        ]
        for (words, fault) in faults {
            let toxic = try toxic(words)
            #expect(toxic.fault.nameFault == fault, "\(words)")
            #expect(toxic.stream == .upstream && !toxic.words.isEmpty)
            #expect(refusal(words, names) == nil)
        }
        #expect(FaultType.core.filter(\.needsNames).count == faults.count)
        #expect(try self.toxic("latency").fault.nameFault == nil)
    }

    @Test func `it acts where it is drawn`() throws {
        let plan = FaultPlan([try toxic("servfail toxicity=0.5")], proxy: "dns", seed: 3)
        let hits = (1...200).count { number in
            let key = DrawKey(target: 7, attempt: UInt32(number), number: UInt64(number))
            let drawn = plan.draw(key)
            return drawn.first?.effect == .answer
        }
        #expect((70...130).contains(hits))
    }

    @Test func `what is of names needs a name server`() {
        #expect(
            refusal("nxdomain", http)
                == "nxdomain is about what a name server answers: it needs protocol dns, not http.")
        #expect(refusal("latency latency=1s", names) == nil)
        #expect(refusal("noop", names) == nil)
    }

    @Test func `a name server takes no other faults`() {
        for words in ["respond 503=1", "bandwidth rate=1kB/s", "refuse", "accept-close"] {
            let reason = refusal(words, names)
            #expect(reason?.contains("takes latency and faults of names") == true, "\(words)")
        }
        #expect(refusal("truncate", names)?.hasSuffix("Did you mean truncate-udp?") == true)
        #expect(refusal("nxdomain path=/a", names)?.contains("need protocol http") == true)
        #expect(refusal("nxdomain request=2", names)?.contains("match the client") == true)
        #expect(refusal("nxdomain client=10.0.0.0/8", names) == nil)
        #expect(refusal("nxdomain stream=downstream", names)?.contains("stream") == true)
    }

    @Test func `more records than fit are refused`() {
        #expect(refusal("many-records count=2001", names)?.contains("2000") == true)
        #expect(refusal("many-records count=0", names) != nil)
    }

    @Test func `a pause is at most a minute`() throws {
        #expect(
            try toxic("slow-tcp pause=60s").fault.nameFault
                == .slowStream(pause: 60_000_000_000))
        #expect(refusal("slow-tcp pause=61s", names)?.contains("from 0 to 60000") == true)
    }

    @Test func `no URL can name one`() throws {
        for type in FaultType.core where type.needsNames {
            #expect(!type.standsInPaths)
            #expect(type.example(on: "fault").hasPrefix("dns:"))
        }
    }
}
