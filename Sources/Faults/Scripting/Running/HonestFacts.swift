import HTTPWire

/// What variables say of an honest answer.
struct HonestFacts: Sendable {
    var status = 0
    var length = 0
    var (size, first, last) = (0, 0, 0)
    var (etag, type) = ("", "")

    init() {}

    init(_ answer: HonestAnswer) {
        length = answer.body.count
        var part: (first: Int, last: Int, size: Int?)?
        for (index, line) in HeadLines.split(answer.head).enumerated() {
            if index == 0 {
                status = Int(HeadLines.text(line.dropFirst(9).prefix(3))) ?? 0
            } else if let value = HeadLines.value(of: "content-length", in: line) {
                length = Self.number(value) ?? length
            } else if let value = HeadLines.value(of: "etag", in: line) {
                etag = value
            } else if let value = HeadLines.value(of: "content-type", in: line) {
                type = value
            } else if let value = HeadLines.value(of: "content-range", in: line) {
                part = Self.part(value)
            }
        }
        (first, last) = (part?.first ?? 0, part?.last ?? max(length - 1, 0))
        size = part?.size ?? length
    }

    /// Whether it has no body for its status.
    var isBodiless: Bool { status == 204 || status == 304 || (100..<200).contains(status) }

    /// `bytes 0-9/100`
    private static func part(_ value: String) -> (first: Int, last: Int, size: Int?)? {
        let words = value.split(separator: " ")
        guard words.count == 2, words[0] == "bytes" else { return nil }
        let parts = words[1].split(separator: "/")
        let ends = parts.first?.split(separator: "-") ?? []
        guard parts.count == 2, ends.count == 2, let first = number(ends[0]),
            let last = number(ends[1])
        else { return nil }
        return (first, last, number(parts[1]))
    }

    /// As it is said by a backend, which may say anything: no sum with it is too large.
    private static func number(_ text: some StringProtocol) -> Int? {
        Int(text).map { min(max($0, 0), 1 << 53) }
    }
}
