import EventLoop
import Glibc
import Testing

@testable import Downloading

struct FileSaverTests {
    /// A folder of its own, and what is in it.
    private func folder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/saver.XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            for name in names(path) { unlink("\(path)/\(name)") }
            rmdir(path)
        }
        try body(path)
    }

    private func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = fread(&bytes, 1, 100, file)
        return Array(bytes.prefix(count))
    }

    @Test func `files are whole when it is told, in order, and nothing is left beside them`() throws
    {
        try folder { folder in
            let loop = try EventLoop()
            let saver = try FileSaver(on: loop)
            var told: [Int] = []
            for number in 0..<20 {
                saver.save([UInt8(number)], as: "\(folder)/\(number)") { failure in
                    #expect(failure == nil && bytes("\(folder)/\(number)") == [UInt8(number)])
                    told.append(number)
                }
            }
            #expect(told.isEmpty && saver.queuedBytes == 20)
            loop.run("20 files") { told.count == 20 }
            #expect(told == Array(0..<20) && saver.queuedBytes == 0)
            #expect(names(folder).count == 20)
        }
    }

    @Test func `who closes waits for what is under way`() throws {
        try folder { folder in
            let saver = try FileSaver(on: try EventLoop())
            var isDone = false
            saver.save([1, 2, 3], as: "\(folder)/a") { _ in isDone = true }
            saver.close()
            #expect(isDone && bytes("\(folder)/a") == [1, 2, 3])
        }
    }

    @Test func `a file that is not whole says so in its name`() throws {
        try folder { folder in
            let saver = try FileSaver(on: try EventLoop())
            saver.save([1], as: "\(folder)/a", isPart: true) { _ in }
            saver.close()
            #expect(names(folder) == ["a.part"])
        }
    }

    @Test func `what cannot be written is told with its reason, and leaves nothing`() throws {
        try folder { folder in
            let saver = try FileSaver(on: try EventLoop())
            var failures: [DownloadFailure?] = []
            #expect(mkdir("\(folder)/taken", 0o755) == 0)
            saver.save([1], as: "\(folder)/none/a") { failures.append($0) }
            saver.save([1], as: "\(folder)/taken") { failures.append($0) }
            saver.save([1], as: "/dev/full/a") { failures.append($0) }
            saver.close()
            #expect(failures.map { $0?.kind } == [.file, .file, .file])
            #expect(failures[0]?.description.contains("No such file or directory") == true)
            #expect(names(folder) == ["taken"])
            rmdir("\(folder)/taken")
        }
    }
}
