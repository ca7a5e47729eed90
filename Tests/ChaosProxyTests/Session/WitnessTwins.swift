import Faults
import HTTPWire

@testable import ChaosProxy

/// What an answer looks like when nothing happens to it: told by a session of its own without any
/// fault but the answer itself.
final class WitnessTwins {
    private var known: [String: [UInt8]] = [:]

    /// What a site answers `request`.
    func honest(_ request: WitnessRequest) -> [UInt8] {
        answer("site \(request.twinKey)", request, [])
    }

    /// What a fault answers instead.
    func injected(_ status: Int, to request: WitnessRequest) -> [UInt8] {
        let key = "\(status) \(request.method) \(request.closes)"
        return answer(key, request, [.respond((HTTPStatus(status) ?? 500, 1))])
    }

    private func answer(_ key: String, _ request: WitnessRequest, _ toxics: [Toxic]) -> [UInt8] {
        if let bytes = known[key] { return bytes }
        let harness = SessionHarness(
            toxics, site: { _ in request.siteAnswer }, wantsRecords: false)
        harness.send(request.bytes)
        known[key] = harness.stream.output
        return harness.stream.output
    }
}
