import TestSupport
import Testing

@testable import Faults

struct FaultPathTests {
    private func path(_ segment: String) throws -> FaultPath { try FaultPath(Array(segment.utf8)) }

    private func error(_ segment: String) -> FaultPathError? {
        #expect(throws: FaultPathError.self) { try path(segment) }
    }

    /// Toxics as text: name, what they do, toxicity.
    private func words(_ segment: String) throws -> [String] {
        try path(segment).toxics.map { "\($0.name): \($0.wordsWithShare)" }
    }

    // MARK: What is read

    @Test func `the control has no faults`() throws {
        #expect(try path("ok") == (try path("ok")))
        #expect(try path("ok").toxics.isEmpty)
    }

    @Test(arguments: [
        ("latency;latency=2s", ["latency: 100 % → 2 s"]),
        ("LATENCY;Latency=2s", ["latency: 100 % → 2 s"]),
        ("respond;429=1;retry_after=5s", ["respond: 100 % → 429"]),
        ("respond;429=1;retry-after=5s", ["respond: 100 % → 429"]),
        ("latency;latency=2s;toxicity=10%", ["latency: 10 % → 2 s"]),
        ("latency;latency=2s;toxicity=0.25", ["latency: 25 % → 2 s"]),
        ("latency;latency=2s;stream=upstream", ["latency: 100 % → 2 s upstream"]),
        ("respond;503=1;exchanges=1...2", ["respond: 100 % → 503 (1...2 per target)"]),
        (
            "respond;503=1;exchanges=every4;per=proxy",
            ["respond: 100 % → 503 (every 4 per proxy)"]
        ),
        ("respond;503=1;method=POST", ["respond: 100 % → 503 (POST)"]),
        ("respond;503", ["respond: 100 % → 503"]),
    ])
    func `a fault is its name with parameters`(segment: String, expected: [String]) throws {
        #expect(try words(segment) == expected)
    }

