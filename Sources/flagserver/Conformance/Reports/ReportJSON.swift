import ControlAPI
import Faults
import Records

/// The report that programs read.
enum ReportJSON {
    /// Larger than any report.
    static let maximumSize = 64 << 20

    // MARK: Writing

    static func text(_ report: ConformanceReport) -> String {
        let summary = report.summary.map {
            JSONValue.Member($0.outcome.rawValue, .number("\($0.count)"))
        }
        let members = [
            "  \"client\": \(report.client.asJSON)", "  \"version\": \(report.version.asJSON)",
            "  \"seed\": \(report.seed)",
            "  \"cases\": [\n"
                + report.cases.map { "    \(JSONWriter.text(value($0)))" }
                .joined(separator: ",\n") + "\n  ]",
            "  \"summary\": \(JSONWriter.text(.object(summary)))",
        ]
        return "{\n\(members.joined(separator: ",\n"))\n}\n"
    }

    private static func value(_ result: CaseResult) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(result.name)), .init("fault", .string(result.fault)),
            .init("group", .string(result.group)),
            .init("expect", .string(result.expect.rawValue)),
            .init("level", .string(result.level.rawValue)),
            .init("outcome", .string(result.outcome.rawValue)),
            .init("exit", result.exit.map { .number("\($0)") } ?? .null),
            .init("attempts", .number("\(result.attempts)")),
            .init("seconds", .number(seconds(result.seconds))),
            .init("note", .string(result.note)), .init("rerun", .string(result.rerun)),
        ]
        if !result.wire.isEmpty {
            members.append(.init("wire", .array(result.wire.map(value))))
        }
        return .object(members)
    }

    private static func value(_ event: WireEvent) -> JSONValue {
        .object([
            .init("seconds", .number(seconds(event.seconds))),
            .init("connection", .number("\(event.connection)")),
            .init("kind", .string(event.kind.rawValue)), .init("bytes", .number("\(event.count)")),
            .init("text", .string(event.text)),
        ])
    }

    /// To the millionth.
    private static func seconds(_ seconds: Double) -> String {
        JSONFraction.text((seconds * 1e6).rounded() / 1e6)
    }

    // MARK: Reading

    /// - Throws: `CommandLineError` 78, naming the file.
    static func read(_ bytes: [UInt8], path: String) throws -> ConformanceReport {
        func refusal(_ reason: String) -> CommandLineError {
            CommandLineError(
                .configuration,
                "'\(path)' is no report of 'flagserver conformance --report FILE.json': \(reason).")
        }
        let value: JSONValue
        do {
            value = try bytes.withUnsafeBytes { try JSONReader.read($0, isWhole: true) }
        } catch {
            throw refusal("\(error)")
        }
        guard let client = value["client"]?.text, let version = value["version"]?.text,
            let seed = value["seed"]?.digits.flatMap({ UInt64($0) }),
            case .array(let cases)? = value["cases"]
        else { throw refusal("it lacks client, version, seed or cases") }
        return ConformanceReport(
            client: client, version: version, seed: seed,
            cases: try cases.enumerated().map { index, value in
                guard let result = result(value) else {
                    throw refusal(
                        "case \(index + 1) lacks something, or has words that nobody knows")
                }
                return result
            })
    }

    private static func result(_ value: JSONValue) -> CaseResult? {
        guard let name = value["name"]?.text, let fault = value["fault"]?.text,
            let group = value["group"]?.text,
            let expect = value["expect"]?.text.flatMap(FaultNote.Outcome.init),
            let level = value["level"]?.text.flatMap(FaultNote.Level.init),
            let outcome = value["outcome"]?.text.flatMap(CaseOutcome.init),
            let attempts = value["attempts"]?.digits.flatMap({ Int($0) }),
            let seconds = value["seconds"]?.digits.flatMap(Double.init),
            let note = value["note"]?.text, let rerun = value["rerun"]?.text
        else { return nil }
        return CaseResult(
            name: name, fault: fault, group: group, expect: expect, level: level,
            outcome: outcome, exit: value["exit"]?.digits.flatMap { Int32($0) },
            attempts: attempts, seconds: seconds, note: note, rerun: rerun,
            wire: (value["wire"]?.elements ?? []).compactMap(event))
    }

    private static func event(_ value: JSONValue) -> WireEvent? {
        guard let seconds = value["seconds"]?.digits.flatMap(Double.init),
            let connection = value["connection"]?.digits.flatMap({ Int($0) }),
            let kind = value["kind"]?.text.flatMap(WireEvent.Kind.init),
            let count = value["bytes"]?.digits.flatMap({ Int($0) }),
            let text = value["text"]?.text
        else { return nil }
        return WireEvent(
            seconds: seconds, connection: connection, kind: kind, count: count, text: text)
    }
}
