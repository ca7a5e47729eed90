/// An open loop's result for programs: times in seconds, rates per second.
public enum BenchJSON {
    /// One object in one line, with its newline. The latencies are `null` if the server did not
    /// keep up: then they would be no facts.
    public static func text(_ report: BenchReport) -> String {
        let object = JSONText.object([
            ("name", .string(report.name)), ("offered", .number(report.offered)),
            ("achieved", .number(report.achieved)), ("keeps_up", .bool(report.keepsUp)),
            ("planned", .integer(report.planned)), ("seconds", .number(report.seconds)),
            ("latencies", latencies(report)), ("failures", FailureCounts.json(report.failures)),
            ("sentence", .string(BenchText.sentence(report))),
        ])
        return object.text + "\n"
    }

    private static func latencies(_ report: BenchReport) -> JSONText {
        guard report.keepsUp, let latencies = report.latencies else { return .null }
        return .object(latencies.named.map { ($0.name, .number($0.seconds)) })
    }
}
