import HTTPWire
import Testing

@testable import Faults

struct BehaviourTests {
    private let errors = Respond(statuses: [(500, 1), (503, 1)], retryAfter: nil)

    private func toxics(
        _ behaviour: Behaviour, http: Bool = true,
        _ change: (inout Behaviour.Options) -> Void = { _ in }
    ) -> [Toxic] {
        var options = Behaviour.Options()
        change(&options)
        return behaviour.toxics(options, errors: http ? errors : nil)
    }

    @Test func `the names are Vaurien's`() {
        #expect(
            Behaviour.allCases.map(\.rawValue) == [
                "abort", "blackout", "delay", "dummy", "error", "hang", "transient",
            ])
    }

    @Test func `the plain ones are one toxic of their name each`() {
        #expect(toxics(.dummy) == [])
        #expect(
            toxics(.blackout) == [
                Toxic(.limitData(LimitData(bytes: 0)), stream: .upstream, name: "blackout")
            ])
        #expect(
            toxics(.abort) == [
                Toxic(.limitData(LimitData(bytes: 0)), stream: .downstream, name: "abort")
            ])
        #expect(
            toxics(.hang) == [Toxic(.timeout(Timeout(timeout: 0)), stream: .upstream, name: "hang")]
        )
    }

    @Test func `delay is before or after`() {
        let second = Fault.latency(Latency(latency: 1_000_000_000, jitter: 0))
        #expect(toxics(.delay) == [Toxic(second, stream: .upstream, name: "delay")])
        #expect(
            toxics(.delay) { ($0.before, $0.sleep) = (false, 5) }
                == [
                    Toxic(
                        .latency(Latency(latency: 5, jitter: 0)), stream: .downstream, name: "delay"
                    )
                ])
    }

    @Test func `error answers where the protocol has errors, and is rubbish elsewhere`() {
        #expect(toxics(.error) == [Toxic(.respond(errors), stream: .upstream, name: "error")])
        #expect(
            toxics(.error, http: false)
                == [
                    Toxic(
                        .corrupt(Corrupt(bytes: 1000, inject: false)), stream: .downstream,
                        name: "error")
                ])
        #expect(
            toxics(.error, http: false) { $0.inject = true }
                == [
                    Toxic(
                        .corrupt(Corrupt(bytes: 100, inject: true)), stream: .downstream,
                        name: "error")
                ])
    }

    @Test func `error begins after its warm-up`() {
        let toxics = toxics(.error) { $0.warmup = 3 }
        #expect(toxics.map { $0.exchanges?.description } == ["4..."])
        #expect(toxics.first?.exchanges?.counting == .proxy)
    }

    @Test func `transient is error for a while`() {
        #expect(toxics(.transient).map { $0.exchanges?.description } == ["1"])
        let later = toxics(.transient) { ($0.warmup, $0.agitate) = (2, 3) }
        #expect(later.map { $0.exchanges?.description } == ["3...5"])
        #expect(later.map(\.name) == ["transient"])
        #expect(toxics(.transient) { $0.agitate = 0 } == [])
    }

    @Test func `the greatest settings do not overflow`() {
        #expect(toxics(.error) { $0.warmup = .max } == [])
        let last = toxics(.error) { $0.warmup = .max - 1 }
        #expect(last.map { $0.exchanges?.description } == ["\(UInt64.max)..."])
        let all = toxics(.transient) { ($0.warmup, $0.agitate) = (1, .max) }
        #expect(all.map { $0.exchanges?.description } == ["2..."])
    }
}
