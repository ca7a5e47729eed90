import HTTPWire
import TestSupport

@testable import Faults

// Stages and pipelines stepped with texts: what goes in and what comes out, without a socket.

extension Actions {
    /// What was forwarded: the bytes as text, and `end`.
    var texts: [String] {
        forwarded.map { flow in
            switch flow {
            case .bytes(let bytes): bytes.memory.map(String.init(view:)) ?? "file"
            case .prepared: "prepared"
            case .end: "end"
            }
        }
    }
}

extension Stage {
    mutating func receive(_ text: String, at now: UInt64) -> [String] {
        step { $0.receive(.bytes(Bytes(text)), at: Instant(nanoseconds: now), into: &$1) }
    }

    mutating func receiveEnd(at now: UInt64) -> [String] {
        step { $0.receive(.end, at: Instant(nanoseconds: now), into: &$1) }
    }

    mutating func wake(at now: UInt64) -> [String] {
        step { $0.wake(at: Instant(nanoseconds: now), into: &$1) }
    }

    private mutating func step(_ body: (inout Self, inout Actions) -> Void) -> [String] {
        var actions = Actions()
        body(&self, &actions)
        return actions.texts
    }
}

extension Pipeline {
    mutating func receive(_ text: String, at now: UInt64) -> [String] {
        var actions = Actions()
        receive(.bytes(Bytes(text)), at: Instant(nanoseconds: now), into: &actions)
        return actions.texts
    }

    mutating func receiveEnd(at now: UInt64) -> [String] {
        var actions = Actions()
        receive(.end, at: Instant(nanoseconds: now), into: &actions)
        return actions.texts
    }

    mutating func wake(at now: UInt64) -> [String] {
        var actions = Actions()
        wake(at: Instant(nanoseconds: now), into: &actions)
        return actions.texts
    }
}
