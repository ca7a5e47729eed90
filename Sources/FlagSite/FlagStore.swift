public import HTTPWire

/// The table from path to response.
///
/// A request can only find what is in the table, so there is no path to traverse. Each response is
/// made when it is asked for first, and lies ready from then on: a start costs nothing for flags
/// that nobody wants.
public final class FlagStore {
    /// A file to be served, read and checked by the caller.
    public struct File {
        /// Below `flags/`, as on disk: `br/br.gif`.
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
    /// As the files, and the page behind them; nil until it is asked for.
    private var resources: [Resource?]

    /// - Parameters:
    ///   - files: with different names.
    ///   - countries: whose flags are among the files, in the order of their codes.
    ///   - name: of a country, for the page.
    ///   - extraFields: of every answer (CORS).
    ///   - place: gives a response that was made a place to be sent from without a copy.
    public init(
        files: [File], countries: [CountryCode], name: @escaping (CountryCode) -> String,
        loadedAt: Int64, extraFields: [HTTPField] = [],
        place: @escaping (PreparedResponse) -> Void = { _ in }
    ) {
        (self.files, self.countries, self.name) = (files, countries, name)
        (self.loadedAt, self.extraFields, self.place) = (loadedAt, extraFields, place)
        table = PathTable(files.map(\.name) + [""], below: Self.page)
        resources = Array(repeating: nil, count: files.count + 1)
    }

    /// Of all files together, in bytes.
    public var byteCount: Int { files.reduce(0) { $0 + $1.content.count } }

    /// What plain requests for them ask for.
    public var targets: [String] { files.map { Self.path($0.name) } + [Self.page] }

    /// - Parameter path: percent-decoded.
    @inline(__always)
    func resource(at path: UnsafeRawBufferPointer) -> Resource? {
        guard let index = table.index(of: path) else { return nil }
        return resources[index] ?? make(index)
    }

    private func make(_ index: Int) -> Resource {
        let isPage = index == files.count
        let file = isPage ? indexPage : files[index]
        let resource = Resource(
            path: isPage ? Self.page : Self.path(file.name), file: file, extraFields: extraFields)
        place(resource.response)
        resources[index] = resource
        return resource
    }

    private var indexPage: File { indexPage(of: nil, lastModified: loadedAt) }

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
        return Resource(path: Self.page, file: file, extraFields: extraFields)
    }

    static let page = "/flags/"

    /// The path of a file in a URL.
    static func path(_ name: String) -> String { page + PercentCoding.encodePath(name) }
}
