import Faults

/// The texts of all scripts of somebody's own that the toxics of a process have, with those that
/// only records tell of: together they are bounded. Loop thread only.
public final class ScriptTexts {
    /// In bytes, all together.
    public static let maximumBytes = 64 << 20

    private struct Entry {
        weak var script: Script?
        let bytes: Int
    }

    private let maximumBytes: Int
    private var entries: [ObjectIdentifier: Entry] = [:]
    /// Of all entries, those too whose scripts have gone since they were last looked for.
    private var bytes = 0
    /// So many entries are looked through when there are as many.
    private var next = 64

    /// - Parameter maximumBytes: of all together.
    public init(maximumBytes: Int = maximumBytes) {
        self.maximumBytes = maximumBytes
    }

    /// Counts the texts of toxics that are to be in force.
    ///
    /// - Throws: `ProxyError.invalid` if there is no room for them.
    func keep(_ toxics: [Toxic]) throws(ProxyError) {
        for toxic in toxics {
            if let script = toxic.fault.type.script, !script.isOwn { try keep(script) }
        }
    }

    private func keep(_ script: Script) throws(ProxyError) {
        let (key, count) = (ObjectIdentifier(script), script.text.utf8.count)
        if let entry = entries[key], entry.script === script { return }
        if bytes + count > maximumBytes || entries.count >= next { forget() }
        guard bytes + count <= maximumBytes else {
            throw ProxyError.invalid(
                "invalid steps: the texts of all scripts together have at most "
                    + "\(maximumBytes >> 20) MiB. Remove toxics of type script first; those that "
                    + "records tell of count until the records are forgotten")
        }
        bytes -= entries[key]?.bytes ?? 0
        entries[key] = Entry(script: script, bytes: count)
        bytes += count
    }

    /// Leaves those out that have gone.
    private func forget() {
        entries = entries.filter { $0.value.script != nil }
        bytes = entries.values.reduce(0) { $0 + $1.bytes }
        next = max(64, entries.count * 2)
    }
}
