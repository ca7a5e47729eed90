/// A status, a class of them, or none at all.
public enum StatusPattern: Equatable, Sendable {
    case code(UInt16)
    /// The first digit.
    case hundreds(UInt16)
    case none

    /// Reads `404`, `4xx`, `3` (of a name server) or `none`; nil if it is something else.
    public init?(_ text: some StringProtocol) {
        if text == "none" {
            self = .none
        } else if text.lowercased().hasSuffix("xx"), text.utf8.count == 3 {
            guard let digit = text.first?.wholeNumberValue, (1...5).contains(digit) else {
                return nil
            }
            self = .hundreds(UInt16(digit))
        } else {
            guard let status = Int(text).flatMap({ RecordStatus($0) }) else { return nil }
            self = .code(status.code)
        }
    }

    /// Why a text is none.
    public static func mistake(_ text: some StringProtocol) -> String {
        "status: '\(text)' is no status like 404, no class like 4xx, no code of a name server "
            + "from 0 to 23 and not none"
    }

    public func matches(_ status: RecordStatus?) -> Bool {
        switch self {
        case .code(let code): status?.code == code
        case .hundreds(let digit): status.map { $0.code / 100 == digit } ?? false
        case .none: status == nil
        }
    }
}
