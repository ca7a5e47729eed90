import Faults
import Foundation
import Testing

@testable import flagserver

/// `flagserver draw` for CHAOS, for proxies of one's own, and for toxics of every kind.
struct DrawProxyTests {
    private func rows(_ arguments: [String]) throws -> [[String]] {
        let program = try Program(["draw"] + arguments)
        #expect(program.errors.isEmpty)
        return program.lines.map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private let target = ["--target", "/flags/br/br.gif", "--seed", "42", "-n", "40"]

    @Test func `CHAOS has ERROR's faults under a name of its own`() throws {
        let chaos = try rows(["chaos"] + target)
        let error = try rows(["error"] + target)
        #expect(chaos.count == 40)
        #expect(chaos != error)
        #expect(Set(chaos.map { $0[2] }) == ["-", "418", "503"])
        #expect(Set(chaos.map { $0[3] }) == ["0.0", "500.0"])
    }

    @Test func `other toxics stand last, by name, where they are drawn`() throws {
        let rows = try rows(
            ["local"] + target + [
                "--toxic", "local:limit_data bytes=1 toxicity=0.5",
                "--toxic", "local:slicer name=thin toxicity=0.5",
            ])
        let last = rows.map { $0.dropFirst(4).joined() }
        #expect(Set(last) == ["", "limit_data_downstream", "thin", "limit_data_downstream,thin"])
        #expect(rows.allSatisfy { $0.count == ($0.last == "0.0" ? 4 : 5) })
    }

    @Test func `what depends on the load is said to, and told for one that is alone`() throws {
        let program = try Program(
            ["draw", "local", "-n", "2", "--toxic"]
                + ["local:latency latency=20ms per_in_flight=10ms name=knee"])
        for line in program.lines {
            #expect(line.hasSuffix("\t-\t30.0\tknee by load"))
        }
        #expect(
            program.errors
                == "note: toxic 'knee' delays by load: told is what an exchange meets that is "
                + "alone\n")
    }

    @Test func `a request without fields lacks every one`() throws {
        let rows = try rows(
            ["local"] + target + ["--toxic", "local:noop name=anonymous header=!authorization"])
        #expect(rows.allSatisfy { $0.last == "anonymous" })
    }

    @Test func `a mix meets an exchange with one behaviour at most`() throws {
        let rows = try rows(["chaos"] + target + ["--behavior", "30:error,30:delay,30:hang"])
        let kinds = Set(rows.map { $0.dropFirst(2).joined(separator: " ") })
        #expect(kinds == ["- 0.0", "418 0.0", "503 0.0", "- 1000.0", "- 0.0 hang"])
    }

