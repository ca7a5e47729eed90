import ChaosProxy
import EventLoop
import Testing

@testable import flagserver

struct ProxyOptionTests {
    /// Name, listen and upstream text of the proxies that options ask for.
    private func proxies(_ arguments: [String]) throws -> [String] {
        try settings(arguments).proxies.map { "\($0.name) \($0.listen) \($0.upstream)" }
    }

    @Test(arguments: [
        ("9000=db:5432", "proxy9000 localhost:9000 db:5432"),
        ("db=9000=db.internal:5432", "db localhost:9000 db.internal:5432"),
        ("127.0.0.1:9000=db:5432", "proxy9000 127.0.0.1:9000 db:5432"),
        ("db=127.0.0.1:9000=db:5432", "db 127.0.0.1:9000 db:5432"),
        ("[::1]:9000=[2001:db8::7]:80", "proxy9000 [::1]:9000 [2001:db8::7]:80"),
        ("0=db:5432", "proxy0 localhost:0 db:5432"),
        ("a=localhost:0=my_host-1.test:65535", "a localhost:0 my_host-1.test:65535"),
    ])
    func `a proxy is a name, where it listens and its backend`(
        text: String, expected: String
    ) throws {
        #expect(try proxies(["--proxy", text]) == [expected])
    }

    @Test func `a port alone listens where --bind says`() throws {
        let proxy = ["--proxy", "9000=db:1"]
        #expect(try proxies(["--bind", "all"] + proxy) == ["proxy9000 [::]:9000 db:1"])
        #expect(try proxies(["--bind", "192.0.2.7"] + proxy) == ["proxy9000 192.0.2.7:9000 db:1"])
        #expect(try proxies(["--bind", "::1"] + proxy) == ["proxy9000 [::1]:9000 db:1"])
    }

    @Test func `any number of them, on one protocol, with one mix`() throws {
        let arguments = [
            "--proxy", "9000=a:1", "--proxy", "b=9001=b:2", "--protocol", "Redis",
            "--behavior", "25:error,50:delay", "--toxic", "b:timeout",
        ]
        let proxies = try settings(arguments).proxies
        #expect(proxies.map(\.name) == ["proxy9000", "b"])
        #expect(proxies.map(\.protocol) == [.redis, .redis])
        #expect(
            proxies.map { $0.mix?.description } == Array(repeating: "25:error,50:delay", count: 2))
        #expect(proxies.map { $0.toxics.map(\.name) } == [[], ["timeout_downstream"]])
        #expect(proxies.map(\.isEnabled) == [true, true])
    }

    @Test func `errors of a mix are the protocol's own, or rubbish on tcp`() throws {
        func error(_ name: String) throws -> [String] {
            let arguments = ["--proxy", "9000=a:1", "--behavior", "error", "--protocol", name]
            let parts = try settings(arguments).proxies[0].mix?.parts ?? []
            return parts.flatMap(\.toxics).map(\.fault.type.rawValue)
        }
        #expect(try error("tcp") == ["corrupt"])
        #expect(try error("http") == ["respond"])
        #expect(try error("mysql") == ["respond"])
    }

    static let refusals: [(String, String)] = [
        ("9000", "--proxy 9000 is no listen address with a backend. "),
        ("a=b=c=d", "--proxy a=b=c=d is no listen address with a backend. "),
        ("x=db:1", "--proxy x=db:1: 'x' is no port or address to listen on. "),
        ("65536=db:1", "--proxy 65536=db:1: '65536' is no port or address to listen on. "),
        ("::1:9000=db:1", "--proxy ::1:9000=db:1: '::1:9000' is no port or address to listen on. "),
        ("9000=db", "--proxy 9000=db: 'db' is no backend. "),
        ("9000=db:0", "--proxy 9000=db:0: 'db:0' is no backend. "),
        ("9000=:80", "--proxy 9000=:80: ':80' is no backend. "),
        ("9000=http://db:80", "--proxy 9000=http://db:80: 'http://db:80' is no backend. "),
        ("9000=[db]:80", "--proxy 9000=[db]:80: '[db]:80' is no backend. "),
    ]

    @Test(arguments: refusals)
    func `what is no proxy is refused with a pattern`(text: String, message: String) {
        let error = refusal { try settings(["--proxy", text]) }
        #expect(error?.status == .usage)
        #expect(
            error?.description == message
                + "Write 9000=db:5432, 127.0.0.1:9000=db:5432 or db=9000=[::1]:5432.")
    }

    @Test func `a name is plain, its own and no flag server's`() {
        for name in ["a:b", "a/b", "a b", ""] {
            #expect(
                refusal { try settings(["--proxy", "\(name)=9000=db:1"]) }?.description
                    == "--proxy \(name)=9000=db:1: '\(name)' is no name. Use letters, digits, '-' "
                    + "and '_'.")
        }
        #expect(
            refusal { try settings(["--proxy", "Chaos=9000=db:1"]) }?.description
                == "--proxy Chaos=9000=db:1: 'Chaos' is one of the flag servers.")
        #expect(
            refusal { try settings(["--proxy", "0=a:1", "--proxy", "0=b:2"]) }?.description
                == "--proxy 0=b:2: there is a proxy 'proxy0' already. Write another name in front: "
                + "name=…")
    }

    @Test func `ports cannot be shared`() {
        #expect(
            refusal { try settings(["--proxy", "a=9=x:1", "--proxy", "b=9=x:1"]) }?.description
                == "--proxy b=9=x:1: another proxy listens on localhost:9.")
        #expect(
            refusal { try settings(["--proxy", "8003=x:1"]) }?.description
                == "--proxy: proxy8003 and error cannot share port 8003.")
        #expect(
            refusal { try settings(["--proxy", "8474=x:1"]) }?.description
                == "--proxy: proxy8474 and the control port cannot share port 8474.")
    }

    @Test func `a protocol that there is not is met with the nearest`() {
        #expect(
            refusal { try settings(["--protocol", "htp"]) }?.description
                == "unknown protocol 'htp' (tcp, http, redis, memcache, mysql, smtp, postgres, "
                + "charfinder). "
                + "Did you mean 'http'?")
    }

    @Test func `a bad mix says why`() {
        let error = refusal { try settings(["--behavior", "80:error,50:delay"]) }
        #expect(error?.status == .usage)
        #expect(
            error?.description == "the behavior mix adds up to 130 % (error 80, delay 50).")
    }

    @Test func `a proxy has at most 64 toxics`() throws {
        func arguments(_ count: Int) -> [String] {
            (1...count).flatMap { ["--toxic", "proxy9000:noop name=n\($0)"] }
                + ["--proxy", "9000=a:1"]
        }
        #expect(try settings(arguments(64)).proxies[0].toxics.count == 64)
        #expect(
            refusal { try settings(arguments(65)) }?.description
                == "proxy 'proxy9000' has more than 64 toxics.")
    }
}
