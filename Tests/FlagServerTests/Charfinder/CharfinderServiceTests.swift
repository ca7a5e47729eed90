import ChaosProxy
import Charfinder
import EventLoop
import Glibc
import Testing

@testable import flagserver

/// The server of lines on a real socket, without a proxy before it.
struct CharfinderServiceTests {
    /// What a client hears that says `text` and then its FIN.
    private func session(_ text: String, _ edition: CharfinderEdition) throws -> String {
        let loop = try EventLoop()
        let budget = ConnectionLimit(10)
        let service = CharfinderService(edition, extraFields: [], budget: budget, on: loop)
        let upstream = try #require(try service.upstream(of: .tcp))
        let backend = try #require(upstream.backend)
        let client = Client(loop, backend, text)
        try loop.run()
        withExtendedLifetime((service, client)) {}
        #expect(budget.count == 0)
        return String(decoding: client.heard, as: UTF8.self)
    }

    private final class Client: ConnectionHandler {
        private(set) var heard: [UInt8] = []
        private let loop: EventLoop
        private let text: String
        private var connection: Connection?
        private var connector: Connector?
        private var ending: Timer?

        init(_ loop: EventLoop, _ backend: Backend, _ text: String) {
            (self.loop, self.text) = (loop, text)
            super.init()
            guard let address = SocketAddress(host: backend.host, port: backend.port) else {
                return
            }
            connector = Connector([address], timeout: 5_000_000_000, on: loop) {
                [unowned self] result in
                guard case .success(let descriptor) = result else { return loop.stop() }
                let connection = Connection(descriptor: descriptor, on: loop)
                self.connection = connection
                connection.start(self)
                Array(self.text.utf8).withUnsafeBytes { connection.write($0) }
                connection.finish()
            }
        }

        override func received(_ bytes: UnsafeRawBufferPointer) { heard += bytes }
        override func receivedEnd() { connection?.close(lingering: false) }
        override func closed(_ ending: ConnectionEnding) {
            // The server has heard of it, too, before the loop ends.
            self.ending = Timer(on: loop) { [unowned self] in loop.stop() }
            self.ending?.schedule(after: 50_000_000)
        }
    }

    @Test func `several queries at once wait for the index, and are answered in order`() throws {
        let heard = try session("cat smiling\nbismillah\nno such", .first)
        #expect(heard.hasPrefix("?> U+1F638\t\u{1f638}\tGRINNING CAT FACE WITH SMILING EYES\r\n"))
        #expect(heard.contains("3 matches for 'cat smiling'\r\n?> U+FDFD\t\u{fdfd}\tARABIC"))
        #expect(heard.hasSuffix("1 match for 'bismillah'\r\n?> No match for 'no such'\r\n?> "))
    }

    @Test func `an answer of megabytes arrives whole`() throws {
        let heard = try session("syllable\nhangul\n", .second)
        let lines = heard.utf8.split(separator: 0x0a)
        let rows = lines.count { $0.starts(with: "U+".utf8) || $0.starts(with: "?> U+".utf8) }
        #expect(rows > 24_000 && heard.hasSuffix(" found\r\n?> "))
    }
}
