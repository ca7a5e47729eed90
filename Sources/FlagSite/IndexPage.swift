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
        let title = "\(countries.count) flags"
        return HTMLPage.text(
            title: title, style: Self.style,
            main: """
                <h1>\(title)</h1>
                \(server.map { "<p class=\"server\">\($0.asHTML)</p>\n" } ?? "")\
                <ul class="flags">
                \(countries.map(flag).joined(separator: "\n"))
                </ul>\(others)
                """)
    }

    private static let style = """
        ul.flags { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr));
          gap: 1rem; list-style: none; padding: 0; text-align: center; }
        ul.flags img { width: 100%; height: 5.5rem; object-fit: contain;
          filter: drop-shadow(0 0 1px #777); display: block; margin-bottom: .2rem; }
        ul.flags a:first-child { color: inherit; text-decoration: none; }
        """

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
        return "\n<h2>Other files</h2>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>"
    }
}
