import Glibc
import Testing

@testable import EventLoop

struct DescriptorTableTests {
    /// What a thread finds open once it has left; its maker looks at it after the thread has ended.
    private final class Leaving {
        let kept: [Int32]
        let asked: [Int32]
        var hasOwnTable = false
        var open: [Int32] = []

        init(keeping kept: [Int32], asking asked: [Int32]) {
            (self.kept, self.asked) = (kept, asked)
        }

        func leave() {
            hasOwnTable = DescriptorTable.leaveShared(keeping: kept)
            open = asked.filter { fcntl($0, F_GETFD) >= 0 }
        }
    }

    /// Leaves on a thread that ends at once.
    private func leave(keeping kept: [Int32], asking asked: [Int32]) throws -> Leaving {
        let leaving = Leaving(keeping: kept, asking: asked)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(leaving).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Leaving>.fromOpaque(context).takeRetainedValue().leave()
                return nil
            }, context)
        try #require(result == 0)
        pthread_join(thread, nil)
        return leaving
    }

    @Test func `a thread keeps the descriptors that are named, and the others lose none`() throws {
        let files = (0..<8).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }.sorted()
        defer { for file in files { close(file) } }
        try #require(files.allSatisfy { $0 >= 0 })
        let major =
            KernelSetting.read("kernel/osrelease").flatMap { Int($0.prefix { $0 != "." }) } ?? 0
        // Alone, side by side, twice, out of order, and one that is none.
        for kept in [[2], [0, 7], [3, 2], [5, 2, 3, 2], [0, 1, 2, 3, 4, 5, 6, 7]] {
            let names = kept.map { files[$0] }
            let leaving = try leave(keeping: names + [-1], asking: files)
            // Where the kernel cannot do that, all stays as it was.
            let wanted = leaving.hasOwnTable ? Set(names).sorted() : files
            #expect(leaving.hasOwnTable || major < 6, "Linux can since 5.9")
            #expect(leaving.open == wanted, "\(kept)")
            #expect(files.allSatisfy { fcntl($0, F_GETFD) >= 0 })
        }
    }
}
