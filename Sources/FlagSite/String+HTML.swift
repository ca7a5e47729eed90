extension String {
    /// As text of an HTML page, or as a value in quotes.
    public var asHTML: String {
        var result = ""
        // A mark behind a special character makes one character of both, which is not special.
        for scalar in unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
