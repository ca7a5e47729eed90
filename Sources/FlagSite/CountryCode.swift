/// Two lower-case ASCII letters, as they stand in a flag's path.
public struct CountryCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Returns: nil unless `text` is exactly two letters a...z.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 2, text.utf8.allSatisfy({ $0 &- 0x61 < 26 }) else { return nil }
        description = String(text)
    }

    public static func < (left: CountryCode, right: CountryCode) -> Bool {
        left.description < right.description
    }
}
