import Foundation
import Testing

@testable import flagserver

struct ReadyFileTests {
    private let directory = TemporaryDirectory()
    private let servers = [
        ReadyFile.Place(name: "local", url: "http://localhost:8001/flags", port: 8001),
        ReadyFile.Place(name: "error", url: "http://[::1]:65535/flags", port: 65_535),
    ]

    private func content(_ path: String) throws -> [String: Any] {
        let data = try #require(FileManager.default.contents(atPath: path))
        #expect(data.last == 0x0a)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func `it holds pid, seed, addresses and ports`() throws {
        let path = directory.file("ready.json")
        try ReadyFile(path: path).write(seed: 42, servers: servers)
        let content = try content(path)
        #expect(Set(content.keys) == ["pid", "seed", "urls", "ports"])
        #expect(content["pid"] as? Int == Int(getpid()))
        #expect(content["seed"] as? Int == 42)
        #expect(
            content["urls"] as? [String: String] == [
                "local": "http://localhost:8001/flags", "error": "http://[::1]:65535/flags",
            ])
        #expect(content["ports"] as? [String: Int] == ["local": 8001, "error": 65_535])
    }

    @Test func `where nothing can be written is known before anything listens`() throws {
        let file = try directory.write("file", "")
        let mistakes = [
            (directory.file("no/ready.json"), "Make its folder first."),
            (file + "/ready.json", "What should be its folder is a file."),
            (directory.file(""), "Name a file in it."),
        ]
        for (path, advice) in mistakes {
            let error = refusal { try ReadyFile(path: path).check() }
            #expect(error?.description.hasSuffix(advice) == true, "\(path): \(error as Any)")
        }
        try ReadyFile(path: file).check()
        try ReadyFile(path: directory.file("ready.json")).check()
        #expect(directory.names == ["file"])
    }

    @Test func `the largest seed is written in full`() throws {
        let path = directory.file("ready.json")
        try ReadyFile(path: path).write(seed: .max, servers: [])
        let text = String(
            decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        #expect(
            text == "{\"pid\":\(getpid()),\"seed\":18446744073709551615,\"urls\":{},\"ports\":{}}\n"
        )
    }

    @Test func `a standard output that is a file is written to, and not taken away`() throws {
        let path = try directory.write("output", "before\n")
        let output = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(output) }
        let file = ReadyFile(path: "/proc/self/fd/\(output)")
        try file.write(seed: 7, servers: [])
        try file.remove()
        let text = String(
            decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        #expect(text.hasPrefix("before\n{\"pid\":"))
        #expect(directory.names == ["output"])
    }

    @Test(.enabled(if: access("/dev/shm", W_OK) == 0))
    func `a file in memory is one like others: made, replaced, taken away`() throws {
        let path = "/dev/shm/flagserver-ready-\(UInt64.random(in: .min ... .max))"
        defer { unlink(path) }
        try ReadyFile(path: path).write(seed: 1, servers: servers)
        let file = ReadyFile(path: path)
        try file.write(seed: 2, servers: servers)
        #expect(try content(path)["seed"] as? Int == 2)
        try file.remove()
        #expect(access(path, F_OK) != 0)
    }

    @Test(arguments: ["/dev/fd/999999", "//dev//fd/999999", "/proc/self/fd/999999"])
    func `a descriptor that is not open is told as that`(path: String) {
        let error = refusal { try ReadyFile(path: path).write(seed: 1, servers: servers) }
        #expect(error?.description.hasSuffix("That descriptor is not open.") == true)
    }

    @Test func `a socket is told as that, and not as a FIFO without a reader`() throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        let error = refusal {
            try ReadyFile(path: "/proc/self/fd/\(pair[0])").write(seed: 1, servers: servers)
        }
        #expect(error?.description.hasSuffix("It is a socket; name a file or a FIFO.") == true)
    }

    @Test func `nothing else is left beside it`() throws {
        try ReadyFile(path: directory.file("ready.json")).write(seed: 1, servers: servers)
        #expect(directory.names == ["ready.json"])
    }

    @Test func `an older file is replaced as a whole, not written over`() throws {
        let path = try directory.write("ready.json", String(repeating: "old ", count: 1000))
        let old = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(old) }
        try ReadyFile(path: path).write(seed: 7, servers: servers)
        #expect(try content(path)["seed"] as? Int == 7)
        var status = stat()
        #expect(fstat(old, &status) == 0)
        #expect(status.st_size == 4000)
        #expect(status.st_nlink == 0)
    }

    @Test func `a link that was prepared beside it leads nowhere`() throws {
        let path = directory.file("ready.json")
        let target = try directory.write("target", "precious")
        let link = "\(path).\(getpid())"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try ReadyFile(path: path).write(seed: 7, servers: servers)
        #expect(try content(path)["seed"] as? Int == 7)
        #expect(FileManager.default.contents(atPath: target) == Data("precious".utf8))
    }

    @Test func `a link in its place is replaced, and not what it leads to`() throws {
        let path = directory.file("ready.json")
        let target = try directory.write("target", "precious")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        try ReadyFile(path: path).write(seed: 7, servers: servers)
        #expect(try content(path)["seed"] as? Int == 7)
        #expect(FileManager.default.contents(atPath: target) == Data("precious".utf8))
    }

    @Test func `a FIFO that nobody reads is refused at once`() throws {
        let path = directory.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let error = refusal { try ReadyFile(path: path).write(seed: 1, servers: servers) }
        #expect(error?.status == .cannotWrite)
        #expect(
            error?.description
                == "cannot write --ready-file '\(path)': No such device or address. No program "
                + "reads from it; start the reader first.")
        #expect(directory.names == ["pipe"])
    }

    @Test func `a pipe that nobody empties is waited for in a bounded time`() throws {
        let path = directory.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(writer) }
        let piece = [UInt8](repeating: 0, count: 4096)
        while Glibc.write(writer, piece, piece.count) > 0 {}
        let file = ReadyFile(path: path, patience: 1)
        let error = refusal { try file.write(seed: 1, servers: servers) }
        #expect(error?.description.contains("has to go on reading") == true)
    }

    @Test func `it is taken away at the end, also twice`() throws {
        let file = ReadyFile(path: directory.file("ready.json"))
        try file.write(seed: 1, servers: servers)
        try file.remove()
        #expect(directory.names.isEmpty)
        try file.remove()
        #expect(directory.names.isEmpty)
    }

    @Test func `a pipe gets the text and stays`() throws {
        let path = directory.file("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let file = ReadyFile(path: path)
        try file.write(seed: 3, servers: [])
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(reader, &bytes, bytes.count)
        let text = String(decoding: bytes[..<max(count, 0)], as: UTF8.self)
        #expect(text == "{\"pid\":\(getpid()),\"seed\":3,\"urls\":{},\"ports\":{}}\n")
        try file.remove()
        #expect(directory.names == ["pipe"])
    }

    @Test func `a folder that is not there is told`() {
        let path = directory.file("missing/ready.json")
        let error = refusal { try ReadyFile(path: path).write(seed: 1, servers: servers) }
        #expect(error?.status == .cannotWrite)
        #expect(
            error?.description
                == "cannot write --ready-file '\(path)': No such file or directory. "
                + "Make its folder first.")
    }

    @Test func `a file in place of the folder is told`() throws {
        let path = try directory.write("file", "") + "/ready.json"
        let error = refusal { try ReadyFile(path: path).write(seed: 1, servers: servers) }
        #expect(
            error?.description
                == "cannot write --ready-file '\(path)': Not a directory. What should be its "
                + "folder is a file.")
    }

    @Test func `a folder in its place is told and nothing is left behind`() throws {
        let path = try directory.folder("ready.json")
        let error = refusal { try ReadyFile(path: path).write(seed: 1, servers: servers) }
        #expect(error?.status == .cannotWrite)
        #expect(
            error?.description
                == "cannot write --ready-file '\(path)': Is a directory. Name a file in it.")
        #expect(directory.names == ["ready.json"])
    }

    @Test func `a full disk is told`() throws {
        // By a link, so that no mistake of ours takes the place of the device itself.
        let path = directory.file("full")
        try #require(symlink("/dev/full", path) == 0)
        let error = refusal { try ReadyFile(path: path).write(seed: 1, servers: servers) }
        #expect(
            error?.description == "cannot write --ready-file '\(path)': No space left on device.")
    }

    @Test func `what another server has put there stays`() throws {
        let path = directory.file("ready.json")
        let file = ReadyFile(path: path)
        try file.remove()
        try file.write(seed: 1, servers: servers)
        let other = ReadyFile(path: path)
        try other.write(seed: 2, servers: servers)
        try file.remove()
        #expect(try content(path)["seed"] as? Int == 2)
        try other.remove()
        #expect(directory.names.isEmpty)
    }
}
