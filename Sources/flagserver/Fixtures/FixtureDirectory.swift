import Faults
import FlagSite
import Glibc

/// A directory with fixtures: flags below its `flags`, or else any files.
struct FixtureDirectory {
    /// Folders within folders that are looked into.
    private static let maximumDepth = 8

    let path: String
    /// Where the files lie that are served.
    let base: String
    /// Whether these are flags.
    let hasFlags: Bool
    /// Why it cannot be told whether there are flags.
    private let trouble: FixtureFile.Failure?

    /// - Parameter hasFlags: whether there are to be flags; nil: as there are.
    init(_ path: String, hasFlags: Bool? = nil) {
        self.path = path
        do throws(FixtureFile.Failure) {
            self.hasFlags = if let hasFlags { hasFlags } else { try Self.hasCountries(path) }
            trouble = nil
        } catch {
            (self.hasFlags, trouble) = (true, error)
        }
        base = self.hasFlags ? "\(path)/flags" : path
    }

    /// - Throws: `CommandLineError` with status 66 that says what was found instead.
    func check() throws {
        do {
            guard try Self.kind(path, followsLink: true) == S_IFDIR else {
                throw CommandLineError(.missingInput, ForeignFile(at: path).map(foreign) ?? missing)
            }
            let own = try Self.names(path)
            if let trouble { throw trouble }
            // A country folder without its GIF is malformed, not missing: the loader names it.
            guard try !hasFlags || Self.hasCountries(path) else {
                throw CommandLineError(.missingInput, noFlags(own))
            }
        } catch let failure as FixtureFile.Failure {
            throw CommandLineError(
                .missingInput, "fixtures directory '\(path)' \(failure).")
        }
    }

    /// - Throws: why it cannot be told.
    static func hasCountries(_ path: String) throws(FixtureFile.Failure) -> Bool {
        guard try kind("\(path)/flags", followsLink: true) == S_IFDIR else { return false }
        for name in try names("\(path)/flags") where try country(name, path) != nil {
            return true
        }
        return false
    }

    /// Every folder below `flags` with a two-letter name is a country's.
    ///
    /// - Throws: why it cannot be told.
    func countries() throws(FixtureFile.Failure) -> [CountryCode] {
        guard hasFlags else { return [] }
        var found: [CountryCode] = []
        for name in try Self.names(base) {
            if let code = try Self.country(name, path) { found.append(code) }
        }
        return found
    }

    private static func country(
        _ name: String, _ path: String
    ) throws(FixtureFile.Failure) -> CountryCode? {
        guard let code = CountryCode(name) else { return nil }
        return try kind("\(path)/flags/\(name)") == S_IFDIR ? code : nil
    }

    /// The type of what stands at a path; nil if nothing does.
    ///
    /// - Parameter followsLink: whether a link is what it leads to.
    /// - Throws: why it cannot be told.
    private static func kind(
        _ path: String, followsLink: Bool = false
    ) throws(FixtureFile.Failure) -> mode_t? {
        var status = stat()
        let result = followsLink ? stat(path, &status) : lstat(path, &status)
        if result == 0 { return status.st_mode & S_IFMT }
        guard [ENOENT, ENOTDIR].contains(errno) else { throw FixtureFile.Failure(errno) }
        return nil
    }

    func isLink(_ name: String) -> Bool { (try? Self.kind("\(base)/\(name)")) == S_IFLNK }

    private var missing: String {
        let parts = path.split(separator: "/").map(String.init)
        let parent =
            path.hasPrefix("/")
            ? "/" + parts.dropLast().joined(separator: "/")
            : parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
        let siblings = (Self.entries(parent) ?? []).filter { Self.isDirectory("\(parent)/\($0)") }
        let hint =
            Suggestion.nearest(to: parts.last ?? "", in: siblings)
            .map { " Did you mean '\(parent == "/" ? "" : parent)/\($0)'?" } ?? ""
        return "fixtures directory '\(path)' does not exist.\(hint)"
    }

    private func foreign(_ file: ForeignFile) -> String {
        let advice =
            file.isArchive
            ? "Unpack it, and name the directory that has flags/ in it."
            : "Name the directory that has flags/ in it; without --fixtures, the flags of "
                + "./fixtures or of the program itself are served."
        return "'\(path)' is \(file.name), not a directory with flags/<cc>/<cc>.gif. \(advice)"
    }

    /// What is told of a directory without flags: its files are served all the same.
    var note: String? {
        guard !hasFlags else { return nil }
        let own = Self.entries(path) ?? []
        let isDeeper = own.contains { CountryCode($0) != nil && Self.hasGIF(path, $0) }
        return "\(path) has no flags/<cc>/<cc>.gif: what is in it is served at /"
            + (isDeeper
                ? ". Unpacked one level deeper? Try --fixtures \(Self.parent(of: path))" : "")
    }

    private func noFlags(_ own: [String]) -> String {
        let found =
            own.isEmpty ? "it is empty" : "it has \(own.sorted().prefix(5).joined(separator: ", "))"
        return "'\(path)' has no flags/<cc>/<cc>.gif: "
            + (own.contains("flags") ? "flags/ has no country in it." : "\(found).")
    }

    private static func parent(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.last {
        case ".": return parts.count > 1 ? path.dropLast(2) + "/.." : ".."
        case "..": return path + "/.."
        default:
            let parent = parts.dropLast().joined(separator: "/")
            return parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
        }
    }

    // MARK: Files

    /// All that is there, dot files left out.
    func listing() -> FixtureListing {
        var listing = FixtureListing()
        walk("", &listing, depth: 0)
        listing.files.sort()
        return listing
    }

    private func walk(_ folder: String, _ listing: inout FixtureListing, depth: Int) {
        let entries: [String]
        do throws(FixtureFile.Failure) {
            entries = try Self.names("\(base)/\(folder)")
        } catch {
            return listing.failures.append((folder, error))
        }
        for entry in entries {
            guard listing.files.count <= FixtureLoader.maximumFiles else { return }
            let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
            do throws(FixtureFile.Failure) {
                try look(at: name, &listing, depth: depth)
            } catch {
                listing.failures.append((name, error))
            }
        }
    }

    private func look(
        at name: String, _ listing: inout FixtureListing, depth: Int
    ) throws(FixtureFile.Failure) {
        guard let kind = try Self.kind("\(base)/\(name)") else {
            return listing.warnings.append(
                "\(base)/\(name) cannot be found under this name (UTF-8?).")
        }
        switch kind {
        case S_IFREG: listing.files.append(name)
        case S_IFDIR where depth < Self.maximumDepth: walk(name, &listing, depth: depth + 1)
        case S_IFDIR: listing.warnings.append("\(base)/\(name) is too deep and is left out.")
        case S_IFLNK: listing.warnings.append("\(base)/\(name) is a link and is left out.")
        default: listing.warnings.append("\(base)/\(name) is no regular file and is left out.")
        }
    }

    private static func hasGIF(_ folder: String, _ code: String) -> Bool {
        access("\(folder)/\(code)/\(code).gif", F_OK) == 0
    }

    /// Names in a directory without dot files; nil if it cannot be read.
    static func entries(_ path: String) -> [String]? { try? names(path) }

    /// Names in a directory without dot files, sorted.
    ///
    /// - Throws: why it cannot be read.
    static func names(_ path: String) throws(FixtureFile.Failure) -> [String] {
        guard let directory = opendir(path) else { throw FixtureFile.Failure(errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        // Else half a directory would pass for the whole.
        guard errno == 0 else { throw FixtureFile.Failure(errno) }
        return names.sorted()
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
