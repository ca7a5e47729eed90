import EventLoop
import Faults
import Testing

@testable import flagserver

struct SettingsTests {
    private func ports(_ settings: Settings) -> [UInt16?] {
        FlagServer.allCases.map { settings.ports[$0] }
    }

    private func statuses(_ settings: Settings) -> [String] {
        settings.respond.statuses.map { "\($0.status.code)=\($0.weight)" }
    }

    @Test func `without options it is the first edition`() throws {
        let settings = try settings([])
        #expect(ports(settings) == [8001, 8002, 8003, 8004, 8005])
        #expect(settings.bind == .loopback)
        #expect(settings.delay == 500_000_000...500_000_000)
        #expect(settings.delayRate.fraction == 0.5)
        #expect(settings.errorRate.fraction == 0.25)
        #expect(settings.errorMode == .random)
        #expect(statuses(settings) == ["418=1", "503=1"])
        #expect(settings.respond.retryAfter == 1_000_000_000)
        #expect(settings.grace == 5_000_000_000)
        #expect(settings.maxConnections == nil)
    }

    @Test func `the second edition is a preset`() throws {
        let settings = try settings(["--edition", "2e"])
        #expect(ports(settings) == [8000, 8001, 8002, 8003, 8005])
        #expect(settings.delay == 500_000_000...5_000_000_000)
        #expect(settings.delayRate.fraction == 1)
        #expect(settings.errorRate.fraction == 0.25)
        #expect(statuses(settings) == ["418=1"])
    }

    @Test(arguments: Edition.allCases)
    func `an edition is what its options say`(edition: Edition) throws {
        let ports = FlagServer.allCases.map { ($0, edition.ports[$0]) }
        let words = try edition.options(ServeOptions.parse([]).faults, ports: ports)
            .split(separator: " ").map(String.init)
        let other: Edition = edition == .first ? .second : .first
        let preset = try settings(["--edition", edition.rawValue, "--seed", "1"])
        for named in [words, words + ["--edition", other.rawValue]] {
            let typed = try settings(named + ["--seed", "1"])
            #expect(typed.ports == preset.ports)
            #expect(typed.delay == preset.delay)
            #expect(typed.delayRate == preset.delayRate)
            #expect(typed.errorRate == preset.errorRate)
            #expect(statuses(typed) == statuses(preset))
        }
    }

