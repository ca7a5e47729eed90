import FlagSite

/// The page of a search, without its rows.
struct CharfinderPage {
    let search: CharacterSearch
    /// How many there are, shown or not.
    let count: Int

    /// What stands before the rows, and behind them.
    var parts: (before: [UInt8], behind: [UInt8]) {
        // No `<` of a query gets into the page, so there is only one such place.
        let text = Array(html.utf8)
        let mark = Array(Self.mark.utf8)
        for start in text.indices where text[start...].starts(with: mark) {
            return (Array(text[..<start]), Array(text[(start + mark.count)...]))
        }
        return (text, [])
    }

    private static let mark = "<!--rows-->"

    private var html: String {
        let query = search.query.asSafeHTML
        return HTMLPage.text(
            title: query.isEmpty ? "charfinder" : "\(query) – charfinder", style: Self.style,
            main: """
                <h1>Charfinder</h1>
                <form action="/" role="search">
                <label>Words of a character's name \
                <input type="search" name="query" value="\(query)"></label>
                <button>Find</button>
                </form>
                <p>Sample words: \(Self.links)</p>
                <p id="status" role="status">\(status.asHTML)</p>
                \(table)
                """, foot: next == nil ? "" : "<script>\n\(Self.script)\n</script>\n")
    }

    private var status: String {
        guard !search.query.isEmpty else { return "Enter words describing characters." }
        let status = CharfinderEdition.first.status(count, search.query)
        let rows = search.rows(of: count)
        guard !rows.isEmpty, rows.count < count else { return status }
        return "\(status), \(rows.lowerBound + 1) to \(rows.upperBound)"
    }

    private var table: String {
        guard !search.query.isEmpty else { return Self.mark }
        let more = next.map {
            """

            <p><a id="more" href="\($0.asHTML)">more</a>, \
            <a href="\(search.target(start: 0, stop: "all").asHTML)">all \(count)</a></p>
            """
        }
        return """
            <table>
            <thead><tr><td>Code</td><td>Character</td><td>Name</td></tr></thead>
            <tbody>
            \(Self.mark)</tbody>
            </table>\(more ?? "")
            """
    }

    /// Where the next rows are; nil if there are none.
    private var next: String? {
        let end = search.rows(of: count).upperBound
        return end < count && search.start < count ? search.target(start: end) : nil
    }

    private static let links = CharfinderSite.samples.map {
        "<a href=\"/?query=\($0)\" title=\"find &quot;\($0)&quot;\">\($0)</a>"
    }.joined(separator: ", ")

    private static let style = """
        thead td { color: var(--faint); }
        tbody th { color: var(--text); font-size: 1.6rem; line-height: 1.2; }
        td:first-child { font-family: monospace; width: 6rem; }
        """

    /// The next rows come when the end is seen; what goes wrong is told, and a click tries again.
    private static let script = """
        "use strict";
        const more = document.getElementById("more");
        let isAsking = false;
        async function ask() {
          if (isAsking) return;
          isAsking = true;
          try {
            const answer = await fetch(more.href);
            if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            document.querySelector("tbody").append(...page.querySelectorAll("tbody tr"));
            const next = page.getElementById("more");
            more.textContent = "more";
            if (next) more.setAttribute("href", next.getAttribute("href"));
            else more.parentElement.remove();
            document.getElementById("status").textContent = "";
            isAsking = false;
            if (next) { seen.unobserve(more); seen.observe(more); }
          } catch (error) {
            more.textContent = `more (${error.message})`;
            isAsking = false;
          }
        }
        const seen = new IntersectionObserver(
          entries => { if (entries.some(entry => entry.isIntersecting)) ask(); },
          { rootMargin: "600px" });
        more.addEventListener("click", event => { event.preventDefault(); ask(); });
        seen.observe(more);
        """
}

extension String {
    /// As HTML, with what could turn the text around it, or nobody sees, by its number. Some have
    /// no number there that stands for them (HTML, "numeric character reference end state").
    fileprivate var asSafeHTML: String {
        unicodeScalars.map { scalar in
            switch scalar {
            case "\0", "\u{80}"..."\u{9f}": "\u{fffd}"
            case let scalar where scalar == " " || scalar.isSeen: String(scalar).asHTML
            case let scalar: "&#x\(String(scalar.value, radix: 16));"
            }
        }.joined()
    }
}
