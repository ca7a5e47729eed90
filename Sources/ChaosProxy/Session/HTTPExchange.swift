import Faults
import HTTPWire

/// One request to a site with its response, from the complete request to the last byte that the
/// client's connection takes over. Exists only where something has to wait.
final class HTTPExchange {
    /// The next one on the same connection: answers leave in the order of the requests.
    var next: HTTPExchange?
    private var pipeline: Pipeline
    /// On its way to the site; only where a fault acts on the request's bytes.
    private(set) var rising: RisingRequest?
    /// Let through by the pipeline, waiting for its turn.
    private var ready: [Flow] = []
    private(set) var isComplete: Bool
    /// Set when a fault ends the connection here.
    private(set) var cut: Cut?

    /// Whether the connection ends with it.
    var closes: Bool
    /// Whether it is among those in flight.
    var isCounted: Bool
    /// Bytes that the connection has taken over.
    var sentBytes = 0
    /// How many of the whole response are its head.
    var headBytes: UInt32 = 0
    let facts: ExchangeFacts?
    /// What the rest of the body comes from, where it is made while it is sent.
    var source: StreamedBody?

    init(
        pipeline: Pipeline = Pipeline(), closes: Bool, isCounted: Bool = true,
        facts: ExchangeFacts?, isComplete: Bool = false
    ) {
        (self.pipeline, self.closes, self.facts) = (pipeline, closes, facts)
        (self.isCounted, self.isComplete) = (isCounted, isComplete)
    }

    /// A request whose bytes pass faults before the site sees them.
    final class RisingRequest {
        fileprivate var pipeline: Pipeline
        fileprivate(set) var bytes: [UInt8] = []
        /// Whether all that is left of it has come through.
        fileprivate(set) var hasArrived = false
        /// What a fault answers instead of the site.
        let injected: SiteAnswer?

        init(_ pipeline: Pipeline, injected: SiteAnswer?) {
            (self.pipeline, self.injected) = (pipeline, injected)
        }
    }

    /// Whether a fault holds it for ever.
    var isStuck: Bool { pipeline.isStuck || rising?.pipeline.isStuck ?? false }

    /// Whether only a whole response passes unharmed: a fault wants to see its bytes.
    var needsBytes: Bool { pipeline.needsBytes }

    var deadline: Instant? {
        guard let up = rising?.pipeline.deadline else { return pipeline.deadline }
        return min(up, pipeline.deadline ?? up)
    }

    /// Sends the request into its pipeline.
    func rise(_ request: RisingRequest, head: UnsafeRawBufferPointer, at now: Instant) {
        rising = request
        var actions = Actions()
        request.pipeline.begin(at: now)
        request.pipeline.receive(.bytes(Bytes(copying: head)), at: now, into: &actions)
        request.pipeline.receive(.boundary, at: now, into: &actions)
        take(up: actions)
    }

    /// Takes out the request once it has come through.
    func takeRisen() -> RisingRequest? {
        guard let request = rising, request.hasArrived else { return nil }
        rising = nil
        return request
    }

    /// Sends the response into the pipeline.
    func receive(_ flows: [Flow], at now: Instant) {
        var actions = Actions()
        headBytes = UInt32(flows.headCount)
        pipeline.begin(at: now)
        for flow in flows { pipeline.receive(flow, at: now, into: &actions) }
        take(actions)
    }

    func wake(at now: Instant) {
        var actions = Actions()
        if let rising {
            rising.pipeline.wake(at: now, into: &actions)
            take(up: actions)
            actions = Actions()
        }
        pipeline.wake(at: now, into: &actions)
        take(actions)
    }

    /// Lets go of what toxics hold that are gone.
    func keep(only names: Set<String>, at now: Instant) {
        var actions = Actions()
        if let rising {
            rising.pipeline.keep(
                only: names, at: now, into: &actions)
            take(up: actions)
            actions = Actions()
        }
        pipeline.keep(only: names, at: now, into: &actions)
        take(actions)
    }

    private func take(_ actions: Actions) {
        for flow in actions.forwarded where cut == nil {
            switch flow {
            case .bytes: ready.append(flow)
            case .prepared:
                ready.append(flow)
                isComplete = true
            case .boundary, .end: isComplete = true
            case .cut(let cut): self.cut = cut
            }
        }
    }

    private func take(up actions: Actions) {
        for flow in actions.forwarded where cut == nil {
            switch flow {
            case .bytes(let bytes): if let memory = bytes.memory { rising?.bytes += memory }
            case .boundary, .end: rising?.hasArrived = true
            case .cut(let cut): self.cut = cut
            case .prepared: break  // a request is never one
            }
        }
    }

    /// The whole body has been made, and is on its way.
    func endBody() {
        source = nil
        isComplete = true
    }

    /// Takes out what may be written now.
    func takeReady() -> [Flow] {
        defer { ready = [] }
        return ready
    }
}
