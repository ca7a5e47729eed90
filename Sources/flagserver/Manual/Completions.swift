import ArgumentParser

/// `flagserver completions SHELL`: what makes a shell complete its command lines.
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the completions of a shell: bash, zsh or fish.",
        discussion: """
            EXAMPLES:
              source <(flagserver completions bash)
              flagserver completions zsh > ~/.zfunc/_flagserver
              flagserver completions fish > ~/.config/fish/completions/flagserver.fish

            'make install' puts them where the shells look. They complete commands,
            options and their values, faults and their attributes, and the names of
            the proxies that a running flagserver has.
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: CompletingShell

    func run() throws { try StandardOutput.write(shell.script) }
}

/// `flagserver complete SHELL WORD…`: what the scripts ask at each press of the key.
struct Complete: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "complete", shouldDisplay: false)

    @Argument var shell: CompletingShell
    /// What was typed behind the program's name, the last one up to the cursor.
    @Argument(parsing: .captureForPassthrough) var words: [String] = []

    func run() throws {
        let typed = words.first == "--" ? Array(words.dropFirst()) : words
        let line = shell == .bash ? BashWords.joined(typed) : typed
        let completion = Completion(
            CommandReference.program(), proxies: { RunningProxies.names() ?? FlagServer.names })
        let answer = completion.answer(to: line.map(BashWords.unquoted))
        try StandardOutput.write(shell.text(answer, current: line.last ?? ""))
    }
}

extension FlagServer {
    fileprivate static var names: [String] { allCases.map(\.rawValue) }
}
