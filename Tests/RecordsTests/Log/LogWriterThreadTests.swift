import Foundation
import Testing

@testable import Records

/// What the thread of a log writer shares with the others.
struct LogWriterThreadTests {
    private typealias CloseRange = @convention(c) (UInt32, UInt32, Int32) -> Int32

    /// Whether the kernel has close_range(2); without it threads share everything.
    private static var hasCloseRange: Bool {
        guard let symbol = dlsym(nil, "close_range") else { return false }
        let last = UInt32(Int32.max)
        return unsafeBitCast(symbol, to: CloseRange.self)(last, last, 0) == 0
    }

    /// The descriptors of each thread of this process.
    private func tables() -> [String: [String]] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return Dictionary(
            uniqueKeysWithValues: tasks.map { task in
                let path = "/proc/self/task/\(task)/fd"
                let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                return (task, names)
            })
    }

    /// The thread that has nothing but `descriptor` and stderr.
    private func thread(of descriptor: Int32) -> String? {
        tables().first { Set($0.value) == ["2", "\(descriptor)"] }?.key
    }

    @Test(.enabled(if: hasCloseRange))
    func `the thread has its descriptor and no signals`() throws {
        let pipe = try Pipe()
        LogWriter(descriptor: pipe.writer).start()
        let task = try #require(thread(of: pipe.writer))
        let status = try String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") })
        let digits = try #require(line.split(separator: "\t").last)
        let blocked = try #require(UInt64(digits, radix: 16))
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ] {
            #expect(blocked & 1 << (signal - 1) != 0)
        }
        #expect(blocked & 1 << (SIGSEGV - 1) == 0)
    }
}
