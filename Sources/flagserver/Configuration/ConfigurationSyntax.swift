/// YAML, and JSON with it, as nodes with places. What would take for ever is refused.
enum ConfigurationSyntax {
    /// Longest file in bytes.
    static let maximumSize = 1 << 20
    /// Most values once aliases are written out.
    static let maximumNodes = 100_000
    /// Lists and mappings within each other.
    static let maximumDepth = 64

    /// - Parameter path: as it was given, for messages.
    /// - Returns: nil if there is nothing in the file.
    /// - Throws: `CommandLineError` 66 if it cannot be read, 78 if it is malformed.
    static func read(_ path: String) throws -> ConfigurationNode? {
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.read(path, maximumSize: maximumSize)
        } catch {
            // Too large, and perhaps no configuration at all.
            if WholeFile.isRegular(path), let kind = ForeignFile.kind(at: path) {
                throw foreign(kind, path)
            }
            throw CommandLineError(
                .missingInput, "configuration file '\(path)' cannot be read: \(error).")
        }
        return try parse(bytes, path: path)
    }

    static func parse(_ bytes: [UInt8], path: String) throws -> ConfigurationNode? {
        if let kind = ForeignFile.kind(of: bytes) {
            throw foreign(kind, path)
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw CommandLineError(
                .configuration, "this is no UTF-8 text.", at: place(ofNonsenseIn: bytes, path))
        }
        do {
            var tree = ConfigurationTree(bytes, path: path)
            let root = try tree.root()
            return root?.isNull == true ? nil : root
        } catch let problem as YAMLProblem {
            let comment = ForeignComment(in: bytes, through: problem.mark.line)
            throw comment?.error(path) ?? problem.commandLineError(path)
        }
    }

    private static func foreign(_ kind: String, _ path: String) -> CommandLineError {
        CommandLineError(
            .configuration, "this is \(kind) and no configuration, which is YAML or JSON in UTF-8.",
            at: CommandLineError.Place(path: path, line: 1, column: 1))
    }

    /// Of the first line that is no UTF-8.
    private static func place(
        ofNonsenseIn bytes: [UInt8], _ path: String
    ) -> CommandLineError.Place {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        return CommandLineError.Place(path: path, line: index + 1, column: 1)
    }
}
