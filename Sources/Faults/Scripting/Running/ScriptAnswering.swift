/// What has become of the answer to one request.
struct ScriptAnswering {
    var answer = HonestAnswer(head: [], body: [])
    var other: HonestAnswer?
    /// Whether there is no body because of the method or the status.
    var isBodiless = false
    var cursor = ContentCursor()
    /// Whether the head of a final answer is complete.
    var hasHead = false
    /// Whether the last head that began is one of an interim answer.
    var isInterim = false
    /// Whether its last line is empty so far; nil if no head is open.
    var isLineEmpty: Bool?

    /// Looks for the empty line that ends an open head.
    ///
    /// - Returns: how many of the bytes still belong to it.
    mutating func continueHead(_ bytes: [UInt8]) -> Int {
        guard var isEmpty = isLineEmpty else { return 0 }
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x0d: break
            case 0x0a where isEmpty:
                (isLineEmpty, hasHead) = (nil, true)
                return index + 1
            case 0x0a: isEmpty = true
            default: isEmpty = false
            }
        }
        isLineEmpty = isEmpty
        return bytes.count
    }
}
