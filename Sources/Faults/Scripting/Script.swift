/// A fault of an answer as a text, read and checked: one variant of a file.
public final class Script: Sendable {
    /// `truncate`, or with its variant `bad-length.negative`; of somebody's own `script`.
    public let name: String
    /// One sentence for people.
    public let sentence: String
    public let note: FaultNote
    /// Which exchanges it strikes if nothing else is said.
    public let exchanges: ExchangeRange?
    public let parameters: [Attribute]
    /// All of its file.
    public let text: String
    /// Whether it is one of the program's own.
    public let isOwn: Bool

    init(name: String, text: String) {
        (self.name, self.text, sentence, note) = (name, text, "", FaultNote())
        (exchanges, parameters, isOwn) = (nil, [], false)
    }

    /// The program's own, in the order of the groups.
    public static let catalogue: [Script] = []

    /// Largest text of a script, in bytes.
    public static let maximumText = 65_536

    /// Reads a script of somebody's own: all variants of it.
    ///
    /// - Throws: the first mistake, with its place.
    public static func read(_ text: String, name: String = "script") throws(ScriptError) -> [Script]
    {
        [Script(name: name, text: text)]
    }
}
