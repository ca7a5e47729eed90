internal import CLibevent
import Glibc

/// libevent's resolver with the system's settings.
///
/// It exists while something is asked and a moment longer, so that nothing of it stays awake: a
/// resolver at rest would go on probing servers that have failed. It keeps itself alive until
/// then, because it cannot be freed in its own callback.
final class NameServers: Wakeable {
    private static let restNanoseconds: UInt64 = 100_000_000
    /// Its warnings would go to stderr; what matters reaches the completion.
    private static let silence: Void = evdns_set_log_fn { _, _ in }

    let loop: EventLoop
    private(set) var base: OpaquePointer?
    /// Whether there is a file that names them, and it cannot be read.
    let isUnreadable: Bool
    private var questions = 0
    private var keeper: NameServers?

    /// - Returns: nil if there is no memory.
    init?(on loop: EventLoop, configuration: String, hosts: String) {
        _ = Self.silence
        base = evdns_base_new(loop.base, 0)
        self.loop = loop
        guard let base else {
            isUnreadable = false
            return nil
        }
        evdns_base_load_hosts(base, hosts)
        let parts =
            DNS_OPTION_NAMESERVERS | DNS_OPTION_NAMESERVERS_NO_DEFAULT | DNS_OPTION_SEARCH
            | DNS_OPTION_MISC
        let result = evdns_base_resolv_conf_parse(base, parts, configuration)
        // All but 6, "no name servers listed".
        isUnreadable = (1...5).contains(result) && access(configuration, F_OK) == 0
        // Three tries fit into the resolver's timeout, and so does the wait for the second family;
        // no probes of servers that fail.
        let options = [
            ("timeout:", "1"), ("attempts:", "3"), ("max-timeouts:", "255"),
            ("initial-probe-timeout:", "3600"), ("getaddrinfo-allow-skew:", "1"),
        ]
        for (name, value) in options { evdns_base_set_option(base, name, value) }
    }

    deinit {
        if let base { evdns_base_free(base, 0) }
    }

    var isOpen: Bool { base != nil }
    /// How many servers are configured.
    var count: Int { base.map { Int(evdns_base_count_nameservers($0)) } ?? 0 }

    func begin() {
        loop.cancel(self)
        keeper = self
        questions += 1
    }

    func end() {
        questions -= 1
        if questions == 0 { loop.schedule(self, at: loop.now + Self.restNanoseconds) }
    }

    /// Nothing is asked any more. What libevent had still to call back came before this timer.
    override func due(at now: UInt64) {
        if let base { evdns_base_free(base, 0) }
        base = nil
        keeper = nil
    }
}
