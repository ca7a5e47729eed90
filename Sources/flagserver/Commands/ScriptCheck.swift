import Faults

/// `flagserver check my.fault`: whether a script is in order.
struct ScriptCheck {
    private let file: ScriptFile
    private let variants: [Script]

    /// - Throws: `CommandLineError` 66 or 78, with the place of the first mistake.
    init(_ path: String) throws {
        file = try ScriptFile(path)
        do throws(ScriptError) {
            variants = try Script.read(file.text)
        } catch {
            throw file.located(error)
        }
    }

    /// A file by its name; one that is called otherwise if a step stands behind a blank line.
    static func isScript(_ path: String) -> Bool {
        if path.hasSuffix(".fault") { return true }
        // What is read from a pipe to be looked at is gone.
        guard WholeFile.isRegular(path),
            ![".yaml", ".yml", ".json"].contains(where: path.hasSuffix),
            let bytes = try? WholeFile.read(path, maximumSize: Script.maximumText)
        else { return false }
        let lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.isEmpty }.contains { line in
            let word = line.prefix { $0 != " " && $0 != "\r" }
            return verbs.contains(String(word)) && !line.contains(":")
        }
    }

    /// Those that nearly every script has one of.
    private static let verbs: Set = [
        "head", "body", "chunk", "send", "hex", "fill", "fin", "rst", "half", "silence",
    ]

    /// What is told of it.
    var found: (line: String, warnings: [String]) {
        let names = variants.compactMap(\.variant)
        let parts =
            [names.isEmpty ? nil : Check.count(names.count, "variant", "variants")]
            + [parameters]
        let counts = parts.compactMap(\.self).map { ", \($0)" }.joined()
        let warnings = variants.flatMap(\.warnings).map { "\(file.path):\($0)" }
        var told: Set<String> = []
        return ("\(file.path): ok\(counts)", warnings.filter { told.insert($0).inserted })
    }

    private var parameters: String? {
        let names = Set(variants.flatMap { $0.parameters.map(\.name) })
        guard !names.isEmpty else { return nil }
        return Check.count(names.count, "parameter", "parameters")
            + " (\(names.sorted().joined(separator: ", ")))"
    }
}
