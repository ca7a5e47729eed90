import Glibc
import Testing

@testable import EventLoop

struct ChildProcessTests {
    private func bytes(_ texts: [String]) -> [[CChar]] { texts.map { Array($0.utf8CString) } }

    private func program(_ arguments: [String], _ environment: [String] = ["PATH=/usr/bin:/bin"])
        -> ChildProcess.Program
    {
        ChildProcess.Program(arguments: bytes(arguments), environment: bytes(environment))
    }

    private func shell(_ script: String) -> ChildProcess.Program {
        program(["sh", "-c", script, "name"])
    }

    /// Waits until there is something to tell, and has it told.
    private func nextChange(_ child: ChildProcess) -> ChildProcess.Change? {
        var information = siginfo_t()
        let number = id_t(child.processID)
        while waitid(P_PID, number, &information, WEXITED | WSTOPPED | WNOWAIT) < 0 {
            guard errno == EINTR else { return nil }
        }
        return child.nextChange()
    }

    /// What a script writes to its standard output.
    private func output(_ script: String, _ environment: [String] = ["PATH=/usr/bin:/bin"]) throws
        -> String
    {
        var path = Array("/tmp/child-process-test-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        try #require(file >= 0)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        let name = path.dropLast().map { UInt8(bitPattern: $0) }
        defer {
            unlink(path)
            close(file)
        }
        let redirected = "exec >\(String(decoding: name, as: UTF8.self)); \(script)"
        let child = try ChildProcess(program(["sh", "-c", redirected], environment))
        #expect(nextChange(child) == .exited(0))
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    // MARK: Starting

    @Test(arguments: [0, 1, 3, 255])
    func `the exit status is the program's`(status: Int32) throws {
        let child = try ChildProcess(shell("exit \(status)"))
        #expect(nextChange(child) == .exited(status))
        #expect(child.nextChange() == nil)
    }

    @Test func `arguments and environment arrive byte by byte, and nothing else`() throws {
        let script = Array("test \"$0\" = \"$(printf '\\377')\" && test $# = 1".utf8CString)
        let child = try ChildProcess(
            ChildProcess.Program(
                arguments: bytes(["sh", "-c"]) + [script, [CChar(bitPattern: 0xff), 0], [0]],
                environment: bytes(["PATH=/usr/bin:/bin"])))
        #expect(nextChange(child) == .exited(0))
        let environment = try output("exec env", ["PATH=/usr/bin:/bin", "A=b=c", "ODD=\u{e9}"])
        let lines = Set(environment.split(separator: "\n").map(String.init))
        // Shells set a few of their own.
        #expect(lines.isSuperset(of: ["PATH=/usr/bin:/bin", "A=b=c", "ODD=\u{e9}"]))
        #expect(lines.allSatisfy { !$0.hasPrefix("HOME=") })
    }

    @Test func `our own environment is read whole`() throws {
        setenv("CHILD_PROCESS_TEST", "a=b", 1)
        defer { unsetenv("CHILD_PROCESS_TEST") }
        let entries = ChildProcess.inheritedEnvironment
        #expect(entries.contains(Array("CHILD_PROCESS_TEST=a=b".utf8CString)))
        #expect(entries.allSatisfy { $0.last == 0 })
    }

    @Test func `it leads a process group of its own`() throws {
        let child = try ChildProcess(shell("kill -STOP $$"))
        #expect(nextChange(child) == .stopped(signal: SIGSTOP))
        #expect(getpgid(child.processID) == child.processID)
        child.signalGroup(SIGKILL)
        #expect(nextChange(child) == .killed(signal: SIGKILL))
    }

    @Test func `no signal is blocked or ignored, whatever is with us`() throws {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        signal(SIGPIPE, SIG_IGN)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let text = try output("exec grep -E '^Sig(Blk|Ign)' /proc/self/status")
        let masks = text.split(separator: "\n").compactMap { line in
            line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
        }
        // Signals 32 and 33 are the C library's own, and nobody can set them.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
    }

    @Test func `the mask of our own is as it was before`() throws {
        var (mask, before) = (sigset_t(), sigset_t())
        sigemptyset(&mask)
        sigaddset(&mask, SIGUSR2)
        pthread_sigmask(SIG_SETMASK, &mask, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let child = try ChildProcess(shell("exit 0"))
        var now = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &now)
        #expect(sigismember(&now, SIGUSR2) == 1 && sigismember(&now, SIGTERM) == 0)
        #expect(nextChange(child) == .exited(0))
    }

    @Test func `its limit of open descriptors is the one that is given`() throws {
        var program = program(["sh", "-c", "test $(ulimit -S -n) = 77"])
        program.openFileLimit = 77
        #expect(nextChange(try ChildProcess(program)) == .exited(0))
        let limit = try #require(ChildProcess.openFileLimit)
        let same = try ChildProcess(shell("test $(ulimit -S -n) = \(limit)"))
        #expect(nextChange(same) == .exited(0))
    }

    // MARK: What cannot be started

    @Test(arguments: [
        ("no-such-program-anywhere", ENOENT), ("/no/such/program", ENOENT), ("", ENOENT),
        ("/etc/passwd", EACCES), ("/etc", EACCES), ("/etc/passwd/program", ENOENT),
    ])
    func `what cannot be executed is an error with its number`(name: String, errno: Int32) {
        #expect(throws: ChildProcess.Failure.program(errno: errno)) {
            _ = try ChildProcess(program([name]))
        }
    }

    @Test func `a file that is no program is an error`() throws {
        let path = "/tmp/child-process-test-\(getpid())"
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
        try #require(file >= 0)
        defer { unlink(path) }
        #expect(write(file, "no program", 10) == 10)
        close(file)
        let failure = #expect(throws: ChildProcess.Failure.self) {
            _ = try ChildProcess(program([path]))
        }
        // ETXTBSY: another test's child, forked in between, still has it open for writing.
        #expect([.program(errno: ENOEXEC), .program(errno: ETXTBSY)].contains(failure))
    }

