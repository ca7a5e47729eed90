import Faults
import Testing

@testable import flagserver

struct FlagServersTests {
    /// Toxics as text: name, stream, fault, toxicity.
    private func toxics(_ server: FlagServer, _ arguments: [String] = []) throws -> [String] {
        FlagServers.toxics(of: server, try settings(arguments)).map { toxic in
            let fault =
                switch toxic.fault {
                case .latency(let fault): "\(fault.latency)±\(fault.jitter)"
                case .respond(let respond):
                    respond.statuses.map { "\($0.status.code)=\($0.weight)" }
                        .joined(separator: ",") + " \(respond.retryAfter.map { "\($0)" } ?? "-")"
                default: toxic.fault.type.rawValue
                }
            let toxicity =
                switch toxic.toxicity {
                case .random(let probability): "\(probability.fraction)"
                case .exact(let probability): "exact \(probability.fraction)"
                }
            return "\(toxic.name) \(toxic.stream) \(fault) \(toxicity)"
        }
    }

    private func summary(_ server: FlagServer, _ arguments: [String] = []) throws -> String {
        FlagServers.summary(of: server, try settings(arguments))
    }

    // MARK: Toxics

    @Test(arguments: [[], ["--edition", "2e"], ["--error-rate", "1", "--delay-rate", "1"]])
    func `LOCAL has no toxics whatever is set`(arguments: [String]) throws {
        #expect(try toxics(.local, arguments).isEmpty)
    }

    @Test func `DELAY delays everything`() throws {
        let always = ["latency_downstream downstream 500000000±0 1.0"]
        #expect(try toxics(.delay) == always)
        #expect(try toxics(.delay, ["--delay-rate", "0"]) == always)
        #expect(try toxics(.delay, ["--error-rate", "1"]) == always)
    }

