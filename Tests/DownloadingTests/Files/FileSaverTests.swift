import EventLoop
import Foundation
import TestSupport
import Testing

@testable import Downloading

struct FileSaverTests {
    private let folder = TemporaryDirectory()

    private func bytes(_ name: String) -> [UInt8] {
        (try? Data(contentsOf: URL(fileURLWithPath: folder.file(name)))).map { Array($0) } ?? []
    }

    @Test func `files are whole when it is told, in order, and nothing is left beside them`() throws
    {
        let loop = try EventLoop()
        let saver = try FileSaver(on: loop)
        var told: [Int] = []
        for number in 0..<20 {
            saver.save([UInt8(number)], as: folder.file("\(number)")) { failure in
                #expect(failure == nil && bytes("\(number)") == [UInt8(number)])
                told.append(number)
            }
        }
        #expect(told.isEmpty && saver.queuedBytes == 20)
        loop.run("20 files") { told.count == 20 }
        #expect(told == Array(0..<20) && saver.queuedBytes == 0)
        #expect(folder.names.count == 20)
    }

    @Test func `what is to follow files is called behind them, or at once if there are none`()
        throws
    {
        let loop = try EventLoop()
        let saver = try FileSaver(on: loop)
        var told: [String] = []
        saver.afterAll { told.append("none") }
        #expect(told == ["none"])
        for name in ["a", "b"] {
            saver.save([1], as: folder.file(name)) { _ in told.append(name) }
            saver.afterAll { told.append("after \(name)") }
            saver.afterAll { told.append("again") }
        }
        loop.run("all of it") { told.count == 7 }
        #expect(told == ["none", "a", "after a", "again", "b", "after b", "again"])
        saver.afterAll { told.append("late") }
        #expect(told.last == "late")
    }

    @Test func `files wait for no others when nothing more comes`() throws {
        let loop = try EventLoop()
        let saver = try FileSaver(on: loop)
        saver.handOver()
        var isDone = false
        saver.save([1], as: folder.file("a")) { _ in isDone = true }
        saver.handOver()
        saver.handOver()
        loop.run("a file") { isDone }
        #expect(bytes("a") == [1])
    }

    @Test func `who closes waits for what is under way`() throws {
        let saver = try FileSaver(on: try EventLoop())
        var isDone = false
        saver.save([1, 2, 3], as: folder.file("a")) { _ in isDone = true }
        saver.close()
        #expect(isDone && bytes("a") == [1, 2, 3])
    }

    @Test func `a file that is not whole says so in its name`() throws {
        let saver = try FileSaver(on: try EventLoop())
        saver.save([1], as: folder.file("a"), isPart: true) { _ in }
        saver.close()
        #expect(folder.names == ["a.part"])
    }

    @Test func `what lies in the place of a half file is not followed`() throws {
        try folder.write("mine", "mine")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("a.part"), withDestinationPath: folder.file("mine"))
        let saver = try FileSaver(on: try EventLoop())
        saver.save([1], as: folder.file("a")) { #expect($0 == nil) }
        saver.close()
        #expect(folder.names == ["a", "mine"] && bytes("mine") == Array("mine".utf8))
    }

    @Test func `what cannot be written is told with its reason, and leaves nothing`() throws {
        let saver = try FileSaver(on: try EventLoop())
        var failures: [DownloadFailure?] = []
        try folder.folder("taken")
        saver.save([1], as: folder.file("none/a")) { failures.append($0) }
        saver.save([1], as: folder.file("taken")) { failures.append($0) }
        saver.save([1], as: "/dev/full/a") { failures.append($0) }
        saver.close()
        #expect(failures.map { $0?.kind } == [.file, .file, .file])
        #expect(failures[0]?.description.contains("No such file or directory") == true)
        #expect(folder.names == ["taken"])
    }
}
