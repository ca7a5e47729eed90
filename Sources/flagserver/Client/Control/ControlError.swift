/// What can become of a conversation with a control port, in sentences.
enum ControlError {
    static func nothing(at url: ControlURL, _ manner: ClientManner) -> CommandLineError {
        CommandLineError(
            .unavailable,
            "nothing answers at \(url). Is flagserver running? Its control port is in its banner; "
                + "name another with \(manner.urlOption).")
    }

    /// - Parameter reason: a system's or a resolver's.
    static func unreachable(
        _ url: ControlURL, _ manner: ClientManner, _ reason: String
    ) -> CommandLineError {
        CommandLineError(
            .unavailable,
            "\(url) cannot be reached: \(reason). Name another control port with "
                + "\(manner.urlOption).")
    }

    /// - Parameter seconds: of waiting.
    static func silent(_ url: ControlURL, _ seconds: Int) -> CommandLineError {
        CommandLineError(
            .unavailable,
            "\(url) has not answered within \(seconds) s. Is it stopped, or busy?")
    }

    static func brokenOff(_ url: ControlURL) -> CommandLineError {
        CommandLineError(
            .unavailable, "\(url) ended the connection before its answer was complete.")
    }

    /// - Parameter finding: what shows it: `404 to GET /proxies`.
    static func alien(
        _ url: ControlURL, _ manner: ClientManner, _ finding: String
    ) -> CommandLineError {
        CommandLineError(
            .unavailable,
            "what answers at \(url) is no control port of flagserver or Toxiproxy (\(finding)). "
                + "flagserver's is in its banner; name it with \(manner.urlOption).")
    }

    static func withoutRoute(_ url: ControlURL, _ path: String) -> CommandLineError {
        CommandLineError(.failure, "\(url) has no \(path): flagserver has it, Toxiproxy has not.")
    }

    /// Who may ask, and by what name: answers that are the same for all routes. nil if it is none.
    static func forbidden(
        _ answer: ControlAnswer, _ url: ControlURL, hasToken: Bool
    ) -> CommandLineError? {
        switch answer.status {
        case 401 where hasToken: CommandLineError(.permission, "the token is not that of \(url).")
        case 401:
            CommandLineError(
                .permission,
                "\(url) wants its token. Give it with --token or FLAGSERVER_CONTROL_TOKEN.")
        case 403, 421: CommandLineError(.permission, "\(url) refuses: \(answer.firstLine)")
        default: nil
        }
    }
}
