/// Data of a known size with CRLF behind it, as it arrives.
struct TerminatedData {
    /// With the CRLF.
    private var left: Int

    /// - Parameter count: 0...2^62 bytes.
    init(count: Int) {
        left = count + 2
    }

    var isComplete: Bool { left == 0 }

    /// - Returns: how many of `bytes` belong to it; fewer than there are if it is complete with
    ///   them, or if the next byte is not the line end that has to be there.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = min(max(left - 2, 0), bytes.count)
        left -= count
        while count < bytes.count, left > 0, bytes[count] == (left == 2 ? 0x0d : 0x0a) {
            count += 1
            left -= 1
        }
        return count
    }
}
