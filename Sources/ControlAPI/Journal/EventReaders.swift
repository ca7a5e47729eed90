import ChaosProxy
import Faults
import HTTPWire
import Records

/// The readers of `/events`, and what all of them are shown: made once, however many they are. Loop
/// thread only.
final class EventReaders {
    static let maximum = 64
    /// Client addresses in an event; `GET /concurrency` has all.
    private static let maximumClients = 100

    /// Whoever sends a stream keeps it.
    private struct Reader {
        weak var stream: EventStream?
    }

    private let registry: ProxyRegistry
    private let environment: ProxyEnvironment?
    private let seed: UInt64
    private let begin: Instant?
    /// When the process began, or the world: what tells one from the next. Made once, as clocks are
    /// set meanwhile.
    private lazy var started: JSONValue = {
        guard let begin, let environment else { return .null }
        let time = Int64(truncatingIfNeeded: begin.nanoseconds) &+ environment.wallOffset
        return .string(Timestamp.text(nanoseconds: time))
    }()
    private var readers: [Reader] = []
    /// Of the last tick; nil before the first.
    private(set) var now: Instant?
    /// Goes up with every change; from 1, so that a new reader is shown it.
    private(set) var stateVersion: UInt64 = 1
    private(set) var metersVersion: UInt64 = 0
    /// Empty until a tick has made them.
    private(set) var meters: [UInt8] = []
    private var knownState: [UInt8]?
    private(set) var runningVersion: UInt64 = 0
    /// As JSON.
    private(set) var running: [UInt8] = []
    private var knownRunning: [RunningExchange] = []

    init(_ registry: ProxyRegistry, _ environment: ProxyEnvironment?, seed: UInt64) {
        (self.registry, self.environment, self.seed) = (registry, environment, seed)
        begin = environment?.now()
    }

    var isEmpty: Bool { readers.allSatisfy { $0.stream == nil } }

    /// - Throws: `APIError` if there are too many.
    func add(_ stream: EventStream) throws(APIError) {
        readers.removeAll { $0.stream == nil }
        guard readers.count < Self.maximum else {
            throw APIError(
                503, "/events has \(Self.maximum) readers already: close one of them first")
        }
        // Nobody has ticked since the last one went.
        if readers.isEmpty {
            (now, meters, knownState) = (nil, [], nil)
            (running, knownRunning) = ([], [])
        }
        readers.append(Reader(stream: stream))
    }

    func remove(_ stream: EventStream) {
        readers.removeAll { $0.stream == nil || $0.stream === stream }
    }

    /// The proxies are not as they were.
    func noteChange() {
        stateVersion += 1
        knownState = nil
    }

    /// Has every reader ask again for which there is something.
    func tick(at now: Instant) {
        self.now = now
        guard !isEmpty else { return }
        let meters = JSONWriter.bytes(
            ConcurrencyCoding.json(registry, environment, maximumClients: Self.maximumClients))
        if meters != self.meters {
            self.meters = meters
            metersVersion += 1
        }
        lookAtRunning()
        // A reader that ends while it is woken takes itself from the list.
        for reader in readers { reader.stream?.tick(at: now) }
    }

    private func lookAtRunning() {
        let found = RunningCoding.find(registry.proxies)
        guard found != knownRunning else { return }
        knownRunning = found
        runningVersion += 1
        running = JSONWriter.bytes(
            RunningCoding.json(found, wallOffset: environment?.wallOffset))
    }

    /// Whether the last tick has found anything under way.
    var isSomethingRunning: Bool { !knownRunning.isEmpty }

    /// All proxies as JSON, with what the process was started with.
    var state: [UInt8] {
        if let knownState { return knownState }
        let members: [JSONValue.Member] = [
            .init("version", .string(ControlAPI.version)), .init("seed", .number("\(seed)")),
            // JavaScript has no numbers of so many digits.
            .init("seed_text", .string("\(seed)")), .init("started", started),
            .init("world", environment?.origin?.world.map(JSONValue.string) ?? .null),
            .init("proxies", ProxyCoding.json(registry.proxies)),
        ]
        let state = JSONWriter.bytes(.object(members))
        knownState = state
        return state
    }
}
