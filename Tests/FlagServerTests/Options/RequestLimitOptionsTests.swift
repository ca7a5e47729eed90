import ChaosProxy
import Testing

@testable import flagserver

@Suite struct RequestLimitOptionsTests {
    private func limits(_ arguments: [String]) throws -> RequestLimits {
        try settings(arguments).limits
    }

    @Test func `without options nothing is limited`() throws {
        #expect(try limits([]) == RequestLimits())
        #expect(try settings([]).maxConnections == nil)
    }

    @Test func `each limit is read`() throws {
        let limits = try limits([
            "--max-concurrency", "5", "--rate", "2", "--max-connections", "7", "--over-limit",
            "429", "--max-concurrency-per-client", "3",
        ])
        #expect(limits.maxConcurrencyPerClient == 3)
        #expect(limits.maxConcurrency == 5)
        #expect(limits.rate == 2)
        #expect(limits.maxConnections == 7)
        #expect(limits.overLimit == .respond(429))
    }

    @Test(
        arguments: zip(
            ["10", "0.5", "10/s", "600/m", "3600/h", ".5", "1/M"],
            [10, 0.5, 10, 10, 1, 0.5, 1.0 / 60]))
    func `a rate is a number of requests in some time`(text: String, rate: Double) throws {
        #expect(try limits(["--rate", text]).rate == rate)
    }

    @Test(
        arguments: zip(
            ["503", "429", "queue", "close", "QUEUE"],
            [.respond(503), .respond(429), .queue, .close, .queue] as [RequestLimits.OverLimit]))
    func `who is over a limit meets one of four`(
        text: String, overLimit: RequestLimits.OverLimit
    ) throws {
        for limit in [
            "--max-concurrency=1", "--max-concurrency-per-client=1", "--rate=1",
            "--max-connections=1",
        ] {
            #expect(try limits([limit, "--over-limit", text]).overLimit == overLimit)
        }
    }

    private static let rate = "Write 10, 10/s, 0.5 or 600/m."

    @Test(arguments: [
        ("--max-concurrency=0", "--max-concurrency 0 would accept nobody."),
        ("--max-concurrency=-5", "--max-concurrency -5 would accept nobody."),
        (
            "--max-concurrency=5.5",
            "--max-concurrency 5.5 is no whole number. Did you mean 5?"
        ),
        (
            "--max-concurrency=1_000",
            "--max-concurrency 1_000 is no whole number. Did you mean 1000?"
        ),
        ("--max-concurrency=five", "--max-concurrency five is no whole number. Write 5, or 100."),
        ("--max-concurrency=1000001", "--max-concurrency 1000001 is more than a million."),
        (
            "--max-concurrency=99999999999999999999",
            "--max-concurrency 99999999999999999999 is more than a million."
        ),
        ("--max-connections=0", "--max-connections 0 would accept nobody."),
        ("--max-connections=many", "--max-connections many is no whole number. Write 5, or 100."),
        ("--rate=0", "--rate 0 would let nobody in. \(rate)"),
        ("--rate=0/m", "--rate 0/m would let nobody in. \(rate)"),
        ("--rate=-1", "--rate -1 would let nobody in. \(rate)"),
        ("--rate=fast", "--rate fast is no rate of requests. \(rate)"),
        ("--rate=10/d", "--rate 10/d is no rate of requests. \(rate)"),
        ("--rate=10/s/s", "--rate 10/s/s is no rate of requests. \(rate)"),
        (
            "--rate=1000000001",
            "--rate 1000000001 is more than anyone can send. Leave it out for no limit."
        ),
        (
            "--over-limit=queue",
            "--over-limit queue without a limit says nothing. Give one: --max-concurrency 5."
        ),
        (
            "--over-limit=queu",
            "--over-limit queu: write 503, 429, queue or close. Did you mean 'queue'?"
        ),
        (
            "--over-limit=500",
            "--over-limit 500: write 503, 429, queue or close. Did you mean '503'?"
        ),
    ])
    func `what is no limit is refused with what to write`(argument: String, message: String) {
        let error = refusal { try limits([argument]) }
        #expect(error?.status == .usage)
        #expect(error?.description == message)
    }
}
