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
    let program: ScriptProgram
    /// When its steps begin.
    public var beginning: ScriptRun.Beginning { program.beginning }
    /// Where the variant declares parameters itself, by their places among all.
    let places: [Int: (line: Int, column: Int)]

    private init(_ block: ScriptReader.Block, name: String, text: String, isOwn: Bool)
        throws(ScriptError)
    {
        let header = block.header
        self.name = block.variant.map { "\(name).\($0)" } ?? name
        (self.text, self.isOwn) = (text, isOwn)
        (sentence, note, exchanges) = (header.sentence, header.note, header.exchanges)
        parameters = header.scope.parameters.map(\.attribute)
        program = ScriptProgram(steps: block.steps, parameters: header.scope.parameters)
        try ScriptBounds(program, [:]).check()
        places = header.places
    }

    /// The program's own, in the order of the groups.
    public static let catalogue: [Script] = ScriptLibrary.scripts

    /// Largest text of a script, in bytes.
    public static let maximumText = 65_536

    /// Reads a script of somebody's own: all variants of it.
    ///
    /// - Throws: the first mistake, with its place.
    public static func read(_ text: String, name: String = "script") throws(ScriptError) -> [Script]
    {
        try read(text, name: name, isOwn: false)
    }

    /// Reads a file.
    ///
    /// - Throws: the first mistake, with its place; also if it is no text.
    public static func read(
        _ bytes: UnsafeRawBufferPointer, name: String = "script"
    ) throws(ScriptError) -> [Script] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScriptError(line: line(of: bytes), column: 1, "This is not text: it is no UTF-8.")
        }
        return try read(text, name: name, isOwn: false)
    }

    static func read(
        _ text: String, name: String, isOwn: Bool
    ) throws(ScriptError) -> [Script] {
        var scripts: [Script] = []
        for block in try ScriptReader.read(text) {
            scripts.append(try Script(block, name: name, text: text, isOwn: isOwn))
        }
        return scripts
    }

    /// Whether it can be done with such values: what it may send and how often.
    ///
    /// - Parameter arguments: in base units; those that are absent have their default.
    /// - Throws: what is too much.
    public func check(_ arguments: [String: Quantity]) throws(FaultError) {
        do throws(ScriptError) {
            try ScriptBounds(program, arguments).check()
        } catch {
            throw FaultError("\(name): \(error.message)")
        }
    }

    /// The first line that is no UTF-8, from 1.
    private static func line(of bytes: UnsafeRawBufferPointer) -> Int {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let wrong = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (wrong ?? 0) + 1
    }
}
