import HTTPWire
import Testing

@testable import FlagSite

extension FlagStore {
    /// What a plain GET of a target is answered with.
    func response(_ target: String) throws -> PreparedResponse {
        let path = try #require(Array(target.utf8).withUnsafeBytes(PercentCoding.decodePath))
        return try #require(path.withUnsafeBytes { resource(at: $0)?.response }, "\(target)")
    }
}

extension PreparedResponse {
    func field(_ name: String) -> String? {
        fields.first { $0.name == name }.map(\.value)
    }
}
