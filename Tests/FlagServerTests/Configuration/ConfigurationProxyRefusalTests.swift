import Testing

@testable import flagserver

/// Mistakes in the proxies of a configuration file.
@Suite struct ConfigurationProxyRefusalTests {
    private func line(_ text: String) -> String? {
        let error = refusal { try Settings(configured: text) }
        #expect(error?.status == .configuration)
        return error?.line
    }

    /// A proxy with the rest of its keys in the third line.
    private func proxy(_ rest: String) -> String? {
        line("proxies:\n- {name: db, listen: 9000, upstream: \"db:1\",\n\(rest)}")
    }

    /// Of a toxic of ERROR, in the third line.
    private func toxic(_ text: String) -> String? {
        line("proxies:\n- name: error\n  toxics: [\(text)]")
    }

    @Test(arguments: [
        ("toxic: []", "3:1: error: unknown key 'toxic' in proxy 'db'. Did you mean 'toxics'?"),
        ("name: x", "3:1: error: 'name' is given twice. Keep one of them."),
        ("enabled: maybe", "3:10: error: expected true or false, found 'maybe'."),
        (
            "protocol: udp",
            "3:11: error: unknown protocol 'udp' (tcp, http, redis, memcache, mysql, "
                + "smtp, postgres, charfinder)."
        ),
        (
            "behavior: sleep",
            "3:11: error: unknown behavior 'sleep'. There are abort, blackout, "
                + "delay, dummy, error, hang and transient."
        ),
        (
            "max-concurrency: 5",
            "3:18: error: protocol tcp has no requests to limit: "
                + "max_connections is the limit of connections."
        ),
        (
            "rate: 1",
            "3:7: error: protocol tcp has no requests to limit: max_connections is the "
                + "limit of connections."
        ),
        (
            "protocol: http, rate: often",
            "3:23: error: rate often is no rate of requests. Write 10, "
                + "10/s, 0.5 or 600/m."
        ),
        (
            "protocol: http, over-limit: queue",
            "3:29: error: over-limit of proxy 'db' says nothing "
                + "without a limit. Give one: max-concurrency: 5."
        ),
        ("max_connections: 0", "3:18: error: max-connections 0 would accept nobody."),
        (
            "toxics: {type: noop}",
            "3:9: error: expected a list, found a mapping. Begin each of its elements with '- '."
        ),
        (
            "toxics: [noop]",
            "3:10: error: expected a toxic like {type: latency, latency: 200ms}, "
                + "found 'noop'."
        ),
        (
            "toxics: [{name: a}]",
            "3:10: error: a toxic of proxy 'db' needs a type, like type: "
                + "latency."
        ),
        (
            "toxics: [{type: respond}]",
            "3:17: error: protocol tcp has no errors to respond with; "
                + "these have: http, redis, memcache, mysql, smtp, postgres, charfinder."
        ),
        (
            "toxics: [{type: noop, match: {path: /a}}]",
            "3:30: error: path, method "
                + "and header need protocol http; here client and request can be matched."
        ),
    ])
    func `a proxy more`(rest: String, message: String) {
        #expect(proxy(rest) == "c.yaml:" + message)
    }

