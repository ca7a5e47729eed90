import ControlAPI
import Faults

/// A proxy as a control port tells of it.
struct RemoteProxy {
    let name: String
    let listen: String
    let upstream: String
    let isEnabled: Bool
    let toxics: [RemoteToxic]
    /// Vaurien's, as it is written.
    private let behavior: String?

    /// - Returns: nil if it is none.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.text, let listen = json["listen"]?.text,
            let upstream = json["upstream"]?.text
        else { return nil }
        (self.name, self.listen, self.upstream) = (name, listen, upstream)
        isEnabled = json["enabled"]?.isTrue ?? true
        toxics = json["toxics"]?.elements.compactMap(RemoteToxic.init) ?? []
        behavior = json["behavior"]?.text
    }

    /// What it does, one after the other.
    var words: [String] {
        guard isEnabled else { return ["disabled"] }
        let words = toxics.map(\.words) + (behavior.map { [$0] } ?? [])
        return words.isEmpty ? [Toxic.words([], mix: nil)] : words
    }

    /// - Throws: `CommandLineError` 1 that names those that there are.
    func toxic(_ name: String) throws -> RemoteToxic {
        if let toxic = toxics.first(where: { $0.name == name }) { return toxic }
        let names = toxics.map(\.name)
        let found = names.isEmpty ? "it has none" : ControlClient.listed(names)
        throw CommandLineError(
            .failure,
            "proxy '\(self.name)' has no toxic '\(name)' (\(found))."
                + Suggestion.hint(for: name, in: names))
    }
}
