import ControlAPI
import EventLoop
import Glibc

/// The proxies of a flagserver that runs now, asked for at its control port. For somebody who waits
/// at a prompt: what does not answer within 200 ms is not there.
enum RunningProxies {
    private static let milliseconds: Int64 = 200
    /// Most bytes of an answer that are read.
    private static let most = 1 << 20

    /// - Returns: nil if nothing answers.
    static func names() -> [String]? {
        let end = now() + milliseconds
        for address in addresses() {
            guard let answer = ask(address, until: end), let names = names(in: answer) else {
                continue
            }
            return names
        }
        return nil
    }

    /// Of an answer to `GET /proxies`, head included; nil unless it is one.
    static func names(in answer: [UInt8]) -> [String]? {
        let end = Array("\r\n\r\n".utf8)
        guard answer.starts(with: "HTTP/1.1 200 ".utf8),
            let body = answer.indices.first(where: { answer[$0...].starts(with: end) })
        else { return nil }
        let value = answer[(body + end.count)...].withUnsafeBytes { try? JSONReader.read($0) }
        guard case .object(let members) = value else { return nil }
        return members.map(\.name)
    }

    // MARK: Where

    /// What `run` has set, what is set for Toxiproxy's clients, or the standard port.
    private static func addresses() -> [SocketAddress] {
        let url = variable("FLAGS_CONTROL_URL") ?? variable("TOXIPROXY_URL")
        let place = HostAndPort(url.map(authority) ?? "localhost:8474")
        guard let place else { return [] }
        let hosts = place.host == "localhost" ? ["127.0.0.1", "::1"] : [place.host]
        return hosts.compactMap { SocketAddress(host: $0, port: place.port) }
    }

    /// `localhost:8474` of `http://localhost:8474/`.
    static func authority(_ url: String) -> String {
        let rest = url.split(separator: "://", maxSplits: 1).last ?? ""
        return String(rest.prefix { $0 != "/" })
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    // MARK: Asking

    /// All that is answered until the other side closes, or nil if that is not in time.
    private static func ask(_ address: SocketAddress, until end: Int64) -> [UInt8]? {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(family, kind, 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        let status = address.withSockaddr { connect(socket, $0, $1) }
        guard status == 0 || errno == EINPROGRESS, wait(socket, POLLOUT, end) else { return nil }
        let token = variable("FLAGSERVER_CONTROL_TOKEN").map { "Authorization: Bearer \($0)\r\n" }
        let request = Array(
            "GET /proxies HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\(token ?? "")\r\n"
                .utf8)
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { return nil }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while answer.count < most, wait(socket, POLLIN, end) {
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { return count == 0 ? answer : nil }
            answer += piece[..<count]
        }
        return nil
    }

    private static func wait(_ socket: Int32, _ event: Int32, _ end: Int64) -> Bool {
        var waited = pollfd(fd: socket, events: Int16(event), revents: 0)
        return poll(&waited, 1, Int32(max(0, end - now()))) == 1
    }

    /// Milliseconds of the monotonic clock.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
