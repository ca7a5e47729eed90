import Faults
import HTTPWire
import Records

/// What requests get that are over a limit: no fault's answer, and it says so.
enum RefusalAnswers {
    /// - Parameter extraFields: of every answer of the proxy (CORS).
    static func answer(
        _ refused: Proxy.Refused, _ status: HTTPStatus, extraFields: [HTTPField]
    ) -> HTTPResponse {
        var fields = extraFields
        fields.append(HTTPField("Content-Type", "text/plain; charset=utf-8"))
        fields.append(HTTPField("Cache-Control", "no-store"))
        if let seconds = Respond.retryAfterSeconds(status, refused.retryAfter) {
            fields.append(HTTPField("Retry-After", "\(seconds)"))
        }
        fields.append(ServerTiming.field(refused.reason))
        let text = "\(status) (refused: over this server's limit, \(refused.reason.rawValue))\n"
        return HTTPResponse(status, fields: fields, body: [Bytes(text)])
    }
}
