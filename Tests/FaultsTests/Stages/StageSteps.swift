import HTTPWire
import TestSupport

@testable import Faults

// Stages and pipelines stepped with texts: what goes in and what comes out, without a socket.

extension Flow {
    /// The bytes as text, or what else it is.
    var text: String {
        switch self {
        case .bytes(let bytes): bytes.text ?? "file"
        case .prepared: "prepared"
        case .boundary: "boundary"
        case .end: "end"
        case .cut(.fin): "fin"
        case .cut(.rst): "rst"
        }
    }
}

extension Actions {
    /// What was forwarded.
    var texts: [String] { forwarded.map(\.text) }
}

/// What left, and when.
struct Departure: Equatable {
    let time: UInt64
    let text: String

    init(_ time: UInt64, _ text: String) {
        (self.time, self.text) = (time, text)
    }
}

/// What a stage and a pipeline have in common.
protocol Steppable {
    var deadline: Instant? { get }
    mutating func receive(_ flow: Flow, at now: Instant, into actions: inout Actions)
    mutating func wake(at now: Instant, into actions: inout Actions)
}

extension Pipeline: Steppable {}
extension LatencyStage: Steppable {}
extension BandwidthStage: Steppable {}
extension SlicerStage: Steppable {}
extension LimitDataStage: Steppable {}
extension SlowCloseStage: Steppable {}
extension TimeoutStage: Steppable {}
extension ResetPeerStage: Steppable {}
extension PacketLossStage: Steppable {}
extension CorruptStage: Steppable {}
extension FaultStage: Steppable {}

extension Steppable {
    mutating func receive(_ text: String, at now: UInt64) -> [String] {
        receive(.bytes(Bytes(text)), at: now)
    }

    mutating func receive(_ flow: Flow, at now: UInt64) -> [String] {
        step { $0.receive(flow, at: Instant(nanoseconds: now), into: &$1) }
    }

    mutating func receiveEnd(at now: UInt64) -> [String] { receive(.end, at: now) }

    mutating func wake(at now: UInt64) -> [String] {
        step { $0.wake(at: Instant(nanoseconds: now), into: &$1) }
    }

    mutating func step(_ body: (inout Self, inout Actions) -> Void) -> [String] {
        var actions = Actions()
        body(&self, &actions)
        return actions.texts
    }

    /// Wakes it at each of its deadlines up to `end`: what leaves, and when.
    mutating func run(until end: UInt64 = .max - 1) -> [Departure] {
        var departures: [Departure] = []
        while let due = deadline, due.nanoseconds <= end {
            departures += wake(at: due.nanoseconds).map { Departure(due.nanoseconds, $0) }
        }
        return departures
    }
}

extension Stage where Self: Steppable {
    /// The toxic gets other quantities.
    mutating func update(_ entry: Entry, at now: UInt64 = 0, seed: UInt64 = 0) -> [String] {
        step {
            let effect = Effect.stage(seed: seed)
            $0.update(entry, effect, at: Instant(nanoseconds: now), into: &$1)
        }
    }

    mutating func release(at now: UInt64) -> [String] {
        step { $0.release(at: Instant(nanoseconds: now), into: &$1) }
    }
}

extension Pipeline {
    /// Of faults that always hit, named by their places unless named.
    init(
        _ faults: [Fault], stream: Toxic.Stream = .downstream, isConnection: Bool = true,
        credits: BandwidthCredits? = nil
    ) {
        let drawn = Pipeline.drawn(faults, stream: stream, isConnection: isConnection)
        self.init(drawn, stream: stream, credits: credits)
    }

    static func drawn(
        _ faults: [Fault], stream: Toxic.Stream = .downstream, isConnection: Bool = true,
        names: [String]? = nil
    ) -> [FaultPlan.DrawnFault] {
        let toxics = faults.enumerated().map { index, fault in
            Toxic(fault, stream: stream, name: names?[index] ?? "\(index)")
        }
        let exchange =
            isConnection
            ? DrawKey(connection: 1) : DrawKey(target: 1, attempt: 1, number: 1)
        return FaultPlan(toxics, proxy: "p", seed: 1).draw(exchange)
    }

    mutating func replace(
        with faults: [Fault], names: [String]? = nil, credits: BandwidthCredits? = nil,
        at now: UInt64
    ) -> [String] {
        let drawn = Pipeline.drawn(faults, names: names)
        return step {
            $0.replace(
                with: drawn, stream: .downstream, credits: credits,
                at: Instant(nanoseconds: now), into: &$1)
        }
    }
}
