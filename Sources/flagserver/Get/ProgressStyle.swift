/// What a terminal can show.
struct ProgressStyle: Equatable {
    /// Blocks and eighths of them instead of `#`.
    let usesBlocks: Bool
    let usesColor: Bool

    init(usesBlocks: Bool, usesColor: Bool) {
        (self.usesBlocks, self.usesColor) = (usesBlocks, usesColor)
    }

    /// As the surroundings say: the locale's encoding (POSIX.1-2024 §8.2), `NO_COLOR`
    /// (<https://no-color.org>), and a terminal that calls itself dumb.
    ///
    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    init(variable: (String) -> String?) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable)
            .first { !$0.isEmpty }
        let encoding = (locale ?? "").lowercased()
        let isPlain = variable("NO_COLOR").map { !$0.isEmpty } ?? false
        self.init(
            usesBlocks: encoding.contains("utf-8") || encoding.contains("utf8"),
            usesColor: !isPlain && variable("TERM") != "dumb")
    }
}
