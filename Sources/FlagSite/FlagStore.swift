public import HTTPWire

/// The table from path to response.
///
/// A request can only find what is in the table, so there is no path to traverse. Each response is
/// made when it is asked for first, and lies ready from then on: a start costs nothing for flags
/// that nobody wants.
public final class FlagStore {
    /// A file to be served, read and checked by the caller.
    public struct File {
        /// Below the root, as on disk: `br/br.gif` below `flags/`.
        public let name: String
        public let content: Bytes
        /// Seconds since 1970, not later than the moment of loading (RFC 9110 §8.8.2.1).
        public let lastModified: Int64
        /// nil: to be made of the content, which lies in memory.
        fileprivate let knownTag: EntityTag?

        public init(
            name: String, content: Bytes, entityTag: EntityTag? = nil, lastModified: Int64
        ) {
            (self.name, self.content) = (name, content)
            (knownTag, self.lastModified) = (entityTag, lastModified)
        }

        var entityTag: EntityTag {
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            return knownTag ?? EntityTag(contentOf: content.memory ?? none)
        }
    }

    /// One thing that can be asked for.
    final class Resource {
        let response: PreparedResponse
        let entityTag: EntityTag
        let lastModified: Int64
        let contentType: String
        /// A path with `%` in it has to be decoded before it names anything.
        let hasPercentSign: Bool

        init(path: String, file: File, extraFields: [HTTPField]) {
            (entityTag, lastModified) = (file.entityTag, file.lastModified)
            contentType = MediaType.of(fileName: file.name)
            hasPercentSign = file.name.utf8.contains(UInt8(ascii: "%"))
            let fields = [
                HTTPField("Content-Type", contentType),
                HTTPField("Last-Modified", HTTPDate.string(file.lastModified)),
                HTTPField("ETag", "\(entityTag)"),
                HTTPField("Accept-Ranges", "bytes"),
            ]
            response = PreparedResponse(
                200, fields: fields + extraFields, body: file.content, target: path)
        }
    }

    /// In the order of their codes.
    public let countries: [CountryCode]
    private let files: [File]
    let name: (CountryCode) -> String
    let loadedAt: Int64
    private let extraFields: [HTTPField]
    private let place: (PreparedResponse) -> Void
    private let table: PathTable
    /// Where the files are, in a URL.
    let root: Root
    /// Of the path of the flags' page, in bytes; 0 where there are no flags.
    let flagsPageCount: Int
    /// Those with a page, which lists them; the first is that of the root.
    private let folders: [String]
    /// As the files, and the pages behind them; nil until it is asked for.
    private var resources: [Resource?]

    /// Where the files are, in a URL.
    public enum Root: String, Sendable {
        /// Flags, with the page of all of them.
        case flags = "/flags/"
        /// Any files, with a page for each folder.
        case files = "/"
    }

    /// - Parameters:
    ///   - files: with different names.
    ///   - countries: whose flags are among the files, in the order of their codes.
    ///   - name: of a country, for the page.
    ///   - extraFields: of every answer (CORS).
    ///   - place: gives a response that was made a place to be sent from without a copy.
    public init(
        files: [File], countries: [CountryCode], name: @escaping (CountryCode) -> String,
        loadedAt: Int64, extraFields: [HTTPField] = [], root: Root = .flags,
        place: @escaping (PreparedResponse) -> Void = { _ in }
    ) {
        (self.files, self.countries, self.name) = (files, countries, name)
        (self.loadedAt, self.extraFields, self.place) = (loadedAt, extraFields, place)
        self.root = root
        flagsPageCount = root == .flags ? root.rawValue.utf8.count : 0
        switch root {
        case .flags: folders = [""]
        case .files: folders = FolderPage.folders(of: files.map(\.name))
        }
        table = PathTable(files.map(\.name) + folders, below: root.rawValue)
        resources = Array(repeating: nil, count: files.count + folders.count)
    }

    /// Of all files together, in bytes.
    public var byteCount: Int { files.reduce(0) { $0 + $1.content.count } }

    /// - Parameter name: as on disk, `br/br.gif`.
    /// - Returns: nil if there is no such file.
    public func content(of name: String) -> Bytes? {
        files.first { $0.name == name }?.content
    }

    /// What plain requests for them ask for.
    public var targets: [String] { (files.map(\.name) + folders).map(path) }

    /// What can be asked for as an example: Brazil's flag, or whatever comes first.
    public var example: String {
        let brazil = "/flags/br/br.gif"
        let targets = targets
        return targets.contains(brazil) ? brazil : targets.first ?? page
    }

    /// The page that leads to all of them: `/flags/` or `/`.
    public var page: String { root.rawValue }

    /// Where a path leads that lacks its last slash, or the root's name; nil: nowhere.
    ///
    /// - Parameter path: percent-decoded.
    func place(of path: [UInt8]) -> String? {
        let slash = UInt8(ascii: "/")
        if path == [slash] || path + [slash] == Array(page.utf8) { return page }
        guard root == .files, path.first == slash else { return nil }
        let folder = path.dropFirst() + [slash]
        return folders.first { $0.utf8.elementsEqual(folder) }.map(self.path)
    }

    /// - Parameter path: percent-decoded.
    @inline(__always)
    func resource(at path: UnsafeRawBufferPointer) -> Resource? {
        guard let index = table.index(of: path) else { return nil }
        return resources[index] ?? make(index)
    }

    /// Another file of the same kind as what `path` names; of flags if it names none.
    ///
    /// - Parameter seed: chooses which.
    /// - Returns: its path in a URL; nil if there is none.
    func other(than path: String, seed: UInt64) -> String? {
        let named = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let kind = named.lastIndex(of: ".").map { named[$0...] } ?? ".gif"
        let others = files.map(\.name).filter { $0.hasSuffix(kind) && self.path($0) != path }
        guard !others.isEmpty else { return nil }
        return self.path(others[Int(seed % UInt64(others.count))])
    }

    private func make(_ index: Int) -> Resource {
        let isFile = index < files.count
        let folder = isFile ? "" : folders[index - files.count]
        let file = isFile ? files[index] : page(of: folder)
        let resource = Resource(
            path: path(isFile ? file.name : folder), file: file, extraFields: extraFields)
        place(resource.response)
        resources[index] = resource
        return resource
    }

    private func page(of folder: String) -> File {
        switch root {
        case .flags: indexPage(of: nil, lastModified: loadedAt)
        case .files: FolderPage(folder: folder, files: files.map(\.name)).file(loadedAt)
        }
    }

    private func indexPage(of server: String?, lastModified: Int64) -> File {
        let countries = countries.map { IndexPage.Country(code: $0, name: name($0)) }
        return IndexPage(countries: countries, files: files.map(\.name), server: server)
            .file(lastModified)
    }

    /// The page of one server. It is made anew where its words change, so it has no place to be
    /// sent from without a copy.
    ///
    /// - Parameter server: which one it is, and what it does.
    func page(of server: String, lastModified: Int64) -> Resource {
        let file = indexPage(of: server, lastModified: lastModified)
        return Resource(path: page, file: file, extraFields: extraFields)
    }

    private func path(_ name: String) -> String { Self.path(name, below: root) }

    /// The path of a file in a URL.
    static func path(_ name: String, below root: Root = .flags) -> String {
        root.rawValue + PercentCoding.encodePath(name)
    }
}
