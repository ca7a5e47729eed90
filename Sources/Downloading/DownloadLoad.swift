import EventLoop

/// Requests under load, one after the other or as they are planned. Loop thread only.
public final class DownloadLoad {
    /// What a load tells of each request that has ended.
    ///
    /// - Parameters:
    ///   - place: which of those at once it was, from 0.
    ///   - began: when it was sent, or was planned to be, in monotonic nanoseconds.
    ///   - failure: what it is counted under; nil if it was good.
    public typealias Note = (_ place: Int, _ began: UInt64, _ ended: UInt64, _ failure: String?) ->
        Void

    private let client: DownloadClient
    private let urls: [DownloadURL]
    private let note: Note
    private var next = 0
    /// How many are to be under way.
    private var wanted = 0
    /// Those that are.
    public private(set) var running = 0
    /// Of each place, whether a request is under way in it.
    private var isTaken: [Bool] = []
    private var pauses: [Int: Timer] = [:]
    /// After a failure that takes no time, in nanoseconds.
    private static let pause: UInt64 = 10_000_000

    /// - Parameter urls: asked for in turns; not empty.
    public init(_ urls: [DownloadURL], by client: DownloadClient, note: @escaping Note) {
        precondition(!urls.isEmpty, "a load asks for something")
        (self.urls, self.client, self.note) = (urls, client, note)
    }

    /// Keeps `count` requests under way: more begin at once, and those that are too many are not
    /// followed by others.
    public func keep(_ count: Int) {
        wanted = count
        while isTaken.count < count { isTaken.append(false) }
        for place in 0..<count where !isTaken[place] {
            isTaken[place] = true
            running += 1
            begin(place)
        }
    }

    /// Begins no more.
    public func end() { wanted = 0 }

    private func begin(_ place: Int) {
        ask(from: client.loop.now, in: place) { [weak self] in
            guard let self else { return }
            if place < wanted { return begin(place) }
            isTaken[place] = false
            running -= 1
        }
    }

    /// One request that was planned for an instant, whenever it can be sent.
    public func ask(plannedFor instant: UInt64) {
        ask(from: instant, in: 0) {}
    }

    private func ask(from began: UInt64, in place: Int, then: @escaping () -> Void) {
        let url = urls[next]
        next = (next + 1) % urls.count
        client.get(url, keepsContent: false) { [weak self] answer in
            guard let self else { return }
            note(place, began, answer.ended, Self.failure(answer))
            guard let failure = answer.failure, Self.isAtOnce(failure) else { return then() }
            // Nobody listens: to ask again at once would only heat the machine.
            let pause = Timer(on: client.loop) { [weak self] in
                self?.pauses[place] = nil
                then()
            }
            pause.schedule(after: Self.pause)
            pauses[place] = pause
        }
    }

    private static func isAtOnce(_ failure: DownloadFailure) -> Bool {
        [.refused, .unreachable, .name, .closed].contains(failure.kind)
    }

    private static func failure(_ answer: DownloadAnswer) -> String? {
        if let failure = answer.failure { return failure.word }
        guard let status = answer.status, !(200...299).contains(status) else { return nil }
        return "\(status)"
    }
}
