/// The flag servers, in the order of their ports.
enum FlagServer: String, CaseIterable {
    case local, delay, error, chaos, fault

    /// As it stands in the banner and in the book.
    var label: String { rawValue.uppercased() }

    /// Whether a proxy of that name counts where none is named: what FAULT does, each URL asks for.
    static func counts(_ name: String) -> Bool {
        FlagServer(rawValue: name).map { $0 != .fault } ?? false
    }

    /// Whether its URL ends with the page of the flags; before FAULT's there is a fault.
    var beginsWithFlags: Bool { self != .fault }
}
