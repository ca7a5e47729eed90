import Glibc

/// A downloader's command line, with places for what differs from case to case.
struct CommandTemplate: Equatable {
    /// What may stand anywhere in a word.
    enum Place: String, CaseIterable {
        case url = "{url}"
        /// Another one, on the same connection if that is still good.
        case url2 = "{url2}"
        case out = "{out}"
        case out2 = "{out2}"
    }

    /// As they were typed.
    let words: [String]
    /// The same, with files of the folder where it was typed by their whole paths: it will run in
    /// another one.
    private let resolved: [String]

    /// - Parameters:
    ///   - words: at least one.
    ///   - isFile: whether a path, from where it was typed, is a file.
    ///   - folder: where it was typed; nil if that is not known.
    init(_ words: [String], folder: String?, isFile: (String) -> Bool) {
        self.words = words
        resolved = words.enumerated().map { index, word in
            guard let folder, !word.hasPrefix("/"), !word.hasPrefix("-"), !word.isEmpty,
                Place.allCases.allSatisfy({ !word.contains($0.rawValue) }),
                // A program without a slash is looked for in PATH.
                index > 0 || word.contains("/"), isFile(word)
            else { return word }
            return "\(folder)/\(word)"
        }
    }

    /// Typed here.
    init(_ words: [String]) {
        let folder = getcwd(nil, 0).map { path in
            defer { free(path) }
            return String(cString: path)
        }
        self.init(words, folder: folder) { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }

    private func has(_ place: Place) -> Bool { words.contains { $0.contains(place.rawValue) } }

    var hasURL: Bool { has(.url) }
    var hasOut: Bool { has(.out) }
    /// Whether it makes two requests, and saves both.
    var hasSecond: Bool { has(.url2) && has(.out2) && has(.out) }
    var hasAnySecond: Bool { has(.url2) || has(.out2) }

    /// With everything in its place.
    func filled(_ values: [Place: String]) -> [String] {
        resolved.map { word in
            Place.allCases.reduce(word) { word, place in
                word.replacing(place.rawValue, with: values[place] ?? "")
            }
        }
    }

    // MARK: Who it is

    /// A script that an interpreter is given first, `get.py`; nil: there is none.
    private var script: String? {
        guard words.count > 1, words[1] != resolved[1] || words[1].hasPrefix("/") else {
            return nil
        }
        return words[1]
    }

    /// What it is called: its script, or its program.
    var name: String {
        let file = (script ?? words[0]).split(separator: "/").last.map(String.init) ?? words[0]
        let stem = file.split(separator: ".", omittingEmptySubsequences: false).dropLast()
        return script == nil || stem.joined().isEmpty ? file : stem.joined(separator: ".")
    }

    /// What may say its version: of an interpreter, the script.
    var versionCommand: CommandTemplate {
        CommandTemplate(asIs: resolved.prefix(script == nil ? 1 : 2) + ["--version"])
    }

    private init(asIs words: [String]) { (self.words, resolved) = (words, words) }
}
