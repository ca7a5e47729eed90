import Faults
import HTTPWire

/// A response of ours as it travels down a pipeline.
struct ResponseFlows {
    let date: Int64
    /// How the connection goes on, in the client's version of HTTP.
    let persistence: HTTPSerializer.Persistence
    let isHead: Bool
    /// Whether a response that lies ready may travel in one piece.
    let mayBeWhole: Bool
    /// What the faults of the exchange are told in; a response in one piece gets it when it is
    /// written.
    let timing: HTTPField?

    init(
        _ request: HTTPRequest, keeps: Bool, mayBeWhole: Bool, date: Int64,
        timing: HTTPField? = nil
    ) {
        self.timing = timing
        persistence = keeps ? (request.minorVersion == 0 ? .keepAlive : .implied) : .close
        isHead = request.method == .head
        (self.mayBeWhole, self.date) = (mayBeWhole, date)
    }

    /// Of a request that could not be understood.
    init(closingAt date: Int64) {
        (persistence, isHead, mayBeWhole, self.date) = (.close, false, false, date)
        timing = nil
    }

    /// Whole where it lies ready, else head and body apart, and the boundary behind them.
    func flows(_ answer: SiteAnswer) -> [Flow] {
        var flows: [Flow]
        switch answer {
        case .prepared(let response):
            if mayBeWhole, let whole = whole(response) { return [.prepared(whole)] }
            let head = response.head(date: date, persistence: persistence, adding: timing)
            flows = [.bytes(head.asHead)]
            if response.body.count > 0 { flows.append(.bytes(response.body)) }
        case .made(let response):
            flows = self.flows(response)
        case .streamed(let response):
            flows = [.bytes(head(of: response).asHead)]
            if !isHead { return flows }
        case .late: preconditionFailure("it is sent when it has come")
        }
        if isHead { flows.removeSubrange(1...) }
        return flows + [.boundary]
    }

    private func whole(_ response: PreparedResponse) -> PreparedResponse? {
        guard !isHead else { return nil }
        switch persistence {
        case .implied: return response
        case .close: return timing == nil ? response.closing : response
        case .keepAlive: return nil
        }
    }

    private func flows(_ response: HTTPResponse) -> [Flow] {
        let head = HTTPSerializer.head(
            response.status, fields: response.fields + [timing].compactMap(\.self),
            contentLength: response.bodyCount, date: date, persistence: persistence)
        return [.bytes(Bytes(head).asHead)] + response.body.filter { $0.count > 0 }.map(Flow.bytes)
    }

    /// Of an unknown length, HTTP/1.1 gets its chunks; before that, the end of the connection is
    /// the end of the body.
    private func head(of response: ResponseStream) -> Bytes {
        let isChunked = response.contentLength == nil && persistence == .implied
        let fields = StreamedBody.fields(of: response, isChunked: isChunked)
        return Bytes(
            HTTPSerializer.head(
                response.status, fields: fields, contentLength: response.contentLength, date: date,
                persistence: persistence))
    }
}
