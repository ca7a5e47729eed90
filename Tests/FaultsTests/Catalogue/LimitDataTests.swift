import HTTPWire
import Testing

@testable import Faults

struct LimitDataTests {
    @Test func `exactly so many bytes get through, then the connection is cut`() {
        var stage = LimitDataStage(5)
        #expect(stage.receive("abc", at: 0) == ["abc"])
        #expect(stage.receive("defg", at: 1) == ["de", "fin"])
        #expect(stage.receive("h", at: 2) == [])
        #expect(stage.receiveEnd(at: 3) == [])
        #expect(stage.deadline == nil)
    }

    @Test func `the cut follows the last byte that is allowed at once`() {
        var stage = LimitDataStage(3)
        #expect(stage.receive("abc", at: 0) == ["abc", "fin"])
    }

    @Test func `a limit of 0 cuts in place of the first byte`() {
        var stage = LimitDataStage(0)
        #expect(stage.receive("", at: 0) == [""])
        #expect(stage.receive(.boundary, at: 0) == ["boundary"])
        #expect(stage.receive("a", at: 0) == ["fin"])
        #expect(stage.receive("b", at: 0) == [])
    }

    @Test func `an end before the limit passes`() {
        var stage = LimitDataStage(5)
        #expect(stage.receive("abcd", at: 0) == ["abcd"])
        #expect(stage.receiveEnd(at: 0) == ["end"])
        var empty = LimitDataStage(0)
        #expect(empty.receiveEnd(at: 0) == ["end"])
    }

    @Test(arguments: 0...20)
    func `in whatever pieces the bytes come, the same ones get through`(limit: Int) {
        let text = "abcdefghijklmnopq"
        for size in 1...text.utf8.count {
            var (stage, left) = (LimitDataStage(Int64(limit)), [String]())
            for start in stride(from: 0, to: text.utf8.count, by: size) {
                left += stage.receive(String(text.dropFirst(start).prefix(size)), at: 0)
            }
            let isCut = limit <= text.utf8.count
            #expect(left.joined() == text.prefix(limit) + (isCut ? "fin" : ""))
        }
    }

    @Test func `another limit counts what has passed`() {
        var stage = LimitDataStage(5)
        #expect(stage.receive("abcd", at: 0) == ["abcd"])
        _ = stage.update(LimitData(bytes: 6))
        #expect(stage.receive("e", at: 0) == ["e"])
        #expect(stage.receive("fg", at: 0) == ["f", "fin"])
        var lower = LimitDataStage(100)
        #expect(lower.receive("abcd", at: 0) == ["abcd"])
        _ = lower.update(LimitData(bytes: 2))
        #expect(lower.receive("e", at: 0) == ["fin"])
    }

    @Test func `the greatest limits do not overflow`() {
        #expect(LimitDataStage.passing(10, after: .max - 3, limit: .max) == 3)
        #expect(LimitDataStage.passing(.max, after: 0, limit: .max) == .max)
        #expect(LimitDataStage.passing(10, after: 20, limit: 5) == 0)
    }

    @Test func `it holds nothing`() {
        var stage = LimitDataStage(5)
        _ = stage.receive("abc", at: 0)
        #expect(stage.heldBytes == 0)
        #expect(stage.release(at: 0) == [])
    }
}
