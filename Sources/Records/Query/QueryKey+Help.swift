import Faults

// The list of keys for people: suggestions, and the documentation.
extension QueryKey {
    /// What it asks about, in a few words.
    public var means: String {
        switch self {
        case .proxy: "which server or proxy"
        case .path: "the target without its query; ? is any one byte"
        case .target: "what was asked for, as sent, with its query"
        case .method: "the method, as sent"
        case .client: "who asked: an address or a network"
        case .attempt: "which attempt at that target, from 1"
        case .fault: "a fault that it met, by its name, its type or another name for that"
        case .acted: "whether a fault has acted: one of those that are asked for, else any"
        case .refused: "whether it was over a limit, or over which"
        case .status: "what was answered: 404, a class like 4xx, 3 of a name server, or none"
        case .delay: "the latency that was drawn, in ms"
        case .actualDelay: "how long faults held something of it, in ms"
        case .queued: "how long it waited in the queue, in ms"
        case .duration: "how long it took, in ms"
        case .bytes: "the bytes that were sent"
        case .bytesPromised: "the bytes that the head promised"
        case .inFlight: "exchanges under way when it began, itself included"
        case .via: "the proxy of ours through which it came"
        case .world: "the private world in which it was"
        case .label: "what its test calls it"
        case .mangled: "whether bytes were changed, inserted or lost on the way"
        case .end: "how the client's connection stood then"
        case .seq: "its number, over all proxies"
        case .t: "when it was over"
        case .conn: "which connection of its proxy"
        case .exchange: "which exchange on its connection, from 1"
        }
    }

    /// A term with it that can be pasted.
    public var example: String {
        switch self {
        case .proxy: "proxy:error"
        case .path: "-path:*.json"
        case .target: "target:*/br.gif?*"
        case .method: "method:GET,HEAD"
        case .client: "client:10.0.0.0/8"
        case .attempt: "attempt>1"
        case .fault: "fault:respond"
        case .acted: "acted:true"
        case .refused: "refused:true"
        case .status: "status:5xx,418"
        case .delay: "delay>400ms"
        case .actualDelay: "actual_delay>=0.5s"
        case .queued: "queued>0"
        case .duration: "duration>1s"
        case .bytes: "bytes<4kB"
        case .bytesPromised: "-bytes_promised:*"
        case .inFlight: "in_flight>=10"
        case .via: "via:chaos"
        case .world: "-world:*"
        case .label: "label:test_login*"
        case .mangled: "mangled:true"
        case .end: "end:rst,client-*"
        case .seq: "seq>917"
        case .t: "t>=2026-11-21T14:02:01Z"
        case .conn: "conn:12"
        case .exchange: "exchange:1"
        }
    }

    /// Whether it can be compared by `>`, `>=`, `<` and `<=`.
    public var isCompared: Bool {
        switch kind {
        case .number, .status: true
        case .text, .fault, .acted, .client, .refused, .mangled, .end: false
        }
    }

    /// All values that it can have, where there are few.
    public var values: [String] {
        switch kind {
        case .acted, .mangled: ["true", "false"]
        case .refused: ["true", "false"] + ExchangeRecord.Refusal.allCases.map(\.rawValue)
        case .end: ExchangeRecord.Ending.allCases.map(\.rawValue)
        case .text, .fault, .client, .status, .number: []
        }
    }

    /// What others call it, for "did you mean".
    private static let foreign: [String: QueryKey] = [
        "toxic": .fault, "toxics": .fault, "type": .fault, "code": .status, "url": .target,
        "uri": .target, "query": .target, "ip": .client, "address": .client, "server": .proxy,
        "host": .proxy, "verb": .method, "retry": .attempt, "retries": .attempt, "size": .bytes,
        "latency": .delay, "took": .duration, "elapsed": .duration, "time": .t, "test": .label,
        "ending": .end,
    ]

    /// What somebody meant who wrote `name`, with a blank in front; empty if nothing is near.
    static func hint(for name: String) -> String {
        if let key = foreign[name.lowercased()] { return " Did you mean '\(key.rawValue)'?" }
        return Suggestion.hint(for: name, in: names.keys.sorted())
    }
}
