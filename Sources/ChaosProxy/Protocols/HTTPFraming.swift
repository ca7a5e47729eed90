import HTTPWire

/// HTTP/1.x (RFC 9112): strict with requests, lenient with responses.
struct HTTPFraming: MessageFraming {
    /// What of a request decides how its response is read.
    private struct Kind: OptionSet {
        let rawValue: UInt8
        static let head = Kind(rawValue: 1)
        static let connect = Kind(rawValue: 2)
        static let upgrade = Kind(rawValue: 4)
    }

    private var requestHead = HeadEndScanner()
    private var requestBody: HTTPBody?
    private var responseHead = HeadEndScanner()
    private var responseBody: HTTPBody?
    /// Whether a CONNECT has not been answered, so that what follows it may be anything.
    private var awaitsConnect = false
    /// Whether another protocol has taken over.
    private(set) var isSwitched = false

    private static let switched = "another protocol was switched to"
    /// From here on the parser refuses every incomplete head, with the empty lines before it.
    private static let requestLimit = HTTPParser.maximumHead + 16

    /// How many of the body bytes read so far are not content but the framing of its chunks.
    private(set) var chunkBytes = 0

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
            requestHead.isWorthParsing(bytes, limit: Self.requestLimit)
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
        requestHead = HeadEndScanner()
        var kind: Kind = request.method == .head ? .head : []
        if request.method == .connect { kind.insert(.connect) }
        if !request.values(of: "upgrade").isEmpty { kind.insert(.upgrade) }
        awaitsConnect = kind.contains(.connect)
        requestBody = HTTPBody(request.body)
        let (method, target) = (request.methodText, request.target)
        let head = RequestHead(
            method: bytes.offsets(of: method), target: bytes.offsets(of: target),
            kind: kind.rawValue)
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
        let limit = HTTPResponseHead.maximumHead + 1
        guard responseHead.isWorthParsing(bytes, limit: limit) else { return .incomplete }
        do throws(HTTPParseError) {
            guard let head = try HTTPResponseHead.parse(bytes) else { return .incomplete }
            responseHead = HeadEndScanner()
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
        chunkBytes = 0
        let hasBody = !head.isBodyless && !kind.contains(.head)
        responseBody = hasBody ? HTTPBody(head.body) : nil
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
            let before = responseBody?.contentBytes ?? 0
            let count = try responseBody?.consume(bytes) ?? 0
            guard count > 0 else { return .incomplete }
            chunkBytes += responseBody?.contentBytes.map { count - ($0 - before) } ?? 0
            return .bytes(count: count, isComplete: endResponse(), status: nil)
        } catch {
            return .tunnel(reason: "in a response, \(error.description)")
        }
    }

    private mutating func endResponse() -> Bool {
        let isComplete = responseBody?.isComplete ?? true
        if isComplete { responseBody = nil }
        return isComplete
    }
}

extension HTTPBody {
    /// - Returns: nil for no body.
    fileprivate init?(_ body: HTTPRequest.Body) {
        switch body {
        case .none: return nil
        case .length(let count): self = .length(count)
        case .chunked: self = .chunked(ChunkedDecoder())
        }
    }

    fileprivate init(_ body: HTTPResponseHead.Body) {
        switch body {
        case .length(let count): self = .length(count)
        case .chunked: self = .chunked(ChunkedDecoder())
        case .untilEnd: self = .untilEnd
        }
    }
}
