@testable import flagserver

/// Files of configuration, YAML and JSON.
enum FuzzConfiguration {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        let text = Array(bytes)
        do {
            let root = try ConfigurationSyntax.parse(text, path: "c.yaml")
            let configuration = try Configuration(root, path: "c.yaml")
            for option in configuration.options {
                try hold(!option.argument.isEmpty && option.place.line >= 1, "an empty option")
            }
        } catch let error as CommandLineError {
            try hold(error.status == .configuration, "\(error.line) has status \(error.status)")
            try hold(!error.reason.isEmpty, "it is refused without a word")
            try checkPlace(error.place, text)
        }
    }

    /// A mistake lies in the text; the end of it is told as a line of its own.
    private static func checkPlace(_ place: CommandLineError.Place?, _ bytes: [UInt8]) throws {
        guard let place else { throw FuzzFinding(description: "a mistake lies nowhere") }
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.unicodeScalars.count {
            "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0)
        }
        try hold(
            place.line >= 1 && place.line <= lines + 2 && place.column >= 1,
            "the mistake lies at \(place)")
    }
}
