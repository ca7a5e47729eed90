import EventLoop
import Glibc
import Testing

@testable import flagserver

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
        #expect(Run.dashed(typed) == dashed)
    }

    @Test(arguments: [
        ["run", "--", "pytest"], ["run", "-v", "--", "--odd"], ["run"], ["run", "--"],
        ["run", "--help"], ["run", "--no-such-option", "pytest"], ["serve", "pytest"], [],
        ["--seed", "7"], ["draw", "run"],
    ])
    func `all else stays as it was typed`(typed: [String]) {
        #expect(Run.dashed(typed) == typed)
    }

    @Test func `ports are free ones unless they are asked for`() throws {
        #expect(Run.options(try ServeOptions.parse([])).servers.ports == "0")
        let typed = try ServeOptions.parse(["--ports", "local=1"])
        #expect(Run.options(typed).servers.ports == "local=1")
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
