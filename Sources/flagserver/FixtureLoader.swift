import FlagSite
import FoundationEssentials
import Glibc
import HTTPWire

/// Reads a fixtures directory and checks it, all or nothing.
struct FixtureLoader {
    /// Files up to this size lie in memory, larger ones are sent from their descriptors.
    static let maximumInMemory = 1 << 20
    static let maximumFiles = 10_000
    static let maximumLargeFiles = 256

    let directory: String
    /// What was left out and why, one sentence each.
    private(set) var warnings: [String] = []
    private var problems: [String] = []
    private var countries: [FlagStore.Country] = []
    private var files: [FlagStore.File] = []
    private var largeFiles = 0
    /// Where in `files` a name stands.
    private var positions: [String: Int] = [:]
    /// Names of the files that begin as a GIF does.
    private var images: Set<String> = []

    private struct Metadata: Decodable { let country: String }

    init(directory: String) {
        self.directory = directory
    }

    /// - Throws: `CommandLineError`, 66 if there are no flags to be found, 65 if some are malformed.
    mutating func load(now: Int64, extraFields: [HTTPField]) throws -> FlagStore {
        try FixtureDirectory(directory).check()
        let names = FixtureDirectory(directory).files(warnings: &warnings)
        guard names.count <= Self.maximumFiles else {
            throw CommandLineError(
                .malformedFixtures,
                "'\(directory)/flags' has more than \(Self.maximumFiles) files.")
        }
        for name in names { read(name, now) }
        checkCountries(Set(names))
        guard problems.isEmpty else { throw malformed }
        return FlagStore(
            files: files, countries: countries, loadedAt: now, extraFields: extraFields)
    }

    private var malformed: CommandLineError {
        let shown = problems.prefix(10).joined(separator: "\n  ")
        let more = problems.count > 10 ? "\n  and \(problems.count - 10) more" : ""
        return CommandLineError(
            .malformedFixtures, "the fixtures in '\(directory)' are malformed:\n  \(shown)\(more)")
    }

    // MARK: One file

    private mutating func read(_ name: String, _ now: Int64) {
        let path = "\(directory)/flags/\(name)"
        do {
            let file = try FixtureFile(opening: path)
            if try file.isGIF() { images.insert(name) }
            positions[name] = files.count
            files.append(
                FlagStore.File(
                    name: name, content: try content(of: file), entityTag: try file.entityTag(),
                    lastModified: min(file.lastModified, now)))
        } catch {
            problems.append("\(path): \(error)")
        }
    }

    private mutating func content(of file: FixtureFile) throws -> Bytes {
        if file.count <= Self.maximumInMemory { return Bytes(try file.inMemory()) }
        largeFiles += 1
        guard largeFiles <= Self.maximumLargeFiles else {
            throw FixtureFile.Failure("more than \(Self.maximumLargeFiles) files over 1 MiB")
        }
        return Bytes(ByteStorage(file: file.descriptor, count: file.count, owner: file))
    }

    // MARK: What a flag needs

    /// Every folder with a two-letter name is a country's.
    private mutating func checkCountries(_ names: Set<String>) {
        let codes = Set(names.compactMap { CountryCode(Self.folder(of: $0)) })
        for code in codes.sorted() {
            let gif = "\(code)/\(code).gif"
            if !names.contains(gif) {
                problems.append("\(directory)/flags/\(gif) is missing")
            } else if !images.contains(gif) {
                problems.append("\(directory)/flags/\(gif) is no GIF image")
            }
            countries.append(FlagStore.Country(code: code, name: countryName(code)))
        }
    }

    /// `br` of `br/br.gif`; empty for a file that lies in `flags` itself.
    private static func folder(of name: String) -> Substring {
        guard let slash = name.firstIndex(of: "/") else { return "" }
        return name[..<slash]
    }

    private mutating func countryName(_ code: CountryCode) -> String {
        let name = "\(code)/metadata.json"
        let path = "\(directory)/flags/\(name)"
        guard let file = positions[name].map({ files[$0] }), let memory = file.content.memory
        else {
            warnings.append("\(path) is missing; the flag is served under its code.")
            return code.description
        }
        do {
            return try JSONDecoder().decode(Metadata.self, from: Data(memory)).country
        } catch DecodingError.keyNotFound, DecodingError.typeMismatch, DecodingError.valueNotFound {
            problems.append("\(path) lacks \"country\" with a text")
        } catch {
            problems.append("\(path) is no JSON object")
        }
        return code.description
    }
}
