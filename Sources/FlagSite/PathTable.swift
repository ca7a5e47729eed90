/// From path to index, without allocation: open addressing over FNV-1a.
struct PathTable {
    private struct Slot {
        var hash: UInt64 = 0
        var index: Int32 = -1
    }

    private let paths: [[UInt8]]
    private var slots: [Slot]

    /// - Parameter paths: all different.
    init(_ paths: [[UInt8]]) {
        self.paths = paths
        var size = 16
        while size < paths.count * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        for (index, path) in paths.enumerated() {
            let hash = path.withUnsafeBytes(Self.hash)
            var position = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[position].index >= 0 { position = (position + 1) & (size - 1) }
            slots[position] = Slot(hash: hash, index: Int32(index))
        }
    }

    func index(of path: UnsafeRawBufferPointer) -> Int? {
        let hash = Self.hash(path)
        var position = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[position].index >= 0 {
            let slot = slots[position]
            if slot.hash == hash, equals(paths[Int(slot.index)], path) { return Int(slot.index) }
            position = (position + 1) & (slots.count - 1)
        }
        return nil
    }

    private func equals(_ key: [UInt8], _ path: UnsafeRawBufferPointer) -> Bool {
        key.count == path.count && key.withUnsafeBytes { $0.elementsEqual(path) }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 32)
    }
}
