public import EventLoop
import Glibc

/// What is told of a run whose command failed: how, with which seed, and the last exchanges.
public final class FailureReport {
    /// How many exchanges are told.
    static let length = 20

    private let seed: UInt64
    /// As a group that can be folded, where GitHub Actions shows it.
    private let isGrouped: Bool
    /// The last ones, oldest first.
    private var records: [ExchangeRecord] = []
    private var count = 0

    public init(seed: UInt64, isGrouped: Bool) {
        (self.seed, self.isGrouped) = (seed, isGrouped)
    }

    /// Takes notice of an exchange. One that came through CHAOS is told there.
    public func note(_ record: ExchangeRecord) {
        guard !record.isCountedElsewhere else { return }
        count += 1
        if records.count == Self.length { records.removeFirst() }
        records.append(record)
    }

    /// - Parameters:
    ///   - command: its name, as typed.
    ///   - isLate: whether it was ended because its time was over.
    ///   - width: of the terminal, in columns, on which words are told; nil for key=value.
    /// - Returns: lines with their newlines.
    public func text(
        _ command: String, _ change: ChildProcess.Change, isLate: Bool = false, width: Int? = nil
    ) -> String {
        let words = isLate ? "was ended for its time was over" : Self.words(change)
        let title = "flagserver: \(command) \(words) (seed \(seed)); \(shown)\n"
        var log = width == nil ? LogLine(.text) : LogLine(.people(hasColor: false)) { width }
        let lines = records.map { record in
            var line: [UInt8] = []
            log.append(record, to: &line)
            return String(decoding: line, as: UTF8.self)
        }
        guard isGrouped else { return title + lines.joined() }
        return "::group::\(title)\(lines.joined())::endgroup::\n"
    }

    private var shown: String {
        switch count {
        case 0: "there were no exchanges"
        case 1: "the only exchange:"
        case ...Self.length: "all \(count) exchanges:"
        default: "the last \(Self.length) of \(count) exchanges:"
        }
    }

    private static func words(_ change: ChildProcess.Change) -> String {
        switch change {
        case .exited(let status): "failed with status \(status)"
        case .killed(let signal): "was killed by signal \(signal) (\(Self.name(of: signal)))"
        case .stopped(let signal): "was stopped by signal \(signal) (\(Self.name(of: signal)))"
        }
    }

    private static func name(of signal: Int32) -> String {
        strsignal(signal).map { String(cString: $0) } ?? "unknown"
    }
}
