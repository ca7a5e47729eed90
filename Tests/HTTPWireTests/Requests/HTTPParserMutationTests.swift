import HTTPWire
import TestSupport
import Testing

/// A small seeded fuzz run: the parser never traps, and what it accepts holds to the rules.
struct HTTPParserMutationTests {
    private static let corpus = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /flags/br/br.gif?a=b HTTP/1.1\r\nHost: localhost:8001\r\nAccept: */*\r\n\r\n",
        "HEAD /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:1\r\nConnection: close, TE\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nExpect: 100-continue\r\n\r\n",
        "\r\nGET http://a:80/b?c HTTP/1.1\r\nHost: a:80\r\nX-Long: 0123456789abcdef\t0\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\nIf-None-Match: \"a\", W/\"b\"\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let pieces = [
        "\r\n", "\n", "\r", " ", "\t", ":", ",", "\0", "\u{7f}", "\u{e9}", "Host: y\r\n", "/", "?",
        "Content-Length: 5\r\n", "Content-Length:\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "\r\n\r\n", "0", "-1",
        "chunked", "http://", "[", "]", "%", "%00", "*", "99999999999999999999", "close",
    ].map { Array($0.utf8) }

    private func mutated(_ generator: inout TestGenerator) -> [UInt8] {
        var bytes = generator.element(of: Self.corpus)
        for _ in 0...generator.next(below: 3) {
            let place = generator.next(below: bytes.count + 1)
            let end = min(bytes.count, place + 1 + generator.next(below: 8))
            switch generator.next(below: 6) {
            case 0: bytes.insert(contentsOf: generator.element(of: Self.pieces), at: place)
            case 1: bytes.insert(UInt8(generator.next(below: 256)), at: place)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 4: if place < bytes.count { bytes[place] = UInt8(generator.next(below: 256)) }
            default: if place < bytes.count { bytes[place] ^= 1 << generator.next(below: 8) }
            }
        }
        return bytes
    }

    @Test func `no mutated head is accepted against the rules`() {
        var generator = TestGenerator(seed: 9112)
        var (accepted, refused, waiting) = (0, 0, 0)
        for _ in 0..<20_000 {
            let bytes = mutated(&generator)
            do {
                guard let parsed = try ParsedHead.parse(bytes) else {
                    waiting += 1
                    continue
                }
                accepted += 1
                if let problem = Self.problem(of: parsed, in: bytes) {
                    Issue.record("\(problem): \(String(decoding: bytes, as: UTF8.self))")
                }
            } catch {
                refused += 1
                let statuses: Set<UInt16> = [400, 414, 431, 501, 505]
                #expect(statuses.contains(error.status.code) && !error.description.isEmpty)
            }
        }
        // The run is worth something only if it meets all three.
        #expect(accepted > 2000 && refused > 2000 && waiting > 200)
    }

    /// What a slow reading of RFC 9112 has against an accepted head; nil if nothing.
    private static func problem(of parsed: ParsedHead, in bytes: [UInt8]) -> String? {
        let head = Array(parsed.head.utf8)
        let source = Array(bytes.dropFirst(parsed.skipped).prefix(head.count))
        // Bytes above 0x7f may be no UTF-8, and such heads cannot be compared as text.
        guard source.allSatisfy({ $0 < 0x80 }) else { return nil }
        guard source == head, head.suffix(4).elementsEqual("\r\n\r\n".utf8) else {
            return "the head is not where it was"
        }
        guard bytes.prefix(parsed.skipped).allSatisfy({ $0 == 0x0d || $0 == 0x0a }) else {
            return "more than empty lines are skipped"
        }
        var lines = parsed.head.unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false)
        guard lines.removeLast().isEmpty, lines.allSatisfy({ $0.last == "\r" }) else {
            return "a line does not end in CRLF"
        }
        let texts = lines.map { String($0.dropLast()) }
        guard !texts.contains(where: { $0.unicodeScalars.contains { isControl($0) } }) else {
            return "a control character"
        }
        guard texts[0] == "\(parsed.methodText) \(parsed.target) HTTP/1.\(texts[0].last ?? "?")"
        else {
            return "the request line has something else"
        }
        return problem(of: parsed, fields: texts[1...].dropLast())
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\t") || scalar.value == 0x7f
    }

    private static func problem(of parsed: ParsedHead, fields: ArraySlice<String>) -> String? {
        var values: [String: [String]] = [:]
        for field in fields {
            guard let colon = field.firstIndex(of: ":"), colon > field.startIndex else {
                return "a field without a name"
            }
            let name = field[..<colon]
            guard !name.contains(where: { " \t\"(),/;<=>?@[\\]{}".contains($0) }) else {
                return "a name that is no token"
            }
            let value = field[field.index(after: colon)...]
            values[name.lowercased(), default: []].append(trimmed(value))
        }
        let hosts = values["host"]?.count ?? 0
        guard hosts == 1 || (hosts == 0 && parsed.minorVersion == 0) else {
            return "\(hosts) Hosts"
        }
        let (lengths, codings) = (values["content-length"] ?? [], values["transfer-encoding"] ?? [])
        guard lengths.count + codings.count <= 1 else { return "two framings" }
        switch parsed.body {
        case .chunked: return codings.first?.lowercased() == "chunked" ? nil : "not chunked"
        case .none:
            return codings.isEmpty && (lengths.first.map { Int($0) == 0 } ?? true)
                ? nil : "a body is overlooked"
        case .length(let count):
            return lengths.first.map { Int($0) ?? .max } == count ? nil : "another length"
        }
    }

    private static func trimmed(_ value: Substring) -> String {
        var value = value
        while let first = value.first, first == " " || first == "\t" { value.removeFirst() }
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        return String(value)
    }

    @Test func `what is accepted whole is never refused for coming in two pieces`() {
        var generator = TestGenerator(seed: 2)
        for _ in 0..<600 {
            let bytes = mutated(&generator)
            guard let parsed = try? ParsedHead.parse(bytes) else { continue }
            let end = parsed.skipped + parsed.head.utf8.count
            // A lone CR before the request line has a test of its own.
            for count in (parsed.skipped + 1)..<min(end, bytes.count) {
                #expect(refusal(of: Array(bytes[..<count])) == nil, "\(count) of \(bytes)")
            }
        }
    }
}
