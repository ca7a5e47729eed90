import Faults
import HTTPWire

/// A fault as the page of FAULT tells it.
struct FaultRow {
    /// What it is called in a URL.
    let name: String
    /// One sentence.
    let summary: String
    let note: FaultNote
    /// `at=40% where it ends`
    let parameters: [Parameter]
    /// As it is written in a URL, with an example of its parameters; nil where a URL cannot have
    /// it, for it acts before one is there.
    let segment: String?
    /// As it is written for `--toxic`.
    let toxic: String

    struct Parameter {
        let name: String
        /// With its unit.
        let standard: String
        let summary: String
    }

    init(_ type: FaultType) {
        // Whoever tries it wants to see it, each time.
        let words = type.example(on: FlagServer.fault.rawValue).split(separator: " ")
            .filter { !$0.hasPrefix("toxicity=") }.joined(separator: " ")
        (name, summary, note, toxic) = (type.rawValue, type.summary, type.note, words)
        segment = type.standsInPaths ? Self.segment(words) : nil
        parameters = type.attributes.map {
            Parameter(name: $0.name, standard: $0.written($0.defaultQuantity), summary: $0.summary)
        }
    }

    /// In the order in which people are told of them: those that hurt the stream first.
    static var all: [FaultRow] { FaultType.allCases.map(FaultRow.init) }

    /// `fault:latency latency=200ms` as `latency;latency=200ms`.
    private static func segment(_ words: String) -> String {
        words.dropFirst(FlagServer.fault.rawValue.count + 1).split(separator: " ").map { word in
            let plain = word.hasSuffix("/s") ? word.dropLast(2) : word
            let parts = plain.split(separator: "=", maxSplits: 1).map { part in
                // A sign of per cent before what is no digit means itself.
                String(part).split(separator: "%", omittingEmptySubsequences: false)
                    .map { PercentCoding.encodeComponent(String($0)) }.joined(separator: "%25")
            }
            return parts.joined(separator: "=")
        }.joined(separator: ";")
    }

    /// A line that can be pasted.
    ///
    /// - Parameters:
    ///   - authority: where FAULT is.
    ///   - example: the path of a file.
    func command(_ authority: String, _ example: String) -> String {
        guard let segment else { return "flagserver --toxic '\(toxic)'" }
        let file = example.split(separator: "/").last.map { " -o \($0)" } ?? ""
        let options = note.needs.map(Self.option).sorted().joined()
        let isHead = note.needs.contains(.head)
        let url = "http://\(authority)/\(segment)\(example)"
        return "curl\(options)\(isHead ? "" : file) '\(url)'"
            + (note.needs.contains(.reuse) ? "\(file) '\(url)'" : "")
    }

    private static func option(_ need: FaultNote.Need) -> String {
        switch need {
        case .redirect: " -L"
        case .gzip: " --compressed"
        case .range: " -r 100-"
        case .head: " -I"
        case .ipv6: " -6"
        case .reuse: ""
        }
    }
}

extension FaultNote.Outcome {
    /// What a good client does on it, for people.
    var words: String {
        switch self {
        case .error: "an error, or another attempt that succeeds"
        case .accept: "the right bytes"
        case .end: "an end, whatever is said"
        case .observe: "anything but a crash"
        }
    }
}

extension FaultNote.Group {
    var words: String {
        switch self {
        case .listener: "Before a connection is there"
        case .connection: "The connection"
        case .head: "The head of the answer"
        case .interim: "Interim answers"
        case .redirect: "Redirects"
        case .body: "The body"
        case .chunks: "Chunked coding"
        case .coding: "Content coding"
        case .range: "Ranges"
        case .reuse: "A connection that is used again"
        case .names: "What a name server answers (--dns)"
        }
    }
}
