/// The flag servers, in the order of their ports.
enum FlagServer: String, CaseIterable {
    case local, delay, error, chaos

    /// As it stands in the banner and in the book.
    var label: String { rawValue.uppercased() }
}