    @Test func `several faults stand in their order, each with a name of its own`() throws {
        let segment = "latency;latency=1s,noop,latency;latency=2s,limit_data;bytes=5"
        #expect(
            try path(segment).toxics.map(\.name) == ["latency", "noop", "latency_2", "limit_data"])
        #expect(try path(segment).toxics.allSatisfy { $0.isOfRequest })
    }

    @Test func `hyphens are as good as underscores`() throws {
        #expect(try path("limit-data;bytes=5") == (try path("limit_data;bytes=5")))
    }

    // MARK: How values are written

    @Test(arguments: [
        ("a%20b", "a b"), ("50%", "50%"), ("50%25", "50%"), ("%", "%"), ("%%41", "%A"),
        ("%4", "%4"), ("%4g", "%4g"), ("%zz%41", "%zzA"), ("%2541", "%41"), ("+", "+"),
        ("%e2%82%ac", "€"), ("", ""),
    ])
    func `values are decoded once, and a stray sign of per cent means itself`(
        text: String, expected: String
    ) {
        #expect(FaultSegment.decoded(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        "bandwidth;rate=64kB", "bandwidth;rate=64kB%2Fs", "bandwidth;rate=64kB%2fs",
        "bandwid%74h;r%61te=%364kB",
    ])
    func `a rate may leave out what a segment cannot have`(segment: String) throws {
        let rates = try path(segment).toxics.map { $0.fault.attributes.first?.value }
        #expect(rates == [.number(64_000_000)])
    }

    @Test func `structure comes before decoding`() throws {
        #expect(try words("respond;statuses=418%2C503") == ["respond: 100 % → 418 / 503"])
        #expect(error("latency%3Blatency=2s")?.status == 404)
    }

    // MARK: What is wrong

    @Test(arguments: [
        ("latancy", "there is no fault 'latancy'. Did you mean 'latency'? / lists all of them."),
        ("flags", "there is no fault 'flags'. / lists all of them."),
        ("", "no fault is named. / lists all of them."),
        (";a=b", "no fault is named. / lists all of them."),
        ("latency;latency=2s,", "no fault is named. / lists all of them."),
        ("okk", "there is no fault 'okk'. Did you mean 'ok'? / lists all of them."),
    ])
    func `a fault that there is not is 404`(segment: String, expected: String) {
        let error = error(segment)
        #expect(error?.status == 404)
        #expect(error?.description == expected)
    }

    @Test(arguments: [
        (
            "latency;latency=2",
            "latency: latency: a time needs a unit. Did you mean 2ms, or 2s?"
        ),
        ("latency;latincy=2s", "latency has no 'latincy'. Did you mean 'latency'?"),
        (
            "noop;x=1",
            "noop has no 'x'. There are stream, toxicity, mode, exchanges, per, method, header, "
                + "client, request."
        ),
        ("latency;latency=1s;latency=2s", "latency: 'latency' is given twice."),
        ("latency;toxicity=10", "latency: toxicity: '10' is not a probability. Write 0.25 or 25%."),
        ("noop;name=x", "noop: name: a fault in a URL is called what it is."),
        ("noop;path=x", "noop: path: the path is the rest of the URL."),
        ("noop;ttl=5s", "noop: ttl: it is for toxics that stay: set one on a server."),
        (
            "noop;file=x",
            "noop: file: a script of your own cannot stand in a URL. Use "
                + "--toxic 'fault:script file=my.fault'."
        ),
        (
            "script;x=y",
            "a script of your own cannot stand in a URL. Use "
                + "--toxic 'fault:script file=my.fault'."
        ),
        (
            "noop;exchanges=1;per=client",
            "noop: per: a URL counts per target, its own; or write per=proxy."
        ),
        ("ok;a=b", "'ok' is no fault and has no parameters. Write /ok/ alone."),
        ("ok,noop", "'ok' is no fault. Leave it out beside others."),
        (
            "respond,latency;latency=1s,respond;503=1",
            "only one fault can give the answer, and here are respond and respond. Keep one of "
                + "them."
        ),
    ])
    func `what is wrong with a parameter is 400`(segment: String, expected: String) {
        let error = error(segment)
        #expect(error?.status == 400)
        #expect(error?.description == expected)
    }

    @Test(arguments: ["refuse", "accept-stall", "accept-reset", "close-after", "speaks-first"])
    func `what acts before there is a URL has another way`(segment: String) {
        let error = error(segment)
        #expect(error?.status == 400)
        let words = " acts before there is a URL. Start the server with --toxic 'fault:\(segment)"
        #expect(error?.description.hasPrefix(segment) == true)
        #expect(error?.description.contains(words) == true)
    }

    @Test func `faults and bytes have bounds`() throws {
        let most = Array(repeating: "noop", count: FaultPath.maximumFaults)
        #expect(try path(most.joined(separator: ",")).toxics.count == 16)
        #expect(
            error((most + ["noop"]).joined(separator: ","))?.description
                == "a URL has at most 16 faults, not 17.")
        let long = String(repeating: "a", count: FaultPath.maximumSegment)
        #expect(error(long)?.status == 404)
        #expect(error(long + "a")?.status == 414)
    }

    // MARK: The segment and its next

    @Test(arguments: [
        ("/ok/flags/", 2), ("/ok", 2), ("//a", 0), ("/", 0), ("/a;b=c,d/", 7),
    ])
    func `the first segment ends before the second slash`(path: String, count: Int) {
        let bytes = Array(path.utf8)
        #expect(bytes.withUnsafeBytes { FaultPath.segmentCount($0) } == count)
    }

    @Test(arguments: [
        ("redirect;n=3", "redirect;n=2"), ("redirect;n=2", "redirect;n=1"), ("redirect;n=1", "ok"),
        ("redirect;n=0", "ok"), ("redirect", "redirect;n=2"),
        ("redirect;N=3;toxicity=50%", "redirect;n=2;toxicity=50%"),
        ("latency;latency=1s,redirect.moved;n=3", "latency;latency=1s,redirect.moved;n=2"),
        ("redirect;%6e=3", "redirect;n=2"),
    ])
    func `what counts down has a next, and the control at last`(
        segment: String, next: String
    ) throws {
        #expect(try path(segment).next == next)
    }

    @Test func `what counts nothing down has no next`() throws {
        #expect(try path("latency;latency=1s").next == "")
        #expect(try path("ok").next == "")
    }

    // MARK: Anything at all

    @Test func `no segment whatever is more than an error`() {
        var generator = TestGenerator(seed: 12)
        let pieces = [
            "latency", "respond", "limit_data", "ok", ";", ",", "=", "%", "%25", "%2", "503", "1",
            "toxicity", "2s", "\u{0}", "é", "exchanges=1...2", "bytes=", "99999999999999999999",
            "-", "...", " ", "/", "?", "rate=64kB",
        ].map { Array($0.utf8) }
        for _ in 0..<100 {
            var segment: [UInt8] = []
            for _ in 0..<generator.next(below: 12) {
                segment += generator.element(of: pieces)
                if generator.next(below: 8) == 0 {
                    segment.append(UInt8(truncatingIfNeeded: generator.next()))
                }
            }
            check(segment)
        }
    }

    @Test func `mutations of what is right are read or refused`() throws {
        let right = Array("latency;latency=2s;toxicity=50%,respond;503=1;exchanges=1...2".utf8)
        var generator = TestGenerator(seed: 7)
        for _ in 0..<500 {
            var segment = right
            for _ in 0...generator.next(below: 3) where !segment.isEmpty {
                let place = generator.next(below: segment.count)
                switch generator.next(below: 3) {
                case 0: segment[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: segment.remove(at: place)
                default: segment.insert(generator.element(of: right), at: place)
                }
            }
            check(segment)
        }
    }

    private func check(_ segment: [UInt8]) {
        do throws(FaultPathError) {
            let path = try FaultPath(segment)
            let names = Set(path.toxics.map(\.name))
            guard path.toxics.count <= FaultPath.maximumFaults, names.count == path.toxics.count
            else { return _ = Issue.record("\(segment)") }
        } catch {
            guard [400, 404, 414].contains(error.status), !error.description.isEmpty else {
                return _ = Issue.record("\(segment)")
            }
        }
    }
}
