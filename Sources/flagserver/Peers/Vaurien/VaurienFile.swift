/// Vaurien's INI file: sections, `key = value`, `${VARIABLE}`, `extends`.
struct VaurienFile {
    /// Files that extend each other, at most.
    private static let maximumDepth = 8

    /// By section and key with a point between, `behavior.delay.sleep`; hyphens are underscores.
    /// A value of several lines has a comma between them.
    private(set) var values: [String: String] = [:]
    private let variable: (String) -> String?

    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    /// - Throws: `CommandLineError` 1 with file and line, as Vaurien's exit status.
    init(path: String, variable: @escaping (String) -> String?) throws {
        self.variable = variable
        try read(path, depth: 1)
    }

    private mutating func read(_ path: String, depth: Int) throws {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.read(path)
        } catch {
            throw CommandLineError(.failure, "cannot read --config '\(path)': \(error).")
        }
        var parser = Parser(path: path, variable: variable)
        try parser.parse(String(decoding: bytes, as: UTF8.self))
        // What was read before extends this file, and wins.
        values.merge(parser.values) { own, _ in own }
        for name in parser.extended {
            guard depth < Self.maximumDepth else {
                throw CommandLineError(
                    .failure, "\(path): more than \(Self.maximumDepth) files extend each other.")
            }
            try read(Self.path(name, beside: path), depth: depth + 1)
        }
    }

    private static func path(_ name: String, beside path: String) -> String {
        guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }

    // MARK: One file

    /// Line by line, as Python's ConfigParser reads.
    private struct Parser {
        let path: String
        let variable: (String) -> String?
        var values: [String: String] = [:]
        var extended: [String] = []
        private var section = ""
        private var sections: [String] = []
        private var defaults: [String: String] = [:]
        private var key = ""
        private var lines: [String] = []
        private var number = 0

        init(path: String, variable: @escaping (String) -> String?) {
            (self.path, self.variable) = (path, variable)
        }

        mutating func parse(_ text: String) throws {
            for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
                number += 1
                let content = Self.withoutComment(line)
                if content.isEmpty { continue }
                let isContinued = line.first == " " || line.first == "\t"
                if isContinued, !key.isEmpty {
                    lines.append(try value(content))
                    continue
                }
                try endValue()
                try begin(content)
            }
            try endValue()
            for section in sections {
                for (key, value) in defaults where values["\(section).\(key)"] == nil {
                    values["\(section).\(key)"] = value
                }
            }
        }

        /// A section or the first line of a value.
        private mutating func begin(_ line: String) throws {
            if line.hasPrefix("["), line.hasSuffix("]") {
                let name = line.dropFirst().dropLast().trimmed
                // `:` becomes `.`, as the documentation of Vaurien's files says.
                section = name.replacing(":", with: ".")
                if section != "DEFAULT" { sections.append(section) }
                return
            }
            guard let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                throw failure("'\(line)' is neither [section] nor key = value")
            }
            guard !section.isEmpty else { throw failure("'\(line)' stands before any [section]") }
            key = line[..<separator].trimmed.lowercased().replacing("-", with: "_")
            guard !key.isEmpty else { throw failure("'\(line)' has no key") }
            let first = line[line.index(after: separator)...].trimmed
            lines = first.isEmpty ? [] : [try value(first)]
        }

        private mutating func endValue() throws {
            guard !key.isEmpty else { return }
            defer { key = "" }
            let value = lines.map { Self.withoutComma($0) }.joined(separator: ",")
            if section == "DEFAULT" {
                if key == "extends" {
                    extended = lines
                } else {
                    defaults[key] = value
                }
            } else {
                values["\(section).\(key)"] = value
            }
        }

        /// Without its quotes, and with what the variables say.
        private func value(_ text: String) throws -> String {
            var text = text
            for quote in ["\"", "'"] where text.count >= 2 {
                if text.hasPrefix(quote), text.hasSuffix(quote) {
                    text = String(text.dropFirst().dropLast())
                    break
                }
            }
            return try substituted(text)
        }

        private func substituted(_ text: String) throws -> String {
            var (result, rest) = ("", text[...])
            while let start = rest.firstRange(of: "${"),
                let end = rest[start.upperBound...].firstIndex(of: "}")
            {
                let name = String(rest[start.upperBound..<end])
                guard let value = variable(name) else {
                    throw failure("the environment has no variable '\(name)'")
                }
                result += rest[..<start.lowerBound] + value
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }

        /// `#` and `;` begin a comment at the start of a line, `;` also behind a blank.
        private static func withoutComment(_ line: Substring) -> String {
            if let first = line.first, "#;".contains(first) { return "" }
            var end = line.endIndex
            for index in line.indices.dropFirst() where line[index] == ";" {
                let before = line[line.index(before: index)]
                if before == " " || before == "\t" {
                    end = index
                    break
                }
            }
            return line[..<end].trimmed
        }

        /// The lines of a mix may end with commas of their own.
        private static func withoutComma(_ line: String) -> String {
            line.hasSuffix(",") ? line.dropLast().trimmed : line
        }

        private func failure(_ reason: String) -> CommandLineError {
            CommandLineError(.failure, "\(path):\(number): \(reason).")
        }
    }
}
