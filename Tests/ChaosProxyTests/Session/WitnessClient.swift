import EventLoop
import Faults
import Records
import TestSupport

@testable import ChaosProxy

/// One client: its connection, what it is going to ask, and the backends that were dialed for it.
final class WitnessClient {
    let index: Int
    let socket: SimulatedSocket
    /// Set as soon as there is one: the session begins only then.
    var session: Session?
    var number: UInt32 { UInt32(index + 1) }
    var isSurplus = false
    /// It is another proxy of ours; whether that has records of requests, so that nothing of it is
    /// counted here.
    let via: Via?
    enum Via { case counted, plain }
    var isCounted: Bool { via != .counted }
    /// It was refused in a way that ends its connection.
    var isRefused = false

    // MARK: What it says

    var requests: [WitnessRequest] = []
    /// How many of all its bytes it has sent, and how many were read.
    var sent = 0
    var delivered = 0
    /// How many requests have come.
    var arrived = 0
    /// Those that wait behind one that is in the queue.
    var pending: [WitnessExchange] = []
    var isQueued = false
    var hasEnded: UInt64?
    var isGone = false

    // MARK: What became of it

    var exchanges: [WitnessExchange] = []
    var closedAt: UInt64?
    var hasFin = false
    var isReleased = false
    var backends: [WitnessBackend] = []
    /// How its last backend has ended, and whether that came before its own FIN.
    var backendEnd: ExchangeRecord.Ending?
    var backendEndedFirst = false
    /// Its backend has said more than it was asked.
    var sawSurplus = false
    /// It took nothing for a while; it had to wait for its backend.
    var wasStalled = false
    var waitedForBackend = false

    init(_ index: Int, _ socket: SimulatedSocket, via: Via?) {
        (self.index, self.socket, self.via) = (index, socket, via)
    }

    var underWay: [WitnessExchange] { exchanges.filter { $0.over == nil } }

    /// Whether one of its exchanges has met a fault of such a kind.
    func meets(_ stream: Toxic.Stream, _ manner: WitnessActs.Manner) -> Bool {
        exchanges.contains { each in
            each.faults(stream).contains { WitnessActs.manner($0.toxic.fault) == manner }
        }
    }

    var isSilent: Bool { hasEnded != nil || isGone || !socket.isOpen || closedAt != nil }
    /// In the middle of a request.
    var isMidRequest: Bool { requests.contains { $0.start < sent && sent < $0.end } }
    var allBytes: [UInt8] { requests.flatMap(\.bytes) }
}
