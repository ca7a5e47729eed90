import Downloading
import EventLoop
import Foundation
import TestSupport
import Testing

@testable import flagserver

struct PartialFilesTests {
    @Test func `what was saved is read again, until it is whole`() throws {
        let folder = TemporaryDirectory()
        let files = PartialFiles(folder: folder.path)
        #expect(files.read("BR") == nil)
        let saver = try FileSaver(on: try EventLoop())
        let partial = PartialContent([1, 2, 3], validator: "\"tag\"")
        var isSaved = false
        files.save(partial, of: "BR", by: saver) { isSaved = true }
        saver.close()
        #expect(isSaved && files.read("BR") == partial)
        files.remove("BR")
        #expect(files.read("BR") == nil)
    }

    @Test(arguments: ["", "\n", "a\u{1}b", "\"ü\"", String(repeating: "x", count: 2000)])
    func `a validator that no field can have is none`(tag: String) throws {
        let folder = TemporaryDirectory()
        try folder.write("BR.gif.part", "half")
        try folder.write("BR.gif.part.etag", tag)
        #expect(PartialFiles(folder: folder.path).read("BR") == nil)
    }

    @Test func `links and folders are not gone on with`() throws {
        let folder = TemporaryDirectory()
        try folder.write("secret", "secret")
        try folder.write("BR.gif.part.etag", "\"tag\"\n")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("BR.gif.part"), withDestinationPath: folder.file("secret"))
        #expect(PartialFiles(folder: folder.path).read("BR") == nil)
    }
}
