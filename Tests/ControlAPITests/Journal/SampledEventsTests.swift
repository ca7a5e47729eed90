import ChaosProxy
import Faults
import HTTPWire
import Records
import TestSupport
import Testing

@testable import ControlAPI

/// `/events?max_rate=`: what is left out is said, and all adds up.
@Suite struct SampledEventsTests {
    /// A reader with what it was told so far.
    private final class Reader {
        let harness: ControlHarness
        let stream: ResponseStream
        private(set) var sent: [UInt64] = []
        private(set) var leftOut: UInt64 = 0
        private(set) var lost: UInt64 = 0
        private(set) var words: [(oneIn: UInt64, leftOut: UInt64)] = []
        private(set) var pieces = 0
        private var quarter = 0

        init(_ query: String, capacity: Int = 10_000) throws {
            harness = try ControlHarness(journal: Journal(capacity: capacity))
            try harness.create("local")
            try harness.create("error")
            harness.journal?.append(served: 10)
            stream = try harness.read(query)
            try read()
        }

        var journal: Journal { harness.journal ?? Journal() }

        func tick() {
            quarter += 1
            harness.control.tick(at: Instant(nanoseconds: UInt64(quarter) * 250_000_000))
        }

        /// - Parameter most: pieces of the stream.
        func read(_ most: Int = .max) throws {
            var left = most
            while left > 0, case .bytes(let piece) = stream.next() {
                #expect(piece.count <= 64 << 10 || piece.starts(with: Array("event: s".utf8)))
                try take(piece)
                (left, pieces) = (left - 1, pieces + 1)
            }
        }

        private func take(_ piece: [UInt8]) throws {
            for event in StreamedEvent.all(piece) where !event.isComment {
                switch event.name {
                case "records":
                    let numbers = try event.numbers
                    let id = try #require(event.id.flatMap { UInt64($0) })
                    #expect(numbers.count <= 64 && id >= numbers.last ?? .max)
                    sent += numbers
                case "sampled":
                    let word = try JSONValue(text: event.data)
                    words.append(
                        (try Self.number(word["one_in"]), try Self.number(word["left_out"])))
                    leftOut += words.last?.leftOut ?? 0
                case "lost": lost += try Self.number(try JSONValue(text: event.data)["count"])
                default: break
                }
            }
        }

        private static func number(_ value: JSONValue?) throws -> UInt64 {
            guard case .number(let digits)? = value else { throw NoNumber() }
            return try #require(UInt64(digits))
        }

        private struct NoNumber: Error {}
    }

    @Test func `more than are taken are sampled evenly, and less are all sent`() throws {
        let reader = try Reader("?max_rate=100")
        reader.journal.append(served: 25)
        try reader.read()
        #expect(reader.sent.isEmpty, "a round begins with a tick")
        reader.tick()
        try reader.read()
        #expect(reader.sent == Array(11...35) && reader.words.isEmpty)
        reader.journal.append(served: 1000)
        reader.tick()
        try reader.read()
        let chosen = reader.sent.dropFirst(25)
        #expect(chosen.count <= 25 && Array(chosen) == (36...1035).filter { $0 % 40 == 0 })
        #expect(reader.words.allSatisfy { $0.oneIn == 40 } && reader.leftOut == 975)
        reader.journal.append(served: 3)
        for _ in 0..<2 {
            reader.tick()
            try reader.read()
        }
        #expect(reader.sent.suffix(3) == [1036, 1037, 1038])
        #expect(reader.words.last.map { [$0.oneIn, $0.leftOut] } == [1, 0])
        #expect(reader.words.count { $0.oneIn == 1 } == 1)
    }

    @Test func `it says that it keeps up again, also when nothing comes any more`() throws {
        let reader = try Reader("?max_rate=4")
        reader.journal.append(served: 50)
        reader.tick()
        try reader.read()
        #expect(reader.sent.count == 1 && reader.leftOut == 49)
        var wakes = 0
        reader.stream.onMore = { wakes += 1 }
        reader.tick()
        try reader.read()
        #expect(wakes == 1 && reader.words.last.map { [$0.oneIn, $0.leftOut] } == [1, 0])
        reader.tick()
        #expect(wakes == 1)
    }

    @Test func `where each second one matches, one in so many of these is sent`() throws {
        let reader = try Reader("?max_rate=100&proxy=error")
        for _ in 0..<4500 {
            reader.journal.append(served: 1)
            reader.journal.append(served: 1, proxy: "error")
        }
        reader.tick()
        try reader.read()
        #expect(reader.sent.count == 25 && reader.leftOut == 4475)
        let steps = zip(reader.sent, reader.sent.dropFirst()).map { $1 - $0 }
        #expect(Set(steps) == [348])
        #expect(reader.sent.allSatisfy { $0 % 2 == 0 })
    }

    @Test func `history is whole, whatever the rate is`() throws {
        let reader = try Reader("?max_rate=1&since=0")
        #expect(reader.sent == Array(1...10) && reader.words.isEmpty)
        reader.journal.append(served: 100)
        for _ in 0..<4 {
            reader.tick()
            try reader.read()
        }
        #expect(reader.sent.count == 11 && reader.leftOut == 99)
    }

    @Test func `a hundred thousand a second are bounded work, and what the ring forgot is lost`()
        throws
    {
        let reader = try Reader("?max_rate=1000")
        for _ in 0..<3 {
            reader.journal.append(served: 25_000)
            reader.tick()
            let before = reader.pieces
            try reader.read()
            // 250 records in batches of 64, the loss, and the meters.
            #expect(reader.pieces - before <= 8)
        }
        #expect(reader.lost == 3 * 15_000 && reader.sent.count == 750)
        #expect(reader.leftOut == 3 * 9750 && Set(reader.words.map(\.oneIn)) == [40])
    }

    @Test(arguments: ["", "&status=200"])
    func `sent, left out and lost add up, however slowly it is read`(_ filter: String) throws {
        var generator = TestGenerator(seed: 5)
        let reader = try Reader("?max_rate=500\(filter)", capacity: 3000)
        for _ in 0..<150 {
            reader.journal.append(served: generator.next(below: 1200))
            reader.tick()
            try reader.read(generator.next(below: 8))
        }
        for _ in 0..<30 {
            reader.tick()
            try reader.read()
        }
        #expect(zip(reader.sent, reader.sent.dropFirst()).allSatisfy { $0 < $1 })
        let sum = UInt64(reader.sent.count) + reader.leftOut + reader.lost
        #expect(sum == reader.journal.newest - 10)
        #expect(reader.lost > 0 && reader.leftOut > 0)
    }

    @Test(arguments: [("&proxy=error", 0 as UInt64), ("&q=seq%3E5000+-proxy:local", 5000)])
    func `of those that a filter means, each one is sent or left out`(
        _ filter: String, _ after: UInt64
    ) throws {
        var generator = TestGenerator(seed: 6)
        let reader = try Reader("?max_rate=500\(filter)")
        var matching = 0
        for _ in 0..<40 {
            for _ in 0..<generator.next(below: 3000) {
                let isError = generator.next(below: 3) == 0
                reader.journal.append(served: 1, proxy: isError ? "error" : "local")
                if isError, reader.journal.newest > after { matching += 1 }
            }
            let before = reader.sent.count
            reader.tick()
            try reader.read()
            #expect(reader.sent.count - before <= 125)
        }
        #expect(reader.sent.count + Int(reader.leftOut) == matching && reader.lost == 0)
        #expect(reader.sent.count > 40 * 60)
    }
}
