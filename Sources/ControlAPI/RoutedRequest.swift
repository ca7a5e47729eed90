import HTTPWire

/// A request with what its route has found in the path.
struct RoutedRequest {
    let request: HTTPRequest
    /// In the order of the path, decoded.
    let names: [String]
    /// What becomes of keys that there are not.
    let unknown: JSONFields.UnknownKeys

    /// The JSON object in its content.
    ///
    /// - Parameter type: what it is called if it is none.
    func fields(_ type: String) throws -> JSONFields {
        try JSONFields(JSONReader.read(request.content), type: type, unknown: unknown)
    }
}
