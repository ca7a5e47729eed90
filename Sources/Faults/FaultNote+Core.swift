extension FaultNote {
    /// Of a fault that is no script.
    ///
    /// - Parameters:
    ///   - expect: nil where what a client should make of it depends on what is set.
    ///   - links: of reports on GitHub, as `owner/name#number`.
    init(
        _ group: Group, _ expect: Outcome? = nil, _ level: Level? = nil, links: [String] = [],
        aliases: [String] = []
    ) {
        self.init()
        (self.group, self.expect, self.level, self.aliases) = (group, expect, level, aliases)
        self.links = links.map { "https://github.com/\($0.replacing("#", with: "/issues/"))" }
    }
}
