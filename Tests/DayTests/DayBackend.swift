import TestSupport

/// The far end of a proxy's connection: reads what it is asked, and answers what stands in the
/// target.
final class DayBackend {
    let socket: SimulatedSocket
    let door: DayDoor
    private let streets: DayStreets
    private let serviceTime: () -> UInt64
    /// How much of what it was sent it has understood.
    private var place = 0
    /// When it can begin with the next answer.
    private var freeAt: UInt64 = 0
    private var isSilent = false
    private(set) var hasReset = false
    private(set) var hasEnded = false

    init(_ door: DayDoor, _ streets: DayStreets, serviceTime: @escaping () -> UInt64) {
        (self.door, self.streets, self.serviceTime) = (door, streets, serviceTime)
        socket = streets.socket()
        socket.onEvent = { [unowned self] in saw($0) }
    }

    private func saw(_ event: SimulatedSocket.Event) {
        switch event {
        case .delivers(let count): door.receivedFromBackends += UInt64(count)
        case .wrote(let count): door.sentToBackends += UInt64(count)
        case .took: if door.kind == .tcp { echoes() } else { reads() }
        case .fin: later { $0.ends() }
        case .released: streets.forget(socket)
        case .hearsEnd, .hearsReset, .tries, .closes, .rst, .turned: break
        }
    }

    /// In the order in which it was asked.
    private func later(_ body: @escaping (DayBackend) -> Void) {
        freeAt = max(freeAt, streets.now) + serviceTime()
        streets.at(freeAt) { [self] in
            if socket.isOpen { body(self) }
        }
    }

    private func ends() {
        hasEnded = true
        socket.peerHasGone = true
        socket.peerEnds()
    }

    private func echoes() {
        let count = socket.taken - place
        place = socket.taken
        later { $0.socket.peerSends([UInt8](repeating: 0x65, count: 2 * count)) }
    }

    /// Reads whole requests.
    private func reads() {
        socket.written.withUnsafeBytes { all in
            while place < socket.taken {
                let rest = UnsafeRawBufferPointer(rebasing: all[place..<socket.taken])
                guard let end = rest.place(of: "\r\n\r\n") else { return }
                let headEnd = place + end + 4
                let head = String(decoding: all[place..<headEnd], as: UTF8.self)
                let lines = head.split(separator: "\r\n")
                let length = lines.first { $0.hasPrefix("Content-Length: ") }
                let count = length.flatMap { Int($0.dropFirst(16)) } ?? 0
                guard headEnd + count <= socket.taken else { return }
                place = headEnd + count
                let parts = lines[0].split(separator: " ")[1].split(separator: "/")
                guard !isSilent, parts.count == 3, let size = Int(parts[1]) else { continue }
                answers(parts[0], size)
            }
        }
    }

    private func answers(_ kind: Substring, _ size: Int) {
        let head = "HTTP/1.1 200 OK\r\n"
        let length = Array("\(head)Content-Length: \(size)\r\n\r\n".utf8)
        func content(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x62, count: count) }
        switch kind {
        case "q": isSilent = true
        case "c":
            later { backend in
                backend.socket.peerSends(Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8))
                var left = size
                while left > 0 {
                    let count = min(left, 4_000)
                    let line = String(count, radix: 16) + "\r\n"
                    backend.socket.peerSends(
                        Array(line.utf8) + content(count) + Array("\r\n".utf8))
                    left -= count
                }
                backend.socket.peerSends(Array("0\r\n\r\n".utf8))
            }
        case "s", "x":
            isSilent = true
            later { $0.socket.peerSends(length + content(size / 2)) }
            later { backend in
                guard kind == "x" else { return backend.ends() }
                backend.hasReset = true
                backend.streets.doing { backend.socket.peerResets() }
            }
        default:
            later { $0.socket.peerSends(length + content(size)) }
        }
    }
}
