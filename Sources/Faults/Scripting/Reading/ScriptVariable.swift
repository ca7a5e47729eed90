/// What stands behind a `$`.
enum ScriptVariable: Hashable, Sendable {
    case length, size, first, last, etag, type
    case otherLength, otherETag
    /// The length of all of the body in a coding.
    case coded(StoredCoding)
    case date, target, path, authority, elsewhere, next
    /// The round of the innermost loop, from 1.
    case round
    /// By its place among those of the script.
    case parameter(Int)

    /// Those that every script has, with what is said of them in the manual.
    static let all: [(name: String, variable: ScriptVariable, summary: String)] = [
        ("length", .length, "Content-Length of the honest answer, or how long its body is"),
        ("size", .size, "bytes of the whole, also where the answer is a part"),
        ("first", .first, "the first byte that the answer has of the whole, from 0"),
        ("last", .last, "the last one"),
        ("etag", .etag, "ETag of the honest answer, with its quotes"),
        ("type", .type, "Content-Type of the honest answer"),
        ("other.length", .otherLength, "the length of the other object"),
        ("other.etag", .otherETag, "the ETag of the other object"),
        ("gzip.length", .coded(.gzip), "the length of `body as gzip`"),
        ("deflate.length", .coded(.deflate), "the length of `body as deflate`"),
        ("br.length", .coded(.br), "the length of `body as br`"),
        ("zstd.length", .coded(.zstd), "the length of `body as zstd`"),
        ("date", .date, "now, as Date has it; `$date+60s` is a minute later"),
        ("target", .target, "the request's target"),
        ("path", .path, "the target without the fault in it"),
        ("authority", .authority, "the Host that was asked"),
        ("elsewhere", .elsewhere, "another origin, LOCAL's: `http://localhost:8001`"),
        ("next", .next, "this URL with n one less, at 0 the control"),
        ("i", .round, "the round of the innermost `repeat`, from 1"),
    ]

    /// Whether it is known only when there is an honest answer.
    var needsAnswer: Bool {
        switch self {
        case .length, .size, .first, .last, .etag, .type, .otherLength, .otherETag, .coded: true
        case .date, .target, .path, .authority, .elsewhere, .next, .round, .parameter: false
        }
    }

    var needsOther: Bool {
        switch self {
        case .otherLength, .otherETag: true
        case .length, .size, .first, .last, .etag, .type, .coded, .date, .target, .path,
            .authority, .elsewhere, .next, .round, .parameter:
            false
        }
    }

    /// Whether it is known only when there is a request.
    var needsRequest: Bool {
        switch self {
        case .target, .path, .authority, .elsewhere, .next: true
        case .length, .size, .first, .last, .etag, .type, .otherLength, .otherETag, .coded,
            .date, .round, .parameter:
            needsAnswer
        }
    }

    /// Whether it is a number, or a time, to which something can be added.
    var isNumber: Bool {
        switch self {
        case .length, .size, .first, .last, .otherLength, .coded, .round, .date: true
        case .etag, .type, .otherETag, .target, .path, .authority, .elsewhere, .next,
            .parameter:
            false
        }
    }
}
