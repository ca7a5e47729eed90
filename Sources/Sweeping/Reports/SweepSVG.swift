/// A sweep as a picture that stands alone: no script, nothing fetched, light or dark as its reader
/// likes.
public enum SweepSVG {
    /// Reports that are drawn; those behind them are left out.
    private static let most = 64
    private static let margin: Double = 16

    public static func text(_ report: SweepReport) -> String { text([report]) }

    /// Several stand side by side, two in a row, each with axes of its own.
    public static func text(_ reports: [SweepReport]) -> String {
        let reports = reports.prefix(most)
        let across = max(min(reports.count, 2), 1)
        let down = max((reports.count + 1) / 2, 1)
        let (width, height) = (SweepPanel.width, SweepPanel.height)
        let size = (
            width: Double(across) * width + margin, height: Double(down) * height + margin
        )
        let panels = reports.enumerated().map { index, report in
            let x = Double(index % across) * width + margin / 2
            let y = Double(index / across) * height + margin / 2
            return "<g transform=\"translate(\(SVG.number(x)) \(SVG.number(y)))\">\n"
                + SweepPanel(report: report).text + "</g>\n"
        }
        return opening(size) + words(Array(reports)) + style
            + "<rect class=\"ground\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n"
            + panels.joined() + "</svg>\n"
    }

    private static func opening(_ size: (width: Double, height: Double)) -> String {
        let (width, height) = (SVG.number(size.width), SVG.number(size.height))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
            width="\(width)" height="\(height)" role="img" \
            aria-labelledby="sweep-title sweep-description">

            """
    }

    private static func words(_ reports: [SweepReport]) -> String {
        let names = reports.map(\.name).joined(separator: ", ")
        let sentences = reports.map { report in
            "\(report.name): \(report.sentence) \(SweepPanel.found(report))"
        }
        return "<title id=\"sweep-title\">Rate over concurrent downloads: \(SVG.escaped(names))"
            + "</title>\n<desc id=\"sweep-description\">"
            + SVG.escaped(sentences.joined(separator: " ")) + "</desc>\n"
    }

    private static let style = """
        <style>
          text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
          .name { font-size: 14px; font-weight: bold }
          .quiet { font-size: 11px; fill: #57606a }
          .ground { fill: #ffffff }
          .grid { stroke: #d8dee4; stroke-width: 1 }
          .axis { stroke: #57606a; stroke-width: 1 }
          .ideal { fill: none; stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 2 4 }
          .model { fill: none; stroke: #bc4c00; stroke-width: 2 }
          .knee { stroke: #8250df; stroke-width: 1.5; stroke-dasharray: 6 4 }
          .whisker { fill: none; stroke: #0969da; stroke-width: 1.5 }
          .point { fill: #0969da }
          .recommended { fill: none; stroke: #1a7f37; stroke-width: 2 }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 }
            .quiet { fill: #9198a1 }
            .ground { fill: #0d1117 }
            .grid { stroke: #30363d }
            .axis, .ideal { stroke: #9198a1 }
            .model { stroke: #f0883e }
            .knee { stroke: #bc8cff }
            .whisker { stroke: #58a6ff }
            .point { fill: #58a6ff }
            .recommended { stroke: #3fb950 }
          }
        </style>

        """
}
