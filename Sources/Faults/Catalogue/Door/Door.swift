/// How a listener treats those who connect.
public enum Door: Equatable, Sendable {
    case open
    /// Nobody takes them: the kernel completes the first `backlog` + 1 connections by itself, and
    /// further ones get no answer. nil: as many as usual.
    case stalled(backlog: Int32?)
    /// The kernel answers with RST; the port stays ours.
    case refusing

    /// What comes of two at once.
    func and(_ other: Door) -> Door {
        switch (self, other) {
        case (.refusing, _), (_, .refusing): .refusing
        case (.open, let door), (let door, .open): door
        case (.stalled(let one), .stalled(let another)):
            .stalled(backlog: [one, another].compactMap(\.self).min())
        }
    }
}
