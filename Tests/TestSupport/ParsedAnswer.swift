/// A response as a client sees it.
public struct ParsedAnswer: Equatable, Sendable {
    public var status: Int
    public var fields: [String]
    public var body: String

    /// The value of a field; nil if it is absent or repeated.
    public subscript(name: String) -> String? {
        let start = name.lowercased() + ": "
        let values = fields.filter { $0.lowercased().hasPrefix(start) }
        return values.count == 1 ? String(values[0].dropFirst(start.count)) : nil
    }

    /// What does not parse as a sequence of responses.
    public struct Malformed: Error {
        public let rest: String
    }

    /// The responses in `text`, which ends where the last of them does.
    ///
    /// - Parameter heads: positions of the answers to HEAD, from 0; 1xx count.
    public static func all(
        _ text: String, heads: Set<Int> = []
    ) throws(Malformed) -> [ParsedAnswer] {
        var rest = Array(text.utf8)[...]
        var answers: [ParsedAnswer] = []
        while !rest.isEmpty {
            let isHead = heads.contains(answers.count)
            guard let answer = next(&rest, isHead: isHead) else {
                throw Malformed(rest: String(decoding: rest, as: UTF8.self))
            }
            answers.append(answer)
        }
        return answers
    }

    private static func next(_ rest: inout ArraySlice<UInt8>, isHead: Bool) -> ParsedAnswer? {
        let mark = Array("\r\n\r\n".utf8)
        guard let end = rest.indices.first(where: { rest[$0...].starts(with: mark) }) else {
            return nil
        }
        let head = String(decoding: rest[..<end], as: UTF8.self)
        var lines = head.split(separator: "\r\n").map(String.init)
        let words = lines.removeFirst().split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            return nil
        }
        var answer = ParsedAnswer(status: status, fields: lines, body: "")
        rest = rest[(end + 4)...]
        let hasBody = !isHead && status >= 200 && status != 204 && status != 304
        let count = hasBody ? answer["Content-Length"].flatMap { Int($0) } : 0
        guard let count, count <= rest.count else { return nil }
        answer.body = String(decoding: rest.prefix(count), as: UTF8.self)
        rest = rest.dropFirst(count)
        return answer
    }
}
