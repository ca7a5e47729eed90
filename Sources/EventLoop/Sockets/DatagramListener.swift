internal import CLibevent
import Glibc

/// A UDP socket that is asked, and answers who asks. Loop thread only; closes itself when freed.
///
/// As many datagrams are taken in one call as have come, up to 64, and their answers can be
/// gathered for another one.
public final class DatagramListener {
    /// Longest datagram that is taken in, in bytes: of a longer one the beginning is kept.
    public static let maximumBytes = 4096
    private static let batch = 64
    private static let pauseNanoseconds: UInt64 = 100_000_000
    /// What may wait in the kernel, in bytes.
    private static let queueBytes: Int32 = 1 << 20

    public let address: SocketAddress
    /// Gets what has come, valid only during the call.
    public var onReceive:
        (_ bytes: UnsafeRawBufferPointer, _ isWhole: Bool, SocketAddress) -> Void = { _, _, _ in }
    /// Hears of each datagram that was gathered, in their order, whether the kernel took it.
    public var onGathered: (_ isSent: Bool) -> Void = { _ in }
    /// Hears why nothing is taken for now, or what was sent is lost.
    public var onTrouble: (EventLoopError) -> Void = { _ in }

    private let loop: EventLoop
    private let descriptor: Int32
    /// Of another port, from which nobody expects an answer; made when it is needed.
    private var elsewhere: Int32?
    private let event: UnsafeMutablePointer<event>
    /// Room for what comes, and for what goes.
    private let received: UnsafeMutablePointer<datagram>
    private let replies: UnsafeMutablePointer<datagram>
    private let memory: UnsafeMutableRawBufferPointer
    /// How many are gathered.
    private var replyCount = 0
    /// Whether replies are gathered, for more of them come at once.
    private var isGathering = false
    private var isOpen = true
    private var isReading = true
    private var retry: Timer?

