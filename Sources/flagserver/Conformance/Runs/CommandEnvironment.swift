import EventLoop

/// What a command under test finds in its environment: ours, without what would lead it astray.
enum CommandEnvironment {
    /// Ours alone: whoever has the token can change servers, and the socket is systemd's.
    private static let ours = ["NOTIFY_SOCKET", EnvironmentTwins.twin(of: "control-token")]

    /// - Parameter inherited: `NAME=value`, each with its final zero byte, in whatever encoding.
    static func variables(_ inherited: [[CChar]]) -> [[CChar]] {
        inherited.filter { entry in
            let name = String(
                decoding: entry.prefix { $0 != 0x3d && $0 != 0 }.map(UInt8.init(bitPattern:)),
                as: UTF8.self)
            // Nothing but our servers is to be asked.
            return !name.lowercased().hasSuffix("_proxy") && !ours.contains(name)
        }
    }
}
