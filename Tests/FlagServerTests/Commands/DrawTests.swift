import Faults
import Foundation
import HTTPWire
import Records
import Testing

@testable import flagserver

struct DrawTests {
    /// What a server's plan has for an exchange: status and delay in milliseconds, as text.
    private func fate(
        _ server: FlagServer, _ arguments: [String], target: String, attempt: Int = 1,
        number: Int = 1
    ) throws -> String {
        let drawn = FlagServers.plan(of: server, try settings(arguments)).draw(
            DrawKey(
                target: SeededGenerator.hash(target.utf8), attempt: UInt32(attempt),
                number: UInt64(number)))
        var (status, delay) = ("-", Nanoseconds(0))
        for fault in drawn {
            switch fault.effect {
            case .respond(let answer, _): status = "\(answer.code)"
            case .latency(let time): delay += time
            case .answer, .stage, .script: Issue.record("no other toxics")
            }
        }
        return "\(status)\t\(LogLine.milliseconds(delay))"
    }

    // MARK: What it prints

    @Test func `attempts at a target are what the plan has for them`() throws {
        let options = ["--seed", "42", "--delay", "0.5..5"]
        let target = "/flags/br/br.gif"
        let program = try Program(["draw", "error", "--target", target, "-n", "50"] + options)
        #expect(program.status == 0)
        #expect(program.errors.isEmpty)
        let expected = try (1...50).map {
            "\(target)\t\($0)\t" + (try fate(.error, options, target: target, attempt: $0))
        }
        #expect(program.lines == expected)
        #expect(Set(expected.map { $0.split(separator: "\t")[2] }) == ["-", "418", "503"])
    }

