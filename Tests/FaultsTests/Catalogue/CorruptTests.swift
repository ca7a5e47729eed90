import HTTPWire
import Testing

@testable import Faults

struct CorruptTests {
    private func stage(_ bytes: Int, inject: Bool = false, seed: UInt64 = 1) -> CorruptStage {
        CorruptStage(Corrupt(bytes: bytes, inject: inject), seed: seed)
    }

    /// The bytes of what comes out; nil for what is none.
    private func output(_ stage: inout CorruptStage, _ flow: Flow) -> [[UInt8]?] {
        var actions = Actions()
        stage.receive(flow, at: Instant(nanoseconds: 0), into: &actions)
        return actions.forwarded.map { flow in
            guard case .bytes(let bytes) = flow else { return nil }
            return bytes.memory.map { Array($0) }
        }
    }

    @Test(arguments: [1, 7, 8, 9, 100, 1000, 1 << 20])
    func `exactly so many random bytes stand in place of the message`(count: Int) {
        var stage = stage(count)
        #expect(output(&stage, .bytes(Bytes("abc"))).map { $0?.count } == [count])
        #expect(output(&stage, .bytes(Bytes("def"))).isEmpty)
        #expect(output(&stage, .end).count == 1)
    }

    @Test func `0 bytes let the message vanish`() {
        var stage = stage(0)
        #expect(output(&stage, .bytes(Bytes("abc"))).isEmpty)
    }

    @Test func `a boundary begins another message with bytes of its own`() {
        var stage = stage(16)
        let first = output(&stage, .bytes(Bytes("abc")))
        #expect(output(&stage, .boundary).count == 1)
        let second = output(&stage, .bytes(Bytes("abc")))
        #expect(first.count == 1 && second.count == 1)
        #expect(first != second)
    }

    @Test func `injected bytes come into the middle of the first piece`() {
        var stage = stage(100, inject: true)
        let output = output(&stage, .bytes(Bytes("abcdefg")))
        #expect(output.count == 3)
        #expect(output.first == Array("abc".utf8))
        #expect(output.last == Array("defg".utf8))
        #expect(output[1]?.count == 100)
        #expect(stage.receive("rest", at: 0) == ["rest"])
        #expect(stage.receive(.boundary, at: 0) == ["boundary"])
        #expect(self.output(&stage, .bytes(Bytes("ab"))).count == 3)
    }

    @Test func `before a single byte nothing but the random ones can stand`() {
        var stage = stage(5, inject: true)
        let output = output(&stage, .bytes(Bytes("a")))
        #expect(output.map { $0?.count } == [5, 1])
    }

    @Test func `the seed decides the bytes, which are even`() {
        var (one, same, other) = (stage(64, seed: 1), stage(64, seed: 1), stage(64, seed: 2))
        let bytes = output(&one, .bytes(Bytes("a")))
        #expect(output(&same, .bytes(Bytes("b"))) == bytes)
        #expect(output(&other, .bytes(Bytes("a"))) != bytes)
        var generator = SeededGenerator(seed: 9)
        var counts = [Int](repeating: 0, count: 256)
        for byte in CorruptStage.random(256_000, &generator) { counts[Int(byte)] += 1 }
        // Five standard deviations of a binomial with 256 000 trials of 1/256 are 158.
        #expect(counts.allSatisfy { abs($0 - 1000) <= 158 })
    }

    @Test func `it holds nothing`() {
        var stage = stage(5)
        _ = stage.receive("abc", at: 0)
        #expect(stage.heldBytes == 0)
        #expect(stage.deadline == nil)
        #expect(stage.release(at: 0) == [])
    }

    @Test func `another kind holds from the next message on`() {
        var stage = stage(5)
        #expect(output(&stage, .bytes(Bytes("abc"))).count == 1)
        _ = stage.update(Corrupt(bytes: 2, inject: true))
        _ = output(&stage, .boundary)
        #expect(output(&stage, .bytes(Bytes("abcd"))).map { $0?.count } == [2, 2, 2])
    }

    @Test func `told to inject in the middle of a message, the rest passes`() {
        var stage = stage(5)
        _ = output(&stage, .bytes(Bytes("abc")))
        _ = stage.update(Corrupt(bytes: 2, inject: true))
        #expect(stage.receive("rest", at: 0) == ["rest"])
    }
}
