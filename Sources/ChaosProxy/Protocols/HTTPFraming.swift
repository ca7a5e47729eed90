import HTTPWire

extension ProtocolTraits {
    /// Its errors are answers like any other, and its requests are drawn by their whole target.
    static let http = ProtocolTraits(framing: { HTTPFraming() }, key: { Array($0.utf8) })
}

/// HTTP/1.x (RFC 9112): strict with requests, lenient with responses.
struct HTTPFraming: MessageFraming {
    /// What of a request decides how its response is read.
    private struct Kind: OptionSet {
        let rawValue: UInt8
        static let head = Kind(rawValue: 1)
        static let connect = Kind(rawValue: 2)
        static let upgrade = Kind(rawValue: 4)
    }

    private var requestHead = HeadInPieces()
    private var requestBody: MessageBody?
    private var responseHead = HeadInPieces()
    private var responseBody: MessageBody?
    /// Whether a CONNECT has not been answered, so that what follows it may be anything.
    private var awaitsConnect = false
    /// Whether another protocol has taken over.
    private(set) var isSwitched = false

    private static let switched = "another protocol was switched to"

    /// Where content lies among the chunks that were used last.
    private(set) var content: [Range<Int>]?

    /// How long the body is that follows the head just read; nil if that is not announced.
    var announcedLength: Int? {
        switch responseBody {
        case .length(let count)?: count
        case .chunked?, .untilEnd?: nil
        case nil: 0
        }
    }

    // MARK: Requests

    mutating func request(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        if isSwitched { return .tunnel(reason: Self.switched) }
        if requestBody != nil { return continueRequest(bytes) }
        guard !awaitsConnect, !bytes.isEmpty,
            requestHead.isWorthParsing(bytes, as: .request)
        else { return .incomplete }
        do throws(HTTPParseError) {
            var skipped = 0
            guard let request = try HTTPParser.parse(bytes, skipped: &skipped) else {
                return .incomplete
            }
            return begin(request, skipped: skipped, bytes)
        } catch {
            return .tunnel(reason: error.description)
        }
    }

    private mutating func begin(
        _ request: HTTPRequest, skipped: Int, _ bytes: UnsafeRawBufferPointer
    ) -> RequestStep {
        requestHead = HeadInPieces()
        var kind: Kind = request.method == .head ? .head : []
        if request.method == .connect { kind.insert(.connect) }
        if !request.values(of: "upgrade").isEmpty { kind.insert(.upgrade) }
        awaitsConnect = kind.contains(.connect)
        requestBody = MessageBody(request.body)
        let (method, target) = (request.methodText, request.target)
        let head = RequestHead(
            method: bytes.offsets(of: method), target: bytes.offsets(of: target),
            kind: kind.rawValue, request: request)
        let count = skipped + request.head.count
        // A malformed chunk is reported by the next call: the head is sound.
        let more = (try? requestBody?.consume(bytes.from(count))) ?? 0
        return .begins(head, count: count + more, isComplete: endRequest())
    }

    private mutating func continueRequest(_ bytes: UnsafeRawBufferPointer) -> RequestStep {
        do throws(ChunkedCodingError) {
            let count = try requestBody?.consume(bytes) ?? 0
            return count == 0 ? .incomplete : .continues(count: count, isComplete: endRequest())
        } catch {
            return .tunnel(reason: "in a request, \(error.description)")
        }
    }

    private mutating func endRequest() -> Bool {
        let isComplete = requestBody?.isComplete ?? true
        if isComplete { requestBody = nil }
        return isComplete
    }

    mutating func injected() {
        awaitsConnect = false
    }

    // MARK: Responses

    mutating func response(_ bytes: UnsafeRawBufferPointer, to kind: UInt8?) -> ResponseStep {
        if isSwitched { return .tunnel(reason: Self.switched) }
        if responseBody != nil { return continueResponse(bytes) }
        guard !bytes.isEmpty else { return .incomplete }
        guard let kind else { return .tunnel(reason: "a response came that nobody asked for") }
        guard responseHead.isWorthParsing(bytes, as: .response) else { return .incomplete }
        do throws(HTTPParseError) {
            guard let head = try HTTPResponseHead.parse(bytes) else { return .incomplete }
            responseHead = HeadInPieces()
            return begin(head, to: Kind(rawValue: kind))
        } catch {
            return .tunnel(reason: error.description)
        }
    }

    private mutating func begin(_ head: HTTPResponseHead, to kind: Kind) -> ResponseStep {
        if head.status == 101 { return switchProtocol(head, isAsked: kind.contains(.upgrade)) }
        if head.status < 200 {
            return .bytes(count: head.count, isComplete: false, status: nil)
        }
        if kind.contains(.connect) {
            if head.status < 300 { return switchProtocol(head, isAsked: true) }
            awaitsConnect = false
        }
        content = nil
        let hasBody = !head.isBodyless && !kind.contains(.head)
        responseBody = hasBody ? MessageBody(head.body) : nil
        // The head alone, so that whoever counts the body can.
        return .bytes(count: head.count, isComplete: endResponse(), status: head.status)
    }

    /// The head still answers its request; what follows it is no HTTP any more.
    private mutating func switchProtocol(_ head: HTTPResponseHead, isAsked: Bool) -> ResponseStep {
        guard isAsked else { return .tunnel(reason: "101 without an Upgrade that asks for it") }
        isSwitched = true
        return .bytes(count: head.count, isComplete: true, status: head.status)
    }

    private mutating func continueResponse(_ bytes: UnsafeRawBufferPointer) -> ResponseStep {
        if case .untilEnd? = responseBody { return .untilEnd }
        do throws(ChunkedCodingError) {
            let count = try consumeBody(bytes)
            guard count > 0 else { return .incomplete }
            return .bytes(count: count, isComplete: endResponse(), status: nil)
        } catch {
            return .tunnel(reason: "in a response, \(error.description)")
        }
    }

    private mutating func consumeBody(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ChunkedCodingError) -> Int {
        guard case .chunked? = responseBody, let start = bytes.baseAddress else {
            content = nil
            return try responseBody?.consume(bytes) ?? 0
        }
        var runs: [Range<Int>] = []
        let count = try responseBody?.consume(bytes) { run in
            guard let first = run.baseAddress else { return }
            runs.append(first - start..<first - start + run.count)
        }
        content = runs
        return count ?? 0
    }

    mutating func restartReplies() {
        (responseHead, responseBody, content) = (HeadInPieces(), nil, nil)
    }

    private mutating func endResponse() -> Bool {
        let isComplete = responseBody?.isComplete ?? true
        if isComplete { responseBody = nil }
        return isComplete
    }
}
