import HTTPWire

/// The actions of one turn: bytes of one kind become one.
struct ScriptBatch {
    typealias Mark = ScriptOutput.Mark

    /// Most bytes of a turn.
    static let largest = 65_536

    private(set) var actions: [ScriptAction] = []
    private(set) var room: Int
    /// Of which so many bytes are used.
    private(set) var buffer: [UInt8]
    private var count = 0
    private var content: [Range<Int>] = []
    private var mark = Mark()

    /// - Parameter buffer: of another turn.
    init(room: Int, buffer: [UInt8]) {
        self.room = min(max(room, 0), Self.largest)
        self.buffer = buffer
    }

    /// - Parameter count: at most ``room``.
    mutating func append(
        _ count: Int, _ mark: Mark, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        if mark.harm != self.mark.harm || mark.isHead != self.mark.isHead { close() }
        self.mark = mark
        let (start, end) = (self.count, self.count + count)
        if end > buffer.count {
            // Many small pieces must not let it grow by little and little.
            let grown = min(max(end, 2 * buffer.count, 512), Self.largest)
            buffer += [UInt8](repeating: 0, count: grown - buffer.count)
        }
        buffer.withUnsafeMutableBytes { fill(.init(rebasing: $0[start..<end])) }
        if mark.isContent { addContent(start..<end) }
        self.count = end
        room -= count
    }

    private mutating func addContent(_ range: Range<Int>) {
        if let last = content.last, last.upperBound == range.lowerBound {
            content[content.count - 1] = last.lowerBound..<range.upperBound
        } else {
            content.append(range)
        }
    }

    mutating func flipLast(bit: Int) { buffer[count - 1] ^= 1 << UInt8(bit) }

    mutating func act(_ action: ScriptAction) {
        close()
        actions.append(action)
    }

    /// Makes an action of the bytes that it has gathered.
    mutating func close() {
        guard count > 0 else { return }
        let isAll = content == [0..<count]
        let storage = buffer.withUnsafeBytes {
            ByteStorage(copying: .init(rebasing: $0[..<count]), content: isAll ? nil : content)
        }
        var made = Bytes(storage).marked(mark.harm)
        if mark.isHead { made = made.asHead }
        actions.append(.bytes(made))
        count = 0
        content.removeAll()
    }
}
