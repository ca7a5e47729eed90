import HTTPWire
import Testing

@testable import Charfinder

struct RowTurnsTests {
    /// A client that takes whatever it may.
    private final class Client {
        private(set) var taken = 0
        private var share: RowShare?

        init(_ turns: RowTurns) {
            share = RowShare(turns) { [unowned self] in takeAll() }
        }

        func takeAll() {
            while let share, share.take() { taken += 1 }
        }
    }

    @Test func `all clients together make a turn's pieces, one after another`() {
        let manual = ManualTurns()
        let turns = RowTurns(turns: manual.add)
        let clients = (0..<100).map { _ in Client(turns) }
        for client in clients { client.takeAll() }
        #expect(clients.map(\.taken) == [RowTurns.pieces] + [Int](repeating: 0, count: 99))
        for turn in 1...50 {
            manual.turn()
            #expect(clients.reduce(0) { $0 + $1.taken } == (turn + 1) * RowTurns.pieces)
        }
        // 800 pieces: 8 for each, in the order of asking.
        #expect(clients.dropFirst().allSatisfy { $0.taken == 8 })
        #expect(clients[0].taken == 8 + RowTurns.pieces)
        #expect(manual.count == 1)
    }

    @Test func `one client alone has all, and who has enough costs no turns`() {
        let manual = ManualTurns()
        let turns = RowTurns(turns: manual.add)
        let share = RowShare(turns) {}
        #expect(manual.isEmpty)
        #expect((0..<RowTurns.pieces).allSatisfy { _ in share.take() })
        #expect(!share.take() && !share.take())
        manual.turn()
        #expect(share.take() && share.take())
        manual.finish()
        #expect(share.take())
    }

    @Test func `an answer waits for its turn if whoever sends it can wait`() {
        let manual = ManualTurns()
        let turns = RowTurns(turns: manual.add)
        let found = IndexFixture.whole.index.matches("cjk")
        let rows = RowWriter(.line, found.cursor(0..<found.count), behind: [])
        let stream = RowStream(fields: [], rows, count: 0, turns)
        #expect((0..<2 * RowTurns.pieces).allSatisfy { _ in isPiece(stream.next()) })
        var more = 0
        stream.onMore = { more += 1 }
        #expect((0..<RowTurns.pieces).allSatisfy { _ in isPiece(stream.next()) })
        let refused = stream.next()
        #expect(!isPiece(refused) && more == 0)
        manual.turn()
        #expect(more == 1 && isPiece(stream.next()))
    }

    private func isPiece(_ piece: ResponseStream.Piece) -> Bool {
        if case .bytes = piece { true } else { false }
    }
}
