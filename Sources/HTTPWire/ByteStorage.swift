/// Immutable bytes in memory or in a file, kept alive by whoever refers to them.
public final class ByteStorage {
    /// nil if the bytes lie in a file only.
    public let address: UnsafeRawPointer?
    public let count: Int
    /// The file's descriptor, or -1.
    public let file: Int32
    /// Where content lies among what frames it; nil: everywhere.
    public let content: [Range<Int>]?
    private let owner: AnyObject?
    private let isAllocated: Bool

    /// A copy of `bytes`.
    ///
    /// - Parameter content: where content lies in it, in order; nil: everywhere.
    public init(copying bytes: UnsafeRawBufferPointer, content: [Range<Int>]? = nil) {
        self.content = content
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyMemory(from: bytes)
        (address, count, file) = (UnsafeRawPointer(copy.baseAddress), bytes.count, -1)
        (owner, isAllocated) = (nil, true)
    }

    /// Memory that `owner` keeps alive and nobody changes.
    ///
    /// - Parameter content: where content lies in it, in order; nil: everywhere.
    public init(
        borrowing bytes: UnsafeRawBufferPointer, owner: AnyObject, content: [Range<Int>]? = nil
    ) {
        (address, count, file) = (bytes.baseAddress, bytes.count, -1)
        (self.owner, isAllocated, self.content) = (owner, false, content)
    }

    /// Memory of the program itself, which stays and is not changed.
    public init(everlasting bytes: UnsafeRawBufferPointer) {
        (address, count, file) = (bytes.baseAddress, bytes.count, -1)
        (owner, isAllocated, content) = (nil, false, nil)
    }

    /// The first `count` bytes of a file that `owner` keeps open.
    public init(file: Int32, count: Int, owner: AnyObject) {
        (address, self.count, self.file) = (nil, count, file)
        (self.owner, isAllocated, content) = (owner, false, nil)
    }

    deinit {
        if isAllocated { address?.deallocate() }
    }
}
