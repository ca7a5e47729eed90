import HTTPWire
import Testing

@testable import Faults

struct HeldFlowsTests {
    @Test func `flows come out as they went in, however they are mixed`() {
        var held = HeldFlows<Int>()
        var (next, wanted) = (0, 0)
        for round in 0..<500 {
            for _ in 0..<(round % 7) {
                held.append(.bytes(Bytes("\(next)")), next)
                next += 1
            }
            for _ in 0..<(round % 5) {
                guard let first = held.removeFirst() else { break }
                #expect(first.mark == wanted)
                #expect(first.flow.text == "\(wanted)")
                wanted += 1
            }
        }
        var actions = Actions()
        held.release(into: &actions)
        #expect(actions.texts == (wanted..<next).map(String.init))
        #expect(held.isEmpty)
        #expect(held.byteCount == 0)
    }

    @Test func `bytes are counted with 128 for each flow`() {
        var held = HeldFlows<Void>()
        #expect(held.byteCount == 0)
        held.append(.bytes(Bytes("abc")), ())
        held.append(.boundary, ())
        #expect(held.byteCount == 3 + 2 * 128)
        held.replaceFirst(.bytes(Bytes("c")), ())
        #expect(held.byteCount == 1 + 2 * 128)
        _ = held.removeFirst()
        #expect(held.byteCount == 128)
        _ = held.removeFirst()
        #expect(held.byteCount == 0)
        let isOver = held.removeFirst() == nil
        #expect(isOver)
    }

    @Test func `what has left is not kept alive`() {
        var held = HeldFlows<Void>()
        weak var storage: ByteStorage?
        do {
            let bytes = Bytes("abc")
            storage = bytes.storage
            held.append(.bytes(bytes), ())
        }
        held.append(.end, ())
        let isHeld = storage != nil
        #expect(isHeld)
        _ = held.removeFirst()
        let isKept = storage != nil
        #expect(!isKept)
    }
}
