import ArgumentParser
import Glibc
import Records

/// `flagserver [serve]`: starts the servers and runs until it is told to stop.
struct Serve: TakesServeOptions {
    static let configuration = CommandConfiguration(
        abstract: "Start LOCAL, DELAY, ERROR, CHAOS and FAULT (the default).",
        discussion: """
            EXAMPLES:
              flagserver      LOCAL :8001, DELAY :8002, ERROR :8003, CHAOS :8004,
                              FAULT :8005
              flagserver --delay 0.5 --error-rate 0.25
              flagserver --error-mode exact --seed 7  5 errors in every 20 requests
              flagserver --ports 0 --ready-file r.json   free ports, told in a file
              flagserver --toxic 'error:limit_data bytes=4096B toxicity=0.1' --seed 7
              flagserver --proxy 9000=db.internal:5432 \\
                --toxic 'proxy9000:latency latency=200ms jitter=50ms'
              flagserver --max-concurrency 5 --journal j.ndjson
              flagserver --config flagserver.yaml
              flagserver draw error --seed 7          what requests will meet
              flagserver run -- pytest -q             for as long as a command runs

            SIGTERM and SIGINT deliver what is under way and stop;
            SIGHUP reads the configuration and the fixtures again.
            """)

    @OptionGroup(title: "Servers") var servers: ServerOptions
    @OptionGroup(title: "Delay, error and chaos") var faults: FaultOptions
    @OptionGroup(title: "Proxies") var proxies: ProxyOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Control") var control: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(_ sources: OptionSources) throws {
        try StandardDescriptors.open()
        let log = LogWriter(descriptor: STDERR_FILENO)
        defer { log.flush(milliseconds: 500) }
        let daemon = try FlagServersDaemon(try Settings(options, sources), sources, log: log)
        try daemon.open()
        try daemon.serve()
        // Not by returning: with the daemon its signal handlers would go, and a last signal would
        // kill what has already stopped.
        log.flush(milliseconds: 500)
        Glibc.exit(0)
    }
}

/// A program that is started without stdin, stdout or stderr would get a client's socket under
/// their numbers, and write its log into it.
enum StandardDescriptors {
    /// - Throws: `CommandLineError` if there is nothing to put in their place.
    static func open() throws {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // It takes the lowest free number: this one.
            guard Glibc.open("/dev/null", O_RDWR) >= 0 else {
                let reason = String(cString: strerror(errno))
                throw CommandLineError(
                    .failure,
                    "standard input, output or error is closed, and /dev/null cannot be opened in "
                        + "its place: \(reason).")
            }
        }
    }
}
