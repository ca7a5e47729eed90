import Glibc

/// Ends what a program has left behind: the rest of its process group, and orphans that we have
/// adopted. Loop thread only.
public final class Remains {
    /// How long the group has between SIGTERM and SIGKILL.
    private static let patience: UInt64 = 500_000_000
    /// What is not dead this long after SIGKILL, waits for a device that does not answer.
    private static let limit: UInt64 = 2_000_000_000
    private static let interval: UInt64 = 5_000_000

    private let group: Int32
    private let spared: Set<Int32>
    private let loop: EventLoop
    private let completion: (Bool) -> Void
    private var timer: Timer?
    private let start: UInt64

    /// Begins with SIGTERM.
    ///
    /// - Parameters:
    ///   - group: of a program that has ended.
    ///   - spared: children of ours that are none of its descendants.
    ///   - completion: called once, on the loop, when nothing of it is left; with false if
    ///     something could not be ended.
    public init(
        of group: Int32, sparing spared: Set<Int32> = [], on loop: EventLoop,
        completion: @escaping (Bool) -> Void
    ) {
        (self.group, self.spared, self.loop) = (group, spared, loop)
        self.completion = completion
        start = loop.now
        kill(-group, SIGTERM)
        kill(-group, SIGCONT)  // one that is stopped could not obey
        let timer = Timer(on: loop) { [unowned self] in step() }
        self.timer = timer
        timer.schedule(after: 0)
    }

    private func step() {
        reap()
        let time = loop.now - start
        // Who still has its time is not an orphan to be killed, although it may be one.
        if hasGroup, time < Self.patience { return again() }
        kill(-group, SIGKILL)
        let orphans = Self.children().subtracting(spared)
        // A child of ours keeps its number until we have reaped it: no stranger is hit.
        for orphan in orphans { kill(orphan, SIGKILL) }
        if !hasGroup, orphans.isEmpty { return end(true) }
        if time >= Self.patience + Self.limit { return end(false) }
        again()
    }

    private func again() {
        timer?.schedule(after: Self.interval)
    }

    private func end(_ isDone: Bool) {
        timer?.cancel()
        completion(isDone)
    }

    private func reap() {
        var status: Int32 = 0
        while waitpid(-1, &status, WNOHANG) > 0 {}
    }

    private var hasGroup: Bool { kill(-group, 0) == 0 }

    /// The processes whose parent we are, also those that have ended and were not reaped yet.
    public static func children() -> Set<Int32> {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var children: Set<Int32> = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let number = Int32(name), parent(of: number) == getpid() { children.insert(number) }
        }
        return children
    }

    private static func parent(of number: Int32) -> Int32? { field(1, of: number) }

    /// The process group of a process, also of one that has ended and was not reaped yet.
    static func group(of number: Int32) -> Int32? { field(2, of: number) }

    /// A field behind the last parenthesis of `/proc/<number>/stat` (proc(5)), from 0.
    private static func field(_ index: Int, of number: Int32) -> Int32? {
        let file = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = read(file, &bytes, bytes.count)
        let text = bytes.prefix(max(count, 0))
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard index < fields.count else { return nil }
        return Int32(String(decoding: fields[index], as: UTF8.self))
    }
}
