import HTTPWire

@testable import Faults

/// Scripts of faults: their reading, and what they do.
enum FuzzScripts {
    private static let mostScripts = 3
    private static let mostTurns = 400
    private static let mostBytes = 30_000
    /// A script may do millions of them, and time is held against the length of its text.
    private static let mostSteps = 5_000

    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        let scripts: [Script]
        do throws(ScriptError) {
            scripts = try Script.read(bytes)
        } catch {
            let lines = bytes.count { $0 == 0x0a || $0 == 0x0d } + 2
            try hold(
                (1...lines).contains(error.line) && error.column >= 1 && !error.message.isEmpty,
                "the mistake lies at \(error.line):\(error.column)")
            return
        }
        var cuts = FuzzCuts(bytes)
        for script in scripts.prefix(mostScripts) {
            _ = script.warnings(turns: 4)
            try hold(!script.sentence.isEmpty, "\(script.name) has no sentence")
            let salt = UInt64(cuts.number(below: 1 << 20))
            let whole = try outcome(script, room: { _ in 1 << 20 })
            let parts = try outcome(script) { turn in
                Int(SeededGenerator.mix(salt &+ UInt64(turn)) % 3000)
            }
            // One of them may have been left before the other.
            let count = min(whole.count, parts.count)
            try hold(
                whole.prefix(count) == parts.prefix(count),
                "\(script.name) sends other bytes in other pieces")
        }
    }

    /// What it sends.
    private static func outcome(_ script: Script, room: (Int) -> Int) throws -> [UInt8] {
        var run = ScriptRun(ScriptFault(script, [:]), seed: 3)
        (run.mostBytes, run.mostSteps) = (mostBytes, mostSteps)
        var (sent, now, idle) = ([UInt8](), Instant(nanoseconds: 50), 0)
        run.take(ScriptRequest())
        for turn in 0..<mostTurns where !run.isOver && idle < 3 {
            if run.question != nil { run.take(answer, other: other) }
            let most = room(turn)
            let actions = run.run(at: now, room: most)
            let before = sent.count
            for action in actions { take(action, &sent, &run) }
            try hold(sent.count - before <= most, "it sends more than there is room for")
            try hold(run.deadline.map { $0 > now } ?? true, "it wants to be woken in the past")
            try hold(
                !run.isOver || run.deadline == nil && !run.isWaiting,
                "it is over and waits for something")
            guard actions.isEmpty, most > 0 else { continue }
            idle += 1
            guard run.isWaiting, let deadline = run.deadline else { continue }
            (now, idle) = (deadline, 0)
        }
        try hold(sent.count <= mostBytes, "it sends \(sent.count) bytes, more than it may")
        return sent
    }

    private static func take(
        _ action: ScriptAction, _ sent: inout [UInt8], _ run: inout ScriptRun
    ) {
        switch action {
        case .bytes(let bytes): sent += bytes.memory.map { Array($0) } ?? []
        case .awaitRequest: run.take(ScriptRequest())
        case .head, .cut, .half, .end: break
        }
    }

    private static let answer = HonestAnswer(
        head: Array(
            ("HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 10\r\n"
                + "ETag: \"a\"\r\n\r\n").utf8),
        body: Array("0123456789".utf8))
    private static let other = HonestAnswer(
        head: Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"o\"\r\n\r\n".utf8),
        body: Array("other".utf8))
}
