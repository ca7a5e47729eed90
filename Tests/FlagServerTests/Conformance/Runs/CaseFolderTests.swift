import Foundation
import TestSupport
import Testing

@testable import flagserver

struct CaseFolderTests {
    private let parent = TemporaryDirectory()

    @Test func `it is fresh, holds what is given, and goes with all that lies in it`() throws {
        var folder: CaseFolder? = try CaseFolder(in: parent.path)
        let open = try #require(folder)
        #expect(open.saved(limit: 9) == nil && open.others(hasOut: true).isEmpty)
        try open.give([1, 2, 3])
        #expect(open.saved(limit: 9) == [1, 2, 3] && open.saved(limit: 2) == [1, 2])
        try FileManager.default.createDirectory(
            atPath: "\(open.work)/sub/sub", withIntermediateDirectories: true)
        try CaseFolder.write([1], to: "\(open.work)/sub/sub/x")
        symlink("/", "\(open.work)/link")
        #expect(open.others(hasOut: true) == ["link", "sub"])
        #expect(open.others(hasOut: false) == ["flag.gif", "link", "sub"])
        folder = nil
        withExtendedLifetime(open) {}
    }

    @Test func `its last words are lines that no terminal obeys`() throws {
        let folder = try CaseFolder(in: parent.path)
        let text = Array("one\ntwo\u{1b}[2J\n".utf8)
        #expect(write(folder.streams[1], text, text.count) == text.count)
        #expect(write(folder.streams[2], "bad\n", 4) == 4)
        #expect(folder.lastLines(hasFile: false) == ["one", "two [2J", "bad"])
        #expect(folder.lastLines(hasFile: true) == ["bad"])
        #expect(folder.firstLine == "one" && folder.printed(limit: 3) == Array("one".utf8))
    }

    @Test func `where none can be made the reason is told`() {
        #expect(throws: CaseFolder.Failure.self) { try CaseFolder(in: "/no/such/folder") }
    }
}
