public import HTTPWire

/// Makes and ends the private worlds that `/worlds` is about. Loop thread only.
public protocol WorldKeeper: AnyObject {
    /// Makes one; everything in it listens when this returns.
    ///
    /// - Parameter body: JSON, or YAML; empty for a world like the program itself.
    /// - Returns: where everything is, a JSON object.
    /// - Throws: `WorldRefusal`; nothing is left of it then.
    func make(_ body: [UInt8]) throws(WorldRefusal) -> String

    /// JSON objects of all, in the order in which they were made.
    var list: [String] { get }

    /// - Returns: the same of one; nil if there is none of that name.
    func find(_ name: String) -> String?

    /// Ends one; its ports are free when this returns.
    ///
    /// - Returns: what it has counted, and its last records, a JSON object.
    /// - Throws: `WorldRefusal` if there is none of that name.
    func end(_ name: String) throws(WorldRefusal) -> String
}

/// Why there is no such world.
public struct WorldRefusal: Error {
    public let status: HTTPStatus
    /// What is wrong, why, and what to do.
    public let reason: String

    public init(_ status: HTTPStatus, _ reason: String) {
        (self.status, self.reason) = (status, reason)
    }
}
