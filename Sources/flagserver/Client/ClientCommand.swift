import ArgumentParser
import Glibc

/// A command that asks a running control port.
protocol ClientCommand: ParsableCommand {
    var client: ClientOptions { get }

    /// - Parameter variable: the value of an environment variable; nil if it is not set.
    /// - Throws: `CommandLineError`.
    func run(_ manner: ClientManner, variable: @escaping (String) -> String?) throws
}

/// One that asks first and prints then.
protocol ReportCommand: ClientCommand {
    /// - Returns: what goes to stdout.
    /// - Throws: `CommandLineError`.
    func output(_ client: ControlClient) throws -> String
}

extension ReportCommand {
    func run(_ manner: ClientManner, variable: @escaping (String) -> String?) throws {
        let (url, token) = try controlPort(manner, variable: variable)
        let client = ControlClient(
            url, manner, columns: OutputTerminal.columns, hasToken: token != nil
        ) { request in
            try ControlConnection(to: url, manner).ask(request, token: token)
        }
        let output = try output(client)
        if !output.isEmpty { try StandardOutput.write(output) }
    }
}

extension ClientCommand {
    /// - Throws: `CommandLineError` 64.
    func controlPort(
        _ manner: ClientManner, variable: (String) -> String?
    ) throws -> (ControlURL, token: String?) {
        let url = try ControlURL.find(
            client.url, as: manner.urlOption, variables: manner.variables, variable: variable)
        let token = client.token ?? variable("FLAGSERVER_CONTROL_TOKEN")
        guard token?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) ?? true else {
            throw OptionValues.usage("the token has other characters than a control port's can.")
        }
        return (url, token.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// - Parameter usage: the command with what it needs: `inspect <name>`.
    /// - Throws: `CommandLineError` 64 if no name was typed.
    func needed(_ name: String?, _ usage: String, _ manner: ClientManner) throws -> String {
        if let name, !name.isEmpty { return name }
        throw OptionValues.usage(
            "the proxy's name is missing. Write '\(manner.program) \(usage)'; "
                + "'\(manner.program) list' has the names.")
    }
}

/// The terminal that stdout is, if it is one.
enum OutputTerminal {
    /// How many characters fit into a line of it; nil if it is none.
    static var columns: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
