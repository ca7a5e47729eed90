import HTTPWire
import TestSupport

/// A request that a client is going to make, where it lies in the bytes that the client sends, and
/// what is to become of it.
struct WitnessRequest {
    let method: String
    let target: String
    /// Of what the content of its answer consists.
    let key: UInt8
    let closes: Bool
    let bytes: [UInt8]
    let headCount: Int
    /// Among all that the client sends.
    let start: Int
    let answer: WitnessAnswer
    /// The size and the shape of a site's answer.
    let size: Int
    let isPrepared: Bool

    var end: Int { start + bytes.count }
    var isHead: Bool { method == "HEAD" }
    /// What a twin is asked for the same answer.
    var twinKey: String { "\(method) \(size) \(answer.status) \(key) \(closes) \(isPrepared)" }

    init(
        client: Int, index: Int, start: Int, kinds: [WitnessAnswer.Kind],
        _ random: inout TestGenerator
    ) {
        self.start = start
        key = UInt8(0x80 + index)
        target = "/\(client)-\(index)"
        method = random.element(of: ["GET", "GET", "GET", "POST", "HEAD"])
        closes = random.next(below: 8) == 0
        size = random.element(of: [0, 1, 7, 30, 90])
        isPrepared = random.next(below: 2) == 0
        let isHead = method == "HEAD"
        answer = WitnessAnswer(
            random.element(of: kinds), key: key, size: size, toHead: isHead, &random)
        var head = "\(method) \(target) HTTP/1.1\r\nHost: x\r\n"
        if closes { head += "Connection: close\r\n" }
        var body: [UInt8] = []
        if method == "POST" {
            body = [UInt8](repeating: 0x2b, count: 1 + random.next(below: 30))
            head += "Content-Length: \(body.count)\r\n"
        }
        let whole = Array((head + "\r\n").utf8)
        (bytes, headCount) = (whole + body, whole.count)
    }

    var words: String {
        let end = closes ? " close" : ""
        return "\(method) \(target)\(end) (\(answer.kind) \(answer.status))"
    }

    /// What the site answers.
    var siteAnswer: SiteAnswer {
        let body = Bytes([UInt8](repeating: key, count: size))
        let status = HTTPStatus(answer.status == 204 ? 204 : answer.status) ?? 200
        let fields = [HTTPField("Content-Type", "text/plain")]
        if isPrepared {
            return .prepared(PreparedResponse(status, fields: fields, body: body))
        }
        let half = size / 2
        let parts = size > 1 ? [body[0..<half], body[half..<size]] : [body]
        return .made(HTTPResponse(status, fields: fields, body: parts))
    }
}
