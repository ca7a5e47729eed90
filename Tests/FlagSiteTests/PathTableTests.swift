import Testing

@testable import FlagSite

struct PathTableTests {
    private func index(_ path: [UInt8], in table: PathTable) -> Int? {
        path.withUnsafeBytes { table.index(of: $0) }
    }

    @Test func `an empty table has nothing`() {
        let table = PathTable([])
        #expect(index([], in: table) == nil)
        #expect(index(Array("/".utf8), in: table) == nil)
    }

    @Test func `every path is found at its place, whatever their number`() {
        for count in [1, 2, 7, 8, 9, 15, 16, 17, 200, 3000] {
            let paths = (0..<count).map { Array("/flags/\($0)/\($0 * 7).gif".utf8) }
            let table = PathTable(paths)
            for (place, path) in paths.enumerated() { #expect(index(path, in: table) == place) }
            for missing in count..<count + 50 {
                #expect(index(Array("/flags/\(missing)/\(missing * 7).gif".utf8), in: table) == nil)
            }
        }
    }

    @Test func `only the very same bytes are found`() {
        let path = Array("/flags/br/br.gif".utf8)
        let table = PathTable([path])
        for position in path.indices {
            for bit in 0..<8 {
                var other = path
                other[position] ^= 1 << bit
                #expect(index(other, in: table) == nil)
            }
        }
        #expect(index(path.dropLast(), in: table) == nil)
        #expect(index(path + [0], in: table) == nil)
        #expect(index([0] + path, in: table) == nil)
        #expect(index([], in: table) == nil)
    }

    @Test func `any bytes may be a path, and none`() {
        let paths: [[UInt8]] = [[], [0], [0xff, 0xfe], [0, 0], Array("ü".utf8)]
        let table = PathTable(paths)
        for (place, path) in paths.enumerated() { #expect(index(path, in: table) == place) }
    }

    private func index(_ path: ArraySlice<UInt8>, in table: PathTable) -> Int? {
        index(Array(path), in: table)
    }
}
