import HTTPWire

/// The actions of one turn: bytes of one kind become one.
struct ScriptBatch {
    typealias Mark = ScriptOutput.Mark

    /// Most bytes of a turn.
    static let largest = 65_536

    private(set) var actions: [ScriptAction] = []
    private(set) var room: Int
    private var bytes: [UInt8] = []
    private var content: [Range<Int>] = []
    private var mark = Mark()

    init(room: Int) {
        self.room = min(max(room, 0), Self.largest)
    }

    /// - Parameter count: at most ``room``.
    mutating func append(
        _ count: Int, _ mark: Mark, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        if mark.harm != self.mark.harm || mark.isHead != self.mark.isHead { close() }
        self.mark = mark
        let start = bytes.count
        // Many small pieces must not let it grow by little and little.
        if bytes.capacity < start + count { bytes.reserveCapacity(max(start + count, 2 * start)) }
        bytes.append(contentsOf: repeatElement(0, count: count))
        bytes.withUnsafeMutableBytes { fill(.init(rebasing: $0[start...])) }
        if mark.isContent { addContent(start..<start + count) }
        room -= count
    }

    private mutating func addContent(_ range: Range<Int>) {
        if let last = content.last, last.upperBound == range.lowerBound {
            content[content.count - 1] = last.lowerBound..<range.upperBound
        } else {
            content.append(range)
        }
    }

    mutating func flipLast(bit: Int) { bytes[bytes.count - 1] ^= 1 << UInt8(bit) }

    mutating func act(_ action: ScriptAction) {
        close()
        actions.append(action)
    }

    /// Makes an action of the bytes that it has gathered.
    mutating func close() {
        guard !bytes.isEmpty else { return }
        let isAll = content == [0..<bytes.count]
        let storage = bytes.withUnsafeBytes {
            ByteStorage(copying: $0, content: isAll ? nil : content)
        }
        var made = Bytes(storage).marked(mark.harm)
        if mark.isHead { made = made.asHead }
        actions.append(.bytes(made))
        bytes.removeAll(keepingCapacity: true)
        content.removeAll()
    }
}
