import Testing

@testable import HTTPWire

struct ConditionalRequestTests {
    private let tag = EntityTag(strong: "now")
    private let lastModified: Int64 = 784_111_777
    private let now: Int64 = 1_795_219_200

    private let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    private let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    /// The fields of a request as text.
    private struct Fields {
        var ifMatch: String?
        var ifNoneMatch: String?
        var ifModifiedSince: String?
        var ifUnmodifiedSince: String?
        var ifRange: String?
    }

    private func withRequest<Result>(
        _ fields: Fields, _ body: (ConditionalRequest) -> Result
    ) -> Result {
        withView(fields.ifMatch) { ifMatch in
            withView(fields.ifNoneMatch) { ifNoneMatch in
                withView(fields.ifModifiedSince) { ifModifiedSince in
                    withView(fields.ifUnmodifiedSince) { ifUnmodifiedSince in
                        withView(fields.ifRange) { ifRange in
                            body(
                                ConditionalRequest(
                                    ifMatch: ifMatch, ifNoneMatch: ifNoneMatch,
                                    ifModifiedSince: ifModifiedSince,
                                    ifUnmodifiedSince: ifUnmodifiedSince, ifRange: ifRange))
                        }
                    }
                }
            }
        }
    }

    private func withView<Result>(
        _ text: String?, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard let text else { return body(nil) }
        return Array(text.utf8).withUnsafeBytes { body($0) }
    }

    private func evaluate(_ fields: Fields, tag: EntityTag? = nil) -> ConditionalRequest.Outcome {
        withRequest(fields) {
            $0.evaluate(entityTag: tag ?? self.tag, lastModified: lastModified, now: now)
        }
    }

    private func honoursRange(_ ifRange: String?, tag: EntityTag? = nil) -> Bool {
        withRequest(Fields(ifRange: ifRange)) {
            $0.honoursRange(entityTag: tag ?? self.tag, lastModified: lastModified, now: now)
        }
    }

    @Test func `a request without preconditions proceeds`() {
        #expect(evaluate(Fields()) == .proceed)
        #expect(evaluate(Fields(ifRange: "\"other\"")) == .proceed)
        let request = ConditionalRequest()
        #expect(request.evaluate(entityTag: tag, lastModified: 0, now: 0) == .proceed)
        #expect(request.honoursRange(entityTag: tag, lastModified: 0, now: 0))
    }

    // MARK: If-Match

    @Test(arguments: ["\"now\"", "*", "\"a\", \"now\"", "\"now\", W/\"now\"", ",\"now\""])
    func `If-Match with the current tag proceeds`(_ value: String) {
        #expect(evaluate(Fields(ifMatch: value)) == .proceed)
    }

    @Test(arguments: ["\"a\"", "W/\"now\"", "\"a\", \"b\"", "", "\"NOW\"", "\"\""])
    func `If-Match without the current tag fails`(_ value: String) {
        #expect(evaluate(Fields(ifMatch: value)) == .preconditionFailed)
    }

    @Test(arguments: ["now", "\"now", "*, \"now\"", "\"now\" \"b\"", "\"now\", x", "w/\"now\""])
    func `a malformed If-Match fails`(_ value: String) {
        #expect(evaluate(Fields(ifMatch: value)) == .preconditionFailed)
    }

    @Test func `a weak current tag matches no If-Match but a star`() {
        let weak = EntityTag(isWeak: true, opaque: Array("now".utf8))
        #expect(evaluate(Fields(ifMatch: "\"now\""), tag: weak) == .preconditionFailed)
        #expect(evaluate(Fields(ifMatch: "W/\"now\""), tag: weak) == .preconditionFailed)
        #expect(evaluate(Fields(ifMatch: "*"), tag: weak) == .proceed)
    }

    // MARK: If-Unmodified-Since

    @Test func `If-Unmodified-Since fails for an earlier date only`() {
        #expect(evaluate(Fields(ifUnmodifiedSince: before)) == .preconditionFailed)
        #expect(evaluate(Fields(ifUnmodifiedSince: same)) == .proceed)
        #expect(evaluate(Fields(ifUnmodifiedSince: after)) == .proceed)
    }

    // MARK: If-None-Match

    @Test(arguments: ["\"now\"", "W/\"now\"", "*", "\"a\", W/\"now\"", " , \"now\", "])
    func `If-None-Match with the current tag is not modified`(_ value: String) {
        #expect(evaluate(Fields(ifNoneMatch: value)) == .notModified)
    }

