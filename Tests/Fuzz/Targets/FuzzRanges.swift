@testable import Faults
@testable import HTTPWire

/// Ranges: of bytes, of exchanges, of addresses and of time. Each line is a range of its own.
enum FuzzRanges {
    static func check(_ bytes: UnsafeRawBufferPointer) throws {
        for line in bytes.fuzzLines {
            for size in [0, 1, 12_345, .max] { try checkBytes(line, size) }
            let text = String(decoding: line, as: UTF8.self)
            try checkExchanges(text)
            try checkAddresses(text)
            _ = FuzzMixes.words("latency latency=1s schedule=\(text)")
        }
    }

    private static func checkBytes(_ field: UnsafeRawBufferPointer, _ size: Int) throws {
        guard case .ranges(let ranges) = ByteRange.select(field, size: size) else { return }
        try hold(!ranges.isEmpty, "no range is selected")
        var sum = 0
        for range in ranges {
            try hold(range.lowerBound >= 0 && range.count > 0, "\(range) has no bytes")
            try hold(range.lowerBound <= size - range.count, "\(range) ends behind \(size)")
            sum += range.count
            _ = range.contentRange(of: size)
        }
        try hold(sum <= size, "more than all is selected")
    }

    private static func checkExchanges(_ text: String) throws {
        for counting in ExchangeRange.Counting.allCases {
            guard let range = try taken({ try ExchangeRange(text, counting: counting) }) else {
                return
            }
            try hold(!range.contains(0), "\(text) has the exchange 0")
            let again = try? ExchangeRange("\(range)", counting: counting)
            try hold(again == range, "\(text) is shown as \(range), and that is another one")
        }
    }

    private static func checkAddresses(_ text: String) throws {
        guard let network = AddressRange(text) else { return }
        let address = text.split(separator: "/", omittingEmptySubsequences: false)[0]
        guard let bytes = AddressRange.bytes(address) else {
            throw FuzzFinding(description: "\(text) is a network around what is no address")
        }
        try hold(network.contains(bytes), "\(text) lacks its own address")
        try hold(Match.client(text, matches: String(address)), "\(text) does not match itself")
    }
}
