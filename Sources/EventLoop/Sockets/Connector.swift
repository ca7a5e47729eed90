internal import CLibevent
import Glibc

/// Connects to the first of several addresses that answers. Loop thread only; gives up when freed.
///
///     connect 127.0.0.1:9: Connection refused
public final class Connector: Wakeable {
    private let loop: EventLoop
    private let addresses: [SocketAddress]
    /// How many of them have been tried, the one under way included.
    private var tried = 0
    private var descriptor: Int32 = -1
    private var event: UnsafeMutablePointer<event>?
    private let deadline: UInt64
    /// Hears our own address of each attempt, before anybody else can see it.
    private let onBound: ((SocketAddress) -> Void)?
    private var completion: ((Result<Int32, EventLoopError>) -> Void)?
    private var result: Result<Int32, EventLoopError>?

    /// Begins at once with the first address.
    ///
    /// - Parameters:
    ///   - nanoseconds: for all addresses together.
    ///   - onBound: hears our own address of each attempt, before anybody else can see it.
    ///   - completion: called once, after this has returned, unless `cancel()` or the end of this
    ///     object comes first. A descriptor is non-blocking, close-on-exec and without Nagle's
    ///     delay, and belongs to the receiver. An error is that of the last address tried:
    ///     ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, EMFILE …; EADDRNOTAVAIL if there is no address,
    ///     ECONNRESET if it was connected and has been reset since.
    public init(
        _ addresses: [SocketAddress], timeout nanoseconds: UInt64, on loop: EventLoop,
        onBound: ((SocketAddress) -> Void)? = nil,
        completion: @escaping (Result<Int32, EventLoopError>) -> Void
    ) {
        loop.assertOnThread()
        self.loop = loop
        self.addresses = addresses
        (self.completion, self.onBound) = (completion, onBound)
        let (sum, overflows) = loop.now.addingReportingOverflow(nanoseconds)
        deadline = overflows ? .max : sum
        super.init()
        tryNext(after: EventLoopError("connect", errno: EADDRNOTAVAIL))
    }

    deinit {
        cancel()
        if let event { loop.giveBack(event) }
    }

    /// Gives up; the completion is not called any more.
    public func cancel() {
        completion = nil
        loop.cancel(self)
        closeDescriptor()
    }

    /// - Parameter error: what became of the address before.
    private func tryNext(after error: EventLoopError) {
        var error = error
        // Reset behind its handshake, it was connected; so no other one is asked.
        while tried < addresses.count, !error.isReset {
            let address = addresses[tried]
            tried += 1
            switch begin(address) {
            case 0: return finish(.success(descriptor))
            case EINPROGRESS, EALREADY: return wait()
            case let code: error = EventLoopError("connect \(address)", errno: code)
            }
            closeDescriptor()
        }
        finish(.failure(error))
    }

    /// - Returns: an errno, 0 if it is connected, or EINPROGRESS.
    private func begin(_ address: SocketAddress) -> Int32 {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        descriptor = socket(family, Int32(type), 0)
        guard descriptor >= 0 else { return errno }
        var on: Int32 = 1
        guard
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
                socklen_t(MemoryLayout<Int32>.size)) == 0
        else { return errno }
        // On loopback the answer is there before the first call returns: the second one tells it,
        // and the event is spared.
        for attempt in 0..<2 {
            if attempt == 1, !tellBound() { return errno }
            if address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 {
                if attempt == 0, !tellBound() { return errno }
                return checked(address)
            }
            guard errno == EINPROGRESS else { return errno }
        }
        return EINPROGRESS
    }

    /// - Returns: false, with errno, if it is not known.
    private func tellBound() -> Bool {
        guard let onBound else { return true }
        guard let own = SocketAddress.ask({ getsockname(descriptor, $0, $1) }) else { return false }
        onBound(own)
        return true
    }

    private func checked(_ address: SocketAddress) -> Int32 {
        let mayMeetItself = ClientPorts.range.contains(address.port)
        return mayMeetItself && Self.meetsItself(descriptor, at: address) ? ECONNREFUSED : 0
    }

    /// A port of our own that happens to be the one asked for answers itself (simultaneous open,
    /// RFC 9293 §3.5): nobody listens there.
    static func meetsItself(_ descriptor: Int32, at address: SocketAddress) -> Bool {
        SocketAddress.ask { getsockname(descriptor, $0, $1) } == address
    }

    private func wait() {
        let event = event ?? loop.takeEvent()
        self.event = event
        loop.assign(event, descriptor, EV_WRITE, Unmanaged.passUnretained(self).toOpaque()) {
            _, _, context in
            guard let context else { return }
            let connector = Unmanaged<Connector>.fromOpaque(context).takeUnretainedValue()
            let loop = connector.loop
            connector.answered()
            loop.runDeferred()
        }
        let error = loop.add(event)
        guard error == 0 else {
            closeDescriptor()
            return finish(.failure(EventLoopError("epoll_ctl", errno: error)))
        }
        loop.schedule(self, at: deadline)
    }

    private func answered() {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 { error = errno }
        if error == 0 { error = checked(addresses[tried - 1]) }
        guard error != 0 else { return finish(.success(descriptor)) }
        closeDescriptor()
        tryNext(after: EventLoopError("connect \(addresses[tried - 1])", errno: error))
    }

    override func due(at now: UInt64) {
        closeDescriptor()
        let address = addresses[tried - 1]
        finish(.failure(EventLoopError("connect \(address)", errno: ETIMEDOUT)))
    }

    /// Tells the result when the callback under way is over: `init` may not have returned.
    private func finish(_ result: Result<Int32, EventLoopError>) {
        loop.cancel(self)
        self.result = result
        loop.afterCallback { [weak self] in self?.complete() }
    }

    private func complete() {
        guard let completion, let result else { return }
        self.completion = nil
        descriptor = -1
        completion(result)
    }

    private func closeDescriptor() {
        guard descriptor >= 0 else { return }
        if let event { loop.remove(event) }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
