import Downloading
import Records

/// The texts of the book's `flags2_common.py`, line by line.
enum GetReport {
    private static let mostListed = 10
    private static let rule = String(repeating: "-", count: 20)

    /// Before the first request.
    static func initial(_ plan: GetPlan) -> String {
        let codes = plan.codes
        let listed =
            codes.count <= mostListed
            ? codes.joined(separator: ", ") : "from \(codes[0]) to \(codes[codes.count - 1])"
        return """
            \(plan.site.label) site: \(plan.site.url)
            Searching for \(counted(codes.count, "flag")): \(listed)
            \(connections(plan))

            """
    }

    private static func connections(_ plan: GetPlan) -> String {
        if plan.connections == 1 { return "1 connection will be used." }
        let words = "\(plan.connections) concurrent connections will be used."
        return plan.concurrency == .best ? "Up to \(words)" : words
    }

    /// With `-v`, once a flag is done.
    static func line(_ result: DownloadResult) -> String {
        let words =
            switch result.outcome {
            case .ok: "OK"
            case .notFound: "not found: \(result.url)"
            case .failed(let failure): "error: \(failure.description)"
            }
        return "\(result.name) \(words)".printable + "\n"
    }

    /// After the last one.
    ///
    /// - Parameters:
    ///   - requested: how many were wanted; more than were done if it was interrupted.
    ///   - elapsed: in nanoseconds.
    static func final(_ totals: DownloadTotals, requested: Int, elapsed: UInt64) -> String {
        var lines = [rule, "\(padded(totals.ok)) flag\(plural(totals.ok)) downloaded."]
        if totals.notFound > 0 { lines.append("\(padded(totals.notFound)) not found.") }
        if totals.errors > 0 {
            lines.append("\(padded(totals.errors)) error\(plural(totals.errors)).")
        }
        let untried = requested - totals.count
        if untried > 0 { lines.append("\(padded(untried)) not tried.") }
        lines.append("Elapsed time: \(seconds(elapsed))s")
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Numbers

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(plural(count))"
    }

    private static func plural(_ count: Int) -> String { count == 1 ? "" : "s" }

    private static func padded(_ count: Int) -> String {
        let digits = "\(count)"
        return String(repeating: " ", count: max(3 - digits.count, 0)) + digits
    }

    /// With two decimals, rounded.
    private static func seconds(_ time: UInt64) -> String {
        let hundredths = time / 10_000_000 + (time % 10_000_000 >= 5_000_000 ? 1 : 0)
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
