import HTTPWire

@testable import Faults

/// A script at work on simulated time, with a client that takes all at once and a site with two
/// objects: what it does is told in lines.
struct ScriptPlay {
    /// Before each line the time in nanoseconds. Of bytes what is no content stands in ‹›; `foreign`
    /// and `lost` say what harm was done.
    private(set) var lines: [String] = []
    private(set) var bytes: [UInt8] = []
    var run: ScriptRun
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    var request = ScriptRequest()
    var answer = Self.answer
    var other: HonestAnswer? = Self.other
    var room = 1 << 20

    static let answer = HonestAnswer(
        head: Array(
            ("HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: 10\r\n"
                + "ETag: \"a\"\r\n\r\n").utf8),
        body: Array("0123456789".utf8))
    static let other = HonestAnswer(
        head: Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"o\"\r\n\r\n".utf8),
        body: Array("other".utf8))

    /// - Parameter steps: below a sentence and a blank line.
    init(
        _ steps: String, header: String = "", arguments: [String: Quantity] = [:], seed: UInt64 = 7
    ) throws {
        let script = try Script.read("It does this.\n\(header)\n\n\(steps)\n")[0]
        run = ScriptRun(ScriptFault(script, arguments), seed: seed)
        request.target = "/truncate/flags/br/br.gif"
        request.path = "/flags/br/br.gif"
        request.authority = "localhost:8005"
        request.elsewhere = "http://localhost:8001"
        request.next = "http://localhost:8005/redirect;n=1/flags/br/br.gif"
        request.date = 784_111_777
    }

    /// What a script of these steps does until it ends or waits for what does not come.
    static func lines(
        _ steps: String, header: String = "", arguments: [String: Quantity] = [:]
    ) throws -> [String] {
        var play = try ScriptPlay(steps, header: header, arguments: arguments)
        play.take()
        play.goOn()
        return play.lines
    }

    /// Its bytes.
    static func bytes(
        _ steps: String, header: String = "", arguments: [String: Quantity] = [:]
    ) throws -> [UInt8] {
        var play = try ScriptPlay(steps, header: header, arguments: arguments)
        play.take()
        play.goOn()
        return play.bytes
    }

    /// A request comes.
    mutating func take() { run.take(request) }

    /// As far as it goes by itself.
    mutating func goOn(most: Int = 10_000) {
        for _ in 0..<most where !run.isOver {
            if run.question != nil { run.take(answer, other: other) }
            let before = lines.count
            step()
            if lines.count == before, run.isWaiting {
                guard let deadline = run.deadline else { return }
                now = deadline
            }
        }
    }

    mutating func wait(until nanoseconds: UInt64) {
        now = start + nanoseconds
    }

    mutating func clientEnds() { run.clientEnded(at: now) }

    mutating func step() {
        for action in run.run(at: now, room: room) { note(action) }
    }

    private mutating func note(_ action: ScriptAction) {
        let text =
            switch action {
            case .head(let status, let line, let promised):
                "head \(status.map { "\($0.code)" } ?? "-") \(line) "
                    + (promised.map { "\($0)" } ?? "-")
            case .bytes(let bytes): note(bytes)
            case .cut(.fin): "fin"
            case .cut(.rst): "rst"
            case .half: "half"
            case .awaitRequest: "request"
            case .end: "end"
            }
        lines.append("\(now - start) \(text)")
    }

    private mutating func note(_ bytes: Bytes) -> String {
        let all = Array(bytes.memory ?? .init(start: nil, count: 0))
        self.bytes += all
        var (text, place) = ("", 0)
        for part in bytes.isHead ? [] : bytes.storage.content ?? [0..<all.count] {
            text += Self.framing(all[place..<part.lowerBound]) + Self.text(all[part])
            place = part.upperBound
        }
        text += Self.framing(all[place...])
        let harm = ["", "foreign ", "lost "][bytes.harm.rawValue]
        return (bytes.isHead ? "head: " : "") + harm + text
    }

    private static func framing(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.isEmpty ? "" : "‹\(text(bytes))›"
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
            .replacing("\r\n", with: "|")
    }
}
