import ChaosProxy
import EventLoop
import HTTPWire
import Records

/// `POST /replay`: asks again what a record of the journal says was asked.
struct ReplayRoute {
    private let api: ControlAPI
    private let journal: Journal

    /// - Throws: `APIError` if no journal is kept.
    init(_ api: ControlAPI) throws(APIError) {
        (self.api, journal) = (api, try api.openJournal())
    }

    /// - Throws: `APIError` or `JSONError`.
    func stream(_ asked: RoutedRequest) throws -> ResponseStream {
        guard let loop = api.options.loop else {
            throw APIError(404, "this server cannot ask itself")
        }
        let record = try record(try Self.sequence(asked.request))
        return try Replay(
            try ReplayRequest(record, api.registry), journal, places: api.replays,
            timeout: api.options.replayTimeout, on: loop)
    }

    private static func sequence(_ request: HTTPRequest) throws -> UInt64 {
        let wanted = "wanted just the number of a record: {\"seq\":123}"
        let value = try JSONReader.read(request.content, isWhole: true)
        guard case .object(let members) = value, members.count == 1, members[0].name == "seq"
        else { throw APIError(400, wanted) }
        guard case .number(let digits) = members[0].value, let sequence = UInt64(digits),
            sequence > 0
        else { throw APIError(400, "seq is no whole number from 1: \(wanted)") }
        return sequence
    }

    private func record(_ sequence: UInt64) throws(APIError) -> ExchangeRecord {
        let index = journal.index(after: sequence - 1)
        if index < journal.count, journal[index].sequence == sequence { return journal[index] }
        guard sequence > journal.newest else {
            throw APIError(
                404,
                "record \(sequence) is no more: the journal holds the last \(journal.count), up "
                    + "to \(journal.newest); a larger --ring keeps more")
        }
        let newest = journal.newest
        throw APIError(
            404,
            newest == 0
                ? "there is no record \(sequence): the journal is empty"
                : "there is no record \(sequence) yet: the newest is \(newest)")
    }
}
