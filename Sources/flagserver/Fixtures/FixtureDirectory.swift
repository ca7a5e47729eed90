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

    /// - Parameter hasFlags: whether there are to be flags; nil: as there are.
    init(_ path: String, hasFlags: Bool? = nil) {
        self.path = path
        self.hasFlags = hasFlags ?? Self.hasCountries(path)
        base = self.hasFlags ? "\(path)/flags" : path
    }

    /// - Throws: `CommandLineError` with status 66 that says what was found instead.
    func check() throws {
        guard Self.isDirectory(path) else {
            throw CommandLineError(.missingInput, ForeignFile(at: path).map(foreign) ?? missing)
        }
        guard let own = Self.entries(path) else {
            throw CommandLineError(
                .missingInput,
                "fixtures directory '\(path)' cannot be read: \(String(cString: strerror(errno))).")
        }
        // A country folder without its GIF is malformed, not missing: the loader names it.
        guard !hasFlags || Self.hasCountries(path) else {
            throw CommandLineError(.missingInput, noFlags(own))
        }
    }

    static func hasCountries(_ path: String) -> Bool {
        (entries("\(path)/flags") ?? []).contains { country($0, path) != nil }
    }

    /// Every folder below `flags` with a two-letter name is a country's.
    var countries: [CountryCode] {
        hasFlags ? (Self.entries(base) ?? []).compactMap { Self.country($0, path) } : []
    }

    private static func country(_ name: String, _ path: String) -> CountryCode? {
        kind("\(path)/flags/\(name)") == S_IFDIR ? CountryCode(name) : nil
    }

    /// The type of what stands at a path, a link being a link; nil if nothing does.
    private static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    func isLink(_ name: String) -> Bool { Self.kind("\(base)/\(name)") == S_IFLNK }

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

    /// The regular files that are served, sorted, as `br/br.gif`. Links, FIFOs, devices and what
    /// lies too deep are reported and left out; dot files are left out.
    func files(warnings: inout [String]) -> [String] {
        var found: [String] = []
        walk("", &found, &warnings, depth: 0)
        return found.sorted()
    }

    private func walk(
        _ folder: String, _ found: inout [String], _ warnings: inout [String], depth: Int
    ) {
        for entry in Self.entries("\(base)/\(folder)") ?? [] {
            let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
            guard found.count <= FixtureLoader.maximumFiles else { return }
            guard let kind = Self.kind("\(base)/\(name)") else {
                warnings.append("\(base)/\(name) cannot be found under this name (UTF-8?).")
                continue
            }
            switch kind {
            case S_IFREG: found.append(name)
            case S_IFDIR where depth < Self.maximumDepth:
                walk(name, &found, &warnings, depth: depth + 1)
            case S_IFDIR: warnings.append("\(base)/\(name) is too deep and is left out.")
            case S_IFLNK: warnings.append("\(base)/\(name) is a link and is left out.")
            default: warnings.append("\(base)/\(name) is no regular file and is left out.")
            }
        }
    }

    private static func hasGIF(_ folder: String, _ code: String) -> Bool {
        access("\(folder)/\(code)/\(code).gif", F_OK) == 0
    }

    /// Names in a directory without dot files; nil if it cannot be read.
    static func entries(_ path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
