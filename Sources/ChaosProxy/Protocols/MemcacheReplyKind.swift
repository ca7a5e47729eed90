/// How the reply to a memcached command ends.
enum MemcacheReplyKind: UInt8 {
    /// With its first line.
    case line
    /// `VALUE <key> <flags> <bytes>` with data, any number of them, then `END`.
    case values
    /// Lines up to `END`, or one that says how it went.
    case list
    /// With its first line, and the data that `VA <bytes>` announces.
    case meta
}
