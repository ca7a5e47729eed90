import Faults
import HTTPWire

// What an exchange draws.
extension Proxy {
    func draw(
        _ target: UnsafeRawBufferPointer, _ request: HTTPRequest?,
        from host: @autoclosure () -> String?, number: UInt32
    ) -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?) {
        guard !plan.isEmpty else { return ([], nil) }
        let (exchange, isCounted) = exchange(for: target)
        let faults = plan.draw(exchange) { match in
            match.applies(to: request, from: host(), number: number)
        }
        return (faults, isCounted ? exchange.attempt : nil)
    }

    func drawConnection(
        ordinal: UInt64, from host: @autoclosure () -> String?
    ) -> [FaultPlan.DrawnFault] {
        guard !plan.isEmpty else { return [] }
        return plan.draw(Faults.Exchange(connection: ordinal)) { match in
            match.applies(to: nil, from: host(), number: 1)
        }
    }
}
