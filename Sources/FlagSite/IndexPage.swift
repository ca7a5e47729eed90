import HTTPWire

/// The page at `/flags/`: all flags as pictures and links, and whatever else lies there.
struct IndexPage {
    /// A country whose flag is shown.
    struct Country {
        let code: CountryCode
        let name: String
    }

    let countries: [Country]
    let files: [String]
    /// Which server it is and what it does; nil if nobody has said.
    var server: String?

    func file(_ loadedAt: Int64) -> FlagStore.File {
        FlagStore.File(name: "index.html", content: Bytes(html), lastModified: loadedAt)
    }

    private var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(countries.count) flags</title>
        <style>
        body { font: 16px/1.4 system-ui, sans-serif; margin: 1.5rem; }
        ul.flags { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
          gap: 1.25rem; list-style: none; padding: 0; }
        ul.flags img { width: 100%; height: 6rem; object-fit: contain;
          filter: drop-shadow(0 0 1px #777); }
        ul.flags a { color: inherit; text-decoration: none; display: block; text-align: center; }
        @media (prefers-color-scheme: dark) { body { background: #181818; color: #eee; } }
        </style>
        </head>
        <body>
        <h1>\(countries.count) flags</h1>
        \(server.map { "<p class=\"server\">\($0.asHTML)</p>\n" } ?? "")\
        <ul class="flags">
        \(countries.map(flag).joined(separator: "\n"))
        </ul>
        \(others)</body>
        </html>

        """
    }

    private func flag(_ country: Country) -> String {
        let code = country.code.description
        let name = country.name.asHTML
        return """
            <li><a href="/flags/\(code)/\(code).gif"><img src="/flags/\(code)/\(code).gif" alt="" \
            loading="lazy">\(name)</a> <a href="/flags/\(code)/metadata.json">\(code)</a></li>
            """
    }

    private var others: String {
        let codes = Set(countries.map(\.code.description))
        let names = files.filter { name in
            let parts = name.split(separator: "/")
            guard parts.count == 2, codes.contains(String(parts[0])) else { return true }
            return parts[1] != "\(parts[0]).gif" && parts[1] != "metadata.json"
        }
        guard !names.isEmpty else { return "" }
        let items = names.map {
            "<li><a href=\"\(FlagStore.path($0))\">\($0.asHTML)</a></li>"
        }
        return "<h2>Other files</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>\n"
    }
}
