import ArgumentParser

/// The two editions of *Fluent Python*: presets of ports and fault model, nothing more.
enum Edition: String, ExpressibleByArgument, CaseIterable {
    case first = "1e"
    case second = "2e"

    /// The options that the preset stands for, as they could be typed.
    var options: String {
        switch self {
        case .first:
            "--ports 8001,8002,8003,8004 --delay 0.5 --delay-rate 0.5 --error-rate 0.25 "
                + "--error-status 418,503"
        case .second:
            "--ports 8000,8001,8002,8003 --delay 0.5..5 --delay-rate 1 --error-rate 0.25 "
                + "--error-status 418"
        }
    }

    var ports: Ports { self == .first ? .firstEdition : .secondEdition }
    var delay: String { self == .first ? "0.5" : "0.5..5" }
    var delayRate: String { self == .first ? "0.5" : "1" }
    var errorStatus: String { self == .first ? "418,503" : "418" }
}
