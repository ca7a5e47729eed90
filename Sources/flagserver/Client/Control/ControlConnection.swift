import EventLoop
import Glibc
import HTTPWire

/// A connection to a control port for one request and its answer. It blocks: for a process that has
/// nothing else to do. Whoever stops to answer is waited for in a bounded time.
final class ControlConnection {
    /// For a whole answer, the connection included, and between the pieces of one that is streamed,
    /// in seconds.
    static let patience = 10
    /// Longest answer that is not streamed, in bytes.
    private static let maximumBody = 64 << 20
    private static let bufferSize = 65_536

    /// The answer began, and the connection ended before it was complete.
    struct BrokenOff: Error {}

    private let url: ControlURL
    private let manner: ClientManner
    private let descriptor: Int32
    /// What has come and was not looked at.
    private var bytes: [UInt8] = []
    private var head: [UInt8] = []
    /// In nanoseconds of the monotonic clock; nil: `patience` begins again with every byte.
    private var deadline: UInt64?
    private var silence: Int
    /// Of the patience with a whole answer.
    private let end: UInt64

    /// - Parameter patience: for a whole answer, in nanoseconds.
    /// - Throws: `CommandLineError` 69 if nothing answers.
    init(
        to url: ControlURL, _ manner: ClientManner,
        patience: UInt64 = UInt64(patience) * 1_000_000_000
    ) throws {
        (self.url, self.manner, silence) = (url, manner, Self.patience)
        end = Self.now + patience
        descriptor = try Self.dial(url, manner, patience)
    }

    deinit { close(descriptor) }

    // MARK: Asking

    /// - Throws: `CommandLineError` 69.
    func ask(_ request: ControlRequest, token: String?) throws -> ControlAnswer {
        deadline = end
        var body: [UInt8] = []
        let status = try begin(request, token: token)
        do {
            try read(status.body, of: request) { piece in
                body += piece
                guard body.count <= Self.maximumBody else {
                    throw ControlError.alien(url, manner, "an answer without end")
                }
            }
        } catch is BrokenOff {
            throw ControlError.brokenOff(url)
        }
        return ControlAnswer(status: status.code, body: body)
    }

    /// The same piece by piece; returns when it is complete, or with a refusal.
    ///
    /// - Parameters:
    ///   - seconds: longest silence.
    ///   - onBegin: called once the answer has begun, and before the first piece.
    func stream(
        _ request: ControlRequest, token: String?, silence seconds: Int = patience,
        onBegin: () throws -> Void = {}, onPiece: ([UInt8]) throws -> Void
    ) throws -> ControlAnswer {
        let status = try begin(request, token: token)
        guard (200..<300).contains(status.code) else {
            var body: [UInt8] = []
            try read(status.body, of: request) { body += $0.prefix(Self.bufferSize - body.count) }
            return ControlAnswer(status: status.code, body: body)
        }
        silence = seconds
        try onBegin()
        try read(status.body, of: request, onPiece)
        return ControlAnswer(status: status.code, body: [], head: head)
    }

    // MARK: The wire

    /// - Returns: the status of the answer, and what its body is.
    private func begin(
        _ request: ControlRequest, token: String?
    ) throws -> (code: Int, body: HTTPResponseHead.Body) {
        try send(request.bytes(to: url, token: token))
        while true {
            let head: HTTPResponseHead?
            do {
                head = try bytes.withUnsafeBytes { try HTTPResponseHead.parse($0) }
            } catch {
                throw ControlError.alien(url, manner, "no HTTP")
            }
            if let head {
                self.head = Array(bytes.prefix(head.count))
                bytes.removeFirst(head.count)
                guard head.status >= 200 else { continue }
                return (Int(head.status), head.isBodyless ? .length(0) : head.body)
            }
            guard try receive() else { throw ControlError.brokenOff(url) }
        }
    }

    private func read(
        _ framing: HTTPResponseHead.Body, of request: ControlRequest,
        _ onPiece: ([UInt8]) throws -> Void
    ) throws {
        var body = MessageBody(framing)
        while true {
            var piece: [UInt8] = []
            do {
                _ = try bytes.withUnsafeBytes { try body.consume($0) { piece += $0 } }
            } catch {
                throw ControlError.alien(url, manner, "a malformed answer to \(request.path)")
            }
            bytes = []
            if !piece.isEmpty { try onPiece(piece) }
            if body.isComplete { return }
            guard try receive() else {
                if case .untilEnd = body { return }
                throw BrokenOff()
            }
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            try wait(for: POLLOUT)
            let count = bytes[position...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                position += count
            } else if try isGone(errno) {
                // It may have answered without reading all of it.
                return
            }
        }
    }

    /// - Returns: whether anything came; otherwise the connection is over.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
        while true {
            try wait(for: POLLIN)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                bytes += buffer[..<count]
                return true
            }
            if try count == 0 || isGone(errno) { return false }
        }
    }

    /// Whether the other side has left; false: that was nothing, and comes again.
    private func isGone(_ error: Int32) throws -> Bool {
        switch error {
        case EINTR, EAGAIN: return false
        case EPIPE, ECONNRESET: return true
        default: throw ControlError.unreachable(url, manner, String(cString: strerror(error)))
        }
    }

    private func wait(for event: Int32) throws {
        let start = Self.now
        let end = deadline ?? start + UInt64(silence) * 1_000_000_000
        while true {
            let now = Self.now
            guard now < end else { throw ControlError.silent(url, silence) }
            var wanted = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&wanted, 1, Int32((end - now) / 1_000_000) + 1)
            if count > 0 { return }
            if count < 0, errno != EINTR {
                throw ControlError.unreachable(url, manner, String(cString: strerror(errno)))
            }
        }
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    // MARK: Dialling

    /// - Returns: a connected descriptor, which does not block.
    private static func dial(
        _ url: ControlURL, _ manner: ClientManner, _ timeout: UInt64
    ) throws -> Int32 {
        let loop = try EventLoop()
        let resolver = Resolver(on: loop)
        var outcome: Result<Int32, CommandLineError>?
        var connector: Connector?
        let resolution = resolver.resolve(url.host.host, port: url.host.port) { result in
            switch result {
            case .failure(let error):
                outcome = .failure(ControlError.unreachable(url, manner, error.reason.rawValue))
                loop.stop()
            case .success(let addresses):
                connector = Connector(addresses, timeout: timeout, on: loop) { result in
                    outcome = result.mapError { failure($0, url, manner) }
                    loop.stop()
                }
            }
        }
        try loop.run()
        withExtendedLifetime((resolution, connector)) {}
        guard let outcome else { throw ControlError.nothing(at: url, manner) }
        return try outcome.get()
    }

    private static func failure(
        _ error: EventLoopError, _ url: ControlURL, _ manner: ClientManner
    ) -> CommandLineError {
        switch error.errno {
        case ECONNREFUSED: ControlError.nothing(at: url, manner)
        case ETIMEDOUT: ControlError.silent(url, patience)
        case let code: ControlError.unreachable(url, manner, String(cString: strerror(code)))
        }
    }
}
