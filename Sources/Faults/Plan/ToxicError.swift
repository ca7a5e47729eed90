/// Why a toxic cannot be read, and where: who knows the syntax finds the place.
public struct ToxicError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What a key wants of its value.
    public enum Wanted: Sendable { case text, whole, fraction, share, mapping }

    public enum Reason: Equatable, Sendable {
        /// The last key of the path.
        ///
        /// - Parameters:
        ///   - of: what has no such key.
        ///   - known: those that it has.
        case unknownKey(of: String, known: [String])
        /// nil: none is given.
        case unknownType(String?)
        case unknownStream(String)
        /// The value is of the wrong kind altogether.
        case mismatch(found: ToxicValue, wanted: Wanted)
        /// The text of a script, with the place in it.
        case script(ScriptError)
        /// Whole sentences, with the key.
        case invalid(String)
    }

    /// The keys that lead to it; empty if it is about several of the fault's attributes.
    public let path: [String]
    public let reason: Reason

    init(_ path: [String], _ reason: Reason) {
        (self.path, self.reason) = (path, reason)
    }

    /// - Parameter sentence: gets the key in front, unless it begins with it.
    init(_ path: [String], _ sentence: String) {
        let key = path.last ?? ""
        let isNamed = sentence.hasPrefix(key)
        self.init(path, .invalid(isNamed ? sentence : "\(key): \(sentence)"))
    }

    public var description: String {
        let key = path.last ?? ""
        switch reason {
        case .unknownKey(let owner, let known):
            let hint = Suggestion.hint(for: key, in: known)
            let all =
                known.isEmpty ? " There are none." : " There are \(known.joined(separator: ", "))."
            return "\(owner) has no '\(key)'.\(hint.isEmpty ? all : hint)"
        case .unknownType(nil): return "a toxic needs a type, like type: latency."
        case .unknownType(let word?):
            return "unknown toxic '\(word)'.\(Self.hint(word.lowercased())) "
                + "'flagserver toxics' lists all."
        case .unknownStream(let word):
            let hint = Suggestion.hint(for: word.lowercased(), in: ["upstream", "downstream"])
            return "stream '\(word)': write upstream or downstream.\(hint)"
        case .mismatch(_, let wanted): return "\(key) is no \(Self.words(wanted))."
        case .script(let error): return "\(key):\(error)"
        case .invalid(let sentence): return sentence
        }
    }

    /// What may be meant by a word that is no type.
    private static func hint(_ word: String) -> String {
        if Behaviour(rawValue: word) != nil {
            return " It is a behavior: --behavior 100:\(word)."
        }
        return Suggestion.hint(for: word, in: FaultType.names)
    }

    /// With what it is about in front, as the API tells it: `invalid match: …`.
    public var labelled: String {
        let subject = path.first ?? "attributes"
        if description.hasPrefix(subject) { return "invalid \(description)" }
        return "invalid \(subject == "attributes" ? "attribute" : subject): \(description)"
    }

    private static func words(_ wanted: Wanted) -> String {
        switch wanted {
        case .text: "text"
        case .whole: "whole number"
        case .fraction, .share: "number"
        case .mapping: "mapping"
        }
    }
}
