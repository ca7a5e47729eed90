/// The keys of a toxic beside the attributes of its fault.
public enum ToxicKeys {
    /// Of the peer's proxies and toxics: its clients send them where they say nothing, too.
    public static let peer = [
        "name", "listen", "upstream", "enabled", "toxics", "type", "stream", "toxicity",
        "attributes", "logger",
    ]
    static let settings = [
        "name", "stream", "toxicity", "mode", "exchanges", "per", "ttl", "schedule",
    ]
    /// Of `match`.
    static let conditions = ["path", "method", "header", "client", "request"]
    /// What only a script has. Who may read files has put the text of a `file` into `steps`.
    static let script = ["steps", "variant", "file"]
    /// Parameters stand beside these, and are not called so.
    static let taken = Set(peer + settings + conditions + script + ["match", "exact"])
}
