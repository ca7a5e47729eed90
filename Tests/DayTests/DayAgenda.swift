/// What is to happen on a day, in the order of time; what is due together, in the order in which it
/// was put down.
struct DayAgenda {
    private struct Entry {
        let time: UInt64
        let order: UInt64
        let action: () -> Void
    }

    private var entries: [Entry] = []
    private var orders: UInt64 = 0

    /// When the next of it is due, in nanoseconds of the day's clock; nil: nothing is left.
    var next: UInt64? { entries.first?.time }

    mutating func add(at time: UInt64, _ action: @escaping () -> Void) {
        orders += 1
        entries.append(Entry(time: time, order: orders, action: action))
        var index = entries.count - 1
        while index > 0, isBefore(index, (index - 1) / 2) {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes out the first; there is one.
    mutating func take() -> () -> Void {
        entries.swapAt(0, entries.count - 1)
        let taken = entries.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < entries.count {
                if isBefore(child, least) { least = child }
            }
            guard least != index else { return taken.action }
            entries.swapAt(index, least)
            index = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (entries[left], entries[right])
        return left.time != right.time ? left.time < right.time : left.order < right.order
    }
}
