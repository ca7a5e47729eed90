import EventLoop
import Faults
import HTTPWire

extension HonestAnswer {
    /// What a site answers, as it would go over the wire.
    ///
    /// - Parameters:
    ///   - keeps: whether the connection goes on behind it.
    ///   - date: seconds since 1970.
    /// - Returns: nil if it is too large to be held, or not there yet.
    init?(_ answer: SiteAnswer, to request: HTTPRequest, keeps: Bool, date: Int64) {
        let persistence: HTTPSerializer.Persistence =
            keeps ? (request.minorVersion == 0 ? .keepAlive : .implied) : .close
        let hasBody = request.method != .head && answer.status?.allowsBody ?? false
        guard !hasBody || answer.bodyCount ?? 0 <= CollectedReply.maximumContent else {
            return nil
        }
        switch answer {
        case .prepared(let response):
            let head = response.head(date: date, persistence: persistence)
            self.init(head: Self.copy([head]), body: hasBody ? Self.copy([response.body]) : [])
        case .made(let response):
            let head = HTTPSerializer.head(
                response.status, fields: response.fields, contentLength: response.bodyCount,
                date: date, persistence: persistence)
            self.init(head: head, body: hasBody ? Self.copy(response.body) : [])
        case .streamed(let response):
            defer { response.closed() }
            guard let body = hasBody ? Self.collect(response) : [] else { return nil }
            let head = HTTPSerializer.head(
                response.status, fields: response.fields, contentLength: body.count, date: date,
                persistence: persistence)
            self.init(head: head, body: body)
        case .late: return nil
        }
    }

    private static func copy(_ parts: [Bytes]) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts {
            if let memory = part.memory {
                copy += memory
            } else {
                copy += FilePart.read(part.storage.file, at: part.offset, count: part.count)
            }
        }
        return copy
    }

    /// - Returns: nil if it is too large, or not there yet.
    private static func collect(_ response: ResponseStream) -> [UInt8]? {
        var body: [UInt8] = []
        guard !response.isEndless else { return nil }
        while body.count <= CollectedReply.maximumContent {
            switch response.next() {
            case .bytes(let piece): body += piece
            case .end: return body
            case .later: return nil
            }
        }
        return nil
    }
}