    @Test func `exchanges and matches are looked at`() throws {
        let rows = try rows(
            ["local", "--target", "/flags/br/br.gif?x", "-n", "3"] + [
                "--toxic", "local:timeout exchanges=1...2 path=/flags/br/*.gif method=GET",
                "--toxic", "local:noop name=post method=POST",
                "--toxic", "local:noop name=other path=/flags/fr/*",
                "--toxic", "local:noop name=field header=X-A",
                "--toxic", "local:noop name=far client=10.0.0.0/8",
                "--toxic", "local:noop name=near client=127.0.0.0/8 request=1",
                "--toxic", "local:noop name=second request=2...",
            ])
        #expect(
            rows.map { $0.dropFirst(4).joined() }
                == ["timeout_downstream,near", "timeout_downstream,near", "near"])
    }

    @Test func `what counts by arrival is told, with a word that it does`() throws {
        let program = try Program(
            ["draw", "local", "-n", "4", "--toxic", "local:noop exchanges=2 per=match name=m"]
                + ["--toxic", "local:noop exchanges=1 per=header header=x-test name=h"]
                + ["--toxic", "local:noop exchanges=1 per=match path=/flags/*/ae.gif name=ae"])
        let names = program.lines.map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).dropFirst(4).joined()
        }
        #expect(names == ["", "m,ae", "", ""])
        let notes = program.errors.split(separator: "\n").map(String.init)
        #expect(notes.count == 3)
        #expect(notes.first?.hasPrefix("note: toxic 'm' counts exchanges per match, by ") == true)
        #expect(notes.contains { $0.contains("per header: what it does cannot be foretold") })
    }

    @Test func `a connection is drawn for by its number`() throws {
        let arguments = ["db", "--proxy", "db=9000=x:1", "--seed", "7", "-n", "40"]
        let rows = try rows(arguments + ["--behavior", "25:error,50:delay"])
        #expect(rows.map { $0[0] } == Array(repeating: "connection", count: 40))
        #expect(rows.map { $0[1] } == (1...40).map(String.init))
        let kinds = Set(rows.map { $0.dropFirst(2).joined(separator: " ") })
        #expect(kinds == ["- 0.0", "- 1000.0", "- 0.0 error"])
        let error = refusal {
            try Draw.parse(arguments + ["--target", "/x"]).run(.none)
        }
        #expect(
            error?.description
                == "--target says nothing on protocol tcp: a connection is drawn for as a whole.")
    }

    @Test func `a command is drawn for by what it says`() throws {
        let proxy = ["cache", "--proxy", "cache=9000=x:1", "--protocol", "memcache", "-n", "2"]
        let rows = try rows(proxy + ["--target", "get flag", "--behavior", "error"])
        #expect(rows.map { $0[0] } == ["get flag", "get flag"])
        #expect(rows.allSatisfy { ["418", "503"].contains($0[2]) })
        #expect(
            refusal { try Draw.parse(proxy).run(.none) }?.description
                == "a command on protocol memcache is drawn for by what it says. Write --target "
                + "'GET key'.")
    }

    @Test func `a redis command is hashed as it is sent`() throws {
        let arguments = [
            "--proxy", "c=9000=x:1", "--protocol", "redis", "--seed", "1", "--behavior", "50:error",
        ]
        let settings = try settings(arguments)
        let proxy = settings.proxies[0]
        let plan = FaultPlan(proxy.toxics, mix: proxy.mix, proxy: "c", seed: 1)
        var drawn = try DrawnProxy("c", settings)
        for attempt in 1...50 {
            let exchange = DrawKey(
                target: SeededGenerator.hash("GET\r\n$4\r\nflag".utf8), attempt: UInt32(attempt),
                number: 1)
            let isHit = !plan.draw(exchange).isEmpty
            let fate = try drawn.fate(target: "GET flag", attempt: attempt, number: 1)
            #expect((fate.status != nil) == isHit)
        }
    }

    @Test func `exact mode counts CHAOS's exchanges too, unless it has a mix`() throws {
        let rows = try rows(["chaos", "-n", "20", "--error-mode", "exact"])
        #expect(rows.filter { $0[2] != "-" }.count == 5)
        #expect(rows.allSatisfy { $0[0] == "exchange" && $0[3] == "-" })
        let mixed = try self.rows(
            ["chaos", "--error-mode", "exact", "--behavior", "delay"] + target)
        #expect(mixed.allSatisfy { $0[0] == "/flags/br/br.gif" && $0[3] == "1000.0" })
    }

    @Test func `in exact mode it is said who has that mode, and whom it hits`() throws {
        let options = ["--dns=0", "--toxic", "dns:servfail mode=exact toxicity=0.25"]
        let rows = try rows(["dns", "-n", "20"] + options)
        #expect(rows.filter { $0.dropFirst(2) == ["-", "-", "servfail_upstream"] }.count == 5)
        #expect(rows.filter { $0.dropFirst(2) == ["-", "-"] }.count == 15)
        #expect(
            try refused(["dns", "--target", "A br.flags.test"] + options)
                == "error: --target says nothing with mode=exact of toxic 'servfail_upstream': who "
                + "is hit depends on the order of arrival.\n")
    }

    @Test(arguments: [
        ("br.flags.test", "is no question. Write the type and the name: 'A br.flags.test'."),
        (
            "X br.flags.test",
            ": 'X' is no type that is answered. Write A, AAAA, another one like TXT, or TYPE65, "
                + "and the name: 'A br.flags.test'."
        ),
        ("AXFR br.flags.test", ": 'AXFR' is no type that is answered."),
        ("A br..test", ": 'br..test' is no name: between two dots there is nothing. Write the"),
        ("A br/x", ": 'br/x' is no name: it has letters, digits"),
    ])
    func `what is no question is refused`(_ target: String, _ reason: String) throws {
        let errors = try refused(["dns", "--dns=0", "--target", target])
        #expect(errors.contains("--target \(target)") && errors.contains(reason), "\(errors)")
    }

    @Test func `questions are drawn in any spelling`() throws {
        let toxic = ["--dns=0", "--seed=42", "--toxic", "dns:servfail toxicity=0.5"]
        let fates = try ["a BR.flags.test.", "TYPE1 br.flags.test", "A br.flags.test"].map {
            try rows(["dns", "--target", $0, "-n", "20"] + toxic).map { $0.dropFirst() }
        }
        #expect(Set(fates).count == 1 && Set(fates[0]).count > 1)
    }

    private func refused(_ arguments: [String]) throws -> String {
        let program = try Program(["draw"] + arguments)
        #expect(program.status == 64)
        return program.errors
    }

    @Test func `charfinder is asked for words`() throws {
        let options = ["--charfinder=0", "--seed=42"]
        let rows = try rows(["charfinder-http", "-n", "3"] + options)
        #expect(
            rows.map { $0[0] } == ["/search?q=bismillah", "/search?q=black", "/search?q=Braille"])
    }

    @Test func `json has the others as a list, and the connection`() throws {
        let program = try Program([
            "draw", "db", "--proxy", "db=9000=x:1", "-n", "1", "--log-format", "json",
            "--toxic", "db:timeout", "--toxic", "db:noop name=a\"b",
        ])
        #expect(
            program.output
                == "{\"connection\":1,\"status\":null,\"delay_ms\":0.0,"
                + "\"toxics\":[\"timeout_downstream\",\"a\\\"b\"]}\n")
    }
}
