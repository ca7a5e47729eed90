import Foundation
import HTTPWire
import TestSupport
import Testing

@testable import FlagSite
@testable import flagserver

/// The flags in the program are those of `fixtures/flags`.
struct BuiltInFixturesTests {
    private let now: Int64 = 1_900_000_000
    private let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fixtures").path

    private func store(_ now: Int64) -> FlagStore {
        BuiltInFixtures.store(now: now, extraFields: [])
    }

    private func head(_ response: PreparedResponse) throws -> [String] {
        let bytes = response.head(date: now, persistence: .implied)
        return try withExtendedLifetime(bytes) {
            String(view: try #require(bytes.memory)).split(separator: "\r\n").map(String.init)
                .filter { !$0.hasPrefix("Last-Modified:") }
        }
    }

    @Test func `each answer is that of the directory but for its Last-Modified`() throws {
        let fields = [HTTPField("Access-Control-Allow-Origin", "*")]
        let builtIn = try FixtureSource.builtIn.load(now: now, extraFields: fields)
        let read = try FixtureSource.directory(folder).load(now: now, extraFields: fields)
        #expect(builtIn.warnings.isEmpty && read.warnings.isEmpty)
        let isComplete = Set(builtIn.store.targets) == Set(read.store.targets)
        #expect(isComplete, "fixtures.S must have the codes of all folders")
        #expect(builtIn.store.countries == read.store.countries)
        #expect(builtIn.store.countries.count == 194)
        #expect(builtIn.store.byteCount == read.store.byteCount)
        for target in read.store.targets {
            let (mine, theirs) = (
                try builtIn.store.response(target), try read.store.response(target)
            )
            let (mineHead, theirHead) = (try head(mine), try head(theirs))
            #expect(mineHead == theirHead, "\(target)")
            let isSame = try #require(mine.body.memory).elementsEqual(
                try #require(theirs.body.memory))
            #expect(isSame, "\(target): write SHA256SUMS anew, so that it is built in anew")
        }
    }

    @Test func `the date is the one of the files' sums`() throws {
        let sums = try store(now).response("/flags/SHA256SUMS")
        #expect(
            sums.field("ETag") == #""8b92ff592b5642eebbe5a07bc3148b22""#,
            "the flags have changed: BuiltInFixtures must say when, and this test too")
        #expect(sums.field("Last-Modified") == "Sat, 21 Nov 2026 04:35:12 GMT")
    }

    @Test func `the date is never later than the answer's`() throws {
        let flag = try store(5).response("/flags/br/br.gif")
        #expect(flag.field("Last-Modified") == HTTPDate.string(5))
    }

    @Test func `a flag is read where it lies in the program`() throws {
        let addresses = try [store(now), store(now)].map {
            try $0.response("/flags/br/br.gif").body.memory?.baseAddress
        }
        #expect(addresses[0] == addresses[1] && addresses[0] != nil)
    }
}
