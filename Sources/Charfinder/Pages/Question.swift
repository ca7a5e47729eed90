import HTTPWire

/// What is needed of a request when its bytes have gone.
struct Question {
    let target: [UInt8]
    private let ifMatch: [UInt8]?
    private let ifNoneMatch: [UInt8]?

    init(_ request: HTTPRequest) {
        target = Array(request.target)
        let isConditional = request.traits.contains(.conditional)
        ifMatch = isConditional ? request.joinedValue(of: "if-match") : nil
        ifNoneMatch = isConditional ? request.joinedValue(of: "if-none-match") : nil
    }

    /// What its conditions make of an answer; nil if that is to be given (RFC 9110 §13.2.2). There
    /// are no dates.
    ///
    /// - Parameters:
    ///   - fields: with the answer's ETag.
    ///   - extraFields: of every answer.
    func refusal(_ fields: [HTTPField], extraFields: [HTTPField]) -> SiteAnswer? {
        guard ifMatch != nil || ifNoneMatch != nil else { return nil }
        let tag = fields.first { $0.name == "ETag" }?.value ?? ""
        guard let tag = Array(tag.utf8).withUnsafeBytes(EntityTag.parse) else { return nil }
        let outcome = (ifMatch ?? []).withUnsafeBytes { match in
            (ifNoneMatch ?? []).withUnsafeBytes { none in
                ConditionalRequest(
                    ifMatch: ifMatch == nil ? nil : match,
                    ifNoneMatch: ifNoneMatch == nil ? nil : none
                ).evaluate(entityTag: tag, lastModified: 0, now: 0)
            }
        }
        switch outcome {
        case .proceed: return nil
        case .notModified: return .made(HTTPResponse(304, fields: fields))
        case .preconditionFailed:
            let text = "The characters are not those that the request has in mind."
            return .made(HTTPResponse(412, text: text, fields: extraFields))
        }
    }
}
