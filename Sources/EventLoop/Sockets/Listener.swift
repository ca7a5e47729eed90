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
    /// Hears why accepting is suspended for a moment (no descriptors, no memory).
    public var onTrouble: (EventLoopError) -> Void = { _ in }

    private let loop: EventLoop
    private let descriptor: Int32
    private let event: UnsafeMutablePointer<event>
    /// Comes behind all that is ready together with the listener.
    private let turn: UnsafeMutablePointer<event>
    private let limits: [ConnectionLimit]
    private let places: Int
    /// How many of those that wait had come before this turn of the loop began.
    private var due = 1
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
    /// - Throws: `EventLoopError` with the errno of socket, bind or listen.
    public init(
        _ address: SocketAddress, limits: [ConnectionLimit], places: Int = 1, on loop: EventLoop
    ) throws(EventLoopError) {
        self.loop = loop
        (self.limits, self.places) = (limits, places)
        descriptor = try Self.open(address)
        let descriptor = descriptor
        self.address = SocketAddress.ask { getsockname(descriptor, $0, $1) } ?? address
        event = loop.takeEvent()
        turn = loop.takeEvent()
        retry = Timer(on: loop) { [unowned self] in resume() }
        event_assign(
            event, loop.base, descriptor, Int16(EV_READ | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                let listener = Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue()
                event_active(listener.turn, EV_READ, 0)
            }, Unmanaged.passUnretained(self).toOpaque())
        event_assign(
            turn, loop.base, -1, 0,
            { _, _, context in
                guard let context else { return }
                let listener = Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue()
                listener.acceptable()
                listener.loop.runDeferred()
            }, Unmanaged.passUnretained(self).toOpaque())
        event_add(event, nil)
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
        event_del(event)
        event_del(turn)
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
        event_del(event)
        event_del(turn)
        due = 1
        do throws(EventLoopError) {
            switch wanted {
            case .open: try listen(Self.backlog)
            case .stalled(let backlog): try listen(backlog)
            case .refusing:
                // Else others could bind it, too, while nobody listens.
                set(reusing: 0)
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
        set(reusing: 1)
        guard Glibc.listen(descriptor, backlog) == 0 else {
            throw EventLoopError("listen \(address)")
        }
    }

    private func set(reusing value: Int32) {
        var value = value
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &value,
            socklen_t(MemoryLayout<Int32>.size))
    }

    func resume() {
        guard isOpen, door == .open else { return }
        event_add(event, nil)
    }

    /// Behind what else is ready, and only those that had come before the turn began: what they
    /// ended before they came has been seen then. Who ends a connection and begins another must not
    /// be seen with two.
    private func acceptable() {
        for _ in 0..<due {
            guard isOpen, door == .open, acceptOne() else { break }
        }
        due = isOpen && door == .open ? min(max(1, Int(socket_waiting(descriptor))), Self.batch) : 1
    }

    /// - Returns: whether one was taken.
    private func acceptOne() -> Bool {
        guard enterLimits() else { return false }
        var client: Int32 = -1
        let peer = SocketAddress.ask {
            client = socket_accept(descriptor, $0, $1)
            return min(client, 0)
        }
        if client >= 0 {
            onAccept(client, peer)
            return true
        }
        let error = errno
        leaveLimits(limits[...])
        switch error {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: suspend(error)
        default: break  // EAGAIN, or that one client has gone, or its network failed (accept(2))
        }
        return false
    }

    private func enterLimits() -> Bool {
        for (index, limit) in limits.enumerated() {
            guard !limit.enter(self, places: index == 0 ? places : 1) else { continue }
            event_del(event)
            leaveLimits(limits[..<index])
            return false
        }
        return true
    }

    private func leaveLimits(_ entered: ArraySlice<ConnectionLimit>) {
        for index in entered.indices { entered[index].leave(places: index == 0 ? places : 1) }
    }

    /// The queue stays readable while there are no descriptors: without a pause we would spin.
    private func suspend(_ error: Int32) {
        event_del(event)
        retry?.schedule(after: Self.pauseNanoseconds)
        onTrouble(EventLoopError("accept on \(address)", errno: error))
    }

    /// A bound socket that listens.
    private static func open(_ address: SocketAddress) throws(EventLoopError) -> Int32 {
        let descriptor = try bind(address)
        guard Glibc.listen(descriptor, backlog) == 0 else {
            let error = errno
            Glibc.close(descriptor)
            throw EventLoopError("listen \(address)", errno: error)
        }
        return descriptor
    }

    /// To a port that was asked for by its number: one that the kernel has chosen by itself is lost
    /// when nobody listens on it for a while.
    private static func bind(_ address: SocketAddress) throws(EventLoopError) -> Int32 {
        let descriptor = try bound(to: address)
        guard address.port == 0,
            let chosen = SocketAddress.ask({ getsockname(descriptor, $0, $1) })
        else { return descriptor }
        // While neither of the two listens both can have it.
        defer { Glibc.close(descriptor) }
        return try bound(to: chosen)
    }

    private static func bound(to address: SocketAddress) throws(EventLoopError) -> Int32 {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(type), 0)
        guard descriptor >= 0 else { throw EventLoopError("socket for \(address)") }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // Accepted connections inherit it: one system call less for each.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        if family == AF_INET6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size)
        }
        guard address.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            let error = errno
            Glibc.close(descriptor)
            throw EventLoopError("bind \(address)", errno: error)
        }
        return descriptor
    }
}
