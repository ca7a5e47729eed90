import Faults
import HTTPWire
import Testing

@testable import flagserver

/// The statuses among the option values, and how quantities are written back.
struct OptionStatusesTests {
    private func statuses(_ text: String) throws -> [String] {
        try OptionValues.statuses(text, option: "--error-status")
            .map { "\($0.status.code)=\($0.weight)" }
    }

    @Test(arguments: [
        ("418", ["418=1"]), ("418,503", ["418=1", "503=1"]),
        ("418=3,503=1", ["418=3", "503=1"]), ("503=2,418", ["503=2", "418=1"]),
        ("200", ["200=1"]), ("599", ["599=1"]), ("418=0,503=1", ["418=0", "503=1"]),
        ("503=1000000", ["503=1000000"]),
    ])
    func `statuses keep their order and weight 1 by default`(
        text: String, expected: [String]
    ) throws {
        #expect(try statuses(text) == expected)
    }

    @Test(arguments: [
        "", " ", ",", "418,", ",418", "418,,503", "199", "600", "100", "0", "-418", "418.0",
        "4e2", "0x1a2", "４１８", "418 ", " 418", "418, 503", "418=", "=1", "=", "418==1",
        "418=1=2", "418=-1", "418=1.5", "418=1e3", "418=nan", "418=1000001", "418=4294967296",
        "418=99999999999999999999", "99999999999999999999", "teapot", "418..503", "4xx", "418%",
        "418;503", "418:1",
    ])
    func `what is no status or no weight is refused with a pattern`(text: String) throws {
        let error = try #require(refusal { try statuses(text) })
        #expect(error.status == .usage)
        #expect(error.description.hasPrefix("--error-status \(text): '"))
        #expect(
            error.description.hasSuffix(
                "' is no status from 200 to 599. Write 418,503 or, with weights, 418=3,503=1."))
    }

    @Test func `the message names the entry that is wrong`() {
        let error = refusal { try statuses("418,5O3,600") }
        #expect(
            error?.description
                == "--error-status 418,5O3,600: '5O3' is no status from 200 to 599. "
                + "Write 418,503 or, with weights, 418=3,503=1.")
    }

    @Test(arguments: ["418=0", "418=0,503=0"])
    func `somebody must have a weight`(text: String) {
        let error = refusal { try statuses(text) }
        #expect(
            error?.description
                == "--error-status \(text) gives every status the weight 0. "
                + "Write 418,503 or, with weights, 418=3,503=1.")
    }

    @Test(arguments: ["418,418", "418=1,503,418=2", "0418,418"])
    func `a status is named once`(text: String) {
        let error = refusal { try statuses(text) }
        #expect(
            error?.description
                == "--error-status \(text) names a status twice. "
                + "Write 418,503 or, with weights, 418=3,503=1.")
    }
}
