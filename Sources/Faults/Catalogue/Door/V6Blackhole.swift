/// `v6-blackhole`: who connects over IPv6 is accepted by the kernel and hears nothing; IPv4
/// works.
///
/// What waits is served when it ends.
public struct V6Blackhole: ListenerFault {
    /// 0: without an end.
    public let time: Nanoseconds

    public init(time: Nanoseconds) {
        self.time = time
    }

    static let name = "v6-blackhole"
    static let summary = "Over IPv6 connections are accepted and never answered; IPv4 works."
    static let note: FaultNote = {
        var note = FaultNote(
            .listener, .accept, .high,
            links: [
                "aio-libs/aiohttp#7954", "oven-sh/bun#9658", "agronholm/anyio#69",
                "curl/curl#2281", "curl/curl#14144",
            ], aliases: ["happy-eyeballs"])
        note.needs = [.ipv6]
        return note
    }()

    var words: String { "no answer over IPv6" }

    func door(isIPv6: Bool) -> Door { isIPv6 ? .stalled(backlog: nil) : .open }
}
