import Glibc
import HTTPWire

/// A regular file that is open for reading; closed when the last answer that needs it has gone.
final class FixtureFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }

        /// - Parameter error: the C error number.
        init(_ error: Int32) {
            self.init("cannot be read: \(String(cString: strerror(error)))")
        }
    }

    /// What is the same as long as nobody has written to the file.
    struct Identity: Equatable {
        let device: UInt
        let inode: UInt
        let size: Int
        let modified: Int
        let changed: Int
    }

    let descriptor: Int32
    let identity: Identity
    let count: Int
    /// Seconds since 1970.
    let lastModified: Int64

    /// Opens without following a link and without blocking on a FIFO.
    init(opening path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let error = errno
            if descriptor >= 0 { close(descriptor) }
            throw Failure(error)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure("is no regular file")
        }
        identity = Identity(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            modified: status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec,
            changed: status.st_ctim.tv_sec &* 1_000_000_000 &+ status.st_ctim.tv_nsec)
        count = Int(status.st_size)
        lastModified = Int64(status.st_mtim.tv_sec)
    }

    deinit { close(descriptor) }

    /// The whole content. A file that shrinks while it is read is a failure.
    func inMemory() throws(Failure) -> ByteStorage {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        defer { buffer.deallocate() }
        try forEachPiece(into: buffer) { _ in }
        return ByteStorage(copying: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    /// From the content, whatever its size: the tag of a large file costs one pass at start.
    func entityTag() throws(Failure) -> EntityTag {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var hasher = EntityTagHasher()
        try forEachPiece(into: buffer) { hasher.update($0) }
        return hasher.finish()
    }

    /// Whether the content begins with a GIF's signature and could hold a picture.
    static func isGIF(_ content: UnsafeRawBufferPointer) -> Bool {
        guard content.count >= 14 else { return false }
        return content.starts(with: "GIF87a".utf8) || content.starts(with: "GIF89a".utf8)
    }

    func isGIF() throws(Failure) -> Bool {
        var start = [UInt8](repeating: 0, count: 14)
        let count = pread(descriptor, &start, start.count, 0)
        guard count >= 0 else { throw Failure(errno) }
        return start.withUnsafeBytes {
            Self.isGIF(UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
    }

    private func forEachPiece(
        into buffer: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        var offset = 0
        while offset < count {
            let wanted = min(buffer.count, count - offset)
            let got = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
            guard got > 0 else {
                throw got == 0 ? Failure("shrinks") : Failure(errno)
            }
            body(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            offset += got
        }
    }
}
