import Testing

@testable import flagserver

struct StatusCommandTests {
    private static let meters =
        #"{"proxies":{"error":{"in_flight":2,"peak":5,"limit":8,"requests":120,"errors":30,"#
        + #""refused":1},"chaos":{"in_flight":0,"peak":0,"limit":null,"requests":0,"errors":0,"#
        + #""refused":0}}}"#

    @Test func `a line for each proxy says what it does and what has happened`() throws {
        let port = FakeControlPort([
            "GET /proxies": (200, FakeControlPort.proxies), "GET /concurrency": (200, Self.meters),
        ])
        let lines = try output(port, "status").split(separator: "\n")
        #expect(
            lines.prefix(2) == [
                "NAME   ADDRESS         NOW  PEAK  LIMIT  REQUESTS  ERRORS  REFUSED  DOES",
                "chaos  localhost:8004    0     0      -         0       0        0  "
                    + "→ 127.0.0.1:8001, disabled",
            ])
        #expect(
            lines.last?.hasPrefix(
                "error  localhost:8003    2     5      8       120      30        1  25 % → ")
                == true)
        #expect(lines.last?.hasSuffix(", 100 % → foreign upstream") == true)
    }

    @Test func `Toxiproxy has proxies without figures`() throws {
        let port = FakeControlPort(["GET /proxies": (200, FakeControlPort.proxies)])
        #expect(
            try output(port, "status").contains(
                "\nchaos  localhost:8004    -     -      -         -       -        -  "
                    + "→ 127.0.0.1:8001, disabled\n"
            ))
        let none = FakeControlPort(["GET /proxies": (200, "{}")])
        #expect(try output(none, "status") == "http://localhost:8474 has no proxies.\n")
    }

    @Test func `as JSON it is what was read`() throws {
        let port = FakeControlPort([
            "GET /proxies": (200, "{}"), "GET /concurrency": (200, #"{"proxies":{}}"#),
        ])
        #expect(
            try output(port, "status", "--json")
                == #"{"url":"http://localhost:8474","proxies":{},"concurrency":{"proxies":{}}}"#
                + "\n")
    }
}
