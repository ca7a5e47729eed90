/// What a filter can ask about a record: its fields by their own names, and a few that are made of
/// them.
public enum QueryKey: String, CaseIterable, Sendable {
    case proxy, path, target, method, client, attempt, fault, acted, refused, status
    case delay
    case actualDelay = "actual_delay"
    case queued, duration
    case bytes
    case bytesPromised = "bytes_promised"
    case inFlight = "in_flight"
    case via, world, label, mangled, end, seq, t, conn, exchange

    /// What is behind a key, and so what can stand behind it in a filter.
    enum Kind {
        case text(QueryText)
        case fault, acted, client, refused, status, mangled, end
        case number(QueryNumber)
    }

    var kind: Kind {
        switch self {
        case .proxy: .text(.proxy)
        case .path: .text(.path)
        case .target: .text(.target)
        case .method: .text(.method)
        case .via: .text(.via)
        case .world: .text(.world)
        case .label: .text(.label)
        case .fault: .fault
        case .acted: .acted
        case .client: .client
        case .refused: .refused
        case .status: .status
        case .mangled: .mangled
        case .end: .end
        case .attempt: .number(.attempt)
        case .delay: .number(.delay)
        case .actualDelay: .number(.actualDelay)
        case .queued: .number(.queued)
        case .duration: .number(.duration)
        case .bytes: .number(.bytesSent)
        case .bytesPromised: .number(.bytesPromised)
        case .inFlight: .number(.inFlight)
        case .seq: .number(.seq)
        case .t: .number(.t)
        case .conn: .number(.conn)
        case .exchange: .number(.exchange)
        }
    }

    /// The field's name in the record, where that is another one.
    public var otherName: String? {
        switch self {
        case .delay: "delay_ms"
        case .actualDelay: "actual_delay_ms"
        case .queued: "queued_ms"
        case .duration: "duration_ms"
        case .bytes: "bytes_sent"
        case .fault: "faults"
        case .proxy, .path, .target, .method, .client, .attempt, .acted, .refused, .status,
            .bytesPromised, .inFlight, .via, .world, .label, .mangled, .end, .seq, .t, .conn,
            .exchange:
            nil
        }
    }

    /// All by which a key can be called.
    static let names: [String: QueryKey] = {
        let pairs = allCases.flatMap { key in
            [(key.rawValue, key)] + (key.otherName.map { [($0, key)] } ?? [])
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    /// By its name here or in the record.
    public init?(named name: String) {
        guard let key = Self.names[name] else { return nil }
        self = key
    }
}
