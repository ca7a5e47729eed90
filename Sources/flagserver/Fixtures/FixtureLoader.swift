import FlagSite
import Glibc
import HTTPWire

/// Reads a fixtures directory and checks it, all or nothing.
struct FixtureLoader {
    /// Files up to this size lie in memory, larger ones are sent from their descriptors.
    static let maximumInMemory = 1 << 20
    static let maximumFiles = 10_000
    static let maximumLargeFiles = 256

    private let directory: FixtureDirectory
    /// What was left out and why, one sentence each.
    private(set) var warnings: [String] = []
    private var problems: [String] = []
    /// By name, what has a cause of its own for not being there.
    private var unread: Set<String> = []
    private var countries: [CountryCode] = []
    private var countryNames: [CountryCode: String] = [:]
    private var files: [FlagStore.File] = []
    private var largeFiles = 0
    /// What was read, by name; given to the next loader, so that a reload reads only what changed.
    private(set) var loaded: [String: Loaded] = [:]
    private let previous: [String: Loaded]

    struct Loaded {
        let identity: FixtureFile.Identity
        let content: Bytes
        /// nil: the content's, to be made when it is needed.
        let entityTag: EntityTag?
        let isGIF: Bool
    }

    init(_ directory: FixtureDirectory, previous: [String: Loaded] = [:]) {
        (self.directory, self.previous) = (directory, previous)
    }

    /// - Throws: `CommandLineError`, 66 if no flags can be found, 65 if some are malformed.
    mutating func load(now: Int64, extraFields: [HTTPField]) throws -> FlagStore {
        try directory.check()
        return try load(directory.listing(), now: now, extraFields: extraFields)
    }

    /// - Throws: `CommandLineError` 65.
    mutating func load(
        _ listing: FixtureListing, now: Int64, extraFields: [HTTPField]
    ) throws -> FlagStore {
        let names = listing.files
        warnings += listing.warnings
        for (name, reason) in listing.failures { note(reason, of: name) }
        guard names.count <= Self.maximumFiles else {
            throw CommandLineError(
                .malformedFixtures,
                "'\(directory.base)' has more than \(Self.maximumFiles) files.")
        }
        for name in names { read(name, now) }
        checkCountries()
        guard problems.isEmpty else { throw malformed }
        return FlagStore(
            files: files, countries: countries,
            name: { [countryNames] in countryNames[$0] ?? $0.description },
            loadedAt: now, extraFields: extraFields, root: directory.hasFlags ? .flags : .files,
            place: MemoryPlacement().place)
    }

    private var malformed: CommandLineError {
        let shown = problems.prefix(10).joined(separator: "\n  ")
        let more = problems.count > 10 ? "\n  and \(problems.count - 10) more" : ""
        return CommandLineError(
            .malformedFixtures,
            "the fixtures in '\(directory.path)' are malformed:\n  \(shown)\(more)")
    }

    // MARK: One file

    private mutating func read(_ name: String, _ now: Int64) {
        do {
            let file = try FixtureFile(opening: "\(directory.base)/\(name)")
            let item = try unchanged(name, file) ?? load(file)
            if item.content.memory == nil { try countLarge() }
            loaded[name] = item
            files.append(
                FlagStore.File(
                    name: name, content: item.content, entityTag: item.entityTag,
                    lastModified: min(file.lastModified, now)))
        } catch {
            note(error, of: name)
        }
    }

    private mutating func note(_ reason: any Error, of name: String) {
        unread.insert(name)
        problems.append("\(directory.base)\(name.isEmpty ? "" : "/\(name)"): \(reason)")
    }

    private func unchanged(_ name: String, _ file: FixtureFile) -> Loaded? {
        guard let item = previous[name], item.identity == file.identity else { return nil }
        return item
    }

    private func load(_ file: FixtureFile) throws -> Loaded {
        if file.count > Self.maximumInMemory {
            let content = Bytes(ByteStorage(file: file.descriptor, count: file.count, owner: file))
            return Loaded(
                identity: file.identity, content: content, entityTag: try file.entityTag(),
                isGIF: try file.isGIF())
        }
        let content = Bytes(try file.inMemory())
        let memory = content.memory ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return Loaded(
            identity: file.identity, content: content, entityTag: nil,
            isGIF: FixtureFile.isGIF(memory))
    }

    private mutating func countLarge() throws {
        largeFiles += 1
        guard largeFiles <= Self.maximumLargeFiles else {
            throw FixtureFile.Failure("more than \(Self.maximumLargeFiles) files over 1 MiB")
        }
    }

    // MARK: What a flag needs

    private mutating func checkCountries() {
        let countries: [CountryCode]
        do throws(FixtureFile.Failure) {
            countries = try directory.countries()
        } catch {
            return note(error, of: "")
        }
        for code in countries.sorted() where !unread.contains("\(code)") {
            let gif = "\(code)/\(code).gif"
            let path = "\(directory.base)/\(gif)"
            if unread.contains(gif) {
                // It has been said why.
            } else if directory.isLink(gif) {
                problems.append("\(path) is a link, and links are not followed")
            } else if loaded[gif] == nil {
                problems.append("\(path) is missing")
            } else if loaded[gif]?.isGIF == false {
                problems.append("\(path) is no GIF image")
            }
            self.countries.append(code)
            countryNames[code] = countryName(code)
        }
    }

    private mutating func countryName(_ code: CountryCode) -> String {
        let name = "\(code)/metadata.json"
        let path = "\(directory.base)/\(name)"
        guard let file = loaded[name] else {
            guard !unread.contains(name) else { return code.description }
            warnings.append("\(path) is missing; the flag is served under its code.")
            return code.description
        }
        guard let memory = file.content.memory else {
            problems.append("\(path) is far too large")
            return code.description
        }
        do {
            return try FlagMetadata(memory).country
        } catch {
            problems.append("\(path) \(error)")
            return code.description
        }
    }
}
