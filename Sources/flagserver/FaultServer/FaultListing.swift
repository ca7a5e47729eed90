/// All faults as text, for a terminal.
struct FaultListing {
    let page: FaultPage

    var text: String {
        let groups = page.groups.map { group in
            "\(group.title.uppercased())\n\n" + group.rows.map(text).joined(separator: "\n")
        }
        return """
            FAULT: the URL says what goes wrong. The fault comes first, then what is fetched:

              curl -i '\(page.url("respond;503=1"))'

            Parameters follow behind semicolons, several faults behind commas; toxicity=10% is a
            chance, exchanges=1...2 hits only the first two attempts:

              /latency;latency=2s,limit_data;bytes=4096;toxicity=10%\(page.example)

            Without any fault: /ok\(page.example)


            """ + groups.joined(separator: "\n\n")
    }

    private func text(_ row: FaultRow) -> String {
        var facts = [row.name]
        facts += row.note.level.map { [$0.rawValue] } ?? []
        facts += row.note.expect.map { ["wanted: \($0.words)"] } ?? []
        facts += row.note.sources
        var lines = [facts.joined(separator: " · "), "  \(row.summary)"]
        lines += row.parameters.map { "  \($0.name)=\($0.standard)   \($0.summary)" }
        lines += row.note.links.map { "  \($0)" }
        lines.append("  \(row.command(page.authority, page.example))")
        return lines.map { "\($0)\n" }.joined()
    }
}
