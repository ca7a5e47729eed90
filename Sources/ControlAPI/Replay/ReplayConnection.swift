import EventLoop
import Faults

/// Asks once, over a connection of its own, and hears how that ends. Loop thread only.
final class ReplayConnection: ConnectionHandler {
    /// ECONNREFUSED and ETIMEDOUT of Linux (asm-generic/errno.h).
    private static let (refused, timedOut): (Int32, Int32) = (111, 110)

    /// Our own end, as the server knows its client; nil until there is one.
    private(set) var local: SocketAddress?
    private(set) var reader: ReplayReader
    /// nil until it is over.
    private(set) var ending: ReplayEnding?
    /// Why there was no connection.
    private(set) var failure: String?
    /// From the beginning to the end, in nanoseconds.
    private(set) var duration: Nanoseconds = 0
    private let message: [UInt8]
    private let loop: EventLoop
    private let start: UInt64
    private var connector: Connector?
    private var connection: Connection?
    private var patience: Timer?
    private var onOver: (() -> Void)?

    /// - Parameter onOver: called once, later, in a callback of the connection: it must not let go
    ///   of it there.
    init(
        _ request: ReplayRequest, timeout: Nanoseconds, on loop: EventLoop,
        onOver: @escaping () -> Void
    ) {
        (self.loop, start, message) = (loop, loop.now, request.message)
        (self.onOver, reader) = (onOver, ReplayReader(isHead: request.method == "HEAD"))
        super.init()
        patience = Timer(on: loop) { [unowned self] in end(reader.end(.timeout)) }
        patience?.schedule(after: timeout)
        connector = Connector(
            request.addresses, timeout: timeout, on: loop,
            onBound: { [unowned self] in local = $0 },
            completion: { [unowned self] in connected($0) })
    }

    /// Whether a server has accepted it, at least its kernel.
    var isConnected: Bool { connection != nil }

    /// Closes it; nothing is told any more.
    func cancel() {
        onOver = nil
        close()
    }

    private func connected(_ result: Result<Int32, EventLoopError>) {
        guard ending == nil else { return }
        switch result {
        case .success(let descriptor):
            let connection = Connection(descriptor: descriptor, on: loop)
            self.connection = connection
            connection.start(self)
            message.withUnsafeBytes(connection.write)
        case .failure(let error):
            failure = "\(error)"
            switch error.errno {
            case Self.refused: end(.refused)
            case Self.timedOut: end(.timeout)
            default: end(.error)
            }
        }
    }

    // MARK: What comes

    override func received(_ bytes: UnsafeRawBufferPointer) {
        guard ending == nil, let ending = reader.take(bytes) else { return }
        end(ending)
    }

    override func receivedEnd() {
        guard ending == nil else { return }
        end(reader.end(.fin))
    }

    override func closed(_ ending: ConnectionEnding) {
        guard self.ending == nil else { return }
        end(reader.end(ending == .peerReset ? .rst : .error))
    }

    private func end(_ ending: ReplayEnding) {
        guard self.ending == nil else { return }
        self.ending = ending
        duration = loop.now - start
        close()
        onOver?()
    }

    private func close() {
        patience?.cancel()
        connector?.cancel()
        connection?.close(lingering: false)
    }
}
