import Faults
import FlagSite
import HTTPWire

/// What FAULT has at `/`: every fault with a line to try it, for browsers as a page, for others as
/// text.
final class FaultPage {
    /// Where FAULT is, as it was asked: `localhost:8005`.
    let authority: String
    /// The path of a file.
    let example: String
    /// The groups in their order, without those that are empty.
    let groups: [(title: String, rows: [FaultRow])]
    private lazy var html = Text(FaultHTML(page: self).text, "text/html; charset=utf-8")
    private lazy var plain = Text(FaultListing(page: self).text, "text/plain; charset=utf-8")

    private struct Text {
        let bytes: Bytes
        let tag: EntityTag
        let type: String

        init(_ text: String, _ type: String) {
            (bytes, self.type) = (Bytes(text), type)
            var text = text
            tag = text.withUTF8 { EntityTag(contentOf: UnsafeRawBufferPointer($0)) }
        }
    }

    init(_ rows: [FaultRow], authority: String, example: String) {
        (self.authority, self.example) = (authority, example)
        let known = FaultNote.Group.allCases.map { group in
            (title: group.words, rows: rows.filter { $0.note.group == group })
        }
        let others = (title: "The stream", rows: rows.filter { $0.note.group == nil })
        groups = ([others] + known).filter { !$0.rows.isEmpty }
    }

    /// The address of a file behind a fault.
    func url(_ segment: String) -> String { "http://\(authority)/\(segment)\(example)" }

    func answer(
        _ request: HTTPRequest, isHTML: Bool, _ extraFields: [HTTPField]
    ) -> HTTPResponse {
        let text = isHTML ? html : plain
        let fields =
            [
                HTTPField("ETag", "\(text.tag)"), HTTPField("Vary", "Accept, Host"),
                HTTPField("Cache-Control", "no-cache"),
            ] + extraFields
        guard !isKnown(text, to: request) else { return HTTPResponse(304, fields: fields) }
        return HTTPResponse(
            200, fields: [HTTPField("Content-Type", text.type)] + fields, body: [text.bytes])
    }

    private func isKnown(_ text: Text, to request: HTTPRequest) -> Bool {
        let list = request.joinedValue(of: "if-none-match")
        let outcome = list?.withUnsafeBytes {
            ConditionalRequest(ifNoneMatch: $0).evaluate(
                entityTag: text.tag, lastModified: 0, now: 0)
        }
        return outcome == .notModified
    }
}