    @Test func `a delay between two is their middle with jitter`() throws {
        let middle = ["latency_downstream downstream 2750000000±2250000000 1.0"]
        #expect(try toxics(.delay, ["--edition", "2e"]) == middle)
        #expect(try toxics(.delay, ["--delay", "0.5..5"]) == middle)
        #expect(
            try toxics(.delay, ["--delay", "0..1us"])
                == ["latency_downstream downstream 500±500 1.0"])
    }

    @Test func `ERROR responds before it delays`() throws {
        #expect(
            try toxics(.error) == [
                "respond_upstream upstream 418=1,503=1 1000000000 0.25",
                "latency_downstream downstream 500000000±0 0.5",
            ])
        #expect(
            try toxics(.error, ["--edition", "2e", "--retry-after", "none"]) == [
                "respond_upstream upstream 418=1 - 0.25",
                "latency_downstream downstream 2750000000±2250000000 1.0",
            ])
    }

    @Test func `exact mode is for errors, not for delays`() throws {
        #expect(
            try toxics(.error, ["--error-mode", "exact", "--error-status", "503=3,429"]) == [
                "respond_upstream upstream 503=3,429=1 1000000000 exact 0.25",
                "latency_downstream downstream 500000000±0 0.5",
            ])
        #expect(
            try toxics(.delay, ["--error-mode", "exact"])
                == ["latency_downstream downstream 500000000±0 1.0"])
    }

    @Test func `what never happens is no toxic`() throws {
        #expect(
            try toxics(.error, ["--delay-rate", "0"])
                == ["respond_upstream upstream 418=1,503=1 1000000000 0.25"])
        #expect(
            try toxics(.error, ["--error-rate", "0"])
                == ["latency_downstream downstream 500000000±0 0.5"])
        #expect(try toxics(.error, ["--error-rate", "0", "--delay-rate", "0"]).isEmpty)
    }

    @Test func `CHAOS has ERROR's toxics by default`() throws {
        #expect(try toxics(.chaos) == toxics(.error))
        let arguments = ["--error-mode", "exact", "--delay-rate", "0"]
        #expect(try toxics(.chaos, arguments) == toxics(.error, arguments))
    }

    @Test func `a mix stands in place of CHAOS's toxics and of nobody else's`() throws {
        let arguments = ["--behavior", "25:error,50:delay"]
        #expect(try toxics(.chaos, arguments).isEmpty)
        #expect(try toxics(.error, arguments).count == 2)
        let plan = FlagServers.plan(of: .chaos, try settings(arguments))
        #expect(plan.mix?.description == "25:error,50:delay")
        #expect(FlagServers.plan(of: .error, try settings(arguments)).mix == nil)
        #expect(try summary(.chaos, arguments) == "25:error,50:delay")
    }

    @Test func `toxics that were given stand behind the server's own`() throws {
        let arguments = [
            "--toxic", "error:limit_data bytes=4096", "--toxic", "local:noop",
            "--toxic", "delay:latency name=more latency=1s stream=upstream toxicity=10%",
            "--toxic", "chaos:timeout", "--behavior", "delay",
        ]
        #expect(try toxics(.local, arguments) == ["noop_downstream downstream noop 1.0"])
        #expect(
            try toxics(.delay, arguments) == [
                "latency_downstream downstream 500000000±0 1.0",
                "more upstream 1000000000±0 0.1",
            ])
        #expect(
            try toxics(.error, arguments).map { $0.split(separator: " ")[0] }
                == ["respond_upstream", "latency_downstream", "limit_data_downstream"])
        #expect(
            try toxics(.chaos, arguments) == ["timeout_downstream downstream timeout 1.0"])
        #expect(
            try summary(.delay, arguments)
                == "0.5 s, every request, 10 % → 1 s upstream")
        #expect(try summary(.chaos, arguments) == "100 % → silence, delay")
    }

    // MARK: Draws

    /// Whether and how `plan` hurts the first attempts at a thousand targets.
    private func delays(_ plan: FaultPlan) -> [Nanoseconds] {
        (0..<1000).flatMap { target in
            plan.draw(DrawKey(target: target, attempt: 1, number: target + 1)).compactMap {
                if case .latency(let delay) = $0.effect { delay } else { nil }
            }
        }
    }

    @Test func `every drawn delay lies between the two that were asked for`() throws {
        let settings = try settings(["--edition", "2e", "--seed", "3"])
        let delays = delays(FlagServers.plan(of: .delay, settings))
        #expect(delays.count == 1000)
        #expect(delays.allSatisfy(settings.delay.contains))
        #expect(Set(delays).count > 900)
    }

    @Test func `a fixed delay is drawn to the nanosecond`() throws {
        let settings = try settings(["--delay", "0.3"])
        let delays = delays(FlagServers.plan(of: .delay, settings))
        #expect(delays == Array(repeating: 300_000_000, count: 1000))
    }

    @Test func `the seed decides and servers differ under one seed`() throws {
        let arguments = ["--delay", "0.5..5", "--delay-rate", "1"]
        let first = try settings(arguments + ["--seed", "1"])
        let again = try settings(arguments + ["--seed", "1"])
        let other = try settings(arguments + ["--seed", "2"])
        let drawn = delays(FlagServers.plan(of: .delay, first))
        #expect(drawn == delays(FlagServers.plan(of: .delay, again)))
        #expect(drawn != delays(FlagServers.plan(of: .delay, other)))
        #expect(drawn != delays(FlagServers.plan(of: .error, first)))
        let errors = delays(FlagServers.plan(of: .error, first))
        #expect(errors != delays(FlagServers.plan(of: .chaos, first)))
    }

    // MARK: Summaries

    @Test func `the summaries of the editions`() throws {
        #expect(try summary(.local) == "no faults")
        #expect(try summary(.delay) == "0.5 s, every request")
        #expect(try summary(.error) == "25 % → 418 / 503, 50 % → 0.5 s")
        #expect(try summary(.local, ["--edition", "2e"]) == "no faults")
        #expect(try summary(.delay, ["--edition", "2e"]) == "0.5 s to 5 s, every request")
        #expect(
            try summary(.error, ["--edition", "2e"]) == "25 % → 418, 100 % → 0.5 s to 5 s")
    }

    @Test func `a summary has only what can happen`() throws {
        #expect(try summary(.error, ["--error-rate", "0", "--delay-rate", "0"]) == "no faults")
        #expect(try summary(.error, ["--error-rate", "0"]) == "50 % → 0.5 s")
        #expect(try summary(.error, ["--delay-rate", "0"]) == "25 % → 418 / 503")
    }

    @Test func `a summary does not promise a status of weight 0`() throws {
        let arguments = ["--error-status", "418=0,503=1", "--delay-rate", "0"]
        #expect(try summary(.error, arguments) == "25 % → 503")
    }

    @Test func `shares and times are as short as they were typed`() throws {
        let arguments = ["--error-rate", "7%", "--delay-rate", "12.5%", "--delay", "20ms..0.1"]
        #expect(try summary(.error, arguments) == "7 % → 418 / 503, 12.5 % → 20 ms to 0.1 s")
        #expect(try summary(.delay, ["--delay", "0"]) == "0 s, every request")
    }
}
