internal import CLibevent
import Glibc

/// A listening TCP socket. Loop thread only; closes itself when freed.
public final class Listener {
    /// Pending connections that we ask the kernel to keep. Small queues turn a burst of clients
    /// into seconds of SYN retransmission.
    public static let backlog: Int32 = 4096
    /// What the kernel makes of it (net.core.somaxconn).
    public static var kernelBacklog: Int {
        guard let file = fopen("/proc/sys/net/core/somaxconn", "r") else { return Int(backlog) }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 32)
        guard fgets(&text, Int32(text.count), file) != nil else { return Int(backlog) }
        return min(Int(backlog), Int(atol(text)))
    }

    private static let pauseNanoseconds: UInt64 = 100_000_000
    /// Connections that are taken in one turn of the loop, at most: others have their turn, too.
    private static let batch = 64

    /// The real address: the port is the one that the kernel chose if 0 was asked for.
    public let address: SocketAddress
    /// Takes over an accepted, non-blocking descriptor, with who is at the other end.
    public var onAccept: (Int32, SocketAddress?) -> Void = { _, _ in }
    /// Hears why accepting is suspended for a moment: no descriptors, no memory, or whatever else
    /// will not be over at once.
    public var onTrouble: (EventLoopError) -> Void = { _ in }

    private let loop: EventLoop
    let descriptor: Int32
    private let event: UnsafeMutablePointer<event>
    /// Comes behind all that is ready together with the listener.
    private let turn: UnsafeMutablePointer<event>
    private let limits: [ConnectionLimit]
    private let places: Int
    /// How many of those that wait had come before this turn of the loop began, at least.
    private var due = 1
    /// How often some were taken.
    private var turns = 0
    /// How often in a row nobody was there to be accepted.
    private var missed = 0
    private var retry: Timer?
    private var isOpen = true
    private var door = Door.open

    private enum Door: Equatable {
        case open
        case stalled(backlog: Int32)
        case refusing
    }

    /// Binds and listens, with SO_REUSEADDR and, on IPv6, without mapped IPv4 addresses.
    ///
    /// - Parameters:
    ///   - limits: each accepted connection enters all of them; its owner lets it leave.
    ///   - places: how many of the first limit a connection takes.
    /// - Throws: `EventLoopError` with the errno of socket, setsockopt, bind, listen, getsockname
    ///   or epoll_ctl.
    public init(
        _ address: SocketAddress, limits: [ConnectionLimit], places: Int = 1, on loop: EventLoop
    ) throws(EventLoopError) {
        self.loop = loop
        (self.limits, self.places) = (limits, places)
        (descriptor, self.address) = try Self.open(address)
        event = loop.takeEvent()
        turn = loop.takeEvent()
        retry = Timer(on: loop) { [unowned self] in resume() }
        let context = Unmanaged.passUnretained(self).toOpaque()
        loop.assign(event, descriptor, EV_READ | EV_PERSIST, context) { _, _, context in
            guard let context else { return }
            let listener = Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue()
            event_active(listener.turn, EV_READ, 0)
        }
        loop.assign(turn, -1, 0, context) { _, _, context in
            guard let context else { return }
            let listener = Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue()
            listener.acceptable()
            listener.loop.runDeferred()
        }
        let error = loop.add(event)
        guard error == 0 else {
            throw EventLoopError("epoll_ctl for \(self.address)", errno: error)
        }
    }

    deinit {
        close()
        loop.giveBack(event)
        loop.giveBack(turn)
    }

    /// Stops listening; connections that were accepted stay.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        retry = nil
        loop.remove(event)
        loop.remove(turn)
        Glibc.close(descriptor)
    }

    // MARK: Who is let in

    /// Takes everybody, as it does from the start; those first that have waited.
    public func open() { treat(.open) }

    /// Takes nobody any more: the kernel completes `backlog` + 1 connections by itself, which wait,
    /// and drops what further clients send. Connections that were accepted go on.
    ///
    /// - Parameter backlog: from 0.
    public func stall(backlog: Int32) { treat(.stalled(backlog: backlog)) }

    /// Listens no more, so that the kernel answers who connects with RST; the port stays ours.
    /// Connections that were accepted go on, and those that wait are reset.
    public func refuse() { treat(.refusing) }

    private func treat(_ wanted: Door) {
        guard isOpen, wanted != door else { return }
        let before = door
        door = wanted
        loop.remove(event)
        loop.remove(turn)
        due = 1
        do throws(EventLoopError) {
            switch wanted {
            case .open: try listen(Self.backlog)
            case .stalled(let backlog): try listen(backlog)
            case .refusing:
                // Else others could bind it, too, while nobody listens.
                try Self.set(SO_REUSEADDR, of: descriptor, to: 0, address)
                // It is bound then as before it listened (tcp(7) does not say so: Linux).
                guard shutdown(descriptor, Int32(SHUT_RD)) == 0 else {
                    throw EventLoopError("shutdown of \(address)")
                }
            }
        } catch {
            door = before
            onTrouble(error)
        }
        resume()
    }

    private func listen(_ backlog: Int32) throws(EventLoopError) {
        try Self.set(SO_REUSEADDR, of: descriptor, to: 1, address)
        guard Glibc.listen(descriptor, backlog) == 0 else {
            throw EventLoopError("listen \(address)")
        }
    }

    func resume() {
        guard isOpen, door == .open else { return }
        let error = loop.add(event)
        if error != 0 { suspend(EventLoopError("epoll_ctl for \(address)", errno: error)) }
    }

    /// Behind what else is ready, and only those that had come before the turn began: what they
    /// ended before they came has been seen then. Who ends a connection and begins another must not
    /// be seen with two.
    private func acceptable() {
        for _ in 0..<due {
            guard isOpen, door == .open, acceptOne() else { break }
        }
        turns &+= 1
        // Behind one that came alone there is seldom another: asking is a system call.
        let asks = isOpen && door == .open && (due > 1 || turns % 4 == 0)
        due = asks ? min(max(1, Int(socket_waiting(descriptor))), Self.batch) : 1
    }

    /// - Returns: whether one was taken.
    private func acceptOne() -> Bool {
        guard enterLimits() else { return false }
        var client: Int32 = -1
        let peer = SocketAddress.ask {
            client = socket_accept(descriptor, $0, $1)
            return min(client, 0)
        }
        let error = errno
        if client >= 0 {
            missed = 0
            onAccept(client, peer)
            return true
        }
        leaveLimits(limits[...])
        missed += 1
        // A client that is gone is not the next one. What does not end by itself would be told of
        // again at once.
        if !Self.isOver(error) || missed >= Self.batch {
            missed = 0
            suspend(EventLoopError("accept on \(address)", errno: error))
        }
        return false
    }

    /// Whether it is over with this one client, who has gone or whose network has failed
    /// (accept(2)), or nobody is there.
    private static func isOver(_ error: Int32) -> Bool {
        [
            EAGAIN, EINTR, ECONNABORTED, ECONNRESET, EPROTO, ETIMEDOUT, ENETDOWN, ENOPROTOOPT,
            EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH,
        ].contains(error)
    }

    /// Lets one in that has come by another way than the socket: by the same door, and under the
    /// same limits, which its owner lets it leave.
    ///
    /// - Returns: false if it would have to wait, or be refused.
    public func letsIn() -> Bool { isOpen && door == .open && enterLimits() }

    private func enterLimits() -> Bool {
        for (index, limit) in limits.enumerated() {
            guard !limit.enter(self, places: index == 0 ? places : 1) else { continue }
            loop.remove(event)
            leaveLimits(limits[..<index])
            return false
        }
        return true
    }

    private func leaveLimits(_ entered: ArraySlice<ConnectionLimit>) {
        for index in entered.indices { entered[index].leave(places: index == 0 ? places : 1) }
    }

    /// The queue stays readable while there are no descriptors: without a pause we would spin.
    private func suspend(_ error: EventLoopError) {
        loop.remove(event)
        retry?.schedule(after: Self.pauseNanoseconds)
        onTrouble(error)
    }

    /// A bound socket that listens, and where.
    private static func open(
        _ address: SocketAddress
    ) throws(EventLoopError) -> (Int32, SocketAddress) {
        let descriptor = try bind(address)
        do throws(EventLoopError) {
            guard Glibc.listen(descriptor, backlog) == 0 else {
                throw EventLoopError("listen \(address)")
            }
            return (descriptor, try Self.address(of: descriptor))
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func address(of descriptor: Int32) throws(EventLoopError) -> SocketAddress {
        let address = SocketAddress.ask { getsockname(descriptor, $0, $1) }
        guard let address else { throw EventLoopError("getsockname of a listener") }
        return address
    }

    /// To a port that was asked for by its number: one that the kernel has chosen by itself is lost
    /// when nobody listens on it for a while.
    private static func bind(_ address: SocketAddress) throws(EventLoopError) -> Int32 {
        let descriptor = try bound(to: address)
        guard address.port == 0 else { return descriptor }
        // While neither of the two listens both can have it.
        defer { Glibc.close(descriptor) }
        return try bound(to: try Self.address(of: descriptor))
    }

    private static func bound(to address: SocketAddress) throws(EventLoopError) -> Int32 {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(type), 0)
        guard descriptor >= 0 else { throw EventLoopError("socket for \(address)") }
        do throws(EventLoopError) {
            try set(SO_REUSEADDR, of: descriptor, to: 1, address)
            // Accepted connections inherit it: one system call less for each.
            try set(TCP_NODELAY, at: Int32(IPPROTO_TCP), of: descriptor, to: 1, address)
            if family == AF_INET6 {
                try set(IPV6_V6ONLY, at: Int32(IPPROTO_IPV6), of: descriptor, to: 1, address)
            }
            guard address.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
                throw EventLoopError("bind \(address)")
            }
            return descriptor
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func set(
        _ option: Int32, at level: Int32 = SOL_SOCKET, of descriptor: Int32, to value: Int32,
        _ address: SocketAddress
    ) throws(EventLoopError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, level, option, &value, size) == 0 else {
            throw EventLoopError("setsockopt for \(address)")
        }
    }
}
