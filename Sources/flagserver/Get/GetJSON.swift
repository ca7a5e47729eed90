import ControlAPI
import Downloading
import Records

/// What `--json` writes: one object, with a line for each flag.
enum GetJSON {
    /// - Parameters:
    ///   - results: in the order of their names.
    ///   - elapsed: in nanoseconds.
    ///   - exit: the status that the run ends by.
    static func text(
        _ plan: GetPlan, _ results: [DownloadResult], elapsed: UInt64, exit: Int32
    ) -> String {
        let totals = DownloadTotals(results)
        let lines = results.map { "    \(JSONWriter.text(value($0)))" }
        let members = [
            "  \"site\": \(JSONWriter.text(site(plan)))",
            "  \"connections\": \(plan.connections)",
            "  \"results\": "
                + (lines.isEmpty ? "[]" : "[\n\(lines.joined(separator: ",\n"))\n  ]"),
            "  \"totals\": \(JSONWriter.text(value(totals, requested: plan.codes.count)))",
            "  \"elapsed\": \(seconds(elapsed))", "  \"exit\": \(exit)",
        ]
        return "{\n\(members.joined(separator: ",\n"))\n}\n"
    }

    private static func site(_ plan: GetPlan) -> JSONValue {
        .object([.init("label", .string(plan.site.label)), .init("url", .string(plan.site.url))])
    }

    private static func value(_ totals: DownloadTotals, requested: Int) -> JSONValue {
        .object([
            .init("requested", number(requested)), .init("ok", number(totals.ok)),
            .init("not_found", number(totals.notFound)), .init("errors", number(totals.errors)),
            .init("not_tried", number(max(requested - totals.count, 0))),
            .init("bytes", number(totals.bytes)), .init("attempts", number(totals.attempts)),
        ])
    }

    private static func value(_ result: DownloadResult) -> JSONValue {
        let (outcome, failure) = outcome(result)
        return .object([
            .init("name", .string(result.name)), .init("url", .string(result.url)),
            .init("outcome", .string(outcome)),
            .init("status", status(result).map(number) ?? .null),
            .init("kind", failure.map { .string($0.kind.rawValue) } ?? .null),
            .init("reason", failure.map { .string($0.description) } ?? .null),
            .init("file", result.file.map { .string($0) } ?? .null),
            .init("bytes", number(result.bytes)), .init("attempts", number(result.attempts)),
            .init("time", .number(seconds(result.time))),
        ])
    }

    private static func outcome(
        _ result: DownloadResult
    ) -> (word: String, failure: DownloadFailure?) {
        switch result.outcome {
        case .ok: ("ok", nil)
        case .notFound: ("not-found", nil)
        case .failed(let failure): ("error", failure)
        }
    }

    /// Of an answer that was no success; which of them a success had is not kept.
    private static func status(_ result: DownloadResult) -> Int? {
        switch result.outcome {
        case .ok: nil
        case .notFound: 404
        case .failed(let failure): failure.status
        }
    }

    private static func number(_ number: Int) -> JSONValue { .number("\(number)") }

    /// To the millionth.
    private static func seconds(_ time: UInt64) -> String {
        JSONFraction.text(Double(time / 1_000) / 1e6)
    }
}
