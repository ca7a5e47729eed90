/// Where records come from: `/journal` and `/events` of a control port.
struct JournalSource {
    let url: ControlURL
    let manner: ClientManner
    let token: String?
    let client: ControlClient

    /// All that there is, in pieces.
    ///
    /// - Returns: how many records that are meant, or may be, are no more.
    /// - Throws: `CommandLineError`; 64 for a filter that cannot be.
    func read(_ query: String, _ onPiece: ([UInt8]) throws -> Void) throws -> UInt64 {
        let request = ControlRequest("GET", "/journal\(query)")
        let answer: ControlAnswer
        do {
            answer = try ControlConnection(to: url, manner).stream(
                request, token: token, onPiece: onPiece)
        } catch is ControlConnection.BrokenOff {
            throw ControlError.brokenOff(url)
        }
        guard answer.isSuccess else { throw client.refusal(answer, of: request, .usage) }
        return answer.field("x-flagserver-forgotten").flatMap { UInt64($0) } ?? 0
    }

    /// What comes, until the daemon ends.
    ///
    /// - Parameters:
    ///   - seconds: longest silence.
    ///   - onBegin: called before the first event, when none can be missed any more.
    func follow(
        _ query: String, silence seconds: Int, onBegin: () throws -> Void,
        onEvent: (EventReader.Event) throws -> Void
    ) throws {
        let request = ControlRequest("GET", "/events\(query)")
        var reader = EventReader()
        let connection = try ControlConnection(to: url, manner)
        let answer: ControlAnswer
        var hasBegun = false
        do {
            answer = try connection.stream(request, token: token, silence: seconds) {
                try onBegin()
                hasBegun = true
            } onPiece: { piece in
                for event in reader.take(piece) { try onEvent(event) }
            }
        } catch is ControlConnection.BrokenOff where hasBegun {
            return
        }
        guard answer.isSuccess else { throw client.refusal(answer, of: request, .usage) }
    }
}
