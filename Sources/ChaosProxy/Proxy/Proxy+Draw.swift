import EventLoop
import Faults
import HTTPWire

// What an exchange meets.
extension Proxy {
    /// Draws for a request.
    ///
    /// - Parameters:
    ///   - target: what it is drawn by.
    ///   - request: nil if it is not HTTP.
    ///   - host: the client's address; asked only where it matters.
    ///   - number: of the request on its connection, from 1.
    ///   - inFlight: how many exchanges are under way here, this one among them.
    /// - Returns: also which attempt at the target it is; nil if there is nothing to draw, or if
    ///   too many targets are known to count.
    func draw(
        _ target: UnsafeRawBufferPointer, _ request: HTTPRequest?,
        from host: @autoclosure () -> String?, number: UInt32, inFlight: Int
    ) -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?) {
        guard !plan.isEmpty else { return ([], nil) }
        var (exchange, isCounted) = exchange(for: target)
        exchange.inFlight = UInt32(clamping: inFlight)
        let faults = plan.draw(exchange) { match in
            match.applies(to: request, from: host(), number: number)
        } counting: { toxic in
            count(toxic, request, from: host(), connection: nil)
        }
        let all =
            requestedFaults == nil
            ? faults : requested(exchange, request, from: host(), number) + faults
        return (all, isCounted ? exchange.attempt : nil)
    }

    /// What the request brings along comes before all else. Where its toxicity leaves no choice,
    /// nothing was drawn.
    private func requested(
        _ exchange: DrawKey, _ request: HTTPRequest?, from host: @autoclosure () -> String?,
        _ number: UInt32
    ) -> [FaultPlan.DrawnFault] {
        guard let request, let plan = requestedFaults?.plan(of: request) else { return [] }
        let drawn = plan.draw(exchange) { match in
            match.applies(to: request, from: host(), number: number)
        }
        return drawn.map { fault in
            guard fault.toxic.toxicity == .random(.always) else { return fault }
            return FaultPlan.DrawnFault(
                toxic: fault.toxic, draw: nil, effect: fault.effect, inFlight: exchange.inFlight)
        }
    }

    /// Draws for a connection, again when the plan has changed: a toxic counts it once.
    ///
    /// - Parameters:
    ///   - ordinal: what it is drawn by.
    ///   - host: the client's address; asked only where it matters.
    ///   - number: of the connection at this proxy, from 1.
    ///   - inFlight: how many exchanges were under way here when it began, itself among them.
    func drawConnection(
        ordinal: UInt64, from host: @autoclosure () -> String?, number: UInt32, inFlight: UInt32
    ) -> [FaultPlan.DrawnFault] {
        guard !plan.isEmpty else { return [] }
        var exchange = DrawKey(connection: ordinal)
        exchange.inFlight = inFlight
        return plan.draw(exchange) { match in
            match.applies(to: nil, from: host(), number: 1)
        } counting: { toxic in
            count(toxic, nil, from: host(), connection: number)
        }
    }

    /// Draws for a connection as it comes, what acts on it as a whole.
    ///
    /// - Parameters: as of `drawConnection`.
    func drawArrival(
        ordinal: UInt64, from host: @autoclosure () -> String?, number: UInt32
    ) -> [FaultPlan.DrawnFault] {
        plan.draw(DrawKey(connection: ordinal), isArrival: true) { match in
            match.applies(to: nil, from: host(), number: 1)
        } counting: { toxic in
            count(toxic, nil, from: host(), connection: number)
        }
    }

    /// Which one the exchange is for a toxic with counts of its own.
    private func count(
        _ toxic: Toxic, _ request: HTTPRequest?, from host: @autoclosure () -> String?,
        connection: UInt32?
    ) -> UInt64 {
        let subject: UInt64? =
            switch toxic.exchanges?.counting {
            case .client: Match.key(ofClient: host() ?? "")
            case .header: request.flatMap { toxic.match?.header?.key(of: $0) } ?? 0
            case .target, .proxy, .match, nil: nil
            }
        if let number = matches.next(for: toxic, subject, connection: connection) {
            return number
        }
        warnOfSubjects()
        return 1
    }
}