    @Test(arguments: ["\"a\"", "W/\"a\"", "\"a\", \"b\"", "", ","])
    func `If-None-Match without the current tag proceeds`(_ value: String) {
        #expect(evaluate(Fields(ifNoneMatch: value)) == .proceed)
        #expect(evaluate(Fields(ifNoneMatch: value, ifModifiedSince: same)) == .proceed)
    }

    @Test(arguments: ["now", "\"now", "*, \"now\"", "\"now\" \"b\"", "\"now\", x", "w/\"now\""])
    func `a malformed If-None-Match is ignored`(_ value: String) {
        #expect(evaluate(Fields(ifNoneMatch: value)) == .proceed)
        #expect(evaluate(Fields(ifNoneMatch: value, ifModifiedSince: same)) == .notModified)
        #expect(evaluate(Fields(ifNoneMatch: value, ifModifiedSince: before)) == .proceed)
    }

    @Test func `a weak current tag matches If-None-Match`() {
        let weak = EntityTag(isWeak: true, opaque: Array("now".utf8))
        #expect(evaluate(Fields(ifNoneMatch: "\"now\""), tag: weak) == .notModified)
    }

    // MARK: If-Modified-Since

    @Test func `If-Modified-Since proceeds for an earlier date only`() {
        #expect(evaluate(Fields(ifModifiedSince: before)) == .proceed)
        #expect(evaluate(Fields(ifModifiedSince: same)) == .notModified)
        #expect(evaluate(Fields(ifModifiedSince: after)) == .notModified)
    }

    @Test(arguments: ["Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func `dates in the obsolete formats count`(_ date: String) {
        #expect(evaluate(Fields(ifModifiedSince: date)) == .notModified)
        #expect(evaluate(Fields(ifUnmodifiedSince: date)) == .proceed)
        #expect(honoursRange(date))
    }

    @Test(arguments: ["", "yesterday", "0", "\"now\"", "Sun, 06 Nov 1994 08:49:37"])
    func `malformed dates are ignored`(_ date: String) {
        #expect(evaluate(Fields(ifModifiedSince: date)) == .proceed)
        #expect(evaluate(Fields(ifUnmodifiedSince: date)) == .proceed)
    }

    // MARK: Precedence

    @Test func `every combination of fields is decided in the order of the RFC`() {
        // Each field is absent, true, false or malformed; true is what lets the request go on.
        let matches: [String?] = [nil, "\"now\"", "\"a\"", "x"]
        let noneMatches: [String?] = [nil, "\"a\"", "\"now\"", "x"]
        let modified: [String?] = [nil, before, same, "x"]
        let unmodified: [String?] = [nil, same, before, "x"]
        for code in 0..<256 {
            let (match, noneMatch) = (code & 3, code >> 2 & 3)
            let (since, unsince) = (code >> 4 & 3, code >> 6 & 3)
            let fields = Fields(
                ifMatch: matches[match], ifNoneMatch: noneMatches[noneMatch],
                ifModifiedSince: modified[since], ifUnmodifiedSince: unmodified[unsince])
            var expected = ConditionalRequest.Outcome.proceed
            if match >= 2 || (match == 0 && unsince == 2) {
                expected = .preconditionFailed
            } else if noneMatch == 2 || (noneMatch != 1 && since == 2) {
                expected = .notModified
            }
            #expect(evaluate(fields) == expected, "\(fields)")
        }
    }

    // MARK: If-Range

    @Test func `a range is honoured without If-Range`() {
        #expect(honoursRange(nil))
    }

    @Test func `a range is honoured if the tag matches strongly`() {
        #expect(honoursRange("\"now\""))
        #expect(!honoursRange("\"a\""))
        #expect(!honoursRange("W/\"now\""))
        let weak = EntityTag(isWeak: true, opaque: Array("now".utf8))
        #expect(!honoursRange("\"now\"", tag: weak))
        #expect(!honoursRange("W/\"now\"", tag: weak))
    }

    @Test func `a range is honoured if the date is exactly that`() {
        #expect(honoursRange(same))
        #expect(!honoursRange(before))
        #expect(!honoursRange(after))
    }

    @Test(arguments: ["", "*", "now", "\"now\", \"a\"", "\"now\",", " \"now\"", "\"now", "W/", "0"])
    func `a range is not honoured if If-Range is malformed`(_ value: String) {
        #expect(!honoursRange(value))
    }
}
