import Faults
import HTTPWire

/// The answers that `respond` gives instead of the upstream's, made once for each status.
struct FaultAnswers {
    private var answers: [HTTPStatus: PreparedResponse] = [:]
    let extraFields: [HTTPField]

    init(extraFields: [HTTPField]) {
        self.extraFields = extraFields
    }

    mutating func answer(_ status: HTTPStatus, retryAfter: Nanoseconds?) -> SiteAnswer {
        if let answer = answers[status] { return .prepared(answer) }
        let answer = PreparedResponse(
            status, fields: fields(status, retryAfter),
            body: Bytes(status.allowsBody ? "\(status) (injected)\n" : ""))
        answers[status] = answer
        return .prepared(answer)
    }

    private func fields(_ status: HTTPStatus, _ retryAfter: Nanoseconds?) -> [HTTPField] {
        var fields = extraFields
        fields.append(HTTPField("Content-Type", "text/plain; charset=utf-8"))
        fields.append(HTTPField("Cache-Control", "no-store"))
        if let seconds = Fault.Respond.retryAfterSeconds(status, retryAfter) {
            fields.append(HTTPField("Retry-After", "\(seconds)"))
        }
        return fields
    }
}
