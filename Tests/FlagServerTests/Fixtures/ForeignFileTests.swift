import Foundation
import Testing

@testable import flagserver

/// What is said of a file that was given in place of a fixtures directory.
struct ForeignFileTests {
    private let directory = TemporaryDirectory()

    private func name(_ bytes: [UInt8]) throws -> String? {
        ForeignFile(at: try directory.write("x", bytes))?.name
    }

    private func archived(_ bytes: [UInt8]) throws -> Bool? {
        ForeignFile(at: try directory.write("x", bytes))?.isArchive
    }

    @Test func `images and programs are known by how they begin`() throws {
        #expect(try name(TemporaryDirectory.gif) == "a GIF image")
        #expect(try name([0x89] + Array("PNG\r\n\u{1a}\n…IENDabcd".utf8)) == "a PNG image")
        #expect(try name([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xd9]) == "a JPEG image")
        #expect(try name([0x7f] + Array("ELF\u{2}\u{1}".utf8)) == "a program")
    }

    @Test func `what lacks its end is cut short`() throws {
        #expect(try name(TemporaryDirectory.gif.dropLast()) == "a GIF image that is cut short")
        #expect(try name([0x89] + Array("PNG\r\n".utf8)) == "a PNG image that is cut short")
        #expect(try name(Array("PK\u{3}\u{4}".utf8)) == "a zip archive that is cut short")
    }

    @Test func `archives are to be unpacked`() throws {
        let zip = Array("PK\u{3}\u{4}…PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18)
        #expect(try name(zip) == "a zip archive")
        let tar = [UInt8](repeating: 0x61, count: 257) + Array("ustar\u{0}00".utf8)
        #expect(try name(tar) == "a tar archive")
        #expect(try name([0x1f, 0x8b, 8, 0]) == "a gzip archive")
        #expect(try name(Array("BZh91AY".utf8)) == "a bzip2 archive")
        #expect(try name([0xfd] + Array("7zXZ\u{0}".utf8)) == "an xz archive")
        #expect(try name([0x28, 0xb5, 0x2f, 0xfd, 0]) == "a zstd archive")
        #expect(try archived(zip) == true)
        #expect(try archived(TemporaryDirectory.gif) == false)
    }

    @Test func `other files are text or not`() throws {
        #expect(try name([]) == "an empty file")
        #expect(try name(Array("fixtures: [ä]\n".utf8)) == "a text file")
        #expect(try name([1, 2, 3]) == "a file")
        #expect(ForeignFile(at: "/dev/null")?.name == "no regular file")
    }

    @Test func `a directory is not foreign, nor is what does not exist`() {
        #expect(ForeignFile(at: directory.path) == nil)
        #expect(ForeignFile(at: directory.file("none")) == nil)
    }

    @Test func `the refusal says what it is and what to do`() throws {
        let gif = try directory.write("x.gif", TemporaryDirectory.gif)
        #expect(
            refusal { _ = try FixtureSource.directory(gif).load() }?.description
                == "'\(gif)' is a GIF image, not a directory with flags/<cc>/<cc>.gif. Name the "
                + "directory that has flags/ in it; without --fixtures, the flags of ./fixtures or "
                + "of the program itself are served.")
        let archive = try directory.write("x.tgz", [0x1f, 0x8b, 8, 0])
        #expect(
            refusal { _ = try FixtureSource.directory(archive).load() }?.description
                == "'\(archive)' is a gzip archive, not a directory with flags/<cc>/<cc>.gif. "
                + "Unpack it, and name the directory that has flags/ in it.")
    }

    @Test func `a directory that cannot be read says so`() throws {
        let folder = try directory.folder("closed")
        chmod(folder, 0)
        defer { chmod(folder, 0o700) }
        guard getuid() != 0 else { return }
        #expect(
            refusal { _ = try FixtureSource.directory(folder).load() }?.description
                == "fixtures directory '\(folder)' cannot be read: Permission denied.")
    }
}
