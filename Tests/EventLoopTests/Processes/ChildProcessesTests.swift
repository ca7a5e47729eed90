import Glibc
import Testing

@testable import EventLoop

/// In a process of tests there are other children, so that only what concerns one's own is asked.
@Suite(.serialized) struct ChildProcessesTests {
    private func program(_ script: String) -> ChildProcess.Program {
        ChildProcess.Program(
            arguments: ["sh", "-c", script].map { Array($0.utf8CString) },
            environment: [Array("PATH=/usr/bin:/bin".utf8CString)])
    }

    /// Runs scripts side by side, each with a limit in milliseconds.
    private func endings(_ scripts: [(String, UInt64)]) throws -> [ChildProcesses.Ending?] {
        let loop = try EventLoop()
        let children = ChildProcesses(on: loop)
        let signals = try Signals(SIGCHLD, on: loop) { _ in children.look() }
        var endings = [ChildProcesses.Ending?](repeating: nil, count: scripts.count)
        for (index, (script, limit)) in scripts.enumerated() {
            try children.start(program(script), limit: limit * 1_000_000) { ending in
                endings[index] = ending
                if !endings.contains(nil) { loop.stop() }
            }
        }
        try loop.run()
        return withExtendedLifetime(signals) { endings }
    }

    @Test func `each has its own ending`() throws {
        let found = try endings([("exit 0", 60_000), ("exit 3", 60_000), ("kill -9 $$", 60_000)])
        #expect(found.map { $0?.change } == [.exited(0), .exited(3), .killed(signal: 9)])
        #expect(found.allSatisfy { $0?.isLate == false && $0?.hasLeftProcesses == false })
    }

    @Test func `who takes too long is ended, also if it does not want to`() throws {
        let found = try endings([
            ("exec sleep 1000", 50), ("trap '' TERM; while :; do sleep 0.01; done", 50),
        ])
        #expect(found.map { $0?.isLate } == [true, true])
        #expect(found[0]?.change == .killed(signal: SIGTERM))
        #expect(found[1]?.change == .killed(signal: SIGKILL))
    }

    @Test func `what it leaves behind goes with it, also what has left its group`() throws {
        let found = try endings([
            ("setsid sleep 1000 & exit 0", 60_000), ("sleep 1000 & exit 0", 60_000),
            ("sleep 0 & wait; exit 0", 60_000),
        ])
        #expect(found.map { $0?.hasLeftProcesses } == [true, true, false])
    }

    @Test func `where it runs, what it reads and how much it may write is given`() throws {
        let loop = try EventLoop()
        let children = ChildProcesses(on: loop)
        let signals = try Signals(SIGCHLD, on: loop) { _ in children.look() }
        var program = program(
            "test $PWD = / && test $(cat | wc -c) = 0 && test $(ulimit -f) = 2 && exit 7")
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        program.folder = Array("/".utf8CString)
        program.streams = [null, null, null]
        program.fileSizeLimit = 1024
        var change: ChildProcess.Change?
        try children.start(program, limit: 60_000_000_000) {
            change = $0.change
            loop.stop()
        }
        try loop.run()
        #expect(change == .exited(7))
        withExtendedLifetime(signals) {}
    }

    @Test func `a folder that is not there is an error with its number`() throws {
        let children = ChildProcesses(on: try EventLoop())
        var program = program("exit 0")
        program.folder = Array("/no/such/folder".utf8CString)
        #expect(throws: ChildProcess.Failure.program(errno: ENOENT)) {
            try children.start(program, limit: 1) { _ in }
        }
    }
}
