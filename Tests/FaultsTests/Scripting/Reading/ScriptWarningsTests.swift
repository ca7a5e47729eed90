import Testing

@testable import Faults

struct ScriptWarningsTests {
    private func warnings(_ steps: String, header: String = "") throws -> [String] {
        try Script.read("It.\n\(header)\n\n\(steps)")[0].warnings.map(\.description)
    }

    @Test(arguments: [
        ("head\nbody ..50%", "5:1: Less is sent than Content-Length promises"),
        ("head", "4:1: Less is sent than"),
        ("head\nbody ..50%\nrequest\nhead\nbody", "5:1: Less is"),
        ("head\nwait 5s\nbody ..999", "6:1: Less is sent"),
        ("head\nchunk\nlast-chunk", "5:1: No head says that there are chunks."),
    ])
    func `what a client would wait for is told`(_ steps: String, _ start: String) throws {
        let warnings = try warnings(steps)
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix(start) == true, "\(warnings)")
    }

    @Test(arguments: [
        "head\nbody", "head\nbody ..50%\nfin", "head\nbody ..50%\nsilence", "head\nbody ..50%\nrst",
        "head drop Content-Length\nbody ..50%", "head\nbody ..50%\nbody 50%..", "silence", "fin",
        "head set \"Content-Length: 5\"\nbody ..5", "head\nbody ..50%\nhalf",
        "head drop Content-Length set \"Transfer-Encoding: chunked\"\nchunk\nlast-chunk",
        "begin accept\nsend \"x\"\nrequest\nhead\nbody", "repeat forever 1GiB 10m\nhead 103\ndone",
        "head set \"Content-Length: $gzip.length\"\nbody as gzip",
    ])
    func `what is in order is not told`(_ steps: String) throws {
        #expect(try warnings(steps) == [])
    }

    @Test func `a parameter that does nothing is told`() throws {
        #expect(
            try warnings("fin", header: "param at 40% position")
                == ["2:7: No step has '$at': the parameter does nothing."])
    }
}
