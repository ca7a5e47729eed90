import Faults
import Records

/// What the witness knows of one exchange.
final class WitnessExchange {
    unowned let client: WitnessClient
    /// On its connection, from 1.
    let number: UInt32
    /// nil where the connection is the exchange.
    let request: WitnessRequest?
    /// Among the connections that were drawn for.
    var ordinal: UInt64 = 0
    var attempt: UInt32?
    /// When it first asked to be let in.
    var askedAt: UInt64?
    /// When its request had come: its head, and all of it.
    let arrived: UInt64
    var complete: UInt64?
    /// When it was let in; nil: it waits.
    var begun: UInt64?
    var queuedUntil: UInt64?
    /// It has waited and has its place, but has not had its turn.
    var hasPlace = false
    var refusal: ExchangeRecord.Refusal?
    /// Those that it met.
    var met: [FaultPlan.DrawnFault] = []
    var isCounted = false
    var inFlight = 0
    var up = WitnessFlow()
    var down = WitnessFlow()
    /// Bytes of the backend's answer that have come.
    var cameDown = 0
    /// What the server said, and where what was said to the client lies in all that it was sent.
    var honest: [UInt8] = []
    var outStart: Int?
    /// Whether something was before it, or behind, so that order could hold it.
    var isAlone = true
    /// It came in one piece with the one before it.
    var wasMerged = false
    /// Whether it may never have begun: its connection ended in that instant.
    var isUncertain = false
    /// Whether only the product can tell when all of it has come through.
    var isTrusted = false
    var isAnswered = false
    var isBackendDone = false
    var wasAsked = false
    /// A request waiting when its client went.
    var leftQueue = false

    // MARK: Its end

    var over: UInt64?
    var endings: Set<ExchangeRecord.Ending> = []
    /// How many of the bytes to the client count as sent.
    var sent: [UInt8] = []
    /// Whether the kernel has taken any.
    var wasTaken = false
    var wasHolding = false
    var clientLeft = false
    /// Our end had begun before.
    var wasClosing = false
    /// The toxics changed while it was under way.
    var sawChange = false
    /// When toxics that it met were gone, by their names.
    var removed: [String: UInt64] = [:]

    var record: ExchangeRecord?
    var recordedAt: UInt64 = 0
    var isReportedLate = false

    init(_ client: WitnessClient, _ number: UInt32, _ request: WitnessRequest?, at now: UInt64) {
        (self.client, self.number, self.request, arrived) = (client, number, request, now)
    }

    var name: String { "\(client.number).\(number)" }

    /// The faults of one direction that have a stage.
    func faults(_ stream: Toxic.Stream) -> [FaultPlan.DrawnFault] {
        met.filter { $0.toxic.stream == stream && $0.toxic.fault.hasStage }
    }

    /// The status that a fault answers instead.
    var respond: FaultPlan.DrawnFault? {
        met.first { if case .respond = $0.effect { true } else { false } }
    }

    var injectedStatus: Int? {
        if case .respond(let status, _)? = respond?.effect { Int(status.code) } else { nil }
    }
}
