import ArgumentParser

/// Where a client finds the control port.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The control port (default: $FLAGS_CONTROL_URL, $TOXIPROXY_URL, "
                + "\(ControlURL.standard)).",
            valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The control port's token (default: $FLAGSERVER_CONTROL_TOKEN).", valueName: "token"))
    var token: String?
}
