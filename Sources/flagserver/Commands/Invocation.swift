/// The arguments that the program was run with, whatever name it was run under.
enum Invocation {
    /// Peers that the program stands in for: their program's name, and our subcommand.
    private static let peers = ["vaurien": "vaurien", "toxiproxy-server": "toxiproxy"]

    /// - Parameter words: with the program's name first.
    /// - Returns: without it, and with the subcommand that a peer's name stands for.
    static func arguments(_ words: [String]) -> [String] {
        let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
        let arguments = Array(words.dropFirst())
        guard let subcommand = peers[program] else { return arguments }
        return [subcommand] + arguments
    }
}
