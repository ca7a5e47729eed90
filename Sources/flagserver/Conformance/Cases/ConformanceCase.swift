import Faults

/// A fault of the catalogue as a case: what is done to a client, and what a good one makes of it.
struct ConformanceCase: Equatable {
    /// How the answer comes over the wire.
    enum Delivery: String, CaseIterable {
        /// Each part of it in one write.
        case plain
        /// Cut at each boundary of the head.
        case split
        /// Byte by byte.
        case bytes

        /// What cuts it so.
        var toxics: [String] {
            switch self {
            case .plain: []
            case .split: ["slicer average_size=24B size_variation=16B delay=1ms"]
            case .bytes: ["slicer average_size=1B delay=20us"]
            }
        }
    }

    /// Who does it.
    enum Place: Equatable {
        /// The FAULT server, for the first segment of a path: `truncate;at=50%`.
        case path(String)
        /// A toxic on it, `accept-reset for=1s`: there is no request yet, or it is about the
        /// whole connection.
        case toxic(String)
    }

    let group: FaultNote.Group
    /// With its variant.
    let fault: String
    let expect: FaultNote.Outcome
    let level: FaultNote.Level
    var needs: Set<FaultNote.Need> = []
    var given: FaultNote.Given?
    let sentence: String
    let place: Place
    var delivery = Delivery.plain

    /// `body/truncate`, in another delivery `body/truncate+bytes`.
    var name: String { delivery == .plain ? plainName : "\(plainName)+\(delivery.rawValue)" }
    var plainName: String { "\(group.rawValue)/\(fault)" }

    /// Whether a client's requests can come at all.
    var isReachable: Bool { group != .listener }

    /// The same case in all deliveries. Where there is no answer, there is only one.
    var deliveries: [ConformanceCase] {
        guard isReachable else { return [self] }
        return Delivery.allCases.map { delivery in
            var other = self
            other.delivery = delivery
            return other
        }
    }

    /// What the command lacks for it, as a note; nil if it lacks nothing.
    ///
    /// - Parameter missing: what it was seen not to do.
    func lack(_ command: CommandTemplate, missing: Set<FaultNote.Need>) -> String? {
        if needs.contains(.reuse), !command.hasSecond {
            return "needs {url2} and {out2}: two requests of one run"
        }
        if given != nil, !command.hasOut { return "needs {out}, where the beginning lies already" }
        let lacking = FaultNote.Need.allCases.first { needs.contains($0) && missing.contains($0) }
        return lacking?.absence
    }
}

extension FaultNote.Need {
    /// What is said of a client that does not do it.
    var absence: String {
        switch self {
        case .redirect: "it does not follow redirects"
        case .gzip: "it does not ask for gzip"
        case .range: "it does not ask for the rest of a file that it has begun"
        case .reuse: "it does not use a connection again"
        case .head: "it sends no HEAD"
        case .ipv6: "it does not use IPv6"
        }
    }
}
