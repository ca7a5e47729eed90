import Testing

@testable import Sweeping

@Suite struct SweepSVGTests {
    /// The tags of a text that is well-formed XML without comments; nil if it is not.
    private func tags(_ text: String) -> [Substring]? {
        var (open, all) = ([Substring](), [Substring]())
        for part in text.split(separator: "<").map({ $0.split(separator: ">", maxSplits: 1) }) {
            guard let tag = part.first, !tag.isEmpty else { return nil }
            let name = tag.prefix { $0 != " " && $0 != "/" }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return nil }
            } else {
                guard tag.count(where: { $0 == "\"" }) % 2 == 0 else { return nil }
                all.append(name)
                if !tag.hasSuffix("/") { open.append(name) }
            }
        }
        return open.isEmpty ? all : nil
    }

    /// Each line that has such a class.
    private func lines(_ text: String, _ name: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.contains("class=\"\(name)\"") }
    }

    @Test func `points, whiskers, knee and ring stand where the axes say`() {
        let rows = [1, 2, 10].map {
            SampleSweeps.row(
                $0, rate: $0 < 10 ? Double($0) * 10 : 95, half: $0 == 1 ? .infinity : 5)
        }
        let report = SampleSweeps.report(
            rows, singleTime: 0.1, model: .bounds(time: 0.1, roof: 50), knee: .at(5),
            recommended: 10)
        let svg = SweepSVG.text(report)
        // 440 pixels for 0...10, 240 for 0...100.
        #expect(
            svg.contains(
                #"<circle class="point" cx="152" cy="244" r="3.5">"#
                    + "<title>2: 20.0 ± 5.0 flags/s</title></circle>\n"))
        #expect(
            lines(svg, "whisker") == [
                #"<path class="whisker" d="M148 232h8m-4 0V256m-4 0h8"/>"#,
                #"<path class="whisker" d="M500 52h8m-4 0V76m-4 0h8"/>"#,
            ])
        #expect(
            lines(svg, "knee") == [#"<line class="knee" x1="284" y1="52" x2="284" y2="292"/>"#])
        #expect(svg.contains(#"<text x="279" y="284" text-anchor="end">knee 5</text>"#))
        #expect(
            lines(svg, "recommended").first
                == #"<circle class="recommended" cx="504" cy="64" r="7"/>"#)
        #expect(svg.contains(#"text-anchor="middle">10</text>"#))
        #expect(svg.contains(#"<text class="quiet" x="56" y="56" text-anchor="end">100</text>"#))
        #expect(svg.contains("flags per second") && svg.contains(">concurrent downloads<"))
    }

    @Test func `the model is drawn where something was measured, the ideal where it fits`() {
        let rows = [2, 10].map { SampleSweeps.row($0, rate: Double($0) * 10, half: 0) }
        let svg = SweepSVG.text(
            SampleSweeps.report(rows, singleTime: 0.05, model: .bounds(time: 0.1, roof: 50)))
        let model = lines(svg, "model").first ?? ""
        let ideal = lines(svg, "ideal").first ?? ""
        #expect(model.hasPrefix(#"<polyline class="model" points="152,244 "#))
        #expect(model.hasSuffix(#" 504,172"/>"#))
        // 20 a second for each: the top is reached by 5.
        #expect(ideal.hasPrefix(#"<polyline class="ideal" points="64,292 "#))
        #expect(ideal.hasSuffix(#" 284,52"/>"#))
        #expect(model.split(separator: " ").count == 131)
    }

    @Test func `a whisker that leaves the picture has no bar at its end`() {
        let rows = [
            SampleSweeps.row(10, rate: 50, half: 80), SampleSweeps.row(5, rate: 10, half: 0),
        ]
        #expect(
            lines(SweepSVG.text(SampleSweeps.report(rows)), "whisker") == [
                #"<path class="whisker" d="M500 52m4 0V292"/>"#,
                #"<path class="whisker" d="M280 244h8m-4 0V244m-4 0h8"/>"#,
            ])
    }

    @Test func `without a knee the reason stands in its place`() {
        let svg = SweepSVG.text(SampleSweeps.delay)
        #expect(lines(svg, "knee").isEmpty)
        #expect(
            svg.contains(
                #"<text class="quiet" x="496" y="284" text-anchor="end">"#
                    + "no knee up to 12: every connection more brings the same</text>"))
    }

    @Test func `words that have no room in the picture are cut, to the column`() {
        func words(_ count: Int) -> String { String(repeating: "k", count: count) }
        for more in [0, 1] {
            let report = SweepReport(
                name: words(56 + more), unit: words(24 + more),
                rows: [SampleSweeps.row(1, rate: 1, half: 1)], singleTime: nil, model: nil,
                knee: .none(reason: words(64 + more)), recommended: nil,
                sentence: words(78 + more))
            func shown(_ most: Int) -> String { more == 0 ? words(most) : words(most - 1) + "…" }
            let svg = SweepSVG.text(report)
            let places = [
                #"<text class="name" x="12" y="22">\#(shown(56))</text>"#,
                #"<text class="quiet" x="12" y="40">\#(shown(24)) per second</text>"#,
                #"<text class="quiet" x="496" y="284" text-anchor="end">\#(shown(64))</text>"#,
                #"<text x="12" y="384">\#(shown(78))</text>"#,
            ]
            for place in places { #expect(svg.contains(place), "\(place)") }
        }
    }

    @Test func `several reports are small pictures in one`() {
        let svg = SweepSVG.text([
            SampleSweeps.local, SampleSweeps.delay, SampleSweeps.queue,
        ])
        #expect(
            svg.hasPrefix(
                #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1056 856" width="1056" "#
                    + #"height="856" role="img" "#
                    + #"aria-labelledby="sweep-title sweep-description">"#))
        let places = svg.split(separator: "\n").filter { $0.hasPrefix("<g ") }
        #expect(
            places == [
                #"<g transform="translate(8 8)">"#, #"<g transform="translate(528 8)">"#,
                #"<g transform="translate(8 428)">"#,
            ])
        #expect(
            svg.contains(
                #"<title id="sweep-title">Rate over concurrent downloads: LOCAL, DELAY, "#
                    + "queue of 8</title>"))
        #expect(lines(svg, "model").count == 6)
    }

    @Test func `it says in words what it shows`() {
        let svg = SweepSVG.text(SampleSweeps.local)
        #expect(
            svg.contains(
                "LOCAL: Use 64: the smallest within 5 % of the best (2217 ± 40 flags/s). "
                    + "The model: universal scalability law: 120/s for one, contention 0.02, "
                    + "coherency 0.00030. Result: knee 57.</desc>"))
        #expect(svg.contains(">ideal: N / R₁ (time of one)<"))
        #expect(svg.contains("@media (prefers-color-scheme: dark)"))
    }

    @Test func `it stands alone and holds no markup of others`() {
        let report = SampleSweeps.report(
            name: "</title><script>'\"&\u{1b}\u{0}", [SampleSweeps.row(1, rate: 1, half: 1)],
            sentence: "<b>")
        let svg = SweepSVG.text(report)
        #expect(svg.contains("&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp;"))
        let kinds = Set(tags(svg) ?? [])
        #expect(
            kinds == [
                "svg", "title", "desc", "style", "rect", "g", "text", "line", "path", "circle",
            ])
        for word in ["href", "url(", "import", " on", "\u{1b}", "\u{0}"] {
            #expect(!svg.contains(word), "\(word)")
        }
    }

    @Test func `it is well-formed, whatever was measured`() {
        for report in SampleSweeps.strange {
            let svg = SweepSVG.text(report)
            #expect(tags(svg)?.first == "svg")
            let places = ["model", "ideal", "whisker", "knee", "recommended"].flatMap {
                lines(svg, $0)
            }
            #expect(!places.contains { $0.contains("?") || $0.contains("e+") })
        }
        #expect(tags(SweepSVG.text([]))?.count == 5)
        #expect(tags(SweepSVG.text(SampleSweeps.strange))?.count(where: { $0 == "g" }) == 38)
    }

    @Test func `a long sentence is cut in the picture and whole in its words`() {
        let words = Array(repeating: "word", count: 100).joined(separator: " ")
        let svg = SweepSVG.text(
            SampleSweeps.report([SampleSweeps.row(1, rate: 1, half: 1)], sentence: words))
        let captions = svg.split(separator: "\n").filter { $0.hasPrefix(#"<text x="12""#) }
        #expect(captions.count == 3)
        #expect(captions.last?.hasSuffix("word …</text>") == true)
        #expect(svg.contains(": \(words) Result: too few rows."))
    }
}