    /// - Throws: `EventLoopError` with the errno of socket, setsockopt, bind, getsockname or
    ///   epoll_ctl.
    public init(_ address: SocketAddress, on loop: EventLoop) throws(EventLoopError) {
        self.loop = loop
        (descriptor, self.address) = try Self.bound(to: address)
        received = .allocate(capacity: Self.batch)
        replies = .allocate(capacity: Self.batch)
        memory = .allocate(byteCount: 2 * Self.batch * Self.maximumBytes, alignment: 64)
        event = loop.takeEvent()
        for index in 0..<Self.batch {
            received[index] = datagram()
            replies[index] = datagram()
            received[index].bytes = memory.baseAddress?.advanced(by: index * Self.maximumBytes)
            replies[index].bytes = memory.baseAddress?.advanced(
                by: (Self.batch + index) * Self.maximumBytes)
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        loop.assign(event, descriptor, EV_READ | EV_PERSIST, context) { _, _, context in
            guard let context else { return }
            let listener = Unmanaged<DatagramListener>.fromOpaque(context).takeUnretainedValue()
            let loop = listener.loop
            listener.readable()
            loop.runDeferred()
            loop.callTimersIfLate()
        }
        let error = loop.add(event)
        guard error == 0 else {
            throw EventLoopError("epoll_ctl for \(self.address)", errno: error)
        }
    }

    deinit {
        close()
        loop.giveBack(event)
        received.deallocate()
        replies.deallocate()
        memory.deallocate()
    }

    /// Hears nothing more, and says nothing more but what is gathered.
    public func close() {
        guard isOpen else { return }
        flush()
        stop()
        isOpen = false
        Glibc.close(descriptor)
        if let elsewhere { Glibc.close(elsewhere) }
    }

    /// Hears nothing more. It has its port, and answers, until it is closed or freed.
    public func stop() {
        guard isReading else { return }
        isReading = false
        loop.remove(event)
        retry = nil
    }

    // MARK: What comes

    private func readable() {
        let count = datagrams_receive(
            descriptor, received, Int32(Self.batch), UInt32(Self.maximumBytes))
        guard count > 0 else {
            if count < 0, errno != EAGAIN, errno != EINTR {
                suspend(EventLoopError("recvmmsg on \(address)"))
            }
            return
        }
        isGathering = count > 1
        for index in 0..<Int(count) where isReading {
            let datagram = received[index]
            guard let peer = SocketAddress(datagram.peer) else { continue }
            let bytes = UnsafeRawBufferPointer(start: datagram.bytes, count: Int(datagram.count))
            onReceive(bytes, datagram.is_cut == 0, peer)
        }
        isGathering = false
        flush()
    }

    /// What does not end by itself would be told of again at once.
    private func suspend(_ error: EventLoopError) {
        loop.remove(event)
        let timer = retry ?? Timer(on: loop) { [unowned self] in resume() }
        retry = timer
        timer.schedule(after: Self.pauseNanoseconds)
        onTrouble(error)
    }

    private func resume() {
        guard isReading else { return }
        let error = loop.add(event)
        if error != 0 { suspend(EventLoopError("epoll_ctl for \(address)", errno: error)) }
    }

    // MARK: What goes

    /// Sends a datagram of at most `maximumBytes`, behind those that are gathered; what the kernel
    /// has no room for is lost.
    ///
    /// - Returns: false if it is too long, lost, or everything is closed.
    @discardableResult
    public func send(_ bytes: [UInt8], to peer: SocketAddress) -> Bool {
        guard isOpen, bytes.count <= Self.maximumBytes else { return false }
        return send(bytes, to: peer, by: descriptor)
    }

    /// The same together with others, if more have come at once. What became of it `onGathered`
    /// hears, in this call or when the last of them is answered; it must not send anything.
    public func gather(_ bytes: [UInt8], to peer: SocketAddress) {
        guard isOpen, bytes.count <= Self.maximumBytes else {
            flush()
            return onGathered(false)
        }
        if replyCount == Self.batch { flush() }
        fill(replies + replyCount, bytes, peer)
        replyCount += 1
        if !isGathering { flush() }
    }

    /// Sends it from another port than that where it is expected from.
    ///
    /// - Returns: false if it is too long, lost, there is no other port, or everything is closed.
    @discardableResult
    public func sendFromElsewhere(_ bytes: [UInt8], to peer: SocketAddress) -> Bool {
        guard isOpen, bytes.count <= Self.maximumBytes else { return false }
        do throws(EventLoopError) {
            let other = try otherPort()
            return send(bytes, to: peer, by: other)
        } catch {
            onTrouble(error)
            return false
        }
    }

    private func otherPort() throws(EventLoopError) -> Int32 {
        if let elsewhere { return elsewhere }
        let made = try Self.bound(to: address.with(port: 0)).descriptor
        elsewhere = made
        return made
    }

    private func fill(
        _ datagram: UnsafeMutablePointer<datagram>, _ bytes: [UInt8], _ peer: SocketAddress
    ) {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            datagram.pointee.bytes.copyMemory(from: start, byteCount: bytes.count)
        }
        datagram.pointee.count = UInt32(bytes.count)
        peer.withSockaddr { address, length in
            withUnsafeMutableBytes(of: &datagram.pointee.peer) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
            }
            datagram.pointee.peer_length = length
        }
    }

    /// Sends what is gathered.
    private func flush() {
        guard replyCount > 0 else { return }
        let count = replyCount
        replyCount = 0
        send(count, by: descriptor)
        for index in 0..<count { onGathered(replies[index].is_lost == 0) }
    }

    /// - Returns: whether the kernel took it.
    private func send(_ bytes: [UInt8], to peer: SocketAddress, by descriptor: Int32) -> Bool {
        flush()
        fill(replies, bytes, peer)
        send(1, by: descriptor)
        return replies[0].is_lost == 0
    }

    private func send(_ count: Int, by descriptor: Int32) {
        let error = datagrams_send(descriptor, replies, Int32(count))
        if error != 0 { onTrouble(EventLoopError("sendmmsg on \(address)", errno: error)) }
    }

    // MARK: The socket

    /// Without SO_REUSEADDR, with which two could have the port.
    private static func bound(
        to address: SocketAddress
    ) throws(EventLoopError) -> (descriptor: Int32, address: SocketAddress) {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(type), 0)
        guard descriptor >= 0 else { throw EventLoopError("socket for \(address)") }
        do throws(EventLoopError) {
            return (descriptor, try bind(descriptor, to: address))
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// - Returns: where it is bound.
    private static func bind(
        _ descriptor: Int32, to address: SocketAddress
    ) throws(EventLoopError) -> SocketAddress {
        var (on, size) = (Int32(1), queueBytes)
        let length = socklen_t(MemoryLayout<Int32>.size)
        // As much as it gives.
        _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, length)
        guard
            address.family == .ipv4
                || setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, length) == 0
        else { throw EventLoopError("setsockopt for \(address)") }
        guard address.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw EventLoopError("bind \(address)")
        }
        let bound = SocketAddress.ask { getsockname(descriptor, $0, $1) }
        guard let bound else { throw EventLoopError("getsockname of \(address)") }
        return bound
    }
}
