import ArgumentParser
import EventLoop
import Glibc

/// The program: a command line, and the exit status that its failure deserves.
@main
struct FlagServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flagserver",
        abstract:
            "Local flag-image servers with delays, errors and broken wires, for testing clients.",
        version: Banner.version,
        subcommands: [
            Serve.self, Draw.self, Toxics.self, VaurienCommand.self, ToxiproxyCommand.self,
        ],
        defaultSubcommand: Serve.self)

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            let typed = Invocation.arguments(CommandLine.arguments)
            let arguments = try EnvironmentTwins.added(to: typed) { name in
                getenv(name).map { String(cString: $0) }
            }
            if [["--help"], ["-h"], ["help"]].contains(typed) {
                return try StandardOutput.write(overview + "\n")
            }
            try checkSubcommand(typed.first)
            var command = try parseAsRoot(ToxiproxyCommand.parsable(arguments))
            try command.run()
        } catch let error as CommandLineError {
            fail("error: \(error)\n", error.status.rawValue)
        } catch let error as EventLoopError {
            fail("error: \(error)\n", 1)
        } catch {
            finish(error)
        }
    }

    /// All that can be typed, and not only the names of the subcommands.
    private static var overview: String {
        let serve = helpMessage(for: Serve.self)
        let usage = serve.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().map {
            $0 == "USAGE: flagserver serve <options>"
                ? "USAGE: flagserver [serve] <options>" : String($0)
        }
        return """
            OVERVIEW: \(configuration.abstract)
            \(usage.joined(separator: "\n"))
            SUBCOMMANDS:
              serve (default)   \(Serve.configuration.abstract)
              draw <proxy>      \(Draw.configuration.abstract)
              toxics [<name>]   \(Toxics.configuration.abstract)
              vaurien           \(VaurienCommand.configuration.abstract)
              toxiproxy         \(ToxiproxyCommand.configuration.abstract)

              'flagserver help draw' tells more.
            """
    }

    /// No command takes words of its own before its options, so a word is meant as a subcommand.
    private static func checkSubcommand(_ word: String?) throws {
        guard let word, !word.isEmpty, !word.hasPrefix("-") else { return }
        let names = ["serve", "draw", "toxics", "vaurien", "toxiproxy", "help"]
        guard !names.contains(word) else { return }
        throw OptionValues.usage(
            "there is no subcommand '\(word)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: names)
                + " 'flagserver --help' lists the options.")
    }

    /// Help and version are no errors; the parser's own messages begin like ours.
    private static func finish(_ error: any Error) -> Never {
        let status = exitCode(for: error).rawValue
        let message = fullMessage(for: error) + "\n"
        guard status != 0 else {
            do {
                try StandardOutput.write(message)
                Glibc.exit(0)
            } catch {
                fail("error: \(error)\n", 74)
            }
        }
        let isLabelled = message.hasPrefix("Error: ")
        fail(isLabelled ? "error: " + message.dropFirst(7) : message, status)
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        // A terminal that is stuck must not keep a program that has failed.
        var wait = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, 500) == 1 else { Glibc.exit(status) }
        let bytes = Array(message.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        Glibc.exit(status)
    }
}
