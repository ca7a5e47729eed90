import CTexts

/// A page that needs nothing but itself, and looks like all of ours: like that of the control port,
/// with which it shares `look.css`.
public enum HTMLPage {
    /// - Parameters:
    ///   - title: as HTML.
    ///   - head: what else stands in its head, as lines of HTML.
    ///   - style: what no other page has, as CSS.
    ///   - main: as HTML, with its one `h1` first.
    ///   - foot: what stands behind it, as lines of HTML.
    public static func text(
        title: String, head: String = "", style: String = "", main: String, foot: String = ""
    ) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        \(head)<title>\(title)</title>
        <style>
        \(look)\(style)
        </style>
        </head>
        <body>
        <main>
        \(main)
        </main>
        \(foot)</body>
        </html>

        """
    }

    /// Colours, type, tables and fields, for light and dark.
    static let look: String = {
        var file = page_first()
        while let name = file.pointee.name, String(cString: name) != "look.css" { file += 1 }
        let content = UnsafeRawBufferPointer(start: file.pointee.content, count: file.pointee.count)
        return String(decoding: content, as: UTF8.self)
    }()
}
