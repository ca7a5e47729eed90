import Testing

@testable import FlagSite

struct PathTableTests {
    private func index(_ path: [UInt8], in table: PathTable) -> Int? {
        path.withUnsafeBytes { table.index(of: $0) }
    }

    private func index(_ path: String, in table: PathTable) -> Int? {
        index(Array(path.utf8), in: table)
    }

    @Test func `an empty table has nothing`() {
        let table = PathTable([], below: "/flags/")
        for path in ["", "/", "/flags/"] { #expect(index(path, in: table) == nil) }
    }

    @Test func `every path is found at its place, whatever their number`() {
        for count in [1, 2, 7, 8, 9, 15, 16, 17, 200, 3000] {
            let names = (0..<count).map { "\($0)/\($0 * 7).gif" }
            let table = PathTable(names, below: "/flags/")
            for (place, name) in names.enumerated() {
                #expect(index("/flags/\(name)", in: table) == place)
                #expect(index(name, in: table) == nil)
            }
            for missing in count..<count + 50 {
                #expect(index("/flags/\(missing)/\(missing * 7).gif", in: table) == nil)
            }
        }
    }

    @Test func `only the very same bytes are found`() {
        let path = Array("/flags/br/br.gif".utf8)
        let table = PathTable(["br/br.gif"], below: "/flags/")
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

    @Test func `any text may be a name, and none`() {
        let names = ["", "\0", "\0\0", "ü", "u\u{308}"]
        for folder in ["", "/"] {
            let table = PathTable(names, below: folder)
            for (place, name) in names.enumerated() {
                #expect(index(folder + name, in: table) == place)
            }
        }
    }

    private func index(_ path: ArraySlice<UInt8>, in table: PathTable) -> Int? {
        index(Array(path), in: table)
    }
}
