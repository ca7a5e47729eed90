import ChaosProxy
import EventLoop

/// What goes over the wire in one case, the first of it, with its times. Loop thread only.
final class CaseWire {
    private let loop: EventLoop
    private let start: UInt64
    private(set) var events: [WireEvent] = []
    /// Clients' addresses in the order in which they came.
    private var clients: [SocketAddress?] = []

    /// It begins now.
    init(on loop: EventLoop) {
        (self.loop, start) = (loop, loop.now)
    }

    func note(_ sight: WireSight) {
        guard events.count < WireEvent.maximumEvents else { return }
        switch sight {
        case .received(let bytes, let client): add(.received, client, bytes)
        case .sent(let bytes, let client):
            if let memory = bytes.memory { return add(.sent, client, memory) }
            add(.sent, client, count: bytes.count, text: "")
        case .left(let client): add(.left, client, count: 0, text: "FIN")
        case .closed(let client, let ending):
            add(.closed, client, count: 0, text: Self.words(ending))
        }
    }

    private static func words(_ ending: ConnectionEnding) -> String {
        switch ending {
        case .fin: "FIN"
        case .rst: "RST"
        case .peerReset: "the client's RST"
        case .failed(let number): "error \(number)"
        }
    }

    private func add(
        _ kind: WireEvent.Kind, _ client: SocketAddress?, _ bytes: UnsafeRawBufferPointer
    ) {
        add(kind, client, count: bytes.count, text: WireEvent.escaped(bytes))
    }

    private func add(
        _ kind: WireEvent.Kind, _ client: SocketAddress?, count: Int, text: String
    ) {
        let known = clients.firstIndex(of: client)
        if known == nil { clients.append(client) }
        events.append(
            WireEvent(
                seconds: Double(loop.now - start) / 1e9,
                connection: (known ?? clients.count - 1) + 1, kind: kind, count: count,
                text: text))
    }
}
