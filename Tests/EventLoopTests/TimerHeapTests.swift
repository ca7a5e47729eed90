import TestSupport
import Testing

@testable import EventLoop

struct TimerHeapTests {
    private final class Waiter: Wakeable {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    /// Takes out everything that is due, in order.
    private func popAll(_ heap: inout TimerHeap, at now: UInt64 = .max) -> [Int] {
        var numbers: [Int] = []
        while let waiter = heap.popDue(at: now) as? Waiter {
            #expect(waiter.heapIndex == -1)
            numbers.append(waiter.number)
        }
        return numbers
    }

    /// All orders of `elements`.
    private func permutations(_ elements: [Int]) -> [[Int]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test func `an empty heap has nothing due`() {
        var heap = TimerHeap()
        #expect(heap.isEmpty && heap.earliest == nil)
        #expect(heap.popDue(at: .max) == nil)
    }

    @Test func `nothing is due before its deadline`() {
        var heap = TimerHeap()
        let waiter = Waiter(1)
        heap.schedule(waiter, at: 100)
        #expect(heap.earliest == 100)
        #expect(heap.popDue(at: 99) == nil)
        #expect(popAll(&heap, at: 100) == [1])
        #expect(heap.isEmpty)
    }

    @Test func `whatever the order of arming, the earliest comes first`() {
        for count in 1...7 {
            let waiters = (0..<count).map(Waiter.init)
            for order in permutations(Array(0..<count)) {
                var heap = TimerHeap()
                for number in order { heap.schedule(waiters[number], at: UInt64(number) * 10) }
                #expect(heap.earliest == 0)
                #expect(popAll(&heap) == Array(0..<count))
            }
        }
    }

    @Test func `any one of them can be cancelled, whatever the order of arming`() {
        let count = 6
        let waiters = (0..<count).map(Waiter.init)
        for order in permutations(Array(0..<count)) {
            for cancelled in 0..<count {
                var heap = TimerHeap()
                for number in order { heap.schedule(waiters[number], at: UInt64(number) * 10) }
                heap.cancel(waiters[cancelled])
                #expect(waiters[cancelled].heapIndex == -1)
                #expect(popAll(&heap) == (0..<count).filter { $0 != cancelled })
            }
        }
    }

    @Test func `any one of them can be moved to any place`() {
        let count = 6
        let waiters = (0..<count).map(Waiter.init)
        for moved in 0..<count {
            for target in 0...count {
                var heap = TimerHeap()
                for number in 0..<count {
                    heap.schedule(waiters[number], at: UInt64(number) * 10 + 10)
                }
                heap.schedule(waiters[moved], at: UInt64(target) * 10 + 5)
                let expected = (0..<count).sorted { one, other in
                    let place = { $0 == moved ? target * 10 + 5 : $0 * 10 + 10 }
                    return place(one) < place(other)
                }
                #expect(popAll(&heap) == expected)
            }
        }
    }

    @Test func `only what is due comes out`() {
        var heap = TimerHeap()
        let waiters = (0..<20).map(Waiter.init)
        for waiter in waiters { heap.schedule(waiter, at: UInt64(waiter.number)) }
        #expect(popAll(&heap, at: 7) == Array(0...7))
        #expect(heap.earliest == 8)
        #expect(popAll(&heap, at: 7) == [])
        #expect(popAll(&heap, at: 100) == Array(8..<20))
    }

    @Test func `cancelling what is not armed does nothing`() {
        var heap = TimerHeap()
        let (armed, other) = (Waiter(1), Waiter(2))
        heap.cancel(other)
        heap.schedule(armed, at: 5)
        heap.cancel(other)
        heap.cancel(armed)
        heap.cancel(armed)
        #expect(heap.isEmpty)
    }

    @Test func `equal deadlines all come out`() {
        var heap = TimerHeap()
        let waiters = (0..<50).map(Waiter.init)
        for waiter in waiters { heap.schedule(waiter, at: 7) }
        #expect(Set(popAll(&heap, at: 7)) == Set(0..<50))
    }

    @Test func `a long random life is that of a sorted list`() {
        var generator = TestGenerator(seed: 4)
        var heap = TimerHeap()
        let waiters = (0..<300).map(Waiter.init)
        var model: [Int: UInt64] = [:]
        for step in 0..<20_000 {
            let number = generator.next(below: waiters.count)
            switch generator.next(below: 8) {
            case 0..<5:
                // All different, so that the order is known.
                let deadline = UInt64(generator.next(below: 1000)) * 100_000 + UInt64(step)
                heap.schedule(waiters[number], at: deadline)
                model[number] = deadline
            case 5..<7:
                heap.cancel(waiters[number])
                model[number] = nil
            default:
                let now = UInt64(generator.next(below: 1000)) * 20_000
                let due = model.filter { $0.value <= now }.sorted { $0.value < $1.value }
                #expect(popAll(&heap, at: now) == due.map(\.key))
                for (number, _) in due { model[number] = nil }
            }
            #expect(heap.earliest == model.values.min())
        }
        #expect(popAll(&heap) == model.sorted { $0.value < $1.value }.map(\.key))
    }
}
