import Faults
import HTTPWire

/// The head of a message with some fields left out, and others in place of those that it had.
enum ChangedHead {
    /// A request as a script wants it asked.
    ///
    /// - Parameter target: asked for instead; nil: the same.
    static func request(
        _ head: UnsafeRawBufferPointer, _ question: ScriptRun.Question, target: String? = nil
    ) -> [UInt8] {
        var lines = lines(of: head)
        if let target, let first = lines.first {
            let parts = first.split(separator: 0x20, omittingEmptySubsequences: false)
            if parts.count == 3 {
                lines[0] = Array(
                    [Array(parts[0]), Array(target.utf8), Array(parts[2])]
                        .joined(separator: [0x20]))
            }
        }
        return joined(lines, dropping: question.dropped, setting: question.set)
    }

    /// A response whose content is not framed any more, and as long as it is.
    static func response(_ head: UnsafeRawBufferPointer, contentCount: Int) -> [UInt8] {
        joined(
            lines(of: head), dropping: ["transfer-encoding", "trailer"],
            setting: ["Content-Length: \(contentCount)"])
    }

    /// Without their ends, and without the empty one.
    private static func lines(of head: UnsafeRawBufferPointer) -> [[UInt8]] {
        head.split(separator: 0x0a).map { Array($0.last == 0x0d ? $0.dropLast() : $0) }
            .filter { !$0.isEmpty }
    }

    private static func joined(
        _ lines: [[UInt8]], dropping dropped: [String], setting set: [String]
    ) -> [UInt8] {
        let set = set.map { Array($0.utf8) }
        let replaced = Set(dropped + set.map(name))
        let kept = lines.dropFirst().filter { !replaced.contains(name(of: $0)) }
        let all: [[UInt8]] = Array(lines.prefix(1)) + kept + set + [[]]
        return Array(all.map { $0 + [0x0d, 0x0a] }.joined())
    }

    /// In lower case.
    private static func name(of line: [UInt8]) -> String {
        String(decoding: line.prefix(while: { $0 != 0x3a && $0 != 0x20 }), as: UTF8.self)
            .lowercased()
    }
}