    @Test func `without a target it is the first attempts at the flags, by code`() throws {
        let directory = TemporaryDirectory()
        for code in ["fr", "br", "cn"] { try directory.country(code, code) }
        let options = ["--seed", "7", "--fixtures", directory.path]
        let program = try Program(["draw", "Error", "-n", "2"] + options)
        let targets = ["/flags/br/br.gif", "/flags/cn/cn.gif"]
        #expect(
            program.lines
                == (try targets.map { "\($0)\t1\t" + (try fate(.error, options, target: $0)) }))
        #expect(try Program(["draw", "error"] + options).lines.count == 3)
    }

    @Test func `LOCAL does nothing and DELAY delays`() throws {
        let target = ["--target", "/flags/br/br.gif", "-n", "1", "--delay", "0.3"]
        #expect(try Program(["draw", "local"] + target).output == "/flags/br/br.gif\t1\t-\t0.0\n")
        #expect(
            try Program(["draw", "delay"] + target).output == "/flags/br/br.gif\t1\t-\t300.0\n")
    }

    @Test func `in exact mode it is the number of the exchange that counts`() throws {
        let program = try Program(
            ["draw", "error", "-n", "40", "--seed", "42", "--error-mode", "exact"])
        let rows = program.lines.map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.count == 40)
        for (index, row) in rows.enumerated() {
            #expect(row.count == 4)
            #expect(row.first == "exchange")
            #expect(row.dropFirst().first == "\(index + 1)")
            #expect(row.last == "-")
        }
        for deck in [rows[..<20], rows[20...]] {
            #expect(deck.filter { ["418", "503"].contains($0[2]) }.count == 5)
            #expect(deck.filter { $0[2] == "-" }.count == 15)
        }
    }

    @Test func `in exact mode a target says nothing and is refused`() {
        let error = failure(["error", "--error-mode", "exact", "--target", "/x"])
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--target says nothing with --error-mode exact: who is hit depends on the order "
                + "of arrival.")
    }

    @Test func `exact mode changes nothing of the other servers`() throws {
        let arguments = ["draw", "delay", "--target", "/x", "-n", "3", "--seed", "1"]
        let random = try Program(arguments)
        #expect(try Program(arguments + ["--error-mode", "exact"]).output == random.output)
    }

    @Test func `json is an object a line with the same fates`() throws {
        let target = "/a\"b\\c?d=é"
        let options = ["--seed", "42", "--delay", "0.5..5"]
        let arguments = ["draw", "error", "--target", target, "-n", "20", "--log-format", "json"]
        let lines = try Program(arguments + options).lines
        #expect(lines.count == 20)
        for (index, line) in lines.enumerated() {
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let object = try #require(value as? [String: Any])
            #expect(object["target"] as? String == target)
            #expect(object["attempt"] as? Int == index + 1)
            let fate = try fate(.error, options, target: target, attempt: index + 1)
                .split(separator: "\t").map(String.init)
            #expect(object["status"] as? Int == Int(fate[0]))
            #expect(object["delay_ms"] as? Double == Double(fate[1]))
            #expect(object.count == 4)
        }
    }

    @Test func `json in exact mode has the exchange instead of target and attempt`() throws {
        let program = try Program([
            "draw", "error", "-n", "1", "--error-mode", "exact", "--error-rate", "1",
            "--error-status", "503", "--log-format", "json",
        ])
        #expect(program.output == "{\"exchange\":1,\"status\":503,\"delay_ms\":null}\n")
    }

    // MARK: What it refuses

    private func failure(_ arguments: [String]) -> CommandLineError? {
        refusal { try Draw.parse(arguments).run(.none) }
    }

    @Test(arguments: [
        ("eror", " Did you mean 'error'?"), ("web", ""), ("", ""),
        ("caos", " Did you mean 'chaos'?"),
        ("locale", " Did you mean 'local'?"),
    ])
    func `a server that is not there is met with the nearest`(name: String, hint: String) {
        let error = failure([name, "--target", "/x"])
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "there is no proxy '\(name)' (local, delay, error, chaos, fault).\(hint)"
        )
    }

    @Test(arguments: [0, -1, 1_000_001, Int.max])
    func `a count outside 1 to a million is refused`(count: Int) {
        let error = failure(["error", "--target", "/x", "-n=\(count)"])
        #expect(error?.status == .usage)
        #expect(error?.description == "-n \(count): write a number from 1 to 1000000.")
    }

    @Test(arguments: ["", "flags/br/br.gif", "br", "*"])
    func `a target that is no path is refused`(target: String) {
        let error = failure(["error", "--target", target])
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--target \(target) is no request target. Write the path: /flags/br/br.gif.")
    }

    @Test func `settings are checked and fixtures looked for as by the servers`() {
        #expect(failure(["error", "--delay", "500", "--target", "/x"])?.status == .usage)
        let missing = failure(["error", "--fixtures", "/nonexistent/fixtures"])
        #expect(missing?.status == .missingInput)
    }

    // MARK: Where the fixtures are, from where one stands

    /// The proposal in the refusal of `fixtures` by a program that runs in `directory`.
    private func proposal(_ fixtures: String, in directory: String) throws -> String {
        let program = try Program(["draw", "local", "--fixtures", fixtures], in: directory)
        #expect(program.status == 0)
        let text = try #require(program.errors.components(separatedBy: "Try --fixtures ").last)
        return text.trimmingCharacters(in: .newlines)
    }

    @Test(arguments: [
        ("flags", ""), ("./flags", ""), ("flags/", ""), (".", "flags"), ("", "flags"),
        ("..", "flags/br"), ("../flags", "other"), ("../..", "flags/br/deep"),
    ])
    func `the folder that is proposed has the flags`(fixtures: String, folder: String) throws {
        let directory = TemporaryDirectory()
        try directory.country("br", "Brazil")
        try directory.folder("flags/br/deep")
        try directory.folder("other")
        let place = folder.isEmpty ? directory.path : directory.file(folder)
        let proposal = try proposal(fixtures, in: place)
        let again = try Program(["draw", "local", "--fixtures", proposal], in: place)
        #expect(again.status == 0, "--fixtures \(proposal) instead of \(fixtures)")
    }
}
