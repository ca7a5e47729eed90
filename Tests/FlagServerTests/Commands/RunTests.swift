import ChaosProxy
import EventLoop
import Glibc
import Testing

@testable import flagserver

/// Not the one of `Testing`.
private typealias Expectation = flagserver.Expectation

struct RunTests {
    @Test(arguments: [
        (["run", "pytest", "-q"], ["run", "--", "pytest", "-q"]),
        (["run", "--seed", "7", "sh", "--seed"], ["run", "--seed", "7", "--", "sh", "--seed"]),
        (
            ["run", "-v", "sh", "-c", "x", "--", "y"],
            ["run", "-v", "--", "sh", "-c", "x", "--", "y"]
        ),
        (["run", "sh", "sh"], ["run", "--", "sh", "sh"]),
    ])
    func `two dashes come before a command that has none`(typed: [String], dashed: [String]) {
        #expect(Run.dashed(typed, typed: typed) == dashed)
    }

    @Test(arguments: [
        ["run", "--", "pytest"], ["run", "-v", "--", "--odd"], ["run"], ["run", "--"],
        ["run", "--help"], ["run", "--no-such-option", "pytest"], ["serve", "pytest"], [],
        ["--seed", "7"], ["draw", "run"],
    ])
    func `all else stays as it was typed`(typed: [String]) {
        #expect(Run.dashed(typed, typed: typed) == typed)
    }

    @Test func `ports are free ones unless they are asked for`() throws {
        #expect(Run.options(try ServeOptions.parse([])).servers.ports == "0")
        let typed = try ServeOptions.parse(["--ports", "local=1"])
        #expect(Run.options(typed).servers.ports == "local=1")
    }

    @Test(arguments: ["1e", "2e"])
    func `an edition that is named has its fixed ports, and a free control port`(
        name: String
    ) throws {
        let edition = try #require(Edition(rawValue: name))
        let settings = try Settings(
            Run.options(try ServeOptions.parse(["--edition", name])))
        #expect(settings.ports == edition.ports && settings.control.port == 0)
    }

    @Test func `ports and a control port that are asked for come before an edition's`() throws {
        let typed = ["--edition", "2e", "--ports", "0", "--control", "off"]
        let settings = try Settings(Run.options(try ServeOptions.parse(typed)))
        #expect(settings.ports.areAllFree && settings.control.port == nil)
        let control = try ServeOptions.parse(["--edition", "2e", "--control", "1234"])
        #expect(try Settings(Run.options(control)).control.port == 1234)
    }

    @Test func `an edition of the environment or of a file is named, too`() throws {
        let sources = try OptionSources(
            ["run", "--", "true"], variable: { $0 == "FLAGSERVER_EDITION" ? "2e" : nil },
            parse: { try FlagserverCommand.options($0) })
        let settings = try Settings(Run.options(try sources.options()))
        #expect(settings.ports == .secondEdition && settings.options.servers.edition == .second)
    }

    @Test func `a command that asked nobody is told where the servers are`() {
        let quiet = Expectation.Figures(name: "local", counters: ProxyCounters())
        #expect(
            RunSession.note([quiet]) == "the command asked no server. The URLs are in "
                + "FLAGS_*_URL; for fixed ports, which the book's scripts need, use --edition or "
                + "--ports.")
        for path in [\.requests, \.malformed] as [WritableKeyPath<ProxyCounters, UInt64>] {
            var counters = ProxyCounters()
            counters[keyPath: path] = 1
            let asked = Expectation.Figures(name: "db", counters: counters)
            #expect(RunSession.note([quiet, asked]) == nil)
        }
        var connected = ProxyCounters()
        connected.peakConnections = 1
        #expect(RunSession.note([Expectation.Figures(name: "db", counters: connected)]) == nil)
    }

    @Test(arguments: [
        ([], true), (["-v"], false), (["--log-format", "json"], false), (["-q", "-v"], true),
    ])
    func `nothing is said but what is asked for`(arguments: [String], isQuiet: Bool) throws {
        #expect(Run.options(try ServeOptions.parse(arguments)).output.quiet == isQuiet)
    }

    @Test(
        arguments: [
            (.system(errno: EAGAIN), 125, "cannot start a process: "),
            (.program(errno: ENOENT), 127, "cannot run 'tool': there is no such program in PATH."),
            (
                .program(errno: EACCES), 126,
                "cannot run 'tool': Permission denied. Does it need 'chmod"
            ),
            (.program(errno: ENOEXEC), 126, "Does its first line lack '#!/bin/sh'?"),
            (.program(errno: E2BIG), 126, "cannot run 'tool': Argument list too long."),
        ] as [(ChildProcess.Failure, Int32, String)])
    func `a command that cannot run has the exit status of shells`(
        failure: ChildProcess.Failure, status: Int32, words: String
    ) {
        let (found, reason) = RunSession.refusal(failure, "tool")
        #expect(found == status)
        #expect(reason.contains(words), "\(reason)")
    }
}
