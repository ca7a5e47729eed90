/// What is to happen on a day, in the order of time; what is due together, in the order in which it
/// was put down.
struct DayAgenda {
    private struct Entry {
        let time: UInt64
        let order: UInt64
        /// Where its action lies: moving that about would cost more than all else.
        let slot: Int

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private var entries: [Entry] = []
    private var actions: [() -> Void] = []
    private var free: [Int] = []
    private var orders: UInt64 = 0

    /// When the next of it is due, in nanoseconds of the day's clock; nil: nothing is left.
    var next: UInt64? { entries.first?.time }

    mutating func add(at time: UInt64, _ action: @escaping () -> Void) {
        orders += 1
        let slot = free.popLast() ?? actions.count
        if slot == actions.count { actions.append(action) } else { actions[slot] = action }
        let entry = Entry(time: time, order: orders, slot: slot)
        entries.append(entry)
        var index = entries.count - 1
        while index > 0 {
            let parent = entries[(index - 1) / 2]
            guard entry.isBefore(parent) else { break }
            entries[index] = parent
            index = (index - 1) / 2
        }
        entries[index] = entry
    }

    /// Takes out the first; there is one.
    mutating func take() -> () -> Void {
        let first = entries[0]
        let entry = entries.removeLast()
        if !entries.isEmpty { sink(entry) }
        free.append(first.slot)
        let action = actions[first.slot]
        actions[first.slot] = {}
        return action
    }

    private mutating func sink(_ entry: Entry) {
        var index = 0
        while 2 * index + 1 < entries.count {
            var child = 2 * index + 1
            if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
            let least = entries[child]
            guard least.isBefore(entry) else { break }
            entries[index] = least
            index = child
        }
        entries[index] = entry
    }
}
