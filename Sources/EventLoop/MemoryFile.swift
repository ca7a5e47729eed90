internal import CLibevent
import Glibc

/// A file without a name, in memory, to send from with `sendfile`.
///
/// `sendfile` queues references to the file's pages, and a slow reader may hold them for as long
/// as it likes. So nothing is written over in place: `replace` first takes the old pages out of the
/// file, which leaves them to whoever still refers to them.
public final class MemoryFile {
    public let descriptor: Int32
    /// Offsets that are replaced must be multiples of it, and slots be padded to it.
    public static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Empty; it grows with what is put in.
    ///
    /// - Throws: `EventLoopError` if the kernel has no memfd.
    public init() throws(EventLoopError) {
        descriptor = memory_file_create("flagserver")
        guard descriptor >= 0 else { throw EventLoopError("memfd_create") }
    }

    deinit { Glibc.close(descriptor) }

    /// Puts `head` and `body` behind it at `offset`, a multiple of the page size, into fresh pages.
    ///
    /// - Returns: false if the kernel refused; the slot must then not be sent from.
    public static func replace(
        _ descriptor: Int32, at offset: Int64, with head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer
    ) -> Bool {
        let count = head.count + body.count
        let padded = (count + pageSize - 1) / pageSize * pageSize
        guard file_punch_hole(descriptor, offset, Int64(padded)) == 0 else { return false }
        let parts = [head, body].map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        return pwritev(descriptor, parts, 2, off_t(offset)) == count
    }
}
