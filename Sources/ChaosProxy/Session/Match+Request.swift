import EventLoop
import Faults
import HTTPWire

extension Match {
    /// Whether `request` is one of those that the toxic is for.
    ///
    /// - Parameter number: of the request on its connection, from 1.
    func applies(to request: HTTPRequest, from client: SocketAddress?, number: UInt32) -> Bool {
        guard applies(to: client, number: number) else { return false }
        if let path, !Match.glob(path.utf8, matches: request.path) { return false }
        if let method, !method.utf8.elementsEqual(request.methodText) { return false }
        return header.map { $0.applies(to: request) } ?? true
    }

    /// Of an exchange that is not HTTP: only what can be told of it.
    func applies(to client: SocketAddress?, number: UInt32) -> Bool {
        if let pattern = self.client {
            guard let client, Match.client(pattern, matches: client.host) else { return false }
        }
        return request.map { $0.contains(UInt64(number)) } ?? true
    }

    /// Whether it asks for what only HTTP has.
    var needsHTTP: Bool { path != nil || method != nil || header != nil }
}

extension HeaderMatch {
    func applies(to request: HTTPRequest) -> Bool {
        let values = request.values(named: name)
        guard let pattern = value else { return !values.isEmpty }
        return values.contains { Match.glob(pattern.utf8, matches: $0) }
    }
}
