public import HTTPWire

/// The table from path to prebuilt response, made once from the fixtures.
///
/// A request can only find what is in the table, so there is no path to traverse.
public final class FlagStore {
    /// A file to be served, read and checked by the caller.
    public struct File {
        /// Below `flags/`, as on disk: `br/br.gif`.
        public let name: String
        public let content: Bytes
        public let entityTag: EntityTag
        /// Seconds since 1970, not later than the moment of loading (RFC 9110 §8.8.2.1).
        public let lastModified: Int64

        public init(name: String, content: Bytes, entityTag: EntityTag, lastModified: Int64) {
            (self.name, self.content) = (name, content)
            (self.entityTag, self.lastModified) = (entityTag, lastModified)
        }
    }

    /// A country whose flag the index page shows.
    public struct Country: Sendable {
        public let code: CountryCode
        public let name: String

        public init(code: CountryCode, name: String) {
            (self.code, self.name) = (code, name)
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
                HTTPField("ETag", "\(file.entityTag)"),
                HTTPField("Accept-Ranges", "bytes"),
            ]
            response = PreparedResponse(
                200, fields: fields + extraFields, body: file.content, target: path)
        }
    }

    public let countries: [Country]
    private let resources: [Resource]
    private let table: PathTable

    /// - Parameters:
    ///   - files: with different names.
    ///   - extraFields: of every answer (CORS).
    public init(
        files: [File], countries: [Country], loadedAt: Int64, extraFields: [HTTPField] = []
    ) {
        self.countries = countries.sorted { $0.code < $1.code }
        let page = IndexPage(countries: self.countries, files: files.map(\.name)).file(loadedAt)
        resources =
            files.map { Resource(path: Self.path($0.name), file: $0, extraFields: extraFields) }
            + [Resource(path: "/flags/", file: page, extraFields: extraFields)]
        table = PathTable(files.map { Array("/flags/\($0.name)".utf8) } + [Array("/flags/".utf8)])
    }

    /// All prebuilt responses, so that the executable can give the large ones a place to be sent
    /// from without a copy.
    public var responses: [PreparedResponse] { resources.map(\.response) }

    /// - Parameter path: percent-decoded.
    func resource(at path: UnsafeRawBufferPointer) -> Resource? {
        table.index(of: path).map { resources[$0] }
    }

    /// The path of a file in a URL.
    static func path(_ name: String) -> String {
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        return "/flags/"
            + segments.map { PercentCoding.encodeSegment($0.utf8) }.joined(separator: "/")
    }
}
