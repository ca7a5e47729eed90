public import HTTPWire

/// What the parser made of a head, copied out of the bytes that an `HTTPRequest` only borrows.
public struct ParsedHead: Equatable {
    public let head: String
    public let method: HTTPMethod
    public let methodText: String
    public let target: String
    public let path: String
    public let minorVersion: UInt8
    public let traits: HTTPRequest.Traits
    public let body: HTTPRequest.Body
    public let keepsAlive: Bool
    public let isPlain: Bool
    /// Bytes of the empty lines before the head.
    public let skipped: Int

    public init(_ request: HTTPRequest, skipped: Int) {
        head = String(view: request.head)
        (method, methodText) = (request.method, String(view: request.methodText))
        (target, path) = (String(view: request.target), String(view: request.path))
        (minorVersion, traits) = (request.minorVersion, request.traits)
        (body, keepsAlive, isPlain) = (request.body, request.keepsAlive, request.isPlain)
        self.skipped = skipped
    }

    /// - Returns: nil if the head is not complete.
    public static func parse(_ bytes: some Collection<UInt8>) throws(HTTPParseError) -> ParsedHead?
    {
        var skipped = 0
        let bytes = Array(bytes)
        let result = bytes.withUnsafeBytes { view -> Result<ParsedHead?, HTTPParseError> in
            do throws(HTTPParseError) {
                let request = try HTTPParser.parse(view, skipped: &skipped)
                return .success(request.map { ParsedHead($0, skipped: skipped) })
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    public static func parse(_ text: String) throws(HTTPParseError) -> ParsedHead? {
        try parse(Array(text.utf8))
    }
}

/// The status that the parser refuses `text` with; nil if it does not.
public func refusal(of text: String) -> UInt16? {
    refusal(of: Array(text.utf8))
}

public func refusal(of bytes: [UInt8]) -> UInt16? {
    do throws(HTTPParseError) {
        _ = try ParsedHead.parse(bytes)
        return nil
    } catch {
        return error.status.code
    }
}

/// A text that was to be a complete head and is none.
public struct IncompleteHead: Error {}

/// Parses `text` and calls `body` while the request's views are valid.
public func withRequest<Result>(
    _ text: String, _ body: (HTTPRequest) throws -> Result
) throws -> Result {
    try Array(text.utf8).withUnsafeBytes { bytes in
        var skipped = 0
        guard let request = try HTTPParser.parse(bytes, skipped: &skipped) else {
            throw IncompleteHead()
        }
        return try body(request)
    }
}

extension String {
    /// The bytes as UTF-8.
    public init(view: UnsafeRawBufferPointer) {
        self.init(decoding: view, as: UTF8.self)
    }
}

extension Bytes {
    /// The bytes as UTF-8; nil if they lie in a file only. They are kept until they are read.
    public var text: String? {
        withExtendedLifetime(self) { memory.map(String.init(view:)) }
    }
}
