import Glibc

/// What stands in /proc/sys.
enum KernelSetting {
    /// - Returns: nil if nobody can read it here.
    static func read(_ name: String) -> String? {
        guard let file = fopen("/proc/sys/" + name, "r") else { return nil }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = fread(&text, 1, text.count, file)
        return String(decoding: text.prefix(count), as: UTF8.self)
    }
}
