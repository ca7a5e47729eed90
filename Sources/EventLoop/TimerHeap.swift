/// A four-ary heap of deadlines: one entry for each waiting thing, whatever their number, and one
/// libevent timer for the earliest of them.
///
/// Entries hold unretained pointers; whoever is waiting cancels before it goes. Pure: time is
/// passed in.
struct TimerHeap {
    private struct Entry {
        let deadline: UInt64
        let waiter: Unmanaged<Wakeable>
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    var earliest: UInt64? { entries.first?.deadline }

    /// Arms `waiter` for `deadline`; one that was armed already is moved.
    mutating func schedule(_ waiter: Wakeable, at deadline: UInt64) {
        let entry = Entry(deadline: deadline, waiter: .passUnretained(waiter))
        if waiter.heapIndex >= 0 {
            replace(at: Int(waiter.heapIndex), with: entry)
        } else {
            // In steps: doubling would cost each of ten thousand waiters half as much again.
            if entries.count == entries.capacity {
                entries.reserveCapacity(entries.count + entries.count / 8 + 64)
            }
            entries.append(entry)
            siftUp(from: entries.count - 1)
        }
    }

    mutating func cancel(_ waiter: Wakeable) {
        guard waiter.heapIndex >= 0 else { return }
        remove(at: Int(waiter.heapIndex))
        waiter.heapIndex = -1
    }

    /// Takes out the earliest waiter that is due.
    mutating func popDue(at now: UInt64) -> Wakeable? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        let waiter = first.waiter.takeUnretainedValue()
        remove(at: 0)
        waiter.heapIndex = -1
        return waiter
    }

    private mutating func remove(at index: Int) {
        let last = entries.removeLast()
        if index < entries.count { replace(at: index, with: last) }
        if entries.isEmpty, entries.capacity > 4096 { entries = [] }
    }

    private mutating func replace(at index: Int, with entry: Entry) {
        let rises = entry.deadline < entries[index].deadline
        entries[index] = entry
        if rises { siftUp(from: index) } else { siftDown(from: index) }
    }

    private mutating func siftUp(from start: Int) {
        var index = start
        let entry = entries[index]
        while index > 0 {
            let parent = (index - 1) / 4
            guard entry.deadline < entries[parent].deadline else { break }
            place(entries[parent], at: index)
            index = parent
        }
        place(entry, at: index)
    }

    private mutating func siftDown(from start: Int) {
        var index = start
        let entry = entries[index]
        while let child = earliestChild(of: index), entries[child].deadline < entry.deadline {
            place(entries[child], at: index)
            index = child
        }
        place(entry, at: index)
    }

    private func earliestChild(of index: Int) -> Int? {
        let first = index * 4 + 1
        guard first < entries.count else { return nil }
        var best = first
        for child in first + 1..<max(first + 1, min(first + 4, entries.count))
        where entries[child].deadline < entries[best].deadline {
            best = child
        }
        return best
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        entries[index] = entry
        entry.waiter._withUnsafeGuaranteedRef { $0.heapIndex = Int32(index) }
    }
}
