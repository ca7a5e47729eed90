internal import CLibevent
import Glibc

/// What the kernel says of this process, as it is when it is asked.
public struct ProcessFigures: Sendable {
    /// In user and system mode together, of all threads, in nanoseconds.
    public let processorTime: UInt64
    public let openDescriptors: Int
    /// The soft limit of them.
    public let maximumDescriptors: UInt64
    /// In bytes.
    public let virtualMemory: UInt64
    /// In bytes.
    public let residentMemory: UInt64
    /// Since 1970, in nanoseconds.
    public let started: UInt64

    /// - Returns: nil where there is no `/proc`.
    public static func read() -> ProcessFigures? {
        guard let stat = text(of: "/proc/self/stat").flatMap(Stat.init) else { return nil }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let ticks = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        // The kernel counts from when the machine was started.
        let boot = time(CLOCK_REALTIME) &- time(CLOCK_BOOTTIME)
        return ProcessFigures(
            processorTime: time(CLOCK_PROCESS_CPUTIME_ID),
            openDescriptors: OpenFileLimit.openDescriptors(),
            maximumDescriptors: UInt64(limit.rlim_cur), virtualMemory: stat.virtualMemory,
            residentMemory: stat.residentPages * UInt64(max(MemoryFile.pageSize, 1)),
            started: boot &+ stat.startTicks * (1_000_000_000 / ticks))
    }

    private static func time(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The beginning of a small file.
    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    /// Of a line of `/proc/<pid>/stat` (proc(5)) what is needed here.
    struct Stat {
        let startTicks: UInt64
        let virtualMemory: UInt64
        let residentPages: UInt64

        /// - Returns: nil if it is no such line.
        init?(_ line: String) {
            // The second field is the program's name in parentheses, with any characters in it.
            guard let end = line.lastIndex(of: ")") else { return nil }
            // From the third field on.
            let fields = line[line.index(after: end)...].split(separator: " ").map { UInt64($0) }
            guard fields.count > 21, let start = fields[19], let virtual = fields[20],
                let resident = fields[21]
            else { return nil }
            (startTicks, virtualMemory, residentPages) = (start, virtual, resident)
        }
    }
}
