import Faults
import HTTPWire

/// A site of two objects, whose answers are short enough to be read.
struct FakeSite {
    var body = Array(String(repeating: "0123456789", count: 10).utf8)
    var otherBody = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    /// Of the other object.
    var other: HonestAnswer { whole(otherBody, tag: "other") }

    func request(isHead: Bool) -> ScriptRequest {
        var request = ScriptRequest()
        request.target = "/fault;n=2/flags/br/br.gif"
        request.path = "/flags/br/br.gif"
        request.authority = "localhost:8005"
        request.elsewhere = "http://localhost:8001"
        request.next = "/fault;n=1/flags/br/br.gif"
        request.date = 1_767_225_600
        request.isHead = isHead
        return request
    }

    /// - Parameter first: of the range that the client asks for; nil: it asks for all.
    func answer(_ question: ScriptRun.Question, first: Int?, isHead: Bool) -> HonestAnswer {
        var first = question.dropped.contains("range") ? nil : first
        var last = body.count - 1
        for line in question.set where line.hasPrefix("Range: bytes=") {
            let range = line.dropFirst("Range: bytes=".count).split(separator: "-")
            first = Int(range[0])
            if range.count > 1 { last = min(last, Int(range[1]) ?? last) }
        }
        let answer = first.map { part($0...last) } ?? whole(body, tag: "honest")
        return isHead ? HonestAnswer(head: answer.head, body: []) : answer
    }

    private func whole(_ body: [UInt8], tag: String) -> HonestAnswer {
        let head = """
            HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nETag: "\(tag)"\r\n\
            Content-Length: \(body.count)\r\n\r\n
            """
        return HonestAnswer(head: Array(head.utf8), body: body)
    }

    private func part(_ range: ClosedRange<Int>) -> HonestAnswer {
        let (first, last) = (range.lowerBound, range.upperBound)
        let head = """
            HTTP/1.1 206 Partial Content\r\nContent-Type: image/gif\r\n\
            Content-Range: bytes \(first)-\(last)/\(body.count)\r\nETag: "honest"\r\n\
            Content-Length: \(range.count)\r\n\r\n
            """
        return HonestAnswer(head: Array(head.utf8), body: Array(body[range]))
    }
}
