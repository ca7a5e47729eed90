/// What files are called: by their codes, or by the countries that a server names, which are never
/// trusted as paths.
///
/// Bounded by the number of codes: it keeps the names that are taken.
struct FlagFileNames {
    /// Of the whole name, in bytes of UTF-8: file systems take 255, and `.part` comes behind it.
    static let maximumSize = 200
    private static let ending = ".gif"
    /// What separates folders somewhere, or means something else to a system or a shell.
    private static let replaced = "/\\:*?\"<>|"

    /// In lower case: some disks know no other.
    private var taken: Set<String> = []

    /// `BR.gif`
    static func plain(_ code: String) -> String { code + ending }

    /// `Côte_d'Ivoire.gif`; if that is taken, `Côte_d'Ivoire_CI.gif`.
    ///
    /// - Parameters:
    ///   - country: as the server says.
    ///   - code: two letters A...Z.
    mutating func name(of country: String, code: String) -> String {
        let word = Self.harmless(country)
        var suffix = ""
        var number = 1
        while true {
            let room = Self.maximumSize - Self.ending.utf8.count - suffix.utf8.count
            let name = (word.isEmpty ? code : Self.cut(word, to: room)) + suffix + Self.ending
            if taken.insert(name.lowercased()).inserted { return name }
            suffix = number == 1 ? "_\(code)" : "_\(code)_\(number)"
            number += 1
        }
    }

    /// - Returns: nothing if no letter or digit is left of it.
    private static func harmless(_ country: String) -> String {
        var scalars = String.UnicodeScalarView()
        // More is cut away anyway, and a server may send megabytes.
        for scalar in country.unicodeScalars.prefix(4 * maximumSize) where isVisible(scalar) {
            let isReplaced =
                scalar.properties.isWhitespace || replaced.unicodeScalars.contains(scalar)
            scalars.append(isReplaced ? "_" : scalar)
        }
        // A dot hides a file, and a dash is an option to whoever writes `rm *`.
        let name = scalars.drop { $0 == "." || $0 == "-" }
        let says = name.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        return says ? String(name) : ""
    }

    /// No control characters, no marks that turn the direction of text or join letters unseen,
    /// nothing that is no character.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }

    /// - Parameter size: in bytes of UTF-8.
    private static func cut(_ word: String, to size: Int) -> String {
        var rest = size
        return String(
            String.UnicodeScalarView(
                word.unicodeScalars.prefix { scalar in
                    rest -= UTF8.width(scalar)
                    return rest >= 0
                }))
    }
}
