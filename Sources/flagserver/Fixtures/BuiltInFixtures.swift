import CProgram
import FlagSite
import HTTPWire

/// The files of `fixtures/flags` in the program itself, read where they lie.
enum BuiltInFixtures {
    /// When they last changed, in seconds since 1970.
    static let lastModified: Int64 = 1_795_235_712  // 2026-11-21 04:35:12 UTC

    /// All of them, without a copy of a single one.
    static func store(now: Int64, extraFields: [HTTPField]) -> FlagStore {
        let files = files(lastModified: min(lastModified, now))
        return FlagStore(
            files: files, countries: files.compactMap { country(of: $0.name) },
            name: { countryName($0, in: files) }, loadedAt: now, extraFields: extraFields,
            place: MemoryPlacement().place)
    }

    /// In lower case, sorted.
    static var codes: [String] {
        names.compactMap(country(of:)).map(\.description)
    }

    private static var names: [String] {
        var names: [String] = []
        var next = fixtures_first()
        while let name = next.pointee.name {
            names.append(String(cString: name))
            next += 1
        }
        return names
    }

    private static func files(lastModified: Int64) -> [FlagStore.File] {
        var files: [FlagStore.File] = []
        var next = fixtures_first()
        while let name = next.pointee.name {
            let content = UnsafeRawBufferPointer(
                start: next.pointee.content, count: next.pointee.count)
            files.append(
                FlagStore.File(
                    name: String(cString: name), content: Bytes(ByteStorage(everlasting: content)),
                    lastModified: lastModified))
            next += 1
        }
        return files
    }

    /// Whose flag a file is; nil for what is none.
    private static func country(of name: String) -> CountryCode? {
        name.hasSuffix(".gif") ? CountryCode(name.prefix(2)) : nil
    }

    private static func countryName(_ code: CountryCode, in files: [FlagStore.File]) -> String {
        let metadata = files.first { $0.name == "\(code)/metadata.json" }
        return metadata?.content.memory.flatMap { try? FlagMetadata($0).country }
            ?? code.description
    }
}
