import Glibc

/// The ports that the kernel chooses from for a socket that connects (ip(7),
/// `ip_local_port_range`).
enum ClientPorts {
    /// As it is when it is asked for first; every port, where it cannot be read.
    static let range: ClosedRange<UInt16> = read() ?? 0...UInt16.max

    private static func read() -> ClosedRange<UInt16>? {
        guard let file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r") else { return nil }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let count = fread(&text, 1, text.count, file)
        let ports = String(decoding: text.prefix(count), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
        guard ports.count == 2, ports[0] <= ports[1] else { return nil }
        return ports[0]...ports[1]
    }
}
