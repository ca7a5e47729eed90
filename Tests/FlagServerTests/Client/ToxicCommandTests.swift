import Testing

@testable import flagserver

struct ToxicCommandTests {
    private static let made =
        #"{"attributes":{},"name":"latency_downstream","type":"latency","stream":"downstream","#
        + #""toxicity":1}"#

    private let port = FakeControlPort([
        "GET /proxies": (200, FakeControlPort.proxies),
        "POST /proxies/error/toxics": (200, made), "PATCH /proxies/error/toxics/slow": (200, "{}"),
        "PATCH /proxies/error/toxics/respond_upstream": (200, "{}"),
        "DELETE /proxies/error/toxics/slow": (204, ""),
    ])

    @Test func `add reads times with units, flags before or after the name`() throws {
        let added = "Added downstream latency toxic 'latency_downstream' on proxy 'error'\n"
        let content =
            #"{"attributes":{"latency":200,"jitter":50},"name":"latency_downstream","#
            + #""type":"latency","stream":"downstream","toxicity":1}"#
        let attributes = ["-a", "latency=200ms", "--attribute", "jitter=50ms"]
        #expect(
            try output(
                port, "toxic", "add", "-t", "latency", attributes[0], attributes[1],
                attributes[2], attributes[3], "error") == added)
        #expect(port.content == content)
        #expect(
            try output(
                port, "t", "a", "error", "--type", "latency", attributes[0], attributes[1],
                attributes[2], attributes[3]) == added)
        #expect(port.content == content)
    }

    @Test func `add takes name, stream, share and conditions`() throws {
        _ = try output(
            port, "toxic", "add", "-t", "bandwidth", "-n", "thin", "-u", "--toxicity", "25%", "-a",
            "rate=64kB/s", "-a", "path=/flags/*", "-a", "exchanges=1...2", "error")
        #expect(
            port.content
                == #"{"attributes":{"rate":64},"name":"thin","type":"bandwidth","#
                + #""stream":"upstream","toxicity":0.25,"exchanges":"1...2","#
                + #""match":{"path":"/flags/*"}}"#)
    }

    @Test func `add takes words, fields and texts`() throws {
        _ = try output(
            port, "toxic", "add", "-t", "respond", "-a", "status=429", "-a", "headers=X-A: 1",
            "-a", "headers=X-B: 2", "-a", "body=slow down", "error")
        #expect(
            port.content?.hasSuffix(
                #""toxicity":1,"headers":{"X-A":"1","X-B":"2"},"body":"slow down"}"#) == true)
        _ = try output(
            port, "toxic", "add", "-t", "latency", "-a", "latency=1s", "-a",
            "distribution=normal", "-a", "per_in_flight=10ms", "error")
        #expect(
            port.content?.hasPrefix(
                #"{"attributes":{"latency":1000,"jitter":0,"per_in_flight":10},"#) == true)
        #expect(port.content?.hasSuffix(#""toxicity":1,"distribution":"normal"}"#) == true)
    }

    @Test func `toxiproxy-cli's add sends numbers as they are`() throws {
        _ = try output(
            port, .toxiproxy, "toxic", "add", "-t", "latency", "-tox", "0.5", "-a",
            "latency=200,jitter=1.5", "-a", "word=x", "error")
        #expect(
            port.content
                == #"{"name":"","type":"latency","stream":"downstream","toxicity":0.5,"#
                + #""attributes":{"latency":200,"jitter":1.5,"word":"x"}}"#)
    }

    @Test func `update keeps what is not given, conditions too`() throws {
        #expect(
            try output(port, "toxic", "update", "-n", "slow", "-a", "latency=1s", "error")
                == "Updated toxic 'slow' on proxy 'error'\n")
        #expect(port.content == #"{"attributes":{"latency":1000,"jitter":0}}"#)
        _ = try output(
            port, "toxic", "u", "error", "-n", "respond_upstream", "--toxicity", "50%", "-a",
            "path=/b")
        #expect(port.content?.contains(#""toxicity":0.5"#) == true)
        #expect(port.content?.contains(#""match":{"path":"/b","method":"GET"}"#) == true)
        _ = try output(
            port, "toxic", "u", "error", "-n", "respond_upstream", "-a", "statuses=404")
        #expect(
            port.content?.hasPrefix(#"{"attributes":{"404":1,"retry_after":1000,"503":0},"#)
                == true)
    }

    @Test func `toxiproxy-cli's update sets the toxicity to 1 unless it is given`() throws {
        _ = try output(
            port, .toxiproxy, "t", "update", "-n", "slow", "-a", "latency=300", "error")
        #expect(port.content == #"{"attributes":{"latency":300},"toxicity":1}"#)
        _ = try output(port, .toxiproxy, "t", "u", "-n", "slow", "-tox", "0.1", "error")
        #expect(port.content == #"{"attributes":{},"toxicity":0.1}"#)
    }

    @Test(arguments: ["remove", "r", "delete", "d"])
    func `remove has its aliases`(word: String) throws {
        #expect(
            try output(port, "toxic", word, "-n", "slow", "error")
                == "Removed toxic 'slow' on proxy 'error'\n")
    }

    @Test func `a toxic that there is not is met with the nearest`() {
        #expect(
            refusal { try output(port, "toxic", "remove", "-n", "slwo", "error") }?.reason
                == "proxy 'error' has no toxic 'slwo' (respond_upstream, slow, z).")
        #expect(
            refusal { try output(port, "toxic", "remove", "-n", "slo", "error") }?.reason
                == "proxy 'error' has no toxic 'slo' (respond_upstream, slow, z). Did you mean "
                + "'slow'?")
        #expect(
            refusal { try output(port, "toxic", "update", "-n", "a", "chaos") }?.reason
                == "proxy 'chaos' has no toxic 'a' (it has none).")
    }

    @Test func `an update that changes nothing is a mistake`() {
        let error = refusal { try output(port, "toxic", "update", "-n", "slow", "error") }
        #expect(error?.status == .usage)
        #expect(
            error?.reason
                == "nothing is said to change. Write --attribute key=value or --toxicity.")
    }

    @Test func `a toxic of a type that only another program knows is not guessed at`() {
        let error = refusal { try output(port, "toxic", "update", "-n", "z", "error") }
        #expect(error?.status == .failure)
        #expect(error?.reason.contains("'foreign'") == true)
    }

    @Test func `mistakes in a toxic are named`() {
        func reason(_ arguments: String...) -> String? {
            let error = refusal {
                let words = ["toxic", "add"] + arguments + ["error"]
                let command = try FlagserverCommand.parseAsRoot(ClientWords.parsable(words))
                return try (command as? any ReportCommand)?.output(port.client())
            }
            #expect(error?.status == .usage)
            return error?.reason
        }
        #expect(
            reason("-t", "latancy")
                == "unknown toxic 'latancy'. Did you mean 'latency'? 'flagserver toxics' lists all."
        )
        #expect(reason("-t", "latency", "-a", "latency=200")?.contains("200ms") == true)
        #expect(
            reason("-t", "latency", "-a", "latncy=200ms")
                == "latency has no 'latncy'. Did you mean 'latency'?")
        #expect(
            reason("-t", "latency", "-a", "latency")
                == "--attribute 'latency' is no key=value. Write --attribute latency=200ms.")
        #expect(
            reason("-a", "latency=1s")
                == "--type is missing. Write --type latency; 'flagserver toxics' lists all.")
        #expect(
            reason("-t", "noop", "-u", "-d")
                == "a toxic acts on one stream: --upstream or --downstream.")
        #expect(reason("-t", "noop", "--toxicity", "2")?.contains("probability") == true)
        #expect(
            refusal { try output(port, "toxic", "remove", "error") }?.reason
                == "the toxic's name is missing. Write 'flagserver toxic remove -n <toxic> "
                + "<proxy>'; 'flagserver inspect <proxy>' has the names.")
    }

    @Test func `what the control port says is passed on`() {
        let busy = FakeControlPort([
            "GET /proxies": (200, FakeControlPort.proxies),
            "POST /proxies/error/toxics": (409, #"{"error":"toxic already exists","status":409}"#),
        ])
        let error = refusal { try output(busy, "toxic", "add", "-t", "noop", "error") }
        #expect(error?.status == .failure)
        #expect(error?.reason == "toxic already exists.")
    }
}
