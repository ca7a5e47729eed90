import CProgram
import Glibc

/// The arguments that the program was run with, whatever name it was run under.
enum Invocation {
    /// Names of the program, those of peers that it stands in for among them, and our subcommand.
    private static let peers = [
        "flagget": GetCommand.name,
        "vaurien": "vaurien", "toxiproxy-server": "toxiproxy",
        "toxiproxy-cli": ClientWords.toxiproxy,
    ]

    /// Swift's own are read from /proc, which need not be there, and what is not UTF-8 has been
    /// repaired in them.
    private static var words: [UnsafePointer<CChar>] {
        (0..<Int(program_argument_count())).compactMap { index in
            program_arguments()[index].map { UnsafePointer($0) }
        }
    }

    /// The words of the command line, with the program's name first.
    static var text: [String] { words.map { String(cString: $0) } }

    /// The same byte by byte, each word with its NUL.
    static var bytes: [[CChar]] {
        words.map { Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1)) }
    }

    /// - Parameter words: with the program's name first.
    /// - Returns: without it, and with the subcommand that a peer's name stands for.
    static func arguments(_ words: [String]) -> [String] {
        let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
        let arguments = Array(words.dropFirst())
        guard let subcommand = peers[program] else { return arguments }
        return [subcommand] + arguments
    }
}
