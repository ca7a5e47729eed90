/// What is to be downloaded: which codes, and how many of them.
struct CountryCodes: Equatable {
    /// The 20 most populous countries of the book's first edition.
    static let mostPopulous = [
        "BD", "BR", "CD", "CN", "DE", "EG", "ET", "FR", "ID", "IN", "IR", "JP", "MX", "NG", "PH",
        "PK", "RU", "TR", "US", "VN",
    ]
    private static let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map {
        String(Unicode.Scalar($0))
    }

    /// In the order of the alphabet, each once.
    let sorted: [String]

    /// As the book's `expand_cc_args`: `-e` is stronger than `-a`, and `-a` than what is named.
    ///
    /// - Parameters:
    ///   - every: all 676.
    ///   - all: those of `countries`.
    ///   - named: one or two letters each, in any case; none: the 20 most populous.
    ///   - countries: the codes that there are flags for.
    ///   - limit: how many of the first are kept; at least 1.
    init(
        every: Bool, all: Bool, named: [String], countries: [String], limit: Int
    ) throws(GetUsageError) {
        var codes: Set<String> = []
        if every {
            codes.formUnion(Self.letters.flatMap(Self.beginning))
        } else if all {
            codes.formUnion(countries.map { $0.uppercased() })
        } else {
            for name in named { codes.formUnion(try Self.meant(by: name)) }
        }
        let found = codes.isEmpty ? Self.mostPopulous : codes.sorted()
        sorted = Array(found.prefix(max(limit, 1)))
    }

    private static func meant(by name: String) throws(GetUsageError) -> [String] {
        // Of letters beyond these, some become two.
        let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
        let code = name.uppercased()
        let isLetters = isASCII && code.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 }
        guard isLetters, (1...2).contains(code.utf8.count) else {
            throw GetUsageError("each CC argument must be A to Z or AA to ZZ.")
        }
        return code.utf8.count == 1 ? beginning(with: code) : [code]
    }

    private static func beginning(with letter: String) -> [String] {
        letters.map { letter + $0 }
    }
}
