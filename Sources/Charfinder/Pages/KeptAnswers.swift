import HTTPWire

/// Short answers that have been asked for, by their targets; all are forgotten when they are too
/// many.
struct KeptAnswers {
    /// In bytes, with what they lie in.
    static let maximumSize = 4 << 20
    /// A longer one is made anew.
    static let maximumBody = 64 << 10

    private var answers: [[UInt8]: PreparedResponse] = [:]
    private(set) var size = 0

    subscript(target: UnsafeRawBufferPointer) -> PreparedResponse? {
        answers.isEmpty ? nil : answers[Array(target)]
    }

    mutating func keep(_ answer: PreparedResponse, _ target: [UInt8]) {
        guard answer.body.count <= Self.maximumBody, answers[target] == nil else { return }
        // Its two ways of ending and the copies that are sent.
        let size = 3 * answer.count + target.count + 512
        if self.size + size > Self.maximumSize { (answers, self.size) = ([:], 0) }
        answers[target] = answer
        self.size += size
    }
}
