import Foundation
import HTTPWire
import Testing

@testable import FlagSite
@testable import flagserver

/// What a good fixtures directory becomes, and which of its files are left out.
struct FixtureLoaderTests {
    private let now: Int64 = 1_795_269_721
    private let directory = TemporaryDirectory()

    private func load(_ extraFields: [HTTPField] = []) throws -> (FlagStore, warnings: [String]) {
        var loader = FixtureLoader(FixtureDirectory(directory.path))
        let store = try loader.load(now: now, extraFields: extraFields)
        return (store, loader.warnings)
    }

    private func text(_ response: PreparedResponse) throws -> String {
        String(decoding: try #require(response.body.memory), as: UTF8.self)
    }

    // MARK: Good ones

    @Test func `a good directory becomes countries, files and an index`() throws {
        try directory.country("fr", "France")
        try directory.country("br", "Brazil")
        let (store, warnings) = try load()
        #expect(warnings.isEmpty)
        #expect(store.countries.map(\.description) == ["br", "fr"])
        #expect(store.countries.map(store.name) == ["Brazil", "France"])
        #expect(
            store.targets.sorted() == [
                "/flags/", "/flags/br/br.gif", "/flags/br/metadata.json", "/flags/fr/fr.gif",
                "/flags/fr/metadata.json",
            ])
        let gif = try store.response("/flags/br/br.gif")
        #expect(gif.status == 200)
        #expect(Array(try #require(gif.body.memory)) == TemporaryDirectory.gif)
        #expect(gif.field("Content-Type") == "image/gif")
        #expect(
            try text(store.response("/flags/br/metadata.json")) == #"{"country": "Brazil"}"#)
    }

    @Test func `extra fields are on every answer`() throws {
        try directory.country("br", "Brazil")
        let (store, _) = try load([HTTPField("Access-Control-Allow-Origin", "*")])
        for target in store.targets {
            #expect(try store.response(target).field("Access-Control-Allow-Origin") == "*")
        }
    }

    @Test func `metadata may have more than a country, in any script`() throws {
        try directory.country("ci", "")
        try directory.write(
            "flags/ci/metadata.json",
            #"{"gif": [1, {}], "country": "C\u00f4te d'Ivoire 🇨🇮", "n": null}"#)
        let (store, _) = try load()
        #expect(store.countries.map(store.name) == ["Côte d'Ivoire 🇨🇮"])
    }

    @Test func `both versions of GIF are flags`() throws {
        try directory.country("br", "Brazil")
        let old = Array("GIF87a".utf8) + [UInt8](repeating: 0, count: 8)
        try directory.write("flags/br/br.gif", old)
        #expect(try load().warnings.isEmpty)
    }

    @Test func `missing metadata is a warning and the code stands for the name`() throws {
        try directory.country("br", "Brazil")
        try directory.write("flags/fr/fr.gif", TemporaryDirectory.gif)
        let (store, warnings) = try load()
        #expect(store.countries.map(store.name) == ["Brazil", "fr"])
        #expect(
            warnings == [
                "\(directory.path)/flags/fr/metadata.json is missing; the flag is served under its "
                    + "code."
            ])
    }

    @Test func `files of any name and depth are served beside the flags`() throws {
        try directory.country("br", "Brazil")
        try directory.write("flags/README", "hello")
        try directory.write("flags/br/old/1889/flag one.txt", "then")
        try directory.write("flags/extra/empty.bin", "")
        let (store, warnings) = try load()
        #expect(warnings.isEmpty)
        #expect(store.countries.count == 1)
        #expect(try text(store.response("/flags/README")) == "hello")
        #expect(try text(store.response("/flags/br/old/1889/flag%20one.txt")) == "then")
        #expect(try store.response("/flags/extra/empty.bin").body.count == 0)
    }

    @Test func `what lies beside flags is not served`() throws {
        try directory.country("br", "Brazil")
        try directory.write("secret.txt", "secret")
        #expect(try load().0.targets.allSatisfy { !$0.contains("secret") })
    }

    // MARK: Left out

