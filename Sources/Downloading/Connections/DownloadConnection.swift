import EventLoop

/// A connection that asks one thing after the other. Loop thread only.
final class DownloadConnection: ConnectionHandler {
    let host: HostAndPort
    /// How many answers came over it.
    private(set) var served = 0
    private let connection: Connection
    private let patience: UInt64
    private let loop: EventLoop
    /// What is asked now; nil while it is idle.
    private(set) var exchange: DownloadExchange?
    /// When the last bytes came or went.
    private var lastProgress: UInt64 = 0
    private var isOver = false
    /// Idle for longer, it may have ended meanwhile, in nanoseconds.
    private static let freshness: UInt64 = 1_000_000
    private weak var client: DownloadClient?

    init(_ descriptor: Int32, to host: HostAndPort, of client: DownloadClient) {
        (self.host, self.client, loop) = (host, client, client.loop)
        patience = client.limits.patience
        connection = Connection(descriptor: descriptor, on: client.loop)
        super.init()
        connection.start(self)
    }

    /// Whether it can be used again: nothing has come over it that nobody has asked for.
    var isFresh: Bool {
        !isOver && (loop.now - lastProgress < Self.freshness || !connection.hasUnread)
    }

    func send(_ exchange: DownloadExchange) {
        self.exchange = exchange
        lastProgress = loop.now
        exchange.message.withUnsafeBytes(connection.write)
        if !isOver { watch() }
    }

    /// Ends it. The client keeps it until it is closed: it may be its callback that is under way.
    func close() {
        guard !isOver else { return }
        isOver = true
        exchange = nil
        client?.keep(self)
        connection.close(lingering: false)
    }

    // MARK: What comes

    override func received(_ bytes: UnsafeRawBufferPointer) {
        guard let exchange else { return unsolicited() }
        lastProgress = loop.now
        let used: Int
        do throws(DownloadFailure) {
            used = try exchange.reader.take(bytes)
            try client?.count(exchange)
        } catch {
            return end(error)
        }
        if exchange.reader.isComplete { complete(exchange, hasMore: used < bytes.count) }
    }

    /// What nobody asked for: the server and we do not mean the same.
    private func unsolicited() {
        guard !isOver else { return }
        close()
        client?.left(self)
    }

    private func complete(_ exchange: DownloadExchange, hasMore: Bool) {
        served += 1
        self.exchange = nil
        let goesOn = exchange.reader.head?.keepsAlive == true && !hasMore
        if !goesOn { close() }
        client?.answered(exchange, nil, by: self, isFree: goesOn)
    }

    override func receivedEnd() {
        end(exchange?.reader.end(isReset: false))
    }

    override func closed(_ ending: ConnectionEnding) {
        end(exchange?.reader.end(isReset: ending != .fin))
        client?.release(self)
    }

    override func woke(at now: UInt64) {
        guard let exchange, !isOver else { return }
        guard now >= deadline(exchange) else { return watch() }
        let isTotal = now >= exchange.deadline
        let words =
            exchange.reader.hasBegun
            ? "no more of the answer \(exchange.reader.progress)" : "no answer"
        end(
            DownloadFailure(
                .timeout, isTotal ? "it took too long: \(words)" : "\(words) within the timeout"))
    }

    private func deadline(_ exchange: DownloadExchange) -> UInt64 {
        let (idle, overflows) = lastProgress.addingReportingOverflow(patience)
        return min(overflows ? .max : idle, exchange.deadline)
    }

    private func watch() {
        guard let exchange else { return }
        connection.wake(at: deadline(exchange))
    }

    /// - Parameter failure: nil: the end completes the answer.
    private func end(_ failure: DownloadFailure?) {
        guard !isOver else { return }
        let exchange = exchange
        close()
        guard let exchange else {
            client?.left(self)
            return
        }
        client?.answered(exchange, failure, by: self, isFree: false)
    }
}