    @Test(arguments: [
        (
            "{listen: 1, upstream: a:1}",
            "1:11: error: a proxy needs a name. Write name: db, or name:"
                + " error for that server."
        ),
        ("{name: NO}", "1:18: error: expected text, found the Boolean NO. Quote it: \"NO\"."),
        ("{name: \"\"}", "1:18: error: '' is no name. Use letters, digits, '-' and '_'."),
        ("{name: db}", "1:18: error: proxy 'db' needs listen, like listen: 9000."),
        (
            "{name: db, listen: 9000}",
            "1:18: error: proxy 'db' needs upstream, like upstream: "
                + "\"localhost:5432\"."
        ),
        (
            "{name: db, listen: 99999, upstream: \"a:1\"}",
            "1:30: error: '99999' is no port or "
                + "address to listen on. Write 9000, 127.0.0.1:9000 or \"[::1]:9000\"."
        ),
        (
            "{name: db, listen: \"host.test:1\", upstream: \"a:1\"}",
            "1:30: error: 'host.test:1' is "
                + "no port or address to listen on. Write 9000, 127.0.0.1:9000 or \"[::1]:9000\"."
        ),
        (
            "{name: db, listen: 9000, upstream: here}",
            "1:46: error: 'here' is no backend. Write "
                + "\"localhost:5432\" or \"[::1]:5432\"."
        ),
        (
            "{name: db, listen: 9000, upstream: \"a:0\"}",
            "1:46: error: 'a:0' is no backend. Write "
                + "\"localhost:5432\" or \"[::1]:5432\"."
        ),
        (
            "{name: error, listen: 9003}",
            "1:25: error: 'listen' cannot be said of ERROR, a flag "
                + "server. Use ports: {error: 9001} for its port, or give this proxy another name."
        ),
        (
            "{name: chaos, upstream: \"a:1\"}",
            "1:25: error: 'upstream' cannot be said of CHAOS, a "
                + "flag server. Use ports: {chaos: 9001} for its port, or give this proxy another "
                + "name."
        ),
        (
            "{name: Delay, enabled: false}",
            "1:25: error: enabled: false cannot be said of DELAY, a "
                + "flag server. Write ports: {delay: off}."
        ),
        (
            "{name: error, over-limit: 429}",
            "1:18: error: over-limit of proxy 'error' says nothing "
                + "without a limit. Give one: max-concurrency: 5."
        ),
        (
            "{name: a, listen: 9000, upstream: \"a:1\"}, {name: a, listen: 9001, "
                + "upstream: \"a:1\"}",
            "1:60: error: there is a proxy 'a' already."
        ),
        ("{name: error}, {name: ERROR}", "1:33: error: there is a proxy 'error' already."),
        (
            "{name: a, listen: 9000, upstream: \"a:1\"}, {name: b, listen: \":9000\", upstream: "
                + "\"a:1\"}", "1:60: error: proxies 'a' and 'b' cannot share port 9000."
        ),
        (
            "{name: a, listen: 8003, upstream: \"a:1\"}",
            "1:18: error: proxy 'a' and error cannot "
                + "share port 8003."
        ),
        (
            "{name: a, listen: 8474, upstream: \"a:1\"}",
            "1:18: error: proxy 'a' and the control port "
                + "cannot share port 8474."
        ),
    ])
    func `where a proxy is, and which`(text: String, message: String) {
        #expect(line("proxies: [\(text)]") == "c.yaml:" + message)
    }

