public import HTTPWire

/// The flags as the page shows them: the files that the servers have, asked for without a fault and
/// without an exchange. Loop thread only.
public struct FlagPictures {
    /// Of `/flags/br/br.gif`, as the servers have it.
    let answer: Site
    /// Whose flags there are: two small letters each, sorted.
    let codes: () -> [String]

    public init(answer: @escaping Site, codes: @escaping () -> [String]) {
        (self.answer, self.codes) = (answer, codes)
    }
}
