import Faults
import Glibc

/// A script of somebody's own in a file, which `script file=my.fault` names.
struct ScriptFile {
    /// As it is given, seen from where the program runs.
    let path: String
    let text: String

    /// - Throws: `CommandLineError` 66 if it cannot be read, 78 if it cannot be a script.
    init(_ path: String) throws {
        guard WholeFile.isThere(path) else { throw Self.missing(path) }
        guard !FixtureDirectory.isDirectory(path) else {
            throw CommandLineError(.missingInput, "script '\(path)' is a directory.")
        }
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.read(path)
        } catch {
            throw CommandLineError(.missingInput, "script '\(path)' cannot be read: \(error).")
        }
        let start = CommandLineError.Place(path: path, line: 1, column: 1)
        guard bytes.count <= Script.maximumText else {
            throw CommandLineError(
                .configuration,
                "this has \(bytes.count) bytes. A script has at most \(Script.maximumText).",
                at: start)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandLineError(
                .configuration,
                "this is no UTF-8 text. Write other bytes as \"\\xff\" or with hex.",
                at: start)
        }
        (self.path, self.text) = (path, text)
    }

    private static func missing(_ path: String) -> CommandLineError {
        let folder = folder(of: path)
        let names = FixtureDirectory.entries(folder.isEmpty ? "." : folder) ?? []
        let hint = Suggestion.hint(for: String(path.dropFirst(folder.count)), in: names)
        return CommandLineError(.missingInput, "script '\(path)' does not exist.\(hint)")
    }

    /// A mistake with its place in the file.
    func located(_ error: ScriptError) -> CommandLineError {
        CommandLineError(
            .configuration, error.message,
            at: CommandLineError.Place(path: path, line: error.line, column: error.column))
    }

    // MARK: In a toxic

    /// What a toxic's fields say, with the text of the file that they name in the place of its
    /// name.
    ///
    /// - Parameter folder: where names of files begin, with a slash at its end; empty for where the
    ///   program runs; nil where no file can be named.
    /// - Returns: the file, if one is named.
    static func read(
        in fields: inout [ToxicField], folder: String?
    ) throws -> ScriptFile? {
        guard let folder, let index = fields.firstIndex(where: { $0.name == "file" }),
            case .text(let name) = fields[index].value, !name.isEmpty,
            fields.contains(where: Self.isType)
        else { return nil }
        guard !fields.contains(where: { $0.name == "steps" }) else {
            throw CommandLineError(
                folder.isEmpty ? .usage : .configuration,
                "a script has a file or steps, not both. Keep one.")
        }
        let file = try ScriptFile(name.hasPrefix("/") ? name : folder + name)
        fields[index] = ToxicField("steps", .text(file.text))
        return file
    }

    private static func isType(_ field: ToxicField) -> Bool {
        guard field.name == "type", case .text(let word) = field.value else { return false }
        return FaultType(rawValue: word) == .script
    }

    /// The folder of a file, with a slash at its end; empty for the one where the program runs.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// A `--toxic` of a configuration file, with the name of its script as seen from where the
    /// program runs.
    static func rebased(_ toxic: String, folder: String) -> String {
        guard !folder.isEmpty, toxic.contains("file=") else { return toxic }
        return toxic.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let isRelative = word.hasPrefix("file=") && !word.hasPrefix("file=/")
            return isRelative ? "file=\(folder)\(word.dropFirst(5))" : String(word)
        }.joined(separator: " ")
    }
}
