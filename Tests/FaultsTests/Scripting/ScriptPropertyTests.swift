import HTTPWire
import Testing

@testable import Faults

/// What holds of any script.
struct ScriptPropertyTests {
    private static let pieces = [
        "head", "head 503 open", "head ..60%", "head 60%.. ends \"\\n\"", "head 103", "body",
        "body ..$at", "body 20%..70% flip 2", "body of other", "body as gzip ..50%",
        "body 3.. as zstd", "chunk ..50%", "chunk 50%.. size +3 extension \"a\" ends \"\"",
        "last-chunk \"X: $length\"", "send \"a$n\\r\\n\\r\\nb\"", "hex 00ff0d0a", "fill 37 random",
        "fill 5000 \"xyz\"", "fill 70kB zero", "wait 3ms", "wait $d", "pace 7B every 2ms",
        "pace 3kB every 1us", "pace off", "request",
    ]
    private static let header = "param at 40% position\nparam n 3 count\nparam d 5ms time"
    private static let endings = ["fin", "rst", "half", "silence 1s", "close-wait 20ms", "silence"]

    private static func steps(_ generator: inout SeededGenerator) -> String {
        var (steps, depth): ([String], Int) = ([], 0)
        for _ in 0..<Int(generator.next(below: 12) + 1) {
            switch generator.next(below: 10) {
            case 0 where depth < 3:
                steps += ["repeat \(generator.next(below: 4))", "send \"$i\""]
                depth += 1
            case 1 where depth < 3:
                steps += ["repeat forever 20kB bytes 15ms", "send \"$i,\""]
                depth += 1
            case 2 where depth > 0:
                steps.append("done")
                depth -= 1
            default: steps.append(pieces[Int(generator.next(below: UInt64(pieces.count)))])
            }
        }
        steps += Array(repeating: "done", count: depth)
        if generator.next(below: 2) == 0 {
            steps.append(endings[Int(generator.next(below: UInt64(endings.count)))])
        }
        return steps.joined(separator: "\n")
    }

    private struct Outcome: Equatable {
        /// Each byte with what is known of it.
        var bytes: [UInt8] = []
        var marks: [UInt8] = []
        var actions: [String] = []
    }

    /// Runs it with such rooms, and holds what it says of itself against what it does.
    private static func outcome(
        _ steps: String, room: (Int) -> Int
    ) throws -> Outcome {
        let script = try Script.read("It.\n\(header)\n\n\(steps)")[0]
        var run = ScriptRun(ScriptFault(script, [:]), seed: 3)
        var (outcome, now, idle) = (Outcome(), Instant(nanoseconds: 50), 0)
        run.take(ScriptRequest())
        for turn in 0..<20_000 where !run.isOver {
            if run.question != nil { run.take(ScriptPlay.answer, other: ScriptPlay.other) }
            let most = room(turn)
            let actions = run.run(at: now, room: most)
            var made = 0
            for action in actions {
                made += note(action, &outcome)
                if case .awaitRequest = action { run.take(ScriptRequest()) }
            }
            #expect(made <= min(most, 65_536))
            if let deadline = run.deadline { #expect(deadline > now, "\(steps)") }
            #expect(!run.isOver || run.deadline == nil && !run.isWaiting)
            idle = actions.isEmpty ? idle + 1 : 0
            if idle > 50 { break }
            if run.isWaiting, actions.isEmpty {
                guard let deadline = run.deadline else { break }
                now = deadline
            }
        }
        return outcome
    }

    private static func note(_ action: ScriptAction, _ outcome: inout Outcome) -> Int {
        switch action {
        case .head(let status, let line, let promised):
            outcome.actions.append(
                "\(outcome.bytes.count) head \(status?.code ?? 0) \(line) \(promised ?? -1)")
        case .bytes(let bytes):
            let all = Array(bytes.memory ?? .init(start: nil, count: 0))
            #expect(all.count > 0)
            var marks = [UInt8](
                repeating: UInt8(bytes.harm.rawValue) + (bytes.isHead ? 4 : 0), count: all.count)
            for part in bytes.storage.content ?? [0..<all.count] {
                for index in part { marks[index] += 8 }
            }
            outcome.bytes += all
            outcome.marks += marks
            return all.count
        case .cut(let cut): outcome.actions.append("\(outcome.bytes.count) \(cut)")
        case .half, .awaitRequest, .end:
            outcome.actions.append("\(outcome.bytes.count) \(action)")
        }
        return 0
    }

    @Test func `any split of the room gives the same bytes with the same marks`() throws {
        for seed in 0..<400 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let steps = Self.steps(&generator)
            guard (try? Script.read("It.\n\(Self.header)\n\n\(steps)")) != nil else { continue }
            let whole = try Self.outcome(steps) { _ in 1 << 20 }
            for _ in 0..<3 {
                let salt = generator.next()
                let parts = try Self.outcome(steps) { turn in
                    Int(SeededGenerator.mix(salt &+ UInt64(turn)) % 3000)
                }
                #expect(parts == whole, "seed \(seed):\n\(steps)")
            }
        }
    }

    @Test func `no room makes no bytes`() throws {
        var play = try ScriptPlay("head\nbody\nfin")
        play.room = 0
        play.take()
        play.goOn(most: 20)
        #expect(play.bytes.isEmpty)
        #expect(!play.run.isWaiting && !play.run.isOver)
    }

    @Test func `a text with any change is read or refused, and runs`() throws {
        let texts = Self.pieces + Self.endings + ["repeat 2", "done", "repeat forever 9kB 10ms"]
        var all = "A sentence.\ngroup body\nexpect error\nneeds gzip\ngiven ..40%\n"
        all += Self.header + "\nparam w a|b word # x\n\n" + texts.joined(separator: "\n")
        let original = Array(all.utf8)
        var generator = SeededGenerator(seed: 5)
        var read = 0
        for _ in 0..<3000 {
            var bytes = original
            let start = Int(generator.next(below: UInt64(bytes.count - 400)))
            bytes = Array(bytes[..<140]) + Array(bytes[start..<start + 300])
            for _ in 0..<Int(generator.next(below: 4)) {
                let place = Int(generator.next(below: UInt64(bytes.count)))
                switch generator.next(below: 4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(original[Int(generator.next(below: 300))], at: place)
                default: bytes[place] ^= 1 << UInt8(generator.next(below: 8))
                }
            }
            let scripts = bytes.withUnsafeBytes { bytes in try? Script.read(bytes) }
            for script in scripts ?? [] {
                read += 1
                _ = script.warnings
                var run = ScriptRun(ScriptFault(script, [:]), seed: 1)
                run.take(ScriptRequest())
                run.take(ScriptPlay.answer, other: nil)
                for turn in 0..<20 {
                    _ = run.run(at: Instant(nanoseconds: UInt64(turn) * 1_000_000), room: 5000)
                }
            }
        }
        #expect(read >= 0)
    }
}
