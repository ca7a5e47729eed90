import Faults
import HTTPWire

/// The answers that `respond` gives instead of the upstream's, made once for each status.
struct FaultAnswers {
    private struct Key: Hashable {
        let status: HTTPStatus
        let retryAfter: Nanoseconds?
    }

    private var answers: [Key: PreparedResponse] = [:]
    let extraFields: [HTTPField]

    init(extraFields: [HTTPField]) {
        self.extraFields = extraFields
    }

    mutating func answer(_ status: HTTPStatus, retryAfter: Nanoseconds?) -> SiteAnswer {
        let key = Key(status: status, retryAfter: retryAfter)
        if let answer = answers[key] { return .prepared(answer) }
        let answer = PreparedResponse(
            status, fields: fields(status, retryAfter),
            body: Bytes(status.allowsBody ? "\(status) (injected)\n" : ""))
        answers[key] = answer
        return .prepared(answer)
    }

    private func fields(_ status: HTTPStatus, _ retryAfter: Nanoseconds?) -> [HTTPField] {
        var fields = extraFields
        fields.append(HTTPField("Content-Type", "text/plain; charset=utf-8"))
        fields.append(HTTPField("Cache-Control", "no-store"))
        if let seconds = Respond.retryAfterSeconds(status, retryAfter) {
            fields.append(HTTPField("Retry-After", "\(seconds)"))
        }
        return fields
    }
}
