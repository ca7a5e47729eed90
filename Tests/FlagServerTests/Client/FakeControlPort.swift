import ControlAPI
import Testing

@testable import flagserver

/// A control port without a socket: what it is asked, and what it answers.
final class FakeControlPort {
    private(set) var asked: [ControlRequest] = []
    private let answers: [String: (Int, String)]

    /// - Parameter answers: by method and path.
    init(_ answers: [String: (Int, String)]) {
        self.answers = answers
    }

    func client(_ manner: ClientManner = .flagserver, columns: Int? = nil) throws -> ControlClient {
        let url = try ControlURL("http://localhost:8474", from: "--url")
        return ControlClient(url, manner, columns: columns) { [self] request in
            asked.append(request)
            let key = "\(request.method) \(request.path)"
            let (status, body) = answers[key] ?? (404, "404 page not found\n")
            return ControlAnswer(status: status, body: Array(body.utf8))
        }
    }

    /// The content of the last request.
    var content: String? { asked.last?.content.map(JSONWriter.text) }

    static let proxies = #"""
        {"chaos":{"name":"chaos","listen":"localhost:8004","upstream":"127.0.0.1:8001",\#
        "enabled":false,"toxics":[]},\#
        "error":{"name":"error","listen":"localhost:8003","upstream":"flags","enabled":true,\#
        "toxics":[{"attributes":{"503":1,"retry_after":1000},"name":"respond_upstream",\#
        "type":"respond","stream":"upstream","toxicity":0.25,\#
        "match":{"path":"/a","method":"GET"}},\#
        {"attributes":{"latency":500,"jitter":0},"name":"slow","type":"latency",\#
        "stream":"downstream","toxicity":0.5},\#
        {"attributes":{"x":"y"},"name":"z","type":"foreign","stream":"upstream","toxicity":1}]}}
        """#
}

/// The output of a command line that asks `port`.
func output(_ port: FakeControlPort, _ arguments: String...) throws -> String {
    try output(port, .flagserver, columns: nil, arguments)
}

/// The same on a terminal.
func output(_ port: FakeControlPort, columns: Int, _ arguments: String...) throws -> String {
    try output(port, .flagserver, columns: columns, arguments)
}

/// The same under a name.
func output(
    _ port: FakeControlPort, _ manner: ClientManner, _ arguments: String...
) throws -> String {
    try output(port, manner, columns: nil, arguments)
}

private func output(
    _ port: FakeControlPort, _ manner: ClientManner, columns: Int?, _ arguments: [String]
) throws -> String {
    let words = (manner == .toxiproxy ? [ClientWords.toxiproxy] : []) + arguments
    let command = try FlagserverCommand.parseAsRoot(ClientWords.parsable(words))
    return try #require(command as? any ReportCommand).output(port.client(manner, columns: columns))
}
