import Glibc

@testable import EventLoop

/// Answers the questions of a test on a UDP port of its own (RFC 1035 §4), once they are pumped.
final class FakeNameServer {
    private let descriptor: Int32
    let address: SocketAddress
    /// Name in lower case -> addresses. A name that is missing does not exist.
    var addresses: [String: [SocketAddress]] = [:]
    var isSilent = false
    private(set) var questions: [String] = []

    init() throws {
        descriptor = socket(
            AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        let any = SocketAddress(host: "127.0.0.1", port: 0)
        _ = any?.withSockaddr { [descriptor] in bind(descriptor, $0, $1) }
        let descriptor = descriptor
        guard let bound = SocketAddress.ask({ getsockname(descriptor, $0, $1) }) else {
            throw EventLoopError("bind")
        }
        address = bound
    }

    deinit { Glibc.close(descriptor) }

    /// Answers what has come.
    func pump() {
        var question = [UInt8](repeating: 0, count: 512)
        var storage = sockaddr_storage()
        while true {
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                    let count = recvfrom(descriptor, &question, question.count, 0, sender, &size)
                    guard count > 12 else { return size = 0 }
                    let answer = answer(Array(question[..<count]))
                    guard !isSilent else { return }
                    _ = sendto(descriptor, answer, answer.count, 0, sender, size)
                }
            }
            if size == 0 { return }
        }
    }

    private func answer(_ message: [UInt8]) -> [UInt8] {
        var (labels, position) = ([String](), 12)
        while message[position] != 0 {
            let end = position + 1 + Int(message[position])
            labels.append(String(decoding: message[position + 1..<end], as: UTF8.self))
            position = end
        }
        let name = labels.joined(separator: ".").lowercased()
        let isIPv6 = message[position + 2] == 28  // AAAA
        questions.append(name)
        let known = addresses[name]
        let found = (known ?? []).filter { ($0.family == .ipv6) == isIPv6 }
        var answer = Array(message[..<2]) + [0x81, known == nil ? 0x83 : 0x80]
        answer += [0, 1, 0, UInt8(found.count), 0, 0, 0, 0]
        answer += message[12..<position + 5]
        for address in found {
            let bytes = Self.bytes(of: address)
            answer += [0xc0, 12, 0, isIPv6 ? 28 : 1, 0, 1, 0, 0, 0, 60, 0, UInt8(bytes.count)]
            answer += bytes
        }
        return answer
    }

    private static func bytes(of address: SocketAddress) -> [UInt8] {
        address.withSockaddr { pointer, size in
            let raw = UnsafeRawBufferPointer(start: pointer, count: Int(size))
            return Array(address.family == .ipv4 ? raw[4..<8] : raw[8..<24])
        }
    }
}
