public import HTTPWire

/// `respond`: another answer is given, one of these statuses by weight, and the backend is not
/// contacted.
public struct Respond: CatalogueEntry {
    /// At least one; weights from 1.
    public let statuses: [(status: HTTPStatus, weight: UInt32)]
    /// What the answers have of their own, as few have.
    public let content: Content?
    private let retryAfterOrZero: Nanoseconds

    /// Fields and a body in place of the usual ones.
    public final class Content: Sendable {
        /// Those of one name behind each other.
        public let headers: [HTTPField]
        /// nil: the usual one.
        public let body: String?

        init(_ headers: [HTTPField], _ body: String?) {
            (self.headers, self.body) = (headers, body)
        }
    }

    /// - Parameters:
    ///   - headers: within the bounds of the attribute.
    ///   - body: of every status that may have one; nil: what is usual.
    public init(
        statuses: [(status: HTTPStatus, weight: UInt32)], retryAfter: Nanoseconds?,
        headers: [HTTPField] = [], body: String? = nil
    ) {
        precondition(!statuses.isEmpty, "an answer needs a status")
        (self.statuses, retryAfterOrZero) = (statuses, retryAfter ?? 0)
        content = headers.isEmpty && body == nil ? nil : Content(headers, body)
    }

    /// `Retry-After` of 503 and 429, in nanoseconds; nil: no such field.
    public var retryAfter: Nanoseconds? { retryAfterOrZero == 0 ? nil : retryAfterOrZero }

    /// A teapot or an unavailable service, equally often; to be tried again after a second.
    public static let standard = Respond(
        statuses: [(418, 1), (503, 1)], retryAfter: 1_000_000_000)

    static let name = "respond"
    static let place = FaultPlace.exchange
    static let stream = ToxicStream.upstream
    static let explains = Explanation.status
    static let summary = "Another status is answered; the backend is not contacted."
    static let note = FaultNote(
        .head, .observe, .high,
        links: ["rust-lang/cargo#6028", "curl/curl#17371", "curl/curl#7675", "curl/curl#6408"])
    static let example = " 418=1 503=3 retry_after=2s toxicity=0.25"
    /// There is one weight for each status code from 200 to 599, for which `<status>` stands.
    static let attributes = [
        weight("<status>"),
        Attribute.milliseconds(
            "retry_after", "Retry-After of 503 and 429; 0 has no such field", default: 1000,
            zeroWord: "none"),
        Attribute(
            "headers", .fields, "'X-RateLimit-Remaining: 0' and more, each a headers=",
            0...Int64(AnswerFields.maximumCount), zeroWord: "none", isShownWhenSet: true),
        Attribute("body", .text, "in place of the usual one; not of 204 and 304", 0...65_536),
    ]
    static let combined: CombinedAttribute? = CombinedAttribute(
        names: ["statuses", "status"],
        rule: "are none, each from 200 to 599. Write 418,503 or, with weights, 418=3,503=1.")

    static func attribute(named name: String) -> Attribute? {
        if status(name) != nil { return weight(name) }
        let name = name.lowercased()
        return attributes.dropFirst().first { $0.name == name }
    }

    private static func weight(_ name: String) -> Attribute {
        Attribute(name, .weight, "how often this one, against the others", 0...1_000_000)
    }

    /// `418`: three digits from 200 to 599.
    private static func status(_ name: String) -> HTTPStatus? {
        guard name.utf8.count == 3, name.utf8.allSatisfy({ $0 &- 0x30 <= 9 }),
            let code = Int(name), (200...599).contains(code)
        else { return nil }
        return HTTPStatus(code)
    }

    /// Without any status it answers 418 and 503.
    init(_ values: AttributeValues) throws(FaultError) {
        var statuses: [(status: HTTPStatus, weight: UInt32)] = []
        for (name, weight) in values.weights where weight > 0 {
            if let status = Self.status(name) { statuses.append((status, weight)) }
        }
        if values.weights.isEmpty { statuses = Self.standard.statuses }
        guard !statuses.isEmpty else {
            throw FaultError(
                "respond needs a status that is answered. Give one the weight 1, as in 503=1.")
        }
        let retryAfter = values.time("retry_after")
        self.init(
            statuses: statuses, retryAfter: retryAfter, headers: values.fields("headers"),
            body: values.text("body"))
    }

    /// The statuses that are answered, then `retry_after`.
    var values: [(name: String, value: Quantity)] {
        answered.map { ("\($0.status.code)", .number(Int64($0.weight))) }
            + [
                ("retry_after", .number(Int64(retryAfterOrZero))),
                ("headers", .fields(content?.headers ?? [])),
            ] + (content?.body.map { [("body", .text($0))] } ?? [])
    }

    private var answered: [(status: HTTPStatus, weight: UInt32)] {
        statuses.filter { $0.weight > 0 }
    }

    var words: String {
        let statuses = answered.map { "\($0.status.code)" }.joined(separator: " / ")
        guard let content else { return statuses }
        let count = content.headers.count
        let own =
            (count == 0 ? [] : ["\(count) header\(count == 1 ? "" : "s")"])
            + (content.body == nil ? [] : ["a body"])
        return "\(statuses) with \(own.joined(separator: " and ")) of its own"
    }

    func effect(_ generator: inout SeededGenerator, isConnection: Bool) -> Effect {
        .respond(choose(&generator), retryAfter: retryAfter)
    }

    /// One of the statuses, by weight.
    private func choose(_ generator: inout SeededGenerator) -> HTTPStatus {
        let total = statuses.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
        var ticket = generator.next(below: max(total, 1))
        for choice in statuses {
            if ticket < UInt64(choice.weight) { return choice.status }
            ticket -= UInt64(choice.weight)
        }
        return statuses[0].status  // only if all weights are 0
    }

    /// `Retry-After` in whole seconds, rounded up (RFC 9110 §10.2.3), where the status has one.
    public static func retryAfterSeconds(_ status: HTTPStatus, _ retryAfter: Nanoseconds?)
        -> UInt64?
    {
        guard status == 503 || status == 429, let retryAfter else { return nil }
        return (retryAfter + 999_999_999) / 1_000_000_000
    }

    public static func == (left: Respond, right: Respond) -> Bool {
        left.retryAfter == right.retryAfter
            && left.statuses.elementsEqual(right.statuses, by: ==)
            && left.content?.headers == right.content?.headers
            && left.content?.body == right.content?.body
    }
}
