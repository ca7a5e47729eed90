import Faults
import HTTPWire

/// What requests get that are over a limit: no fault's answer, and it says so.
enum RefusalAnswers {
    /// - Parameters:
    ///   - extraFields: of every answer of the proxy (CORS).
    ///   - retryAfter: nil: no such field.
    static func answer(
        _ refusal: ExchangeRecord.Refusal, _ status: HTTPStatus, retryAfter: Nanoseconds?,
        extraFields: [HTTPField]
    ) -> HTTPResponse {
        var fields = extraFields
        fields.append(HTTPField("Content-Type", "text/plain; charset=utf-8"))
        fields.append(HTTPField("Cache-Control", "no-store"))
        if let seconds = Fault.Respond.retryAfterSeconds(status, retryAfter) {
            fields.append(HTTPField("Retry-After", "\(seconds)"))
        }
        fields.append(ServerTiming.field(refusal))
        let text = "\(status) (refused: over this server's limit, \(refusal.rawValue))\n"
        return HTTPResponse(status, fields: fields, body: [Bytes(text)])
    }
}
