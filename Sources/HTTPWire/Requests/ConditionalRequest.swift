/// The preconditions of a GET or HEAD request for a representation that exists (RFC 9110 §13).
///
/// The values are views as received, valid during the call. Several lines of If-Match or
/// If-None-Match are joined by commas. The other fields are singletons; one that is repeated is to
/// be given as nil, which ignores it.
public struct ConditionalRequest {
    /// If-Match: go on only if the representation has one of these tags (RFC 9110 §13.1.1).
    public var ifMatch: UnsafeRawBufferPointer?
    /// If-None-Match: go on only if it has none of these tags (RFC 9110 §13.1.2).
    public var ifNoneMatch: UnsafeRawBufferPointer?
    /// If-Modified-Since: go on only if it changed after this date (RFC 9110 §13.1.3).
    public var ifModifiedSince: UnsafeRawBufferPointer?
    /// If-Unmodified-Since: go on only if it did not (RFC 9110 §13.1.4).
    public var ifUnmodifiedSince: UnsafeRawBufferPointer?
    /// If-Range: a tag or date without which Range does not count (RFC 9110 §13.1.5).
    public var ifRange: UnsafeRawBufferPointer?

    /// What the preconditions make of the request.
    public enum Outcome: Equatable, Sendable {
        /// Answer as if there were none; see also ``honoursRange(entityTag:lastModified:now:)``.
        case proceed
        /// Answer 304 (Not Modified).
        case notModified
        /// Answer 412 (Precondition Failed).
        case preconditionFailed
    }

    /// A request with the given fields; nil stands for a field that is absent.
    public init(
        ifMatch: UnsafeRawBufferPointer? = nil,
        ifNoneMatch: UnsafeRawBufferPointer? = nil,
        ifModifiedSince: UnsafeRawBufferPointer? = nil,
        ifUnmodifiedSince: UnsafeRawBufferPointer? = nil,
        ifRange: UnsafeRawBufferPointer? = nil
    ) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
        self.ifModifiedSince = ifModifiedSince
        self.ifUnmodifiedSince = ifUnmodifiedSince
        self.ifRange = ifRange
    }

    /// Evaluates the preconditions in the order of RFC 9110 §13.2.2.
    ///
    /// A malformed date or If-None-Match is ignored; a malformed If-Match fails, since nothing
    /// shows that the client means the current representation.
    ///
    /// - Parameters:
    ///   - entityTag: The tag of the current representation.
    ///   - lastModified: When it was last modified, in seconds since 1970.
    ///   - now: The current time in seconds since 1970, for dates with a two-digit year.
    public func evaluate(entityTag: EntityTag, lastModified: Int64, now: Int64) -> Outcome {
        // Steps 1 and 2. If-Unmodified-Since counts only without If-Match.
        if let ifMatch {
            // RFC 9110 §13.1.1: If-Match uses the strong comparison.
            let isMatched = entityTag.isMatched(byList: ifMatch, weakly: false) ?? false
            guard isMatched else { return .preconditionFailed }
        } else if let date = date(ifUnmodifiedSince, now: now), lastModified > date {
            return .preconditionFailed
        }
        // Steps 3 and 4. If-Modified-Since counts only without If-None-Match.
        // RFC 9110 §13.1.2: If-None-Match uses the weak comparison.
        if let isMatched = ifNoneMatch.flatMap({ entityTag.isMatched(byList: $0, weakly: true) }) {
            return isMatched ? .notModified : .proceed
        }
        guard let date = date(ifModifiedSince, now: now) else { return .proceed }
        return lastModified <= date ? .notModified : .proceed
    }

    /// Whether to honour a Range field: without If-Range, or if that matches (RFC 9110 §13.1.5).
    ///
    /// A tag has to match strongly, a date exactly. A date is a strong validator only if the
    /// representation did not change twice within that second, which the caller has to know
    /// (RFC 9110 §8.8.2.2). The parameters are those of ``evaluate(entityTag:lastModified:now:)``.
    public func honoursRange(entityTag: EntityTag, lastModified: Int64, now: Int64) -> Bool {
        guard let ifRange else { return true }
        if let tag = EntityTag.parse(ifRange) { return entityTag.matchesStrongly(tag) }
        return HTTPDate.parse(ifRange, now: now) == lastModified
    }

    private func date(_ value: UnsafeRawBufferPointer?, now: Int64) -> Int64? {
        value.flatMap { HTTPDate.parse($0, now: now) }
    }
}
