import HTTPWire
import TestSupport

/// What a server is going to say to one request. The content of its body is one byte again and
/// again, above ASCII and its own for each exchange of a connection: whoever finds it knows whose
/// it is.
struct WitnessAnswer {
    enum Kind: CaseIterable {
        case length, chunked, untilEnd, bodyless, wrongBody, excess, short, shortReset, nonsense
        case silence
    }

    /// What is nobody's content: what a server sends that nobody asked for.
    static let excess: UInt8 = 0xfe

    let kind: Kind
    let status: Int
    /// The honest answer.
    let bytes: [UInt8]
    let headCount: Int
    let content: Int
    /// nil if its head says nothing.
    let promised: Int?
    /// Sent behind it.
    var surplus = 0

    init(_ kind: Kind, key: UInt8, size: Int, toHead isHead: Bool, _ random: inout TestGenerator) {
        var status = random.element(of: [200, 200, 200, 404, 500, 501, 503])
        var head = "Content-Length: \(size)\r\n"
        let body = [UInt8](repeating: key, count: size)
        var rest = body
        var promised: Int? = size
        switch kind {
        case .length, .excess, .silence: break
        case .chunked:
            head = "Transfer-Encoding: chunked\r\n"
            (rest, promised) = (Self.chunks(body, &random), nil)
        case .untilEnd: (head, promised) = ("Server: w\r\n", nil)
        case .wrongBody where !isHead:
            (status, head, rest, promised) = (random.element(of: [204, 304]), "", [], 0)
        case .wrongBody: break
        case .bodyless: (status, head, rest, promised) = (204, "Server: w\r\n", [], 0)
        case .short, .shortReset: rest.removeLast(min(rest.count, 1 + random.next(below: 5)))
        case .nonsense: head = "Content-Length: 7x\r\n"
        }
        var start = "HTTP/1.1 \(status) Some Words\r\n"
        if kind == .nonsense, random.next(below: 2) == 0 { start = "What is this?\r\n" }
        if kind == .excess || kind == .wrongBody { surplus = 1 + random.next(below: 8) }
        if isHead { (rest, promised) = ([], 0) }
        let whole = Array((start + head + "\r\n").utf8)
        self.kind = kind
        (self.status, headCount, bytes) = (status, whole.count, whole + rest)
        content = rest.count { $0 == key }
        self.promised = promised
    }

    private static func chunks(_ body: [UInt8], _ random: inout TestGenerator) -> [UInt8] {
        var (coded, rest) = ([] as [UInt8], body[...])
        while !rest.isEmpty {
            let part = rest.prefix(1 + random.next(below: 20))
            coded += Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10]
            rest = rest.dropFirst(part.count)
        }
        return coded + Array("0\r\n\r\n".utf8)
    }
}
