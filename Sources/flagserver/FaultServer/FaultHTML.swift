import FlagSite

/// All faults as a page that needs nothing but itself.
struct FaultHTML {
    let page: FaultPage

    var text: String {
        HTMLPage.text(
            title: "FAULT: every fault by its URL", style: Self.style,
            main: """
                <h1>Every fault by its URL</h1>
                <p>The first part of the path says what goes wrong, the rest what is fetched:</p>
                <pre>curl -i '\(page.url("respond;503=1").asHTML)'</pre>
                <p>Parameters follow behind semicolons, several faults behind commas:
                <code>/latency;latency=2s,limit_data;bytes=4096</code>. Each takes
                <code>toxicity=10%</code> (a chance) and <code>exchanges=1...2</code> (only the
                first two attempts at the same URL). Without any fault it is
                <a href="/ok\(page.example.asHTML)"><code>/ok\(page.example.asHTML)</code></a>.</p>
                <nav>\(page.groups.map(link).joined(separator: " · "))</nav>
                \(page.groups.map(section).joined(separator: "\n"))
                """)
    }

    private static let style = """
        main { max-width: 60rem; margin: auto; }
        h2 { margin-top: 2rem; }
        h3 { margin: 1.2rem 0 0; }
        p, pre, dl { margin: .3rem 0; }
        dl { font-size: .85rem; }
        """

    private func link(_ group: (title: String, rows: [FaultRow])) -> String {
        "<a href=\"#\(Self.anchor(group.title))\">\(group.title.asHTML)</a>"
    }

    private func section(_ group: (title: String, rows: [FaultRow])) -> String {
        """
        <section>
        <h2 id="\(Self.anchor(group.title))">\(group.title.asHTML)</h2>
        \(group.rows.map(article).joined(separator: "\n"))
        </section>
        """
    }

    private static func anchor(_ title: String) -> String {
        title.lowercased().replacing(" ", with: "-")
    }

    private func article(_ row: FaultRow) -> String {
        let name = row.name.asHTML
        let heading = row.segment.map {
            "<a href=\"/\($0.asHTML)\(page.example.asHTML)\"><code>\(name)</code></a>"
        }
        return """
            <article id="\(name)">
            <h3>\(heading ?? "<code>\(name)</code>")\(facts(row))</h3>
            <p>\(row.summary.asHTML)</p>
            <pre>\(row.command(page.authority, page.example).asHTML)</pre>
            \(parameters(row))\(more(row))</article>
            """
    }

    private func facts(_ row: FaultRow) -> String {
        let facts =
            (row.note.level.map { [$0.rawValue] } ?? [])
            + (row.note.expect.map { ["wanted: \($0.words)"] } ?? [])
        return facts.isEmpty ? "" : " <small>\(facts.joined(separator: " · ").asHTML)</small>"
    }

    private func parameters(_ row: FaultRow) -> String {
        guard !row.parameters.isEmpty else { return "" }
        let items = row.parameters.map {
            "<dt><code>\($0.name.asHTML)=\($0.standard.asHTML)</code></dt>"
                + "<dd>\($0.summary.asHTML)</dd>"
        }
        return "<dl>\(items.joined(separator: "\n"))</dl>\n"
    }

    /// Where it is ruled, and who has met it.
    private func more(_ row: FaultRow) -> String {
        let links = row.note.links.filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") }
        let parts =
            row.note.sources.map(\.asHTML)
            + links.map { "<a href=\"\($0.asHTML)\">\(Self.short($0).asHTML)</a>" }
        return parts.isEmpty ? "" : "<p><small>\(parts.joined(separator: " · "))</small></p>\n"
    }

    /// `curl/curl#2873`, or the address without its scheme.
    private static func short(_ link: String) -> String {
        let rest = link.split(separator: "//", maxSplits: 1).last.map(String.init) ?? link
        let host = "github.com/"
        guard rest.hasPrefix(host) else { return rest }
        return String(rest.dropFirst(host.count)).replacing("/issues/", with: "#")
            .replacing("/pull/", with: "#")
    }
}
