import ArgumentParser
import Glibc

/// `flagserver journal`: the running daemon's records.
struct JournalCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Print the running daemon's records, one JSON object a line.",
        discussion: """
            EXAMPLES:
              flagserver journal limit=20
              flagserver journal -f proxy=error fault=respond
              flagserver journal 'proxy:error status:5xx -path:*.json delay>400ms'
              flagserver journal 'path=/flags/br/*' since=2026-11-21T14:02:01Z

            FILTERS, all of which must hold: key:value (or key=value); key>value, and >=,
            < and <=, of numbers and times; a text that the target contains. - before
            one means those for which it does not hold; in a value * is any text and a
            comma is 'or'; quotes are for blanks. Keys: proxy, path, target, method,
            client, attempt, fault, acted, refused, status, delay, actual_delay, queued,
            duration, bytes, bytes_promised, in_flight, via, world, label, mangled, end,
            seq, t, conn, exchange; beside them since (a sequence number or a time) and
            limit (only the newest). A line {"lost":n} stands for records that are no
            more. -f ends with the daemon, or by Ctrl-C.
            """)

    private static let parameters = ["since", "limit"]
    /// Longest silence of one that is followed: it says something every 15 s.
    private static let silence = 60

    @Flag(name: [.short, .long], help: "Go on with what comes.")
    var follow = false

    @Argument(help: ArgumentHelp("Which records.", valueName: "filter"))
    var filters: [String] = []

    @OptionGroup var client: ClientOptions

    func run(_ manner: ClientManner, variable: @escaping (String) -> String?) throws {
        // Who stops us has got what there is: no failure.
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number) { _ in _exit(0) } }
        let pairs = try FilterWords.pairs(
            try FilterWords.words(filters), beside: Self.parameters)
        let (url, token) = try controlPort(manner, variable: variable)
        let client = ControlClient(url, manner, columns: nil, hasToken: token != nil) { request in
            try ControlConnection(to: url, manner).ask(request, token: token)
        }
        let source = JournalSource(url: url, manner: manner, token: token, client: client)
        var printed = JournalLines()
        guard follow else {
            return note(
                forgotten: try source.read(FilterWords.query(pairs)) { try write($0) })
        }
        let lasting = pairs.filter { !Self.parameters.contains($0.key) }
        try source.follow(FilterWords.query(lasting), silence: Self.silence) {
            note(
                forgotten: try source.read(FilterWords.query(pairs)) {
                    printed.take($0)
                    try write($0)
                })
        } onEvent: { event in
            try write(Array(printed.new(event).utf8))
        }
    }

    /// Lines that are missing must not look as if they had never been.
    private func note(forgotten count: UInt64) {
        guard count > 0 else { return }
        StandardError.write(
            "note: \(count) older records are no more: only the newest are kept.\n")
    }

    private func write(_ bytes: [UInt8]) throws {
        // Who reads no more has enough. (To connect has the signal ignored.)
        signal(SIGPIPE) { _ in _exit(0) }
        try StandardOutput.write(bytes)
    }
}
