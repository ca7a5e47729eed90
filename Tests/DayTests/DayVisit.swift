import ChaosProxy
import EventLoop
import Records
import TestSupport

/// One connection of a client: what it does, what it gets, and what is told of it.
final class DayVisit {
    let number: Int
    let door: DayDoor
    let errand: DayErrand
    let peer: SocketAddress
    private let streets: DayStreets
    /// As long as it is there.
    private(set) var socket: SimulatedSocket?
    private(set) weak var session: ConnectionHandler?
    /// How many bytes of the answers came, in all.
    private(set) var taken = 0
    private(set) var requests: [DayRequest]
    private(set) var reader = DayReader()
    var records: [ExchangeRecord] = []

    // MARK: How far it is

    /// How many requests were sent, and how many of their bytes were read.
    private(set) var asked = 0
    private(set) var delivered = 0
    /// When it was let in, and when its connection was gone.
    private(set) var joined: UInt64?
    private(set) var left: UInt64?
    /// Whether it was one connection too many.
    var isSurplus = false
    /// When its RST was heard.
    private(set) var resetAt: UInt64?
    var hasReset: Bool { resetAt != nil }
    private(set) var hasEnded = false
    private(set) var hasStalled = false
    private(set) var wasEnded = false
    private(set) var isGone = false
    private var isTaking = false

    private static let step: UInt64 = 5_000_000

    init(
        _ number: Int, _ door: DayDoor, _ errand: DayErrand, from peer: SocketAddress,
        _ streets: DayStreets
    ) {
        (self.number, self.door, self.errand, self.peer) = (number, door, errand, peer)
        (self.streets, requests) = (streets, errand.requests)
        let socket = streets.socket()
        self.socket = socket
        socket.peer = peer
        socket.onEvent = { [unowned self] in saw($0) }
        if errand.pace != nil { socket.peerStalls() }
    }

    /// How many of its requests have been read whole.
    var arrived: Int { requests.count { $0.delivered != nil } }
    var isOver: Bool { isGone || hasReset }
    /// Whether it is let in and nothing has ended its connection.
    var isThere: Bool { joined != nil && !isGone && socket?.isClosing == false }

    /// For whoever wants to know why.
    var words: String {
        let asks = requests.map { request in
            "\(request.method.rawValue) \(request.target) read \(request.delivered ?? 0)"
        }
        let told = records.map { record in
            "\(record.exchange) \(record.target) \(record.status?.code ?? 0) "
                + "\(record.bytesSent) \(record.ending.rawValue) in \(record.duration), "
                + "\(record.refusal?.rawValue ?? "-") \(record.faults.map(\.toxic.name))"
        }
        return "\(peer) at \(door.words) since \(joined ?? 0), \(errand.ending), "
            + "pipelined \(errand.isPipelined), split \(errand.isSplit), pace "
            + "\(errand.pace ?? 0), reset \(hasReset), ended \(hasEnded), was ended "
            + "\(wasEnded): \(asks), records \(told), answers \(reader.answers)"
    }

    // MARK: What it does

    /// It is let in.
    func joins() {
        (joined, session) = (streets.now, socket?.session)
        asks()
        streets.after(errand.patience) { [unowned self] in leaves(resetting: errand.resets) }
    }

    private func asks() {
        guard !isOver, !hasEnded, !wasEnded, asked < requests.count else { return }
        let count = errand.isPipelined ? requests.count - asked : 1
        var bytes: [UInt8] = []
        for request in requests[asked..<asked + count] {
            bytes +=
                door.kind == .tcp
                ? [UInt8](repeating: 0x74, count: request.upload) : request.bytes
        }
        asked += count
        let first = errand.isSplit ? bytes.count / 2 : bytes.count
        socket?.peerSends(Array(bytes.prefix(first)))
        streets.after(Self.step) { [unowned self] in
            if !hasEnded, !isOver { socket?.peerSends(Array(bytes.dropFirst(first))) }
            if asked == requests.count, errand.ending == .halfClose { ends() }
        }
    }

    /// FIN; who has gone does not read any more.
    private func ends(isGone: Bool = false) {
        guard !isOver else { return }
        if isGone { socket?.peerHasGone = true }
        guard !hasEnded else { return }
        hasEnded = true
        socket?.peerEnds()
    }

    private func leaves(resetting: Bool) {
        guard !isOver, let socket, socket.isOpen else { return }
        guard resetting else { return ends(isGone: true) }
        streets.doing {
            resetAt = streets.now
            socket.peerResets()
        }
    }

    // MARK: What it sees

    private func saw(_ event: SimulatedSocket.Event) {
        switch event {
        case .delivers(let count):
            delivered += count
            door.received += UInt64(count)
            noteDelivered()
        case .wrote(let count):
            door.sent += UInt64(count)
            if errand.pace != nil { takes() }
        case .took: gets()
        case .fin: isEnded()
        case .released: released()
        case .hearsEnd, .hearsReset, .tries, .closes, .rst, .turned: break
        }
    }

    private func noteDelivered() {
        var start = 0
        for index in requests.indices where start < delivered {
            if requests[index].touched == nil { requests[index].touched = streets.now }
            let end = requests[index].end
            if requests[index].delivered == nil, end <= delivered {
                requests[index].delivered = streets.now
            }
            start = end
        }
    }

    /// Takes a little, and more a moment later.
    private func takes() {
        guard !isTaking, !hasStalled, let pace = errand.pace else { return }
        isTaking = true
        streets.after(Self.step) { [unowned self] in
            isTaking = false
            guard let socket, socket.isOpen, !isOver else { return }
            streets.doing { socket.peerTakes(pace) }
            hasStalled = errand.stopsTaking
            if socket.queuedBytes > 0 { takes() }
        }
    }

    private func gets() {
        guard let socket else { return }
        taken = socket.taken
        guard door.kind != .tcp else {
            if taken == requests[..<asked].reduce(0, { $0 + $1.content }) { goesOn() }
            return
        }
        let before = reader.completed
        socket.written.withUnsafeBytes { bytes in
            reader.read(
                UnsafeRawBufferPointer(rebasing: bytes[..<socket.taken]), at: streets.now
            ) { [requests] in $0 < requests.count && requests[$0].method == .head }
        }
        if reader.completed > before, reader.completed == asked { goesOn() }
    }

    /// All that was asked for is here.
    private func goesOn() {
        streets.after(errand.think) { [unowned self] in
            if asked < requests.count { return asks() }
            if errand.ending == .close { ends(isGone: true) }
        }
    }

    private func isEnded() {
        wasEnded = true
        streets.after(Self.step) { [unowned self] in ends(isGone: true) }
    }

    private func released() {
        (isGone, left) = (true, streets.now)
        if !isSurplus { door.connections -= 1 }
        if let socket { streets.forget(socket) }
        // It is what is calling.
        streets.after(0) { [unowned self] in socket = nil }
    }
}
