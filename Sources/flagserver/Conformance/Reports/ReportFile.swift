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

    /// Whether it can be written: before a run, and not only behind it.
    ///
    /// - Throws: `CommandLineError` 73.
    func check() throws {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard access(access(path, F_OK) == 0 ? path : folder, W_OK) == 0 else {
            throw refusal(String(cString: strerror(errno)))
        }
    }

    private func refusal(_ reason: String) -> CommandLineError {
        CommandLineError(.cannotWrite, "cannot write the report '\(path)': \(reason).")
    }

    /// Replaces the file as a whole.
    ///
    /// - Throws: `CommandLineError` 73.
    func write(_ text: String) throws {
        do {
            try CaseFolder.write(Array(text.utf8), to: path)
        } catch {
            throw refusal(error.description)
        }
    }
}
