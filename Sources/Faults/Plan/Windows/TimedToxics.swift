/// The toxics of a proxy, and which of them are in force. Knows no clock: time is passed in.
public struct TimedToxics: Sendable {
    /// Names of ended ones that exchanges under way may still have.
    private static let maximumEnded = 64

    /// Those that there are, in force or not. One that has ended is none of them.
    public private(set) var all: [Toxic] = []
    public private(set) var inForce: [Toxic] = []
    /// When others are in force; nil: never.
    public private(set) var change: Instant?
    /// When each was made that knows of time, by its name.
    private var made: [String: Instant] = [:]
    private var ended: [String] = []

    public init(_ toxics: [Toxic], at now: Instant) {
        replace(toxics, at: now)
    }

    /// Names of those that are not in force, and that exchanges under way keep: nobody has removed
    /// them.
    public var dormant: Set<String> {
        guard !made.isEmpty || !ended.isEmpty else { return [] }
        return Set(ended + all.map(\.name)).subtracting(inForce.map(\.name))
    }

    /// Somebody has changed them. One that was there before goes on with its time.
    public mutating func replace(_ toxics: [Toxic], at now: Instant) {
        let before = (all, made)
        (all, made) = (toxics, [:])
        let names = Set(toxics.map(\.name))
        ended.removeAll(where: names.contains)
        for toxic in toxics where toxic.effectiveWindow != nil {
            let isKept = before.0.contains { $0.isSame(as: toxic) }
            made[toxic.name] = (isKept ? before.1[toxic.name] : nil) ?? now
        }
        advance(to: now)
    }

    /// All of them begin again.
    public mutating func restart(at now: Instant) {
        for name in made.keys { made[name] = now }
        advance(to: now)
    }

    /// Time has gone on.
    ///
    /// - Returns: whether other ones are in force now.
    @discardableResult
    public mutating func advance(to now: Instant) -> Bool {
        guard !made.isEmpty else {
            defer { (inForce, change) = (all, nil) }
            return inForce != all
        }
        let over = all.filter { toxic in
            window(toxic).map { $0.isOver(at: now, since: $1) } ?? false
        }
        for toxic in over { end(toxic) }
        let before = inForce
        inForce = all.filter { toxic in
            window(toxic).map { $0.isInForce(at: now, since: $1) } ?? true
        }
        change = all.compactMap { toxic in
            window(toxic).flatMap { $0.change(after: now, since: $1) }
        }.min()
        return inForce != before
    }

    private func window(_ toxic: Toxic) -> (ToxicWindow, since: Instant)? {
        guard let window = toxic.effectiveWindow, let since = made[toxic.name] else { return nil }
        return (window, since)
    }

    private mutating func end(_ toxic: Toxic) {
        all.removeAll { $0.name == toxic.name }
        made[toxic.name] = nil
        if ended.count == Self.maximumEnded { ended.removeFirst() }
        ended.append(toxic.name)
    }
}

extension Toxic {
    /// With the time that its fault has of its own.
    var effectiveWindow: ToxicWindow? {
        guard let time = fault.entry.timeInForce else { return window }
        return ToxicWindow(ttl: min(window?.ttl ?? time, time), schedule: window?.schedule)
    }
}
