import HTTPWire
import Testing

@testable import Faults

struct ToxicTests {
    @Test func `a toxic is named after its fault and stream unless it is told otherwise`() {
        let latency = Fault.latency(Latency(latency: 1, jitter: 0))
        let respond = Fault.respond(Respond(statuses: [(418, 1)], retryAfter: nil))
        #expect(Toxic(latency, stream: .downstream).name == "latency_downstream")
        #expect(Toxic(latency, stream: .upstream).name == "latency_upstream")
        #expect(Toxic(respond, stream: .upstream).name == "respond_upstream")
        #expect(Toxic(latency, stream: .upstream, name: "mine").name == "mine")
        #expect(Toxic(latency, stream: .upstream).toxicity.probability == .always)
    }

    @Test func `toxics are equal if all of them is`() throws {
        let fault = Fault.latency(Latency(latency: 1, jitter: 0))
        let range = try ExchangeRange("1...2")
        let toxic = Toxic(fault, stream: .upstream)
        #expect(toxic == Toxic(fault, stream: .upstream))
        var match = Match()
        match.path = "/*"
        let others = [
            Toxic(.noop(Noop()), stream: .upstream, name: toxic.name),
            Toxic(fault, stream: .downstream, name: toxic.name),
            Toxic(fault, stream: .upstream, toxicity: .exact(.always)),
            Toxic(fault, stream: .upstream, name: "other"),
            Toxic(fault, stream: .upstream, exchanges: range),
            Toxic(fault, stream: .upstream, match: match),
            Toxic(fault, stream: .upstream, streamSpelling: "UpStream"),
        ]
        for other in others { #expect(toxic != other) }
        #expect(toxic.streamSpelling == "upstream")
        #expect(others.last?.streamSpelling == "UpStream")
    }
}
