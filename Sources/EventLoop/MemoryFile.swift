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

    /// - Throws: `EventLoopError` if the kernel has no memfd or no memory.
    public init(byteCount: Int) throws(EventLoopError) {
        descriptor = memory_file_create("flagserver")
        guard descriptor >= 0 else { throw EventLoopError("memfd_create") }
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw EventLoopError("ftruncate")
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Puts `bytes` at `offset`, a multiple of the page size, into fresh pages.
    ///
    /// - Returns: false if the kernel refused; the slot must then not be sent from.
    public static func replace(
        _ descriptor: Int32, at offset: Int64, with bytes: UnsafeRawBufferPointer
    ) -> Bool {
        let padded = (bytes.count + pageSize - 1) / pageSize * pageSize
        guard file_punch_hole(descriptor, offset, Int64(padded)) == 0 else { return false }
        return pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count
    }
}
