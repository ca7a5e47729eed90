import ChaosProxy
import HTTPWire
import Records

/// What reads the journal: `GET /journal` and `GET /events`.
struct JournalRoutes {
    /// What `/journal` may be asked for.
    static let keys = ["since", "limit"] + RecordFilter.Key.allCases.map(\.rawValue)

    private let registry: ProxyRegistry
    private let journal: Journal
    private let readers: EventReaders
    private let seed: UInt64
    private let turns: ScanTurns

    /// - Throws: `APIError` if no journal is kept.
    init(_ api: ControlAPI) throws(APIError) {
        journal = try api.openJournal()
        (registry, readers) = (api.registry, api.readers)
        (seed, turns) = (api.options.seed, api.options.scanTurns)
    }

    /// - Throws: `APIError`.
    func journal(_ asked: RoutedRequest) throws(APIError) -> any JournalSearch {
        let query = try QueryFields(asked.request)
        try query.check(Self.keys)
        var filter = try filter(query)
        let (cursor, forgotten) = try start(query, &filter)
        let limit = try query["limit"].map(Self.limit)
        return filter.checked(
            registry, journal,
            NewestRecords(
                limit, filter, journal, after: cursor, forgotten: forgotten, seed: seed))
    }

    private static func limit(_ text: String) throws(APIError) -> Int {
        guard let limit = Int(text), limit > 0 else {
            throw APIError(400, "limit: '\(text)' is no whole number from 1")
        }
        return limit
    }

    private func filter(_ query: QueryFields) throws(APIError) -> RecordFilter {
        var filter = RecordFilter()
        for key in RecordFilter.Key.allCases {
            if let text = query[key.rawValue] { try filter.set(key, text) }
        }
        return filter
    }

    /// Where to begin, and how many records from there on are no more.
    private func start(
        _ query: QueryFields, _ filter: inout RecordFilter
    ) throws(APIError) -> (cursor: UInt64, forgotten: UInt64) {
        guard let since = try query["since"].map(Self.since) else {
            return (0, journal.forgotten(after: 0))
        }
        switch since {
        case .sequence(let sequence): return (sequence, journal.forgotten(after: sequence))
        case .time(let time):
            filter.laterThan = time
            return (0, journal.forgotten(since: time))
        }
    }

    private static func since(_ text: String) throws(APIError) -> Since { try Since(text) }

    // MARK: Events

    /// - Throws: `APIError`.
    func events(_ asked: RoutedRequest) throws(APIError) -> any JournalSearch {
        let request = asked.request
        let query = try QueryFields(request)
        try query.check(["since", "last", "max_rate"] + RecordFilter.Key.allCases.map(\.rawValue))
        let rate = try number("max_rate", of: query, in: EventSampling.rates)
        let filter = try filter(query)
        let records = EventRecords(
            journal, filter, after: try cursor(query, request), rate: rate, seed: seed, turns)
        let stream = EventStream(readers, records, turns)
        // An answer to HEAD is not read.
        let readers = request.method == .get ? readers : nil
        return filter.checked(registry, journal, Opening(stream: stream, readers: readers))
    }

    /// Events that begin as soon as the names that they are asked for are known.
    private struct Opening: JournalSearch {
        let stream: EventStream
        let readers: EventReaders?

        mutating func next(_ turns: ScanTurns) throws -> SiteAnswer? {
            try readers?.add(stream)
            return .streamed(stream)
        }
    }

    /// - Throws: `APIError` for what is no number of the range.
    private func number(
        _ name: String, of query: QueryFields, in range: ClosedRange<Int>
    ) throws(APIError) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw APIError(
                400,
                "\(name): '\(text.prefix(40))' is no whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)\(Self.reasons[name] ?? "")")
        }
        return number
    }

    /// Why there are no more.
    private static let reasons = ["max_rate": ", in records a second"]

    /// The sequence number before the newest `count` records that there still are.
    private func cursor(before count: Int) -> UInt64 {
        guard count > 0, journal.count > 0 else { return journal.newest }
        return journal[max(journal.count - count, 0)].sequence - 1
    }

    /// Where a reader goes on; without a word from it, with what comes from now on.
    private func cursor(
        _ query: QueryFields, _ request: HTTPRequest
    ) throws(APIError) -> UInt64 {
        let lastEvent = request.singleValue(of: "last-event-id").map {
            String(decoding: $0, as: UTF8.self)
        }
        // Also where it is not needed: what is wrong is told at once.
        let last = try number("last", of: query, in: 1...1_000_000_000)
        guard let text = lastEvent ?? query["since"] else { return cursor(before: last ?? 0) }
        switch try Since(text) {
        // A number that has not come yet is of the process before this one.
        case .sequence(let sequence): return sequence > journal.newest ? 0 : sequence
        case .time(let time):
            let first = (0..<journal.count).first { journal[$0].time > time }
            return first.map { journal[$0].sequence - 1 } ?? journal.newest
        }
    }
}
