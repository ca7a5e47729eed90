import EventLoop
import TestSupport
import Testing

@testable import Downloading

/// A server on loopback that answers each request with the next of its replies.
final class ScriptedServer {
    enum Reply {
        /// Bytes; then the connection goes on.
        case keep(String)
        /// Bytes, then FIN.
        case fin(String)
        /// Bytes, then RST.
        case rst(String)
        /// Nothing.
        case silence
    }

    let loop: EventLoop
    private(set) var listener: Listener?
    private let limit = ConnectionLimit(2000)
    private var sessions: [ObjectIdentifier: Session] = [:]
    private var replies: [Reply]
    /// What was asked, in order.
    private(set) var requests: [String] = []
    /// Connections that came, those that are there now, and the most at once.
    private(set) var (connections, open, peak) = (0, 0, 0)

    /// - Parameter replies: the last one is given again and again.
    init(_ replies: [Reply], on loop: EventLoop) throws {
        (self.replies, self.loop) = (replies, loop)
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listener = try Listener(address, limits: [limit], on: loop)
        listener.onAccept = { [unowned self] descriptor, _ in
            connections += 1
            open += 1
            peak = max(peak, open)
            let session = Session(descriptor, of: self)
            sessions[ObjectIdentifier(session)] = session
        }
        self.listener = listener
    }

    func url(_ path: String = "/") throws -> DownloadURL {
        let address = try #require(listener).address
        return try DownloadURL("http://\(address)\(path)")
    }

    func stopListening() { listener = nil }

    fileprivate func left(_ session: Session) {
        open -= 1
        sessions[ObjectIdentifier(session)] = nil
    }

    fileprivate func reply(to request: String) -> Reply {
        requests.append(request)
        return replies.count > 1 ? replies.removeFirst() : replies[0]
    }
}

private final class Session: ConnectionHandler {
    private let connection: Connection
    private unowned let server: ScriptedServer
    private var bytes: [UInt8] = []

    init(_ descriptor: Int32, of server: ScriptedServer) {
        (connection, self.server) = (Connection(descriptor: descriptor, on: server.loop), server)
        super.init()
        connection.start(self)
    }

    override func received(_ more: UnsafeRawBufferPointer) {
        bytes += Array(more)
        guard bytes.suffix(4) == [13, 10, 13, 10] else { return }
        let request = String(decoding: bytes, as: UTF8.self)
        bytes = []
        switch server.reply(to: request) {
        case .keep(let text): write(text)
        case .fin(let text):
            write(text)
            connection.close(lingering: true)
        case .rst(let text):
            write(text)
            connection.resetInOrder()
        case .silence: break
        }
    }

    private func write(_ text: String) { Array(text.utf8).withUnsafeBytes(connection.write) }

    override func receivedEnd() { connection.close(lingering: false) }

    override func closed(_ ending: ConnectionEnding) { server.left(self) }
}

extension EventLoop {
    /// Runs until `isDone`, and for at most ten seconds.
    func run(_ what: String, until isDone: @escaping () -> Bool) {
        #expect(run(until: isDone), "\(what)")
    }
}
