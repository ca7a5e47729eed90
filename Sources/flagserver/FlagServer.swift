import ArgumentParser
import EventLoop
import Glibc

/// The program: a command line, and the exit status that its failure deserves.
@main
struct FlagServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flagserver",
        abstract:
            "Local flag-image servers with delays and errors on purpose, for testing downloaders.",
        version: Banner.version,
        subcommands: [Serve.self, Draw.self],
        defaultSubcommand: Serve.self)

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as CommandLineError {
            fail("error: \(error)\n", error.status.rawValue)
        } catch let error as EventLoopError {
            fail("error: \(error)\n", 1)
        } catch {
            finish(error)
        }
    }

    /// Help and version are no errors; the parser's own messages begin like ours.
    private static func finish(_ error: any Error) -> Never {
        let status = exitCode(for: error).rawValue
        let message = fullMessage(for: error) + "\n"
        guard status != 0 else {
            print(message, terminator: "")
            Glibc.exit(0)
        }
        let isLabelled = message.hasPrefix("Error: ")
        fail(isLabelled ? "error: " + message.dropFirst(7) : message, status)
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        let bytes = Array(message.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        Glibc.exit(status)
    }
}
