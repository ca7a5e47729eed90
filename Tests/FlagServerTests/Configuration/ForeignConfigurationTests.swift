import Testing

@testable import flagserver

/// What was given in the place of a configuration file says what it is.
@Suite struct ForeignConfigurationTests {
    /// A byte for each scalar.
    private static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    private static let starts: [(String, String)] = [
        ("GIF89a\u{1}\0", "a GIF image"), ("\u{89}PNG\r\n", "a PNG image"),
        ("\u{ff}\u{d8}\u{ff}\u{e0}", "a JPEG image"), ("%PDF-1.4\n", "a PDF document"),
        ("\u{7f}ELF\u{2}\u{1}", "a program"),
        ("\u{1f}\u{8b}\u{8}\0", "a gzip archive"),
        ("PK\u{3}\u{4}\0", "a zip archive"), ("<!DOCTYPE html>\n", "a web page"),
        ("<html>\n", "a web page"), ("<?xml version=\"1.0\"?>\n", "an XML document"),
        ("\u{ff}\u{fe}s\0", "UTF-16 text"), ("\u{fe}\u{ff}\0s", "UTF-16 text"),
        ("s\0e\0", "UTF-16 text"), ("\0s\0e", "UTF-16 text"),
    ]

    @Test(arguments: starts)
    func `a foreign file says what it is`(start: String, kind: String) {
        let error = refusal {
            try ConfigurationSyntax.parse(Self.bytes(start), path: "c.yaml")
        }
        #expect(error?.status == .configuration)
        #expect(
            error?.line
                == "c.yaml:1:1: error: this is \(kind) and no configuration, which is YAML or JSON "
                + "in UTF-8.")
    }

    @Test func `one that is too large says what it is as well`() throws {
        let folder = TemporaryDirectory()
        let filler = String(repeating: "0", count: ConfigurationSyntax.maximumSize)
        let (image, text) = ("\(folder.path)/x.gif", "\(folder.path)/x.txt")
        try folder.write("x.gif", "GIF89a" + filler)
        try folder.write("x.txt", filler + " ")
        #expect(
            refusal { try Configuration(path: image) }?.line
                == "\(image):1:1: error: this is a GIF image and no configuration, which is YAML "
                + "or JSON in UTF-8.")
        #expect(
            refusal { try Configuration(path: text) }?.line
                == "error: configuration file '\(text)' cannot be read: it is larger than 1 MiB.")
    }

    @Test(arguments: ["", "s", "seed: 1\n", "<<: {}", "\0\0", "\u{ef}\u{bb}\u{bf}x"])
    func `anything else is read`(start: String) {
        #expect(ForeignFile.kind(of: Self.bytes(start)) == nil)
    }

    @Test func `a directory is told with a file in it`() throws {
        let folder = TemporaryDirectory()
        #expect(
            refusal { try Configuration(path: folder.path) }?.line
                == "error: configuration file '\(folder.path)' is a directory.")
        try folder.write("notes.txt", "")
        try folder.write("servers.yml", "")
        #expect(
            refusal { try Configuration(path: folder.path) }?.line
                == "error: configuration file '\(folder.path)' is a directory. "
                + "Did you mean '\(folder.path)/servers.yml'?")
    }
}
