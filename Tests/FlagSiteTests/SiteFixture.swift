import HTTPWire
import TestSupport
import Testing

@testable import FlagSite

/// A site with a few files, and what it answers to a text.
struct SiteFixture {
    static let modified: Int64 = 784_111_777
    static let modifiedText = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let now: Int64 = 1_795_219_200

    static let gif = "GIF89a" + String(repeating: "0123456789", count: 10)
    static let metadata = #"{"country": "Brazil"}"#

    let site: FlagSite

    init(_ more: [(String, String)] = [], extraFields: [HTTPField] = []) {
        let texts =
            [("br/br.gif", Self.gif), ("br/metadata.json", Self.metadata), ("SHA256SUMS", "0 a\n")]
            + more
        let store = FlagStore(
            files: texts.map { Self.file($0, $1) },
            countries: [CountryCode("br")].compactMap(\.self),
            name: { _ in "Brazil" }, loadedAt: Self.now, extraFields: extraFields)
        site = FlagSite(store: store, extraFields: extraFields) { Self.now }
    }

    /// Without flags: each file has its name in it.
    init(root files: [String]) {
        let store = FlagStore(
            files: files.map { Self.file($0, $0) }, countries: [], name: { "\($0)" },
            loadedAt: Self.now, root: .files)
        site = FlagSite(store: store) { Self.now }
    }

    static func file(_ name: String, _ text: String) -> FlagStore.File {
        FlagStore.File(name: name, content: Bytes(text), lastModified: modified)
    }

    static func tag(_ text: String) -> String { "\(file("", text).entityTag)" }

    /// An answer, copied out.
    struct Unfinished: Error {}

    struct Seen {
        let status: UInt16
        let fields: [HTTPField]
        let text: String
        let isPrepared: Bool

        subscript(name: String) -> String? {
            let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
            return values.isEmpty ? nil : values.joined(separator: " | ")
        }
    }

    func ask(
        _ target: String, _ fields: [String] = [], method: String = "GET", version: String = "1.1",
        of other: Site? = nil
    ) throws -> Seen {
        let lines = (["Host: x"] + fields).map { $0 + "\r\n" }.joined()
        let answer = try withRequest("\(method) \(target) HTTP/\(version)\r\n\(lines)\r\n") {
            other?($0) ?? site.answer($0)
        }
        switch answer {
        case .prepared(let response):
            return Seen(
                status: response.status.code, fields: response.fields,
                text: response.body.text ?? "a file",
                isPrepared: true)
        case .made(let response):
            let parts = response.body.map { $0.text ?? "a file" }
            return Seen(
                status: response.status.code, fields: response.fields, text: parts.joined(),
                isPrepared: false)
        case .streamed(let response):
            return Seen(
                status: response.status.code, fields: response.fields, text: "a stream",
                isPrepared: false)
        case .late: throw Unfinished()
        }
    }
}
