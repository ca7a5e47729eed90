import TestSupport

/// What a client has in mind when it comes: drawn before anything happens.
struct DayErrand {
    enum Ending {
        /// When all is answered.
        case close
        /// Says that it will say no more, and waits for its answers.
        case halfClose
        /// Stays until it is sent away.
        case stays
    }

    private(set) var requests: [DayRequest] = []
    /// Sends all at once.
    let isPipelined: Bool
    /// Sends each request in two pieces.
    let isSplit: Bool
    /// Between an answer and the next request, in nanoseconds.
    let think: UInt64
    /// How much it takes at once; nil: everything.
    let pace: Int?
    /// Whether it takes nothing any more after that.
    let stopsTaking: Bool
    let ending: Ending
    /// How long it stays at most, in nanoseconds; whether it goes with RST then.
    let patience: UInt64
    let resets: Bool

    private static let millisecond: UInt64 = 1_000_000

    init(_ kind: DayDoor.Kind, _ random: inout TestGenerator, isHasty: Bool) {
        isPipelined = kind != .tcp && random.next(below: 4) == 0
        isSplit = random.next(below: 8) == 0
        think = UInt64(random.next(below: isHasty ? 40 : 3000)) * Self.millisecond
        let isSlow = random.next(below: 9) == 0
        pace = isSlow ? random.element(of: [300, 9_000, 60_000]) : nil
        stopsTaking = isSlow && random.next(below: 6) == 0
        ending =
            random.element(of: [.close, .close, .close, .close, .close, .halfClose, .stays])
        let leaves = random.next(below: 5) == 0
        let longest = leaves ? 1_500 : 60_000
        patience = UInt64(random.next(below: longest)) * Self.millisecond + 40_000
        resets = random.next(below: 2) == 0
        for _ in 0...random.next(below: 6) { add(kind, &random) }
    }

    private mutating func add(_ kind: DayDoor.Kind, _ random: inout TestGenerator) {
        guard requests.last?.closes != true else { return }
        let closes = random.next(below: 12) == 0
        var request =
            switch kind {
            case .site: Self.flag(closes, &random)
            case .http: Self.cargo(closes, &random)
            case .tcp: Self.piece(&random)
            }
        let before = requests.last?.end ?? 0
        request.end = before + (kind == .tcp ? request.upload : request.bytes.count)
        requests.append(request)
    }

    private static func flag(_ closes: Bool, _ random: inout TestGenerator) -> DayRequest {
        let isMissing = random.next(below: 10) == 0
        let file = random.element(of: DayFiles.often)
        let isHead = random.next(below: 12) == 0
        return DayRequest(
            method: isHead ? .head : .get,
            target: isMissing ? "/flags/no\(random.next(below: 4))" : "/flags/\(file.name)",
            status: isMissing ? 404 : 200,
            content: isHead ? 0 : isMissing ? DayFiles.unknown : file.count, closes: closes,
            upload: 0)
    }

    /// What a backend makes of it stands in the target.
    private static func cargo(_ closes: Bool, _ random: inout TestGenerator) -> DayRequest {
        let count = random.element(of: [0, 20, 700, 5_000, 5_000, 40_000, 300_000])
        let kind = random.element(of: ["n", "n", "n", "n", "n", "n", "c", "c", "s", "x", "q"])
        let isUpload = random.next(below: 6) == 0
        let half = kind == "s" || kind == "x" ? count / 2 : count
        return DayRequest(
            method: isUpload ? .post : .get,
            target: "/\(kind)/\(count)/\(random.next(below: 9))", status: 200, content: half,
            closes: closes, upload: isUpload ? 1 + random.next(below: 3_000) : 0)
    }

    private static func piece(_ random: inout TestGenerator) -> DayRequest {
        let count = 1 + random.next(below: random.element(of: [50, 5_000, 90_000]))
        return DayRequest(
            method: .post, target: "", status: 0, content: 2 * count, closes: false,
            upload: count)
    }
}
