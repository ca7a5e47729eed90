import ArgumentParser

/// The two editions of *Fluent Python*: presets of ports and fault model, nothing more.
enum Edition: String, ExpressibleByArgument, CaseIterable {
    case first = "1e"
    case second = "2e"

    /// The options that the preset stands for, with what is given beside it, as they could be
    /// typed.
    ///
    /// - Parameter ports: of each flag server in force; nil: off.
    func options(_ given: FaultOptions, ports: [(FlagServer, UInt16?)]) -> String {
        let list =
            ports.allSatisfy { $0.1 != nil }
            ? ports.map { "\($0.1 ?? 0)" } : ports.map { "\($0)=\($1.map { "\($0)" } ?? "off")" }
        return "--ports \(list.joined(separator: ",")) --delay \(given.delay ?? delay) "
            + "--delay-rate \(given.delayRate ?? delayRate) --error-rate \(given.errorRate) "
            + "--error-status \(given.errorStatus ?? errorStatus)"
    }

    var ports: Ports { self == .first ? .firstEdition : .secondEdition }
    var delay: String { self == .first ? "0.5" : "0.5..5" }
    var delayRate: String { self == .first ? "0.5" : "1" }
    var errorStatus: String { self == .first ? "418,503" : "418" }
}