    @Test(arguments: [
        ("9000", "9000", true), ("9000", "127.0.0.1:9000", true), ("[::1]:9000", "9000", true),
        ("127.0.0.2:9000", "127.0.0.2:9000", true), ("0.0.0.0:9000", "127.0.0.2:9000", true),
        ("127.0.0.2:9000", "[::]:9000", true), ("9000", "9001", false), ("0", "0", false),
        ("9000", "127.0.0.2:9000", false), ("127.0.0.1:9000", "127.0.0.2:9000", false),
        ("127.0.0.1:9000", "[::1]:9000", false),
    ])
    func `two proxies can share a port only if they share no address`(
        left: String, right: String, isRefused: Bool
    ) throws {
        let text = """
            proxies:
            - {name: a, listen: "\(left)", upstream: "a:1"}
            - {name: c, listen: "9002", upstream: "a:1"}
            - {name: b, listen: "\(right)", upstream: "a:1"}
            """
        guard isRefused else {
            #expect(try Settings(configured: text).proxies.count == 3)
            return
        }
        #expect(
            line(text) == "c.yaml:4:10: error: proxies 'a' and 'b' cannot share port 9000.")
    }

    @Test func `proxies of the command line count too`() {
        let text = "proxies: [{name: a, listen: 9000, upstream: \"a:1\"}]"
        #expect(
            refusal { try Settings(configured: text, ["--proxy", "a=9001=b:1"]) }?.line
                == "c.yaml:1:18: error: there is a --proxy 'a', too.")
        #expect(
            refusal { try Settings(configured: text, ["--proxy", "b=9000=b:1"]) }?.line
                == "c.yaml:1:18: error: proxy 'a' and b cannot share port 9000.")
    }

    @Test(arguments: [
        (
            "{type: latancy}",
            "3:19: error: unknown toxic 'latancy'. Did you mean 'latency'? "
                + "'flagserver toxics' lists all."
        ),
        (
            "{type: latency, latency: 200}",
            "3:37: error: latency: a time needs a unit. Did you mean "
                + "200ms, or 200s?"
        ),
        (
            "{type: latency, jiter: 1s}",
            "3:28: error: unknown key 'jiter' in toxic 'latency' of "
                + "proxy 'error'. Did you mean 'jitter'?"
        ),
        (
            "{type: noop, toxicity: 25}",
            "3:35: error: toxicity: '25' is not a probability. Write "
                + "0.25 or 25%."
        ),
        ("{type: noop, stream: up}", "3:33: error: stream 'up': write upstream or downstream."),
        (
            "{type: respond, stream: downstream}",
            "3:36: error: respond answers in place of the "
                + "upstream: its stream is upstream."
        ),
        (
            "{type: noop, exchanges: often}",
            "3:36: error: exchanges 'often' is not a "
                + "range. Write 1...2, 5..., 3 or every 4."
        ),
        (
            "{type: noop, per: target}",
            "3:30: error: per says how exchanges are counted, "
                + "which are missing."
        ),
        (
            "{type: noop, exchanges: 1, per: day}",
            "3:44: error: per 'day': write target, proxy, match, client or header."
        ),
        (
            "{type: noop, exchanges: 1, per: header, match: {path: /a}}",
            "3:44: error: per header counts each value of the header in match, which has none. "
                + "Add header: x-test to match."
        ),
        (
            "{type: noop, match: {pth: /a}}",
            "3:33: error: unknown key 'pth' in match of toxic "
                + "'noop' of proxy 'error'. Did you mean 'path'?"
        ),
        (
            "{type: noop, match: {client: here}}",
            "3:41: error: client 'here' is no address and no "
                + "network. Write 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32."
        ),
        (
            "{type: noop, match: {client: 10.0.0.0/08}}",
            "3:41: error: client '10.0.0.0/08' is no address and no network. Write 127.0.0.1, "
                + "10.0.0.0/8 or 2001:db8::/32."
        ),
        (
            "{type: noop, match: {path: \"\"}}",
            "3:39: error: path is empty and would match nothing. Leave it out to match all."
        ),
        (
            "{type: noop, match: {header: {a: NO}}}",
            "3:45: error: expected text, found the Boolean NO. Quote it: \"NO\"."
        ),
        (
            "{type: noop, match: {header: {a: b, c: d}}}",
            "3:41: error: a toxic looks at one header "
                + "field. Write {x-test: \"a*\"}."
        ),
        (
            "{type: noop, match: {header: \": x\"}}",
            "3:41: error: header '' is no name of a field. "
                + "Write x-test, x-test:a* for some of its values, or !x-test for what must be "
                + "missing."
        ),
        (
            "{type: noop, match: /flags}",
            "3:32: error: expected a mapping like {path: "
                + "\"/flags/br/*\"}, found '/flags'."
        ),
        (
            "{type: respond, statuses: [99]}",
            "3:38: error: statuses '99' are none, each from 200 to "
                + "599. Write 418,503 or, with weights, 418=3,503=1."
        ),
        (
            "{type: respond, statuses: {503: 0}}",
            "3:38: error: respond needs a status that is "
                + "answered. Give one the weight 1, as in 503=1."
        ),
        (
            "{type: noop, statuses: [418]}",
            "3:25: error: unknown key 'statuses' in toxic 'noop' of "
                + "proxy 'error'. There are type, name, stream, toxicity, mode, exchanges, per, "
                + "ttl, schedule, match, attributes, exact, path, method, header, client, "
                + "request."
        ),
        (
            "{type: corrupt, bytes: 2000000}",
            "3:35: error: bytes 2000000 is out of range. It lies "
                + "from 0 to 1048576 B."
        ),
        (
            "{type: latency, attributes: {latency: -1.5}}",
            "3:50: error: latency: '-1.5' is not a "
                + "time. Write 200ms, 1.5s or 50us."
        ),
        (
            "{type: latency, attributes: {latency: 1.5}}",
            "3:50: error: latency 1.5 is not "
                + "a whole number of ms."
        ),
        (
            "{type: latency, attributes: {delay: 1}}",
            "3:41: error: unknown key 'delay' in toxic "
                + "'latency' of proxy 'error'. There are latency, jitter, distribution, "
                + "per_in_flight."
        ),
        (
            "{type: latency, latency: 1s, attributes: {latency: 1}}",
            "3:53: error: 'latency' is "
                + "given beside attributes, too. Keep one."
        ),
        (
            "{type: noop, name: a}, {type: noop, name: a}",
            "3:54: error: proxy 'error' has a toxic "
                + "'a' already."
        ),
    ])
    func `toxics`(text: String, message: String) {
        #expect(toxic(text) == "c.yaml:" + message)
    }

    @Test func `a proxy has at most 64 toxics`() {
        let toxics = Array(repeating: "{type: noop}", count: 65).joined(separator: ", ")
        #expect(
            toxic(toxics)?.hasSuffix("error: proxy 'error' has more than 64 toxics.") == true)
        let most = Array(repeating: "{type: noop}", count: 64).joined(separator: ", ")
        let text = "proxies: [{name: error, toxics: [\(most)]}]"
        #expect(throws: Never.self) { try Settings(configured: text) }
        let error = refusal { try Settings(configured: text, ["--toxic", "error:latency"]) }
        #expect(error?.description == "proxy 'error' has more than 64 toxics.")
    }
}
