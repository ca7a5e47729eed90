import HTTPWire

/// From path to index, without allocation or reference counting: open addressing.
final class PathTable {
    private struct Slot {
        var hash: UInt64
        /// Of the key in `keys`, and its place in the list; a free slot has the index -1.
        var offset: Int32
        var count: Int32
        var index: Int32
    }

    private let keys: UnsafeMutableRawBufferPointer
    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int

    /// - Parameters:
    ///   - names: all different; a path is the folder and one of them.
    init(_ names: [String], below folder: String) {
        let bytes = names.reduce(0) { $0 + folder.utf8.count + $1.utf8.count }
        keys = .allocate(byteCount: max(bytes, 1), alignment: 8)
        var size = 16
        while size < names.count * 2 { size *= 2 }
        mask = size - 1
        slots = .allocate(capacity: size)
        slots.initialize(
            repeating: Slot(hash: 0, offset: 0, count: 0, index: -1), count: size)
        var offset = 0
        for (index, name) in names.enumerated() {
            let count = folder.utf8.count + name.utf8.count
            let key = UnsafeMutableRawBufferPointer(rebasing: keys[offset..<offset + count])
            key.copyBytes(from: folder.utf8)
            UnsafeMutableRawBufferPointer(rebasing: key[folder.utf8.count...])
                .copyBytes(from: name.utf8)
            let hash = UnsafeRawBufferPointer(key).wordHash
            var position = Int(truncatingIfNeeded: hash) & mask
            while slots[position].index >= 0 { position = (position + 1) & mask }
            slots[position] = Slot(
                hash: hash, offset: Int32(offset), count: Int32(count), index: Int32(index))
            offset += count
        }
    }

    deinit {
        keys.deallocate()
        slots.deallocate()
    }

    func index(of path: UnsafeRawBufferPointer) -> Int? {
        let hash = path.wordHash
        var position = Int(truncatingIfNeeded: hash) & mask
        while slots[position].index >= 0 {
            if slots[position].hash == hash, isKey(slots[position], path) {
                return Int(slots[position].index)
            }
            position = (position + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isKey(_ slot: Slot, _ path: UnsafeRawBufferPointer) -> Bool {
        let key = keys[Int(slot.offset)..<Int(slot.offset + slot.count)]
        return UnsafeRawBufferPointer(rebasing: key).equals(path)
    }
}
