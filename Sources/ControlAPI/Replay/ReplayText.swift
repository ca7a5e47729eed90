/// Content as people may read it.
enum ReplayText {
    /// - Parameter isCut: whether content goes on behind `bytes`: the last character may then be
    ///   incomplete, and is left out.
    /// - Returns: nil for what is not UTF-8, or has control characters beside tab and line ends.
    static func text(_ bytes: [UInt8], isCut: Bool) -> String? {
        let whole = isCut ? bytes.dropLast(unfinishedCount(bytes)) : bytes[...]
        guard let text = String(validating: whole, as: UTF8.self) else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x09, 0x0a, 0x0d: true
            case 0..<0x20, 0x7f..<0xa0: false
            default: true
            }
        }
        return isPlain ? text : nil
    }

    /// How many bytes at the end begin a character that needs more.
    private static func unfinishedCount(_ bytes: [UInt8]) -> Int {
        for (index, byte) in bytes.suffix(3).reversed().enumerated() {
            let count = index + 1
            switch byte {
            case 0x80..<0xc0: continue
            case 0xc2..<0xe0: return count < 2 ? count : 0
            case 0xe0..<0xf0: return count < 3 ? count : 0
            case 0xf0..<0xf5: return count
            default: return 0
            }
        }
        return 0
    }
}
