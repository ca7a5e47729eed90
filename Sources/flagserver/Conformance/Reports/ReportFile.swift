import Faults
import Glibc

/// `--report FILE`: what it is to be, by the end of its name.
struct ReportFile: Equatable {
    enum Format: String, CaseIterable { case json, xml, html, md }

    let path: String
    let format: Format

    /// - Parameter formats: those that can be had.
    /// - Throws: `CommandLineError` 64 for another ending.
    init(_ path: String, formats: [Format] = Format.allCases) throws {
        let ending = path.split(separator: "/").last?.split(separator: ".").dropFirst().last ?? ""
        guard let format = Format(rawValue: ending.lowercased()), formats.contains(format) else {
            let endings = formats.map { ".\($0.rawValue)" }
            throw OptionValues.usage(
                "--report \(path): the name has to end with "
                    + endings.dropLast().joined(separator: ", ") + " or \(endings.last ?? "").")
        }
        (self.path, self.format) = (path, format)
    }

    /// Replaces the file as a whole.
    ///
    /// - Throws: `CommandLineError` 73.
    func write(_ text: String) throws {
        do {
            try CaseFolder.write(Array(text.utf8), to: path)
        } catch {
            throw CommandLineError(
                .cannotWrite, "cannot write the report '\(path)': \(error.description).")
        }
    }
}
