import HTTPWire
import Testing

@testable import ControlAPI

/// What an EventSource makes of the bytes of `/events`.
struct StreamedEvent: Equatable {
    var name = ""
    var id: String?
    var data = ""
    var isComment = false

    static func all(_ bytes: [UInt8]) -> [StreamedEvent] {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n\n"))
        return text.split(separator: "\n\n").map { block in
            var event = StreamedEvent()
            for line in block.split(separator: "\n") {
                let parts = line.split(
                    separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
                switch parts[0] {
                case "event": event.name = String(parts[1])
                case "id": event.id = String(parts[1])
                case "data": event.data += parts[1]
                case "": event.isComment = true
                default: Issue.record("\(line)")
                }
            }
            return event
        }
    }

    /// The sequence numbers of the records in it.
    var numbers: [UInt64] {
        get throws {
            guard case .array(let records) = try JSONValue(text: data) else { return [] }
            return records.compactMap { record in
                guard case .number(let digits)? = record["seq"] else { return nil }
                return UInt64(digits)
            }
        }
    }
}

extension ControlHarness {
    struct NotStreamed: Error { let status: HTTPStatus? }

    /// A reader of `/events`.
    func read(_ query: String = "", fields: [String] = []) throws -> ResponseStream {
        let answer = try answer("GET /events\(query)", fields: fields)
        guard case .streamed(let stream) = answer else { throw NotStreamed(status: answer.status) }
        return stream
    }
}
