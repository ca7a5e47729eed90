import HTTPWire

@testable import Faults

/// Stages: toxics as on the command line, one a line, up to an empty line; each byte behind it is
/// a step.
enum FuzzPipelines {
    private static let mostToxics = 4
    private static let mostSteps = 80

    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        var toxics: [Toxic] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0a) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.isEmpty { break }
            guard toxics.count < mostToxics, let toxic = FuzzMixes.words(line) else { continue }
            toxics.append(toxic)
        }
        let (first, last) = (rest.first ?? 0, rest.last ?? 0)
        var run = PipelineRun(
            toxics, first & 2 == 0 ? .upstream : .downstream, isConnection: first & 1 == 1)
        for byte in rest.prefix(mostSteps) { try run.step(byte) }
        try run.end(releases: last & 1 == 1)
    }

    /// A toxic that was read works for some exchanges.
    static func draw(_ toxic: Toxic) throws {
        var run = PipelineRun([toxic], toxic.stream, isConnection: false)
        for byte in [7, 0x48, 0xc0, 1] as [UInt8] { try run.step(byte) }
        try run.end(releases: false)
        _ = toxic.fault.words
    }
}

/// One direction of an exchange through the stages of some toxics, with what must hold of it.
struct PipelineRun {
    /// What only comes later.
    private static let late: Set<String> = ["noop", "latency", "bandwidth", "slicer", "slow_close"]
    private static let mostBytes = 3000

    private let toxics: [Toxic]
    private let stream: Toxic.Stream
    private let isConnection: Bool
    private let credits = BandwidthCredits()
    private var pipeline: Pipeline
    private var now = Instant(nanoseconds: 1_000_000)
    /// Of which each says where it is.
    private var (sent, left) = (0, 0)
    /// Where messages end, as far as that has not left.
    private var marks: [Int] = []
    private var hasEnded = false
    private var hasLeft = false
    /// Up to which byte came when.
    private var times: [(end: Int, at: Instant)] = []
    /// What all toxics of one exchange add at least, as long as they are the same.
    private var delay: Nanoseconds = 0
    private let isOnlyLate: Bool
    private var number: UInt64 = 1

    init(_ toxics: [Toxic], _ stream: Toxic.Stream, isConnection: Bool) {
        (self.toxics, self.stream) = (toxics, stream)
        self.isConnection = isConnection
        isOnlyLate = toxics.allSatisfy {
            !$0.fault.hasStage || Self.late.contains($0.fault.type.rawValue)
        }
        let drawn = Self.draw(toxics, 1, isConnection: isConnection)
        pipeline = Pipeline(drawn, stream: stream, credits: credits)
        for fault in drawn where fault.toxic.stream == stream {
            if case .latency(let time) = fault.effect { delay += time }
        }
        pipeline.begin(at: now)
    }

    private static func draw(
        _ toxics: [Toxic], _ number: UInt64, isConnection: Bool
    ) -> [FaultPlan.DrawnFault] {
        let key =
            isConnection
            ? DrawKey(connection: number) : DrawKey(target: 5, attempt: 1, number: number)
        let plan = FaultPlan(toxics, proxy: "p", seed: 7)
        return plan.draw(key) + plan.draw(key, isArrival: true)
    }

    // MARK: Steps

    /// - Parameter byte: below 128 so many bytes come; else time passes, or something else is.
    mutating func step(_ byte: UInt8) throws {
        try wake()
        switch byte {
        case ..<0x80: try receive(Int(byte))
        case ..<0xc0: now = now + (1 << UInt64(byte & 63) / 2)
        case ..<0xc8: try receiveMark()
        case ..<0xe0:
            guard let deadline = pipeline.deadline, deadline < .distantFuture else { return }
            now = max(now, deadline)
        default: try replace(mask: Int(byte & 31))
        }
        try wake()
    }

    private mutating func receive(_ count: Int) throws {
        guard !hasEnded, sent + count <= Self.mostBytes else { return }
        let bytes = (sent..<(sent + count)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        sent += count
        times.append((sent, now))
        try act { $0.receive(.bytes(Bytes(bytes)), at: $1, into: &$2) }
    }

    private mutating func receiveMark() throws {
        guard !hasEnded else { return }
        marks.append(sent)
        try act { $0.receive(.boundary, at: $1, into: &$2) }
    }

    private mutating func replace(mask: Int) throws {
        let kept = toxics.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
        number += 1
        let drawn = Self.draw(kept, number, isConnection: isConnection)
        let (stream, credits) = (stream, credits)
        delay = 0
        try act { $0.replace(with: drawn, stream: stream, credits: credits, at: $1, into: &$2) }
    }

    /// Everything that is due now leaves, after a bounded number of turns.
    private mutating func wake() throws {
        for _ in 0...(sent + marks.count + 8) {
            guard let deadline = pipeline.deadline, deadline <= now else { return }
            try act { $0.wake(at: $1, into: &$2) }
        }
        try hold(false, "it stays due at \(now)")
    }

    // MARK: The end

    /// - Parameter releases: whether the toxics are gone, and not the time.
    mutating func end(releases: Bool) throws {
        hasEnded = true
        try act { $0.receive(.end, at: $1, into: &$2) }
        try wake()
        if releases {
            try replace(mask: 0)
        } else {
            for _ in 0...(4 * sent + 2 * marks.count + 200) {
                guard let deadline = pipeline.deadline, deadline < .distantFuture else { break }
                try hold(deadline > now, "it is due in the past")
                now = deadline
                try wake()
            }
        }
        let isOver = pipeline.deadline == nil && !pipeline.isHolding
        guard isOnlyLate, releases || isOver else { return }
        try hold(left == sent && hasLeft, "\(left) of \(sent) bytes have left, end: \(hasLeft)")
        try hold(pipeline.heldBytes == 0, "nothing is held, and \(pipeline.heldBytes) bytes are")
    }

    // MARK: What leaves

    private mutating func act(
        _ body: (inout Pipeline, Instant, inout Actions) -> Void
    ) throws {
        var actions = Actions()
        body(&pipeline, now, &actions)
        try hold(pipeline.heldBytes >= 0, "it holds \(pipeline.heldBytes) bytes")
        guard isOnlyLate else { return }
        for flow in actions.forwarded { try note(flow) }
    }

    private mutating func note(_ flow: Flow) throws {
        switch flow {
        case .bytes(let bytes): try note(bytes)
        case .boundary:
            try hold(marks.first == left, "a message ends behind \(left) bytes: \(marks)")
            marks.removeFirst()
        case .end:
            try hold(hasEnded && !hasLeft && left == sent, "the end comes behind \(left) bytes")
            hasLeft = true
        case .prepared, .cut: throw FuzzFinding(description: "what only delays has cut")
        }
    }

    private mutating func note(_ bytes: Bytes) throws {
        try hold(bytes.harm == .none && !hasLeft, "what is only late is harmed")
        for byte in bytes.memory ?? .init(start: nil, count: 0) {
            try hold(
                left < sent && byte == UInt8(truncatingIfNeeded: left &* 31 &+ left >> 8),
                "byte \(left) of \(sent) is another one")
            left += 1
        }
        while let first = times.first, first.end < left { times.removeFirst() }
        guard let first = times.first, bytes.count > 0 else { return }
        try hold(now >= first.at + delay, "what came at \(first.at) leaves at \(now)")
    }
}
