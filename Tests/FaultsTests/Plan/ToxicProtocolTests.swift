import HTTPWire
import Testing

@testable import Faults

struct ToxicProtocolTests {
    private func refusal(_ words: String, _ protocol: String) throws -> ToxicError? {
        let traits = ProtocolAbilities(
            name: `protocol`, hasHeads: `protocol` == "http", withErrors: ["http", "redis"])
        let toxic = try ToxicReading(words: words).toxic()
        do throws(ToxicError) {
            try toxic.check(on: traits)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["path=/a", "method=GET", "header=x"])
    func `what only HTTP has cannot be matched elsewhere`(condition: String) throws {
        #expect(try refusal("noop \(condition)", "http") == nil)
        let error = try refusal("noop \(condition)", "redis")
        #expect(error?.path == ["match"])
        #expect(
            error?.labelled
                == "invalid match: path, method and header need protocol http; here client and "
                + "request can be matched.")
        #expect(try refusal("noop client=::1 request=1", "redis") == nil)
    }

    @Test func `an answer needs a protocol that has errors, and the upstream`() throws {
        #expect(try refusal("respond", "redis") == nil)
        let error = try refusal("respond", "tcp")
        #expect(error?.path == ["type"])
        #expect(
            error?.description
                == "protocol tcp has no errors to respond with; these have: http, redis.")
        #expect(
            try refusal("respond stream=downstream", "http")?.description
                == "respond answers in place of the upstream: its stream is upstream.")
    }
}
