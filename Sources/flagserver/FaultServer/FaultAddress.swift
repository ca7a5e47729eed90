import Faults
import HTTPWire

/// What a request asks FAULT for.
enum FaultAddress {
    /// `/`: what there is.
    case index
    /// A file behind faults.
    ///
    /// - Parameters:
    ///   - prefix: the faults, with the slash before them.
    ///   - rest: the target without them.
    case file(KnownFaultPaths.Entry, prefix: String, rest: [UInt8])
    /// Nothing that there is: what to say.
    case wrong(FaultPathError)
    /// No path at all: `*`, or that of CONNECT.
    case none

    init(_ request: HTTPRequest, _ known: inout KnownFaultPaths) {
        let path = request.path
        guard path.first == UInt8(ascii: "/") else {
            self = .none
            return
        }
        guard path.count > 1 else {
            self = .index
            return
        }
        let count = FaultPath.segmentCount(path)
        let segment = Array(path[1..<(1 + count)])
        do throws(FaultPathError) {
            let entry = try known.entry(segment)
            let rest = Array(request.targetFromPath[(1 + count)...])
            self = .file(entry, prefix: "/" + String(decoding: segment, as: UTF8.self), rest: rest)
        } catch {
            self = .wrong(error)
        }
    }
}
