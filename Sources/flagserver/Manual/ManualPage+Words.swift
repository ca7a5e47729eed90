/// What the options do not say themselves.
extension ManualPage {
    static let description = #"""
        \fBflagserver\fR serves the flags of 194 countries five times: as they are (LOCAL, port
        8001), late (DELAY, 8002), late with errors (ERROR, 8003), through a chaos proxy
        (CHAOS, 8004), and behind the fault that a URL names (FAULT, 8005).
        The same proxy can be put in front of anything that speaks TCP.
        The control port, 8474, has the APIs of Toxiproxy and Vaurien, the journal and the metrics.
        .PP
        The same seed gives the same request the same fate, at any concurrency;
        \fBflagserver draw\fR tells it beforehand. The journal has what each client has met.
        .PP
        SIGTERM and SIGINT deliver what is under way and stop, a second one ends at once.
        SIGHUP reads the configuration and the fixtures again, all or nothing, and opens the
        journal's file again.
        """#

    static let environment = #"""
        Every option of \fBflagserver\fR, \fBrun\fR and \fBdraw\fR can be set in the environment:
        \fB\-\-error\-rate\fR as \fBFLAGSERVER_ERROR_RATE\fR. Flags are 1 or 0 there, and what may
        be repeated has ; between. What is typed counts more, and the configuration file less.
        .PP
        \fBflagserver run\fR sets \fBFLAGS_LOCAL_URL\fR, \fBFLAGS_DELAY_URL\fR,
        \fBFLAGS_ERROR_URL\fR, \fBFLAGS_CHAOS_URL\fR, \fBFLAGS_CONTROL_URL\fR, \fBTOXIPROXY_URL\fR
        and \fBFLAGSERVER_SEED\fR for its command.
        """#

    static let files = #"""
        .TP
        \fIflagserver.yaml\fR
        What \fBflagserver check\fR looks at if nothing is named; \fB\-\-config\fR reads it.
        .TP
        \fI./fixtures\fR
        Taken in place of the flags in the program if it has any.
        """#

    static let exitStatus = [
        ("0", "Stopped as it was told to."), ("1", "A failure that has no word of its own."),
        ("64", "A wrong option or subcommand."), ("65", "Malformed fixtures."),
        ("66", "A file or folder that is not there."), ("69", "A port that is taken."),
        ("70", "A system call has failed that everything depends on."),
        ("73, 74", "A file, or standard output, that cannot be written."),
        ("77", "No permission."), ("78", "A mistake in the configuration file."),
        ("125, 126, 127", #"Of \fBrun\fR: see there."#),
    ].map { ".TP\n\($0)\n\($1)" }.joined(separator: "\n")
}
