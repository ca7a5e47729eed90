/// An answer that takes longer to find than one turn of the loop may last: it is made part by part,
/// and others are served in between. Nobody wants it any more when it is let go of. Loop thread
/// only.
open class LateAnswer {
    /// Set by whoever sends it; called once, never while the site is being asked.
    public final var onAnswer: ((SiteAnswer) -> Void)?

    public init() {}
}
