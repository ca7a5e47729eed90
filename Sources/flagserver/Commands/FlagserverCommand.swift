import ArgumentParser
import EventLoop
import Faults
import Glibc

/// The program: a command line, and the exit status that its failure deserves.
@main
struct FlagserverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flagserver",
        abstract:
            "Local flag-image servers with delays, errors and broken wires, for testing clients.",
        version: Banner.version,
        subcommands: [
            Serve.self, Run.self, Draw.self, ConformanceCommand.self, Toxics.self, Check.self,
            VaurienCommand.self, ToxiproxyCommand.self, Manual.self, Completions.self,
            Complete.self,
            ToxiproxyClientCommand.self, ToxicCommand.self, GetCommand.self,
            CommandSweep.self, BenchCommand.self,
        ] + ClientWords.commands,
        defaultSubcommand: Serve.self)

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let words = Invocation.arguments(Invocation.text)
        let typed = Run.dashed(LoneOptions.filled(words), typed: words)
        let manner = ClientWords.manner(typed)
        do {
            try checkDump(typed)
            if let help = help(typed) { return try StandardOutput.write(help + "\n") }
            if let download = GetCommand.words(of: typed) {
                Glibc.exit(try GetCommand.run(download))
            }
            if ClientWords.areMeant(typed) { return try runClient(typed, manner) }
            try checkSubcommand(typed.first)
            if typed.first == "help" { try checkSubcommand(typed.dropFirst().first) }
            let sources = try OptionSources(typed, parse: options)
            var command: any ParsableCommand = try sources.parsed {
                try Self.command(ToxiproxyCommand.parsable($0))
            }
            guard let taker = command as? any TakesServeOptions else { return try command.run() }
            try taker.run(sources)
        } catch let error as CommandLineError {
            fail("\(error.line)\n", manner.exitStatus(error.status.rawValue))
        } catch let error as EventLoopError {
            fail(error.lastWords, EventLoopError.exitStatus)
        } catch {
            finish(error, typed, manner)
        }
    }

    private static func runClient(_ typed: [String], _ manner: ClientManner) throws {
        var command = try parseAsRoot(ClientWords.parsable(typed))
        guard let client = command as? any ClientCommand else { return try command.run() }
        try client.run(manner, variable: OptionSources.environment)
    }

    /// Those of a command line of `serve`, `run` or `draw`.
    static func options(_ arguments: [String]) throws -> ServeOptions {
        (try command(arguments) as? any TakesServeOptions)?.options ?? ServeOptions()
    }

    /// The default subcommand by itself, where that is all: to look through the others takes as
    /// long as the rest of a start. Who asks for something else, or makes a mistake, hears of it
    /// from the parser that knows them all.
    private static func command(_ arguments: [String]) throws -> any ParsableCommand {
        let isServe = arguments.first?.hasPrefix("-") ?? true
        if isServe, let serve = try? Serve.parseAsRoot(arguments) as? Serve { return serve }
        return try parseAsRoot(arguments)
    }

    /// What a command line that asks for help alone is answered; nil if it is another one.
    private static func help(_ typed: [String]) -> String? {
        if typed == ["-h"] { return Overview.short(CommandReference.program()) }
        if [["--help"], ["help"]].contains(typed) { return overview }
        return HelpTopic.asked(typed)?.screen(helpMessage(for: Serve.self))
    }

    /// All that can be typed, and not only the names of the subcommands.
    private static var overview: String {
        let serve = helpMessage(for: Serve.self)
        let lines = serve.split(separator: "\n", omittingEmptySubsequences: false)
        let usage = lines.drop { !$0.hasPrefix("USAGE:") }.map {
            $0 == "USAGE: flagserver serve <options>"
                ? "USAGE: flagserver [serve] <options>" : String($0)
        }
        return """
            OVERVIEW: \(configuration.abstract)

            EXAMPLES:
              flagserver                   LOCAL :8001, DELAY :8002, ERROR :8003, CHAOS :8004,
                                           FAULT :8005
              flagserver --delay 0.5 --error-rate 0.25
              flagserver run -- pytest -q  start on free ports, handed over in FLAGS_*_URL,
                                           wait, run, stop; exit with its status
              flagserver run --edition 2e -- python flags2_asyncio.py -s ERROR -a
                                           the same on the book's own ports
              flagserver --toxic 'error:limit_data bytes=4096B toxicity=0.1' --seed 7
              flagserver --proxy 9000=db.internal:5432 \\
                --toxic 'proxy9000:latency latency=200ms jitter=50ms'
              flagserver --config flagserver.yaml

            SIGTERM and SIGINT deliver what is under way and stop;
            SIGHUP reads the configuration and the fixtures again.

            \(usage.joined(separator: "\n"))
            SUBCOMMANDS:
              serve (default)   \(Serve.configuration.abstract)
              run -- <command>  \(Run.configuration.abstract)
              draw <proxy>      \(Draw.configuration.abstract)
              conformance -- <command>
                                \(ConformanceCommand.configuration.abstract)
              get [<CC>...]     \(GetCommand.configuration.abstract)
              sweep             \(SweepCommand.configuration.abstract)
              bench             \(BenchCommand.configuration.abstract)
              toxics [<name>]   \(Toxics.configuration.abstract)
              check [<path>]    \(Check.configuration.abstract)
              vaurien           \(VaurienCommand.configuration.abstract)
              toxiproxy         \(ToxiproxyCommand.configuration.abstract)
              manual            \(Manual.configuration.abstract)
              completions       \(Completions.configuration.abstract)

              status            \(StatusCommand.configuration.abstract)
              journal [-f]      \(JournalCommand.configuration.abstract)
              verify            \(VerifyCommand.configuration.abstract)
              reset             \(ResetCommand.configuration.abstract)
              list, inspect, create, toggle, delete, toxic
                                toxiproxy-cli's words; also under its name

              'flagserver help draw' tells more of one of them, 'flagserver help limits'
              is one topic: \(HelpTopic.names).
            """
    }

    /// The parser has an option that nobody is told of, and what it needs is not there: see
    /// foundation.S.
    private static func checkDump(_ typed: [String]) throws {
        let option = "--experimental-dump-help"
        guard typed.prefix(while: { $0 != "--" }).contains(where: { $0.hasPrefix(option) })
        else { return }
        throw OptionValues.usage("unknown option '\(option)'. 'flagserver --help' lists all.")
    }

    /// No command takes words of its own before its options, so a word is meant as a subcommand.
    private static func checkSubcommand(_ word: String?) throws {
        guard let word, !word.isEmpty, !word.hasPrefix("-") else { return }
        let names =
            [
                "serve", "run", "draw", "conformance", "toxics", "check", "vaurien", "toxiproxy",
                "manual", "completions", "help", GetCommand.name,
                SweepCommand.name, BenchCommand.name,
            ] + ClientWords.names
        let hidden = [Complete.configuration.commandName, ClientWords.toxiproxy]
        guard !names.contains(word), !hidden.contains(word) else { return }
        if let advice = Synonyms.advice(forSubcommand: word) {
            throw OptionValues.usage("there is no subcommand '\(word)'. \(advice)")
        }
        throw OptionValues.usage(
            "there is no subcommand '\(word)' (\(names.joined(separator: ", ")))."
                + Suggestion.hint(for: word, in: names)
                + " 'flagserver --help' lists the options.")
    }

    /// Help and version are no errors; the parser's own messages begin like ours.
    private static func finish(
        _ error: any Error, _ typed: [String], _ manner: ClientManner
    ) -> Never {
        let status = manner.exitStatus(exitCode(for: error).rawValue)
        if status != 0, let refusal = UnknownOption.refusal(Self.message(for: error), typed) {
            fail("\(refusal.line)\n", manner.exitStatus(refusal.status.rawValue))
        }
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
        guard poll(&wait, 1, 500) != 0 else { Glibc.exit(status) }
        let bytes = Array(message.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        Glibc.exit(status)
    }
}
