import ArgumentParser

/// What `sweep` and `bench` ask for: flags of a site, as `flagget` does.
struct LoadOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Country code or first letter (default: all 194 flags).", valueName: "CC"))
    var codes: [String] = []

    @Flag(name: .shortAndLong, help: "All available flags (the default).")
    var all = false

    @OptionGroup(title: "Site") var site: SiteOptions

    /// - Throws: `GetUsageError`.
    func target() throws -> LoadTarget {
        let site = try site.site(variable: OptionSources.environment)
        let codes = try CountryCodes(
            every: false, all: all || codes.isEmpty, named: codes,
            countries: BuiltInFixtures.codes, limit: .max)
        return try LoadTarget(site, codes.sorted, timeout: try self.site.patience())
    }
}
