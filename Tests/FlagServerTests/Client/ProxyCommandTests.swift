import Testing

@testable import flagserver

struct ProxyCommandTests {
    private let port = FakeControlPort([
        "GET /proxies": (200, FakeControlPort.proxies), "POST /proxies/error": (200, "{}"),
        "DELETE /proxies/chaos": (204, ""), "POST /proxies": (201, "{}"),
        "POST /reset": (204, ""),
    ])

    @Test func `list prints what toxiproxy-cli's does`() throws {
        let lines =
            "chaos\tlocalhost:8004\t127.0.0.1:8001\tdisabled\t0\n"
            + "error\tlocalhost:8003\tflags\tenabled\t3\n"
        for word in ["list", "ls", "l", "li"] { #expect(try output(port, word) == lines) }
        #expect(try output(port, .toxiproxy, "list") == lines)
    }

    @Test func `list has columns on a terminal`() throws {
        #expect(
            try output(port, columns: 80, "list") == """
                NAME   LISTEN          UPSTREAM        ENABLED   TOXICS
                chaos  localhost:8004  127.0.0.1:8001  disabled  none
                error  localhost:8003  flags           enabled   3

                """)
    }

    @Test func `inspect prints what toxiproxy-cli's does`() throws {
        let lines =
            "respond_upstream\ttype=respond\tstream=upstream\ttoxicity=0.25\tattributes=[\t503=1"
            + "\tretry_after=1000\t]\n"
            + "slow\ttype=latency\tstream=downstream\ttoxicity=0.50\tattributes=[\tjitter=0\t"
            + "latency=500\t]\nz\ttype=foreign\tstream=upstream\ttoxicity=1.00\tattributes=["
            + "\tx=y\t]\n"
        for word in ["inspect", "i", "ins"] { #expect(try output(port, word, "error") == lines) }
    }

    @Test func `inspect has words on a terminal`() throws {
        let text = try output(port, columns: 100, "inspect", "error")
        #expect(text.hasPrefix("error  localhost:8003 → flags  enabled\n"))
        #expect(text.contains("\n  slow              downstream  50 % → "))
        #expect(text.contains("\n  z                 upstream    100 % → foreign upstream\n"))
        #expect(try output(port, columns: 100, "inspect", "chaos").contains("\nno toxics\n"))
    }

    @Test func `toggle, delete, create and reset say what they have done`() throws {
        #expect(try output(port, "toggle", "error") == "Proxy error is now disabled\n")
        #expect(port.content == #"{"enabled":false}"#)
        #expect(try output(port, "delete", "chaos") == "Deleted proxy chaos\n")
        #expect(
            try output(port, "create", "db", "-l", "localhost:9000", "--upstream", "db:5432")
                == "Created new proxy db\n")
        #expect(
            port.content
                == #"{"name":"db","listen":"localhost:9000","upstream":"db:5432","enabled":true}"#)
        #expect(try output(port, "reset") == "Reset http://localhost:8474\n")
    }

    @Test(arguments: [["inspect", "eror"], ["toggle", "eror"], ["d", "eror"]])
    func `a proxy that there is not is met with the nearest`(words: [String]) {
        let error = refusal { try output(port, words[0], words[1]) }
        #expect(error?.status == .failure)
        #expect(
            error?.reason
                == "there is no proxy 'eror' (chaos, error). Did you mean 'error'?")
    }

    @Test func `what is missing is asked for`() {
        let noName = refusal { try output(port, "inspect") }
        #expect(noName?.status == .usage)
        #expect(
            noName?.reason
                == "the proxy's name is missing. Write 'flagserver inspect <name>'; "
                + "'flagserver list' has the names.")
        #expect(
            refusal { try output(port, .toxiproxy, "create", "a", "-l", "b:1") }?.reason
                == "--upstream is missing. Write 'toxiproxy-cli create -l <host:port> -u "
                + "<host:port> <name>'.")
    }

    @Test func `who is no control port is told so`() {
        for (status, body) in [(404, "<html>"), (200, "[]"), (200, "hello"), (200, #"{"a":1}"#)] {
            let alien = FakeControlPort(["GET /proxies": (status, body)])
            let error = refusal { try output(alien, "list") }
            #expect(error?.status == .unavailable)
            #expect(
                error?.reason.hasPrefix(
                    "what answers at http://localhost:8474 is no control port of flagserver or "
                        + "Toxiproxy (") == true)
        }
    }

    @Test func `a control port that wants its token says so`() {
        let closed = FakeControlPort(["GET /proxies": (401, "This server wants its token.\n")])
        let error = refusal { try output(closed, "list") }
        #expect(error?.status == .permission)
        #expect(
            error?.reason
                == "http://localhost:8474 wants its token. Give it with --token or "
                + "FLAGSERVER_CONTROL_TOKEN.")
        let strange = FakeControlPort(["GET /proxies": (421, "This server is not called 'x'.\n")])
        #expect(
            refusal { try output(strange, "list") }?.reason
                == "http://localhost:8474 refuses: This server is not called 'x'.")
    }
}
