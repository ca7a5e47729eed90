import HTTPWire

/// A refusal of Vaurien's interface.
struct BehaviourError: Error {
    let status: HTTPStatus
    /// The field that is wrong; empty for the body.
    let name: String
    let description: String

    init(_ name: String, _ description: String, status: HTTPStatus = 400) {
        (self.status, self.name, self.description) = (status, name, description)
    }
}
