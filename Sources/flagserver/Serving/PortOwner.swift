import Glibc

/// Who listens on a port, as far as /proc tells.
enum PortOwner {
    /// `pid 4312, nginx`; nil if it cannot be read.
    static func description(of port: UInt16) -> String? {
        let inodes = ["tcp", "tcp6"].flatMap { listeners("/proc/net/\($0)", port) }
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        for process in FixtureDirectory.entries("/proc") ?? [] where Int(process) != nil {
            let folder = "/proc/\(process)/fd"
            let descriptors = FixtureDirectory.entries(folder) ?? []
            guard descriptors.contains(where: { links.contains(target("\(folder)/\($0)")) })
            else { continue }
            let name = text("/proc/\(process)/comm").split(separator: "\n").first
            return "pid \(process)\(name.map { ", \($0)" } ?? "")"
        }
        return nil
    }

    /// Socket inodes in state LISTEN (0A) on the port; the columns of proc(5).
    private static func listeners(_ table: String, _ port: UInt16) -> [String] {
        text(table).split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ")
            guard columns.count > 9, columns[3] == "0A",
                let local = columns[1].split(separator: ":").last,
                UInt16(local, radix: 16) == port
            else { return nil }
            return String(columns[9])
        }
    }

    /// What stands in a file of /proc, whose size is not known beforehand.
    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 {
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func target(_ path: String) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { name in
            guard let start = name.baseAddress else { return "" }
            let count = max(readlink(path, start, name.count), 0)
            return String(decoding: UnsafeRawBufferPointer(name)[..<count], as: UTF8.self)
        }
    }
}
