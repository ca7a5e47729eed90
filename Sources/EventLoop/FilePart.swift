import Glibc

/// Reads parts of open files, wherever their position is.
public enum FilePart {
    /// - Parameter offset: in bytes from the start of the file.
    /// - Returns: what there is of it, perhaps less than `count` bytes.
    public static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let start = buffer.baseAddress {
                let got = pread(
                    descriptor, start + filled, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                filled += got
            }
        }
    }
}
