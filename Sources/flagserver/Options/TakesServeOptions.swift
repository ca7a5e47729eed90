import ArgumentParser

/// A command with the options of `serve`, which wants to know where they come from.
///
/// It has their groups itself, not a group of groups: in debug builds the parser checks each group
/// several times for each group around it, and a start would take five times as long.
protocol TakesServeOptions: ParsableCommand {
    var servers: ServerOptions { get }
    var faults: FaultOptions { get }
    var proxies: ProxyOptions { get }
    var limits: LimitOptions { get }
    var control: ControlOptions { get }
    var output: OutputOptions { get }

    /// - Throws: what a command may throw.
    func run(_ sources: OptionSources) throws
}

extension TakesServeOptions {
    /// All of them together.
    var options: ServeOptions {
        var options = ServeOptions()
        (options.servers, options.faults, options.proxies) = (servers, faults, proxies)
        (options.limits, options.control, options.output) = (limits, control, output)
        return options
    }
}
