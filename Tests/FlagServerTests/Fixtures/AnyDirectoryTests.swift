import FlagSite
import Foundation
import Testing

@testable import flagserver

/// A directory without flags, which is served from its root.
struct AnyDirectoryTests {
    private let directory = TemporaryDirectory()

    private func load(previous: FixtureSource.Fixtures? = nil) throws -> FixtureSource.Fixtures {
        try FixtureSource.directory(directory.path).load(previous: previous)
    }

    @Test func `what lies in it is served at the root, and it is said`() throws {
        try directory.write("a.txt", "a")
        try directory.write("b/c d/e.json", "{}")
        let fixtures = try load()
        #expect(
            fixtures.note
                == "\(directory.path) has no flags/<cc>/<cc>.gif: what is in it is served at /")
        #expect(fixtures.store.page == "/")
        #expect(fixtures.store.countries.isEmpty)
        #expect(
            fixtures.store.targets == ["/a.txt", "/b/c%20d/e.json", "/", "/b/", "/b/c%20d/"])
    }

    @Test func `dot files, links and what is no file are left out as with flags`() throws {
        try directory.write("a/.hidden", "x")
        try directory.write(".git/config", "x")
        try directory.write("a/b", "x")
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("link"), withDestinationPath: "/etc")
        let fixtures = try load()
        #expect(fixtures.store.targets == ["/a/b", "/", "/a/"])
        #expect(fixtures.warnings == ["\(directory.path)/link is a link and is left out."])
    }

    @Test func `an empty one is served too`() throws {
        #expect(try load().store.targets == ["/"])
    }

    @Test func `it stays what it was when it is read again`() throws {
        try directory.write("a.txt", "a")
        let first = try load()
        try directory.country("br", "Brazil")
        let second = try load(previous: first)
        #expect(second.store.page == "/")
        #expect(second.store.targets.contains("/flags/br/br.gif"))
        #expect(try load().store.page == "/flags/")
    }

    @Test func `check says what it is`() throws {
        try directory.write("x/a.txt", "a")
        let program = try Program(["check", "x"], in: directory.path)
        #expect(program.lines == ["x: ok, no flags but 1 file, 0 MB"])
    }
}
