/// A 400 of Vaurien's interface.
struct BehaviourError: Error {
    /// The field that is wrong; empty for the body.
    let name: String
    let description: String

    init(_ name: String, _ description: String) {
        (self.name, self.description) = (name, description)
    }
}