    @Test func `what an edition stands for is told as it is in force`() throws {
        let given = try ServeOptions.parse(["--delay", "1", "--error-status", "503"]).faults
        let ports: [UInt16?] = [41_000, 41_001, 41_002, 41_003, 41_004]
        #expect(
            Edition.second.options(given, ports: Array(zip(FlagServer.allCases, ports)))
                == "--ports 41000,41001,41002,41003,41004 --delay 1 --delay-rate 1 "
                + "--error-rate 0.25 --error-status 503")
        let some: [UInt16?] = [8000, nil, 8002, nil, 8005]
        #expect(
            Edition.second.options(given, ports: Array(zip(FlagServer.allCases, some))).hasPrefix(
                "--ports local=8000,delay=off,error=8002,chaos=off,fault=8005 --delay 1 "))
    }

    @Test(arguments: [["--edition", "2e"], []])
    func `an explicit option wins over the edition, wherever it stands`(
        edition: [String]
    ) throws {
        let options = [
            "--ports", "1,2,3,4", "--delay", "2", "--delay-rate", "10%", "--error-rate", "0.75",
            "--error-status", "404=2",
        ]
        for arguments in [edition + options, options + edition] {
            let settings = try settings(arguments)
            #expect(ports(settings) == [1, 2, 3, 4, 8005])
            #expect(settings.delay == 2_000_000_000...2_000_000_000)
            #expect(settings.delayRate.fraction == 0.1)
            #expect(settings.errorRate.fraction == 0.75)
            #expect(statuses(settings) == ["404=2"])
        }
    }

    @Test func `one option leaves the rest of the edition as it is`() throws {
        let settings = try settings(["--edition", "2e", "--delay", "1", "--ports", "delay=off"])
        #expect(settings.delay == 1_000_000_000...1_000_000_000)
        #expect(ports(settings) == [8000, nil, 8002, 8003, 8005])
        #expect(settings.delayRate.fraction == 1)
        #expect(statuses(settings) == ["418=1"])
    }

    @Test func `the flag servers' patience and the ring have bounds`() throws {
        #expect(try settings([]).timeLimits.idle == 75)
        #expect(try settings([]).ring == 10_000)
        for (text, seconds) in [("5s", 5), ("1", 1), ("300ms", 1), ("1.2", 2), ("24h", 86_400)] {
            #expect(try settings(["--keep-alive", text]).timeLimits.idle == UInt32(seconds))
        }
        for text in ["0", "25h"] {
            #expect(
                refusal { try settings(["--keep-alive", text]) }?.description
                    == "--keep-alive \(text): write a time from 1s to 24h.")
        }
        for (text, count) in [("1", 1), ("1000000", 1_000_000)] {
            #expect(try settings(["--ring", text]).ring == count)
        }
        for text in ["0", "-1", "1000001", "x", "", "1e3", "99999999999999999999"] {
            #expect(
                refusal { try settings(["--ring", text]) }?.description
                    == "--ring \(text): write a whole number from 1 to 1000000.")
        }
        #expect(try settings(["--log-file", "x"]).logFile == "x")
        #expect(
            refusal { try settings(["--log-file", ""]) }?.description
                == "--log-file needs a file.")
    }

    @Test func `without flag servers there has to be something else`() throws {
        #expect(try settings(["--ports", "off"]).control.port == 8474)
        #expect(
            try settings(["--ports", "off", "--control", "off", "--proxy", "0=h:1"]).proxies.count
                == 1)
        #expect(
            refusal { try settings(["--ports", "off", "--control", "off"]) }?.description
                == "--ports off and --control off leave nothing to start. Give a proxy, "
                + "--proxy 9000=localhost:5432, or leave the control port on.")
    }

    @Test(arguments: ["3e", "1", "2E", "first", ""])
    func `the book has two editions`(text: String) {
        #expect(throws: (any Error).self) { try settings(["--edition", text]) }
    }

    // MARK: One by one

    @Test func `a given seed is kept and one that is not has seven digits`() throws {
        #expect(try settings(["--seed", "0"]).seed == 0)
        #expect(try settings(["--seed", "18446744073709551615"]).seed == .max)
        for _ in 0..<100 {
            #expect(try (1_000_000...9_999_999).contains(settings([]).seed))
        }
    }

    @Test(arguments: ["-1", "18446744073709551616", "x", "1e3", "0x10", ""])
    func `a seed is a whole number of 64 bits`(text: String) {
        #expect(throws: (any Error).self) { try settings(["--seed=\(text)"]) }
    }

    @Test func `it binds loopback, all or one address`() throws {
        #expect(try settings(["--bind", "loopback"]).bind == .loopback)
        #expect(try settings(["--bind", "localhost"]).bind == .loopback)
        #expect(try settings(["--bind", "all"]).bind == .all)
        for host in ["192.0.2.7", "::1", "2001:db8::7", "0.0.0.0"] {
            let address = try #require(SocketAddress(host: host, port: 0))
            #expect(try settings(["--bind", host]).bind == .address(address))
        }
    }

    @Test(arguments: ["", "example.com", "127.0.0.1:80", "[::1]", "256.0.0.1", "127.1", "ALL"])
    func `a name is no address`(text: String) {
        let error = refusal { try settings(["--bind", text]) }
        #expect(error?.status == .usage)
        #expect(
            error?.description
                == "--bind \(text) is no address. Write loopback, all, or one like 192.0.2.7.")
    }

    @Test func `Retry-After is a time or none`() throws {
        #expect(try settings(["--retry-after", "none"]).respond.retryAfter == nil)
        #expect(try settings(["--retry-after", "0"]).respond.retryAfter == 0)
        #expect(try settings(["--retry-after", "2m"]).respond.retryAfter == 120_000_000_000)
        let error = refusal { try settings(["--retry-after", "off"]) }
        #expect(error?.description.hasPrefix("--retry-after off is not a time.") == true)
    }

    @Test func `grace is a time`() throws {
        #expect(try settings(["--grace", "0"]).grace == 0)
        #expect(try settings(["--grace", "250ms"]).grace == 250_000_000)
        #expect(refusal { try settings(["--grace", "soon"]) }?.status == .usage)
    }

    @Test func `connections are limited from one`() throws {
        #expect(try settings(["--max-connections", "1"]).maxConnections == 1)
        for count in [0, -1] {
            let error = refusal { try settings(["--max-connections=\(count)"]) }
            #expect(error?.status == .usage)
            #expect(error?.description == "--max-connections \(count) would accept nobody.")
        }
    }

    @Test func `connections are limited to a million`() throws {
        #expect(try settings(["--max-connections", "1000000"]).maxConnections == 1_000_000)
        let error = refusal { try settings(["--max-connections", "1000001"]) }
        #expect(error?.status == .usage)
        #expect(error?.description == "--max-connections 1000001 is more than a million.")
    }

    @Test func `errors come at random or exactly`() throws {
        #expect(try settings(["--error-mode", "exact"]).errorMode == .exact)
        #expect(throws: (any Error).self) { try settings(["--error-mode", "often"]) }
    }

    @Test(arguments: [
        ["--delay", "500"], ["--delay-rate", "50"], ["--error-rate", "25"],
        ["--error-status", "99"], ["--ports", "8001"], ["--bind", "here"],
        ["--retry-after", "never"], ["--grace", "-"],
    ])
    func `a value that is refused is refused under its option's name`(arguments: [String]) throws {
        let error = try #require(refusal { try settings(arguments) })
        #expect(error.status == .usage)
        #expect(error.description.hasPrefix("\(arguments[0]) \(arguments[1])"))
    }

    @Test func `what only flag servers have is told to be of no effect without them`() throws {
        let off = ["--ports", "off", "--proxy", "9000=a:1"]
        #expect(try settings(off).notes.isEmpty)
        #expect(
            try settings(off + ["--delay", "1", "--error-rate", "1"]).notes
                == ["no effect without flag servers: --delay, --error-rate"])
        #expect(try settings(["--delay", "1"]).notes.isEmpty)
    }
}
