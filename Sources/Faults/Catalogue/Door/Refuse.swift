/// `refuse`: nobody listens, so that the kernel answers who connects with RST.
///
/// The port stays ours, and connections that are open go on; those that nobody has accepted yet are
/// reset.
public struct Refuse: ListenerFault {
    /// 0: without an end.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "refuse"
    static let summary =
        "Connections are refused (RST) while the port stays taken; those that are open go on."
    static let note = FaultNote(
        .listener, .error, .high,
        links: ["wiremock/wiremock#212", "csernazs/pytest-httpserver#54", "rockdaboot/wget2#255"],
        aliases: ["connection-refused"])

    var words: String { "connections refused" }

    func door(isIPv6: Bool) -> Door { .refusing }
}
