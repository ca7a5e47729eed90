import EventLoop
import Faults
import HTTPWire

/// One request with its response, from the complete request to the last byte that the client's
/// connection takes over. Exists only where something has to wait.
final class HTTPExchange {
    /// The next one on the same connection: answers leave in the order of the requests.
    var next: HTTPExchange?
    private var pipeline: Pipeline
    /// Let through by the pipeline, waiting for its turn.
    private var ready: [Flow] = []
    private(set) var isComplete: Bool

    /// Whether the connection ends with it.
    let closes: Bool
    /// Whether it answers a request that was not served.
    let isRefusal: Bool
    let facts: Facts?

    /// What the record needs and nothing else does; kept only where records are wanted.
    final class Facts {
        let client: SocketAddress?
        let method: String
        let target: String
        let attempt: UInt32?
        let faults: [FaultPlan.DrawnFault]
        let start: Instant
        let inFlight: Int
        let number: UInt32
        let status: HTTPStatus
        let bodyCount: Int

        init(
            _ request: HTTPRequest, _ answer: SiteAnswer, client: SocketAddress?,
            attempt: UInt32?, faults: [FaultPlan.DrawnFault], start: Instant, inFlight: Int,
            number: UInt32
        ) {
            self.client = client
            status = answer.status
            bodyCount = request.method == .head ? 0 : answer.bodyCount
            method = String(decoding: request.methodText, as: UTF8.self)
            target = String(decoding: request.target, as: UTF8.self)
            (self.attempt, self.faults, self.start) = (attempt, faults, start)
            (self.inFlight, self.number) = (inFlight, number)
        }

        /// Of a request that could not be understood.
        init(
            refusal: HTTPResponse, client: SocketAddress?, start: Instant, inFlight: Int,
            number: UInt32
        ) {
            self.client = client
            (status, bodyCount) = (refusal.status, refusal.bodyCount)
            (method, target, attempt, faults) = ("", "", nil, [])
            (self.start, self.inFlight, self.number) = (start, inFlight, number)
        }
    }

    init(
        pipeline: Pipeline, closes: Bool, isRefusal: Bool = false, facts: Facts?,
        isComplete: Bool = false
    ) {
        (self.pipeline, self.closes, self.facts) = (pipeline, closes, facts)
        (self.isRefusal, self.isComplete) = (isRefusal, isComplete)
    }

    var deadline: Instant? { pipeline.deadline }

    /// Sends the response into the pipeline.
    func receive(_ flows: [Flow], at now: Instant) {
        var actions = Actions()
        for flow in flows { pipeline.receive(flow, at: now, into: &actions) }
        accept(actions)
    }

    func wake(at now: Instant) {
        var actions = Actions()
        pipeline.wake(at: now, into: &actions)
        accept(actions)
    }

    private func accept(_ actions: Actions) {
        for flow in actions.forwarded {
            switch flow {
            case .bytes: ready.append(flow)
            case .prepared:
                ready.append(flow)
                isComplete = true
            case .end: isComplete = true
            }
        }
    }

    /// Takes out what may be written now.
    func takeReady() -> [Flow] {
        defer { ready = [] }
        return ready
    }
}
