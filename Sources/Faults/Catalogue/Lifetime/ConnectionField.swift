import HTTPWire

/// Another `Connection` field in the head of an answer, in place of those that it has. Interim
/// answers go by as they are.
struct ConnectionField {
    /// Longest head that is changed, in bytes; a longer one goes by as it is.
    static let maximumHead = 65_536

    private let line: [UInt8]
    /// Of a head that has not come completely.
    private var held: [Bytes] = []
    private var isDone = false

    init(_ value: String) {
        line = Array("Connection: \(value)\r\n".utf8)
    }

    /// With what each flow costs.
    var heldBytes: Int { held.reduce(0) { $0 + $1.count + 128 } }

    mutating func receive(_ flow: Flow, into actions: inout Actions) {
        guard !isDone, case .bytes(let bytes) = flow, bytes.count > 0 else {
            switch flow {
            case .boundary, .end, .cut: release(into: &actions)
            case .bytes, .prepared: break
            }
            return actions.forward(flow)
        }
        held.append(bytes)
        if bytes.memory?.contains(0x0a) == true || heldCount > Self.maximumHead {
            passHeads(&actions)
        }
    }

    private var heldCount: Int { held.reduce(0) { $0 + $1.count } }

    /// What is held goes on as it is.
    mutating func release(into actions: inout Actions) {
        for bytes in held { actions.forward(.bytes(bytes)) }
        held = []
    }

    private mutating func passHeads(_ actions: inout Actions) {
        while !isDone, !held.isEmpty {
            let bytes = held.flatMap { $0.memory.map(Array.init) ?? [] }
            guard let count = Self.end(of: bytes), count <= Self.maximumHead else {
                isDone = bytes.count > Self.maximumHead
                break
            }
            let (head, rest) = split(bytes, at: count)
            held = rest.count > 0 ? [rest] : []
            if Self.isInterim(bytes) {
                actions.forward(.bytes(head))
            } else {
                isDone = true
                change(head, bytes[..<count], &actions)
            }
        }
        if isDone { release(into: &actions) }
    }

    /// How many bytes there are up to the end of the empty line; nil if there is none.
    private static func end(of bytes: [UInt8]) -> Int? {
        var start = 0
        while let feed = bytes[start...].firstIndex(of: 0x0a) {
            let line = bytes[start..<feed]
            if start > 0, line.isEmpty || line.elementsEqual([0x0d]) { return feed + 1 }
            start = feed + 1
        }
        return nil
    }

    /// The head alone, and what came with its end.
    private func split(_ bytes: [UInt8], at count: Int) -> (head: Bytes, rest: Bytes) {
        let last = held[held.count - 1]
        let inLast = last.count - (bytes.count - count)
        let head = held.count == 1 ? last[0..<count] : Bytes(Array(bytes[..<count])).asHead
        return (head, last[inLast..<last.count])
    }

    /// 1xx, but for the answer that switches protocols.
    private static func isInterim(_ bytes: [UInt8]) -> Bool {
        let status = bytes.withUnsafeBytes { HTTPResponseHead.status($0) }
        return status.map { (100..<200).contains($0) && $0 != 101 } ?? false
    }

    /// The field comes right behind the status line, which so stays unharmed.
    private func change(_ head: Bytes, _ bytes: ArraySlice<UInt8>, _ actions: inout Actions) {
        var (start, kept) = (0, 0)
        while start < bytes.count {
            let end = (bytes[start...].firstIndex(of: 0x0a) ?? bytes.count - 1) + 1
            if start == 0 {
                actions.forward(.bytes(head[0..<end]))
                actions.forward(.bytes(Bytes(line).marked(.foreign)))
                kept = end
            } else if Self.isConnection(bytes[start..<end]) {
                if kept < start { actions.forward(.bytes(head[kept..<start])) }
                kept = end
            }
            start = end
        }
        if kept < bytes.count { actions.forward(.bytes(head[kept..<bytes.count])) }
    }

    private static func isConnection(_ line: ArraySlice<UInt8>) -> Bool {
        let name = line.prefix { $0 != 0x3a }.map { $0 | 0x20 }
        return name.elementsEqual("connection".utf8) || name.elementsEqual("keep-alive".utf8)
    }
}
