@testable import Names

/// A zone that is asked with bytes.
struct AskedZone {
    let zone: Zone

    init(_ entries: [ZoneEntry] = []) throws {
        zone = try Zone(countries: ["br"], entries: entries)
    }

    static func reading(_ bytes: [UInt8], over way: NameWay = .datagram) -> NameQuery.Reading {
        bytes.withUnsafeBytes { NameQuery.read($0, over: way) }
    }

    /// What comes back; empty if nothing does.
    ///
    /// - Parameter faults: that strike it, in that order.
    func bytes(
        _ message: [UInt8], _ faults: NameFault..., over way: NameWay = .datagram
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        switch Self.reading(message, over: way) {
        case .nothing: break
        case .mistake(var reply): reply.append(to: &bytes)
        case .query(let query):
            var reply = NameReply(to: query, from: zone, over: way)
            for fault in faults { _ = reply.strike(fault) }
            reply.append(to: &bytes)
        }
        return bytes
    }

    /// - Returns: nil if it is no query.
    func reply(_ message: [UInt8], over way: NameWay = .datagram) -> NameReply? {
        guard case .query(let query) = Self.reading(message, over: way) else { return nil }
        return NameReply(to: query, from: zone, over: way)
    }
}