    @Test func `links are left out and reported, wherever they lead`() throws {
        try directory.country("br", "Brazil")
        try directory.write("secret.txt", "secret")
        let links = [
            ("flags/br/inner.gif", "br.gif"), ("flags/out.txt", "../secret.txt"),
            ("flags/loop", "."), ("flags/folder", "br"), ("flags/dangling", "nowhere"),
        ]
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                atPath: directory.file(name), withDestinationPath: target)
        }
        let (store, warnings) = try load()
        #expect(
            Set(warnings)
                == Set(links.map { "\(directory.file($0.0)) is a link and is left out." }))
        #expect(warnings.count == links.count)
        #expect(
            store.targets.sorted() == ["/flags/", "/flags/br/br.gif", "/flags/br/metadata.json"])
    }

    @Test func `a FIFO is left out and reported and never waited for`() throws {
        try directory.country("br", "Brazil")
        #expect(mkfifo(directory.file("flags/br/pipe"), 0o600) == 0)
        let (store, warnings) = try load()
        #expect(
            warnings == ["\(directory.file("flags/br/pipe")) is no regular file and is left out."])
        #expect(store.targets.count == 3)
    }

    @Test func `dot files and dot folders are left out`() throws {
        try directory.country("br", "Brazil")
        try directory.write("flags/.git/config", "x")
        try directory.write("flags/br/.DS_Store", "x")
        try directory.write("flags/...", "x")
        #expect(try load().0.targets.count == 3)
    }

    @Test func `eight folders within folders are looked into and a ninth is reported`() throws {
        try directory.country("br", "Brazil")
        let deep = (1...8).map { "d\($0)" }.joined(separator: "/")
        try directory.write("flags/\(deep)/last.txt", "x")
        try directory.write("flags/\(deep)/d9/lost.txt", "x")
        let (store, warnings) = try load()
        #expect(store.targets.contains("/flags/\(deep)/last.txt"))
        #expect(!store.targets.contains { $0.contains("lost.txt") })
        #expect(
            warnings == ["\(directory.file("flags/\(deep)/d9")) is too deep and is left out."])
    }

    // MARK: Sizes and times

    @Test func `a file over 1 MiB is sent from its descriptor`() throws {
        try directory.country("br", "Brazil")
        let limit = FixtureLoader.maximumInMemory
        #expect(limit == 1 << 20)
        try directory.write("flags/just.bin", [UInt8](repeating: 7, count: limit))
        try directory.write("flags/over.bin", [UInt8](repeating: 7, count: limit + 1))
        let (store, _) = try load()
        let just = try store.response("/flags/just.bin").body
        #expect(just.memory?.count == limit)
        let over = try store.response("/flags/over.bin").body
        #expect(over.memory == nil)
        #expect(over.count == limit + 1)
        let file = over.storage.file
        var bytes = [UInt8](repeating: 0, count: 2)
        #expect(pread(file, &bytes, 2, off_t(limit - 1)) == 2)
        #expect(bytes == [7, 7])
        #expect(fcntl(file, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `the tag is that of the content, in memory or not`() throws {
        try directory.country("br", "Brazil")
        let large = [UInt8](repeating: 1, count: FixtureLoader.maximumInMemory + 3)
        try directory.write("flags/large.bin", large)
        let (store, _) = try load()
        let tag = large.withUnsafeBytes { EntityTag(contentOf: $0) }
        #expect(try store.response("/flags/large.bin").field("ETag") == "\(tag)")
        let gif = TemporaryDirectory.gif.withUnsafeBytes { EntityTag(contentOf: $0) }
        #expect(try store.response("/flags/br/br.gif").field("ETag") == "\(gif)")
    }

    @Test func `a time of change in the future is held to the present`() throws {
        try directory.country("br", "Brazil")
        let times = [("br.gif", now - 1000), ("metadata.json", now + 1000)]
        for (name, seconds) in times {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(seconds))],
                ofItemAtPath: directory.file("flags/br/\(name)"))
        }
        let (store, _) = try load()
        let past = try store.response("/flags/br/br.gif")
        #expect(past.field("Last-Modified") == HTTPDate.string(now - 1000))
        let future = try store.response("/flags/br/metadata.json")
        #expect(future.field("Last-Modified") == HTTPDate.string(now))
    }

    // MARK: Again

    @Test func `a reload keeps what is unchanged and reads what is not`() throws {
        try directory.country("br", "Brazil")
        try directory.country("fr", "France")
        var first = FixtureLoader(FixtureDirectory(directory.path))
        let old = try first.load(now: now, extraFields: [])
        try directory.country("fr", "Gallia")
        try directory.country("cn", "China")
        try FileManager.default.removeItem(atPath: directory.file("flags/br/metadata.json"))
        var second = FixtureLoader(FixtureDirectory(directory.path), previous: first.loaded)
        let new = try second.load(now: now, extraFields: [])
        #expect(new.countries.map(new.name) == ["br", "China", "Gallia"])
        let gif = "/flags/br/br.gif"
        let isShared =
            try old.response(gif).body.storage === new.response(gif).body.storage
        #expect(isShared)
        let metadata = "/flags/fr/metadata.json"
        #expect(try text(old.response(metadata)) == #"{"country": "France"}"#)
        #expect(try text(new.response(metadata)) == #"{"country": "Gallia"}"#)
        #expect(!new.targets.contains("/flags/br/metadata.json"))
    }

    @Test func `a large file that is unchanged stays open over reloads`() throws {
        try directory.country("br", "Brazil")
        let count = FixtureLoader.maximumInMemory + 1
        try directory.write("flags/large.bin", [UInt8](repeating: 9, count: count))
        var loaded: [String: FixtureLoader.Loaded] = [:]
        for _ in 1...3 {
            var loader = FixtureLoader(FixtureDirectory(directory.path), previous: loaded)
            let store = try loader.load(now: now, extraFields: [])
            loaded = loader.loaded
            var bytes = [UInt8](repeating: 0, count: 1)
            let file = try store.response("/flags/large.bin").body.storage.file
            #expect(pread(file, &bytes, 1, off_t(count - 1)) == 1)
            #expect(bytes == [9])
        }
    }
}
