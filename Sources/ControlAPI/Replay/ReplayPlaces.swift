/// How many replays there may be at once: each holds a connection. Loop thread only.
final class ReplayPlaces {
    static let maximum = 8
    private var taken = 0

    /// - Throws: `APIError` if there is none.
    func take() throws(APIError) {
        guard taken < Self.maximum else {
            throw APIError(
                503, "\(Self.maximum) replays are under way already: wait until one is over")
        }
        taken += 1
    }

    func giveBack() { taken -= 1 }
}