    // MARK: Signals

    @Test func `a stop and a death are told in their order`() throws {
        let child = try ChildProcess(shell("kill -TSTP $$; kill -QUIT $$"))
        #expect(nextChange(child) == .stopped(signal: SIGTSTP))
        #expect(child.nextChange() == nil)
        child.signalGroup(SIGCONT)
        #expect(nextChange(child) == .killed(signal: SIGQUIT))
    }

    @Test func `a signal reaches the whole group`() throws {
        // The shell waits for its child, and says how that ended.
        let child = try ChildProcess(
            shell("exec 2>&-; trap : USR1; sh -c 'kill -STOP $PPID; exec sleep 100'; exit $?"))
        #expect(nextChange(child) == .stopped(signal: SIGSTOP))
        child.signalGroup(SIGUSR1)
        child.signalGroup(SIGCONT)
        #expect(nextChange(child) == .exited(128 + SIGUSR1))
    }

    // MARK: PATH

    @Test(arguments: [
        ("/bin/sh", ["PATH=/a:/b"], ["/bin/sh"]), ("./sh", ["PATH=/a"], ["./sh"]),
        ("sh", ["PATH=/a:/b/"], ["/a/sh", "/b//sh"]), ("sh", ["PATH=:/a:"], ["sh", "/a/sh", "sh"]),
        ("sh", ["PATH="], ["sh"]), ("sh", ["MYPATH=/a"], ["/bin/sh", "/usr/bin/sh"]),
        ("sh", ["A=b", "PATH=/a", "PATH=/b"], ["/a/sh"]), ("", ["PATH=/a"], []),
    ])
    func `a name without a slash is searched in PATH`(
        name: String, environment: [String], paths: [String]
    ) {
        let found = ChildProcess.paths(
            of: Array(name.utf8CString), environment: bytes(environment))
        #expect(found == bytes(paths))
    }

    @Test func `of a process its children are found`() throws {
        let child = try ChildProcess(shell("kill -STOP $$"))
        #expect(nextChange(child) == .stopped(signal: SIGSTOP))
        #expect(Remains.children().contains(child.processID))
        child.signalGroup(SIGKILL)
        #expect(nextChange(child) == .killed(signal: SIGKILL))
        #expect(!Remains.children().contains(child.processID))
    }
}
