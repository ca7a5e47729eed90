/// The head of a request, as views into the bytes it was parsed from.
///
/// Nothing is copied, so a request is valid only as long as those bytes (of `KnownHeads`: until it
/// is given back); whoever needs it longer copies `head` and parses it again.
public struct HTTPRequest {
    /// What follows the head (RFC 9112 §6).
    public enum Body: Equatable, Sendable {
        case none
        /// Content-Length, in bytes; `Int.max` if it does not fit.
        case length(Int)
        case chunked
    }

    /// What the head says beyond its request line.
    public struct Traits: OptionSet, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// `Connection: close`.
        public static let close = Traits(rawValue: 1)
        /// `Connection: keep-alive`.
        public static let keepAlive = Traits(rawValue: 2)
        /// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since or If-Range.
        public static let conditional = Traits(rawValue: 4)
        public static let range = Traits(rawValue: 8)
        /// `Expect: 100-continue`.
        public static let expectsContinue = Traits(rawValue: 16)
        /// Another expectation, which nobody can meet: 417 (RFC 9110 §10.1.1).
        public static let expectsUnknown = Traits(rawValue: 32)
        /// Absolute-form, asterisk-form or authority-form (RFC 9112 §3.2).
        public static let otherForm = Traits(rawValue: 64)
        /// X-Flagserver-Label: what its test calls it.
        public static let label = Traits(rawValue: 128)
    }

    /// The whole head, from the request line to the empty line.
    public let head: UnsafeRawBufferPointer
    public let method: HTTPMethod
    public let methodText: UnsafeRawBufferPointer
    /// The request target exactly as sent, query included.
    public let target: UnsafeRawBufferPointer
    /// The target's path, still percent-encoded, without query; `*` for the asterisk-form.
    public let path: UnsafeRawBufferPointer
    /// 0 or 1 (a higher minor version is treated as 1: RFC 9110 §2.5).
    public let minorVersion: UInt8
    public let traits: Traits
    public let body: Body
    let fieldsOffset: Int
    /// The decoded content, where the site that is asked wants it; else empty.
    public var content = UnsafeRawBufferPointer(start: nil, count: 0)

    /// GET in HTTP/1.1 with nothing special asked: what a prebuilt response answers, or its twin
    /// that closes the connection.
    @inline(__always)
    public var isPlain: Bool {
        method == .get && minorVersion == 1 && body == .none
            && traits.isSubset(of: [.keepAlive, .close])
    }

    /// Whether `target` is its target, byte by byte.
    public func isFor(_ target: String) -> Bool {
        let isIt = target.utf8.withContiguousStorageIfAvailable {
            self.target.equals(UnsafeRawBufferPointer($0))
        }
        return isIt ?? self.target.elementsEqual(target.utf8)
    }

    /// The target from where its path begins: without scheme and authority, if it has any.
    public var targetFromPath: UnsafeRawBufferPointer {
        guard let start = path.baseAddress, let whole = target.baseAddress,
            (0...target.count).contains(start - whole)
        else { return path }
        return target.view((start - whole)..<target.count)
    }

    /// The head with another target.
    public func head(withTarget other: some Collection<UInt8>) -> [UInt8] {
        guard let start = target.baseAddress, let whole = head.baseAddress else { return [] }
        var changed: [UInt8] = []
        changed.reserveCapacity(head.count)
        changed += head[..<(start - whole)]
        changed += other
        changed += head[(start - whole + target.count)...]
        return changed
    }

    /// Whether the client lets the connection persist (RFC 9112 §9.3).
    public var keepsAlive: Bool {
        if traits.contains(.close) { return false }
        return minorVersion == 1 || traits.contains(.keepAlive)
    }

    /// The values of all lines of a field, in order.
    ///
    /// - Parameter name: in lower case.
    public func values(of name: StaticString) -> [UnsafeRawBufferPointer] {
        var found: [UnsafeRawBufferPointer] = []
        guard var scanner = HeadScanner(head, from: fieldsOffset) else { return found }
        while let step = try? scanner.next(), case .field = step {
            if scanner.name.equalsIgnoringCase(name) { found.append(scanner.value) }
        }
        return found
    }

    /// The values of all lines of a field whose name is only known at run time, in order.
    ///
    /// - Parameter name: in lower case.
    public func values(named name: String) -> [UnsafeRawBufferPointer] {
        var found: [UnsafeRawBufferPointer] = []
        guard var scanner = HeadScanner(head, from: fieldsOffset) else { return found }
        while let step = try? scanner.next(), case .field = step {
            let isIt = scanner.name.lazy.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
                .elementsEqual(name.utf8)
            if isIt { found.append(scanner.value) }
        }
        return found
    }

    /// What its test calls it (X-Flagserver-Label); nil if it has no name.
    public var label: String? {
        guard traits.contains(.label) else { return nil }
        let value = values(of: "x-flagserver-label").first.map {
            String(decoding: $0, as: UTF8.self)
        }
        return value == "" ? nil : value
    }

    /// The value of a field that must not be repeated; nil if it is absent or repeated.
    public func singleValue(of name: StaticString) -> UnsafeRawBufferPointer? {
        let values = values(of: name)
        return values.count == 1 ? values[0] : nil
    }

    /// The values of all lines of a list field, joined by commas (RFC 9110 §5.3); nil if absent.
    public func joinedValue(of name: StaticString) -> [UInt8]? {
        let values = values(of: name)
        return values.isEmpty ? nil : Array(values.joined(separator: ", ".utf8))
    }

    /// Whether whoever asks would rather have a page than text: browsers.
    public var wantsHTML: Bool {
        let accept = joinedValue(of: "accept") ?? []
        return String(decoding: accept, as: UTF8.self).lowercased().contains("text/html")
    }
}
