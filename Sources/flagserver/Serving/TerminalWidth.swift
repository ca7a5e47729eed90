import Glibc

/// How wide a terminal is.
enum TerminalWidth {
    /// Of one that does not say.
    static let standard = 80
    /// What is written for a narrower one.
    static let least = 60

    /// In columns, now, as what needs some room has it; nil if `descriptor` is no terminal.
    static func columns(of descriptor: Int32) -> Int? {
        exactColumns(of: descriptor).map { max($0, least) }
    }

    /// In columns, now; nil if `descriptor` is no terminal.
    static func exactColumns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return standard
        }
        return Int(size.ws_col)
    }
}
