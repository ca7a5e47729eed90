/// Options that may stand alone: `--dns` is `--dns=on`. They take the next word only where that can
/// be a value of theirs, so that a command may stand behind them.
enum LoneOptions {
    private static let all: [(word: String, takes: @Sendable (String) -> Bool)] = [
        ("--\(NameServerSettings.proxyName)", NameServerSettings.isValue),
        ("--charfinder", CharfinderSettings.isValue),
    ]

    /// With `=on` behind those that stand alone.
    static func filled(_ arguments: [String]) -> [String] {
        guard EnvironmentTwins.haveTwins(arguments) else { return arguments }
        let own = EnvironmentTwins.ownWords(arguments)
        var filled = arguments
        for option in all {
            guard let index = own.firstIndex(of: option.word) else { continue }
            let next = own.dropFirst(index + 1).first
            if !(next.map(option.takes) ?? false) { filled[index] = "\(option.word)=on" }
        }
        return filled
    }
}
