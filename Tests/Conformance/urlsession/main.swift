// FoundationNetworking's URLSession, with one session: URL OUT [URL2 OUT2].
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Refused: Error { let status: Int }

func fetch(_ url: URL, _ session: URLSession) async throws -> Data {
    let (content, reply) = try await session.data(from: url)
    let status = (reply as? HTTPURLResponse)?.statusCode ?? 0
    guard (200...299).contains(status) else { throw Refused(status: status) }
    return content
}

let words = Array(CommandLine.arguments.dropFirst())
if words == ["--version"] {
    #if compiler(>=6.3)
        print("URLSession of Swift 6.3 or later")
    #else
        print("URLSession of Swift before 6.3")
    #endif
    exit(0)
}
let configuration = URLSessionConfiguration.ephemeral
configuration.timeoutIntervalForRequest = 2
let session = URLSession(configuration: configuration)
do {
    for index in stride(from: 0, to: words.count - 1, by: 2) {
        guard let url = URL(string: words[index]) else { continue }
        try await fetch(url, session).write(to: URL(fileURLWithPath: words[index + 1]))
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
