/// Finds the end of a line that comes in pieces, looking at each byte once.
struct LineScanner {
    private var searched = 0

    /// - Parameter start: where the line begins in `bytes`.
    /// - Returns: the line without LF or CRLF, and where the next begins; nil if it is not
    ///   complete.
    mutating func line(in bytes: UnsafeRawBufferPointer, from start: Int = 0)
        -> (text: Range<Int>, next: Int)?
    {
        var index = max(searched, start)
        while index < bytes.count, bytes[index] != 0x0a { index += 1 }
        searched = index
        guard index < bytes.count else { return nil }
        let hasReturn = index > start && bytes[index - 1] == 0x0d
        return (start..<(hasReturn ? index - 1 : index), index + 1)
    }
}
