import ChaosProxy
import Faults
import HTTPWire

/// A request that is refused, with its status and why.
struct APIError: Error, CustomStringConvertible {
    let status: HTTPStatus
    let description: String

    init(_ status: HTTPStatus, _ description: String) {
        (self.status, self.description) = (status, description)
    }

    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as JSONError: self.init(400, "bad request body: \(error)")
        case let error as FaultError: self.init(400, "invalid attribute: \(error)")
        case let error as ProxyError: self.init(Self.status(of: error), "\(error)")
        default: self.init(500, "\(error)")
        }
    }

    private static func status(of error: ProxyError) -> HTTPStatus {
        switch error {
        case .missingField, .invalid: 400
        case .proxyNotFound, .toxicNotFound: 404
        case .proxyExists, .toxicExists: 409
        case .listen, .bind: 500
        case .atProxy(_, let error): status(of: error)
        }
    }

    var members: [JSONValue.Member] {
        [
            JSONValue.Member("error", .string(description)),
            JSONValue.Member("status", .number(Int64(status.code))),
        ]
    }
}
