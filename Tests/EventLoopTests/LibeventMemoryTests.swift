import Glibc
import Testing

@testable import EventLoop

/// What libevent allocates: small blocks side by side, all others by malloc.
struct LibeventMemoryTests {
    private func taken(_ count: Int) throws -> UnsafeMutableRawPointer {
        try #require(LibeventMemory.allocate(count))
    }

    @Test func `blocks of up to 16 bytes are entries, larger ones are not`() throws {
        let places = try [1, 8, 15, 16, 17, 4096].map(taken)
        #expect(places.map(LibeventMemory.isEntry) == [true, true, true, true, false, false])
        for place in places { LibeventMemory.release(place) }
    }

    @Test func `entries do not overlap, and have the alignment of malloc`() throws {
        let places = try (0..<1000).map { _ in try taken(LibeventMemory.entrySize) }
        for (number, place) in places.enumerated() {
            #expect(Int(bitPattern: place) % LibeventMemory.entrySize == 0)
            memset(place, Int32(number % 251), LibeventMemory.entrySize)
        }
        for (number, place) in places.enumerated() {
            let bytes = UnsafeRawBufferPointer(start: place, count: LibeventMemory.entrySize)
            #expect(bytes.allSatisfy { $0 == number % 251 })
        }
        #expect(Set(places).count == places.count)
        for place in places { LibeventMemory.release(place) }
    }

    @Test func `a block keeps its bytes when it grows out of its place, and back`() throws {
        let entry = try taken(16)
        let bytes = UnsafeMutableRawBufferPointer(start: entry, count: 16)
        bytes.copyBytes(from: (0..<16).map(UInt8.init))
        let same = try #require(LibeventMemory.reallocate(entry, 12))
        #expect(same == entry)
        let larger = try #require(LibeventMemory.reallocate(entry, 100))
        #expect(!LibeventMemory.isEntry(larger))
        let largest = try #require(LibeventMemory.reallocate(larger, 100_000))
        let small = try #require(LibeventMemory.reallocate(largest, 16))
        #expect(
            UnsafeRawBufferPointer(start: small, count: 16).elementsEqual((0..<16).map(UInt8.init)))
        LibeventMemory.release(small)
    }

    @Test func `nothing grows to something, and nothing may be released`() throws {
        let place = try #require(LibeventMemory.reallocate(nil, 24))
        memset(place, 1, 24)
        LibeventMemory.release(place)
        LibeventMemory.release(nil)
    }

    @Test func `without memory there is null, and a block stays what it was`() throws {
        let entry = try taken(16)
        entry.storeBytes(of: 7, as: UInt8.self)
        #expect(LibeventMemory.allocate(.max) == nil)
        #expect(LibeventMemory.reallocate(entry, .max) == nil)
        #expect(entry.load(as: UInt8.self) == 7)
        LibeventMemory.release(entry)
    }

    @Test func `what is released is given out again`() throws {
        let first = try (0..<10_000).map { _ in try taken(LibeventMemory.entrySize) }
        for place in first { LibeventMemory.release(place) }
        // Loops of other tests may have got some of them meanwhile.
        let second = try (0..<10_000).map { _ in try taken(LibeventMemory.entrySize) }
        #expect(!Set(second).isDisjoint(with: first))
        for place in second { LibeventMemory.release(place) }
    }

    @Test func `threads get places of their own`() async throws {
        let places = await withTaskGroup(of: [UInt].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<20_000).map { _ in
                        UInt(bitPattern: LibeventMemory.allocate(LibeventMemory.entrySize))
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(places).count == places.count && !places.contains(0))
        for place in places { LibeventMemory.release(UnsafeMutableRawPointer(bitPattern: place)) }
    }
}
