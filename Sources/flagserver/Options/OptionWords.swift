/// What is said of an option's value, said of what gave it: a key of a file, or a variable.
enum OptionWords {
    /// `--delay 5x is not a time.` as `delay 5x is not a time.`; the parser's own words as well.
    ///
    /// - Parameters:
    ///   - option: its long name.
    ///   - name: what gave the value.
    /// - Returns: nil if the option is not named in `reason`, or not as what is wrong.
    static func renamed(_ reason: String, _ option: String, _ name: String) -> String? {
        if reason.hasPrefix("--\(option) ") { return name + reason.dropFirst(option.count + 2) }
        guard reason.hasPrefix("The value '"),
            let end = reason.firstRange(of: "' is invalid for '--\(option) <")
        else { return nil }
        let value = reason[..<end.lowerBound].dropFirst("The value ".count)
        let rest = reason[end.upperBound...].drop { $0 != ">" }.dropFirst(2)
        return "\(name) \(value)'" + (rest.hasPrefix(":") ? "" : " is invalid") + rest
    }
}
