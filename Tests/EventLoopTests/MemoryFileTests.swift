import Glibc
import Testing

@testable import EventLoop

struct MemoryFileTests {
    private func bytes(_ byte: UInt8, _ count: Int) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    private func replace(
        _ file: MemoryFile, at offset: Int, with head: [UInt8], _ body: [UInt8] = []
    ) -> Bool {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                MemoryFile.replace(file.descriptor, at: Int64(offset), with: head, body)
            }
        }
    }

    private func content(_ file: MemoryFile, at offset: Int, count: Int) -> [UInt8] {
        var buffer = bytes(0xee, count)
        #expect(pread(file.descriptor, &buffer, count, off_t(offset)) == count)
        return buffer
    }

    @Test func `what is put in is found again, and the rest of its pages is empty`() throws {
        let page = MemoryFile.pageSize
        let file = try MemoryFile()
        #expect(replace(file, at: page, with: bytes(1, page), bytes(1, 10)))
        #expect(content(file, at: 0, count: page) == bytes(0, page))
        #expect(content(file, at: page, count: page + 10) == bytes(1, page + 10))
        #expect(replace(file, at: page, with: bytes(2, 5)))
        #expect(content(file, at: page, count: 5) == bytes(2, 5))
        var beyond: UInt8 = 1
        #expect(pread(file.descriptor, &beyond, 1, off_t(page + 5)) <= 1 && beyond == 0)
    }

    @Test func `the body stands right behind the head`() throws {
        let file = try MemoryFile()
        #expect(replace(file, at: 0, with: bytes(1, 3), bytes(2, 4)))
        #expect(content(file, at: 0, count: 7) == bytes(1, 3) + bytes(2, 4))
    }

    @Test func `other slots are left alone`() throws {
        let page = MemoryFile.pageSize
        let file = try MemoryFile()
        for slot in 0..<3 {
            #expect(replace(file, at: slot * page, with: bytes(UInt8(slot + 1), page)))
        }
        #expect(replace(file, at: page, with: bytes(9, page)))
        #expect(content(file, at: 0, count: page) == bytes(1, page))
        #expect(content(file, at: page, count: page) == bytes(9, page))
        #expect(content(file, at: 2 * page, count: page) == bytes(3, page))
    }

    @Test func `a descriptor that is no file is refused`() {
        #expect(!bytes(1, 5).withUnsafeBytes { MemoryFile.replace(-1, at: 0, with: $0, $0) })
    }

    /// The reason for all of it: sendfile queues the pages themselves.
    @Test func `what a socket has taken stays as it was when the file changes`() throws {
        let pair = try LoopbackPair()
        let count = 16 * MemoryFile.pageSize
        let file = try MemoryFile()
        #expect(replace(file, at: 0, with: bytes(0x61, count)))
        var offset: off_t = 0
        let sent = sendfile(pair.near, file.descriptor, &offset, count)
        try #require(sent > 0)
        for byte in [0x62, 0x63] as [UInt8] {
            #expect(replace(file, at: 0, with: bytes(byte, count)))
        }
        close(pair.near)
        let received = try pair.receiveAll()
        #expect(received.utf8.count == sent)
        #expect(received.utf8.allSatisfy { $0 == 0x61 })
        pair.closeFar()
    }
}
