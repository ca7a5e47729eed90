import Testing

@testable import flagserver

struct VerifyCommandTests {
    private func verify(_ status: Int, _ body: String) throws -> String {
        try output(
            FakeControlPort(["POST /verify": (status, body), "GET /proxies": (200, "{}")]),
            "verify", "count==5")
    }

    @Test func `what holds is told with its figures`() throws {
        #expect(
            try verify(
                200, #"{"verified":true,"count":5,"via":0,"forgotten":0,"peak_concurrency":3}"#)
                == "It holds: count 5, peak_concurrency 3.\n")
    }

    @Test func `what does not is told with what was found instead`() {
        let error = refusal {
            try verify(
                409,
                #"{"verified":false,"problems":["count is 4, but 5 was expected"],"count":4,"#
                    + #""records":[{"seq":1}]}"#)
        }
        #expect(error?.status == .failure)
        #expect(
            error?.reason
                == "count is 4, but 5 was expected.\nThe last that were counted:\n  {\"seq\":1}")
    }

    @Test func `a name that there is not is wrong usage, and Toxiproxy has no verify`() {
        let unknown = refusal {
            try verify(400, #"{"error":"there is no proxy 'x'.","status":400}"#)
        }
        #expect(unknown?.status == .usage)
        #expect(unknown?.reason == "there is no proxy 'x'.")
        let missing = refusal { try verify(404, "404 page not found\n") }
        #expect(missing?.status == .failure)
        #expect(
            missing?.reason
                == "http://localhost:8474 has no /verify: flagserver has it, Toxiproxy has not.")
    }
}
