import FoundationEssentials
import Glibc

/// Who listens on a port, as far as /proc tells.
enum PortOwner {
    /// `pid 4312, nginx`; nil if it cannot be read.
    static func description(of port: UInt16) -> String? {
        let inodes = ["tcp", "tcp6"].flatMap { listeners("/proc/net/\($0)", port) }
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        for process in entries("/proc") where Int(process) != nil {
            let folder = "/proc/\(process)/fd"
            guard entries(folder).contains(where: { links.contains(target("\(folder)/\($0)")) })
            else { continue }
            let name = text("/proc/\(process)/comm").trimmingCharacters("\n")
            return "pid \(process)\(name.isEmpty ? "" : ", \(name)")"
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

    private static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    private static func entries(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    private static func target(_ path: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
    }
}

extension String {
    fileprivate func trimmingCharacters(_ last: Character) -> String {
        var text = self
        while text.last == last { text.removeLast() }
        return text
    }
}
