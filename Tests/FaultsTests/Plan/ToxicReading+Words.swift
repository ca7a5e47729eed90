@testable import Faults

extension ToxicReading {
    /// `type key=value …`, as on the command line.
    init(words: String) {
        let words = words.split(separator: " ")
        let fields = words.dropFirst().map { word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return ToxicField(
                parts[0].lowercased(), parts.count == 2 ? .text(String(parts[1])) : .flag(true))
        }
        self.init([ToxicField("type", .text(String(words[0])))] + fields, as: .words)
    }
}
