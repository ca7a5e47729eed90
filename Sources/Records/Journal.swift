/// The last records, in a ring. Whoever reads keeps a cursor into it, the sequence number that was
/// read last, so that readers cost nothing. Loop thread only.
public final class Journal {
    public static let standardCapacity = 10_000

    /// Bytes that their targets may have together: with long ones there is room for fewer.
    public static let standardText = 16 << 20
    private let maximumText: Int

    /// Most records that it holds.
    public let capacity: Int
    public private(set) var count = 0
    /// Grows up to the capacity. A pointer, because each request of LOCAL comes by here: an array
    /// would cost as much again.
    private var storage = UnsafeMutablePointer<ExchangeRecord>.allocate(capacity: 0)
    private var room = 0
    /// How many places of it hold something.
    private var made = 0
    /// Where the oldest one lies.
    private var start = 0
    /// Of the long targets.
    private var textBytes = 0
    /// Of the last record that fell out; 0 if none did.
    public private(set) var lastForgotten: UInt64 = 0
    /// Those that have fallen out since the start.
    private var forgottenTimes = ForgottenTimes()
    /// Of the last record before the last `reset`; 0 if there was none.
    public private(set) var resetSequence: UInt64 = 0

    /// - Parameters:
    ///   - capacity: at least 1.
    ///   - text: bytes that long targets may have together.
    public init(capacity: Int = standardCapacity, text: Int = standardText) {
        (self.capacity, maximumText) = (max(capacity, 1), text)
    }

    deinit {
        storage.deinitialize(count: made)
        storage.deallocate()
    }

    /// Sequence number of the newest record; 0 if there is none yet.
    public var newest: UInt64 {
        count > 0 ? self[count - 1].sequence : 0
    }

    /// - Parameter index: from 0, the oldest.
    public subscript(index: Int) -> ExchangeRecord {
        precondition(index >= 0 && index < count, "the journal has no such record")
        let place = start + index
        return storage[place < capacity ? place : place - capacity]
    }

    /// Takes the next record: sequence numbers go up, one after the other.
    public func append(_ record: consuming ExchangeRecord) {
        if count == capacity { forgetOldest() }
        let cost = Self.cost(record)
        if cost > 0 { makeRoom(cost) }
        var place = start + count
        count += 1
        if place >= capacity { place -= capacity }
        if place < made { return storage[place] = record }
        if made == room { grow() }
        (storage + place).initialize(to: record)
        made += 1
    }

    /// Gives its memory back; nothing may be appended any more.
    public func forgetAll() {
        storage.deinitialize(count: made)
        storage.deallocate()
        storage = .allocate(capacity: 0)
        (count, room, made, start, textBytes) = (0, 0, 0, 0, 0)
    }

    private func makeRoom(_ cost: Int) {
        textBytes += cost
        while textBytes > maximumText, count > 0 { forgetOldest() }
    }

    private func grow() {
        let larger = min(max(room * 2, 64), capacity)
        let new = UnsafeMutablePointer<ExchangeRecord>.allocate(capacity: larger)
        new.moveInitialize(from: storage, count: made)
        storage.deallocate()
        (storage, room) = (new, larger)
    }

    private func forgetOldest() {
        lastForgotten = storage[start].sequence
        forgottenTimes.add(storage[start].time)
        if textBytes > 0 { forgetText() }
        count -= 1
        start += 1
        if start == capacity { start = 0 }
    }

    /// A long text goes with its record, not only when the place is taken again.
    private func forgetText() {
        let cost = Self.cost(storage[start])
        guard cost > 0 else { return }
        textBytes -= cost
        storage[start] = ExchangeRecord(proxy: "")
    }

    /// Short targets are bounded by the number of records.
    private static func cost(_ record: ExchangeRecord) -> Int {
        let count = record.target.utf8.count
        return count > 256 ? count : 0
    }

    /// What comes from now on is of another test: `verify` counts from here. Nothing is forgotten.
    public func reset() {
        resetSequence = max(newest, resetSequence)
    }

    /// How many with a greater sequence number have fallen out.
    public func forgotten(after sequence: UInt64) -> UInt64 {
        guard lastForgotten > sequence else { return 0 }
        return min(lastForgotten - sequence, forgottenTimes.count)
    }

    /// How many that were over later than `time` may have fallen out.
    public func forgotten(since time: Int64) -> UInt64 {
        forgottenTimes.count(after: time)
    }

    /// The index of the first record with a greater sequence number; `count` if there is none.
    public func index(after sequence: UInt64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
