import Faults
import HTTPWire

/// The answers that `respond` gives instead of the upstream's, made once for each status.
struct FaultAnswers {
    private struct Key: Hashable {
        let status: HTTPStatus
        let retryAfter: Nanoseconds?
        /// The very same: to compare what may be 64 KiB would cost each answer.
        let content: Respond.Content?

        static func == (left: Key, right: Key) -> Bool {
            left.status == right.status && left.retryAfter == right.retryAfter
                && left.content === right.content
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(status)
            hasher.combine(retryAfter)
            hasher.combine(content.map { ObjectIdentifier($0) })
        }
    }

    /// How many are kept, and of how many bytes; toxics may change without end.
    private static let (maximumCount, maximumBytes) = (256, 1 << 20)

    private var answers: [Key: PreparedResponse] = [:]
    private(set) var byteCount = 0
    let extraFields: [HTTPField]

    init(extraFields: [HTTPField]) {
        self.extraFields = extraFields
    }

    /// - Parameter status: one of those that `respond` answers.
    mutating func answer(_ status: HTTPStatus, of respond: Respond) -> SiteAnswer {
        let key = Key(status: status, retryAfter: respond.retryAfter, content: respond.content)
        if let answer = answers[key] { return .prepared(answer) }
        let body = respond.content?.body ?? "\(status) (injected)\n"
        let answer = PreparedResponse(
            status, fields: fields(status, respond), body: Bytes(status.allowsBody ? body : ""))
        byteCount += answer.count
        if answers.count >= Self.maximumCount || byteCount > Self.maximumBytes {
            (answers, byteCount) = ([:], answer.count)
        }
        answers[key] = answer
        return .prepared(answer)
    }

    /// Its own ones take the place of what is usual.
    private func fields(_ status: HTTPStatus, _ respond: Respond) -> [HTTPField] {
        let usual = usualFields(status, respond.retryAfter)
        guard let own = respond.content?.headers, !own.isEmpty else { return usual }
        let names = Set(own.map { $0.name.lowercased() })
        return usual.filter { !names.contains($0.name.lowercased()) } + own
    }

    private func usualFields(_ status: HTTPStatus, _ retryAfter: Nanoseconds?) -> [HTTPField] {
        var fields = extraFields
        fields.append(HTTPField("Content-Type", "text/plain; charset=utf-8"))
        fields.append(HTTPField("Cache-Control", "no-store"))
        if let seconds = Respond.retryAfterSeconds(status, retryAfter) {
            fields.append(HTTPField("Retry-After", "\(seconds)"))
        }
        return fields
    }
}
