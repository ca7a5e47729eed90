import Faults
import HTTPWire

/// What a session keeps of a request that has not come completely. Exists only that long.
final class IncomingRequest {
    /// Of a head, or of requests that have to wait.
    var bytes: [UInt8] = []
    /// Set while a body is being read.
    var body: RequestBody?
    /// What was drawn for it before its body had come.
    var drawn: (faults: [FaultPlan.DrawnFault], attempt: UInt32?)?
    private var head = HeadInPieces()

    /// Whether what has come since the last time may have made the head complete, or nonsense.
    func isWorthParsing() -> Bool {
        bytes.withUnsafeBytes { head.isWorthParsing($0, as: .request) }
    }

    /// What was drawn with its head, now that it begins.
    ///
    /// - Parameter inFlight: how many exchanges are under way, this one among them.
    func takeDrawn(inFlight: Int) -> (faults: [FaultPlan.DrawnFault], attempt: UInt32?)? {
        guard var drawn else { return nil }
        self.drawn = nil
        for index in drawn.faults.indices {
            drawn.faults[index].begin(inFlight: UInt32(clamping: inFlight))
        }
        return drawn
    }

    /// The bytes begin with another request now.
    func beginAnother() {
        head = HeadInPieces()
    }
}
