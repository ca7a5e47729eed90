/// How many connections may be open at once, for one listener or for all of them.
///
/// A listener that meets the limit stops accepting; new clients wait in the kernel's queue until
/// a place is free. Loop thread only.
public final class ConnectionLimit {
    /// May change; what is more stays.
    public var maximum: Int {
        didSet { if maximum > oldValue { leave(places: 0) } }
    }
    public private(set) var count = 0
    private var waiting: [Listener] = []

    public init(_ maximum: Int) {
        self.maximum = maximum
    }

    /// - Parameter places: how many it takes.
    func enter(_ listener: Listener, places: Int = 1) -> Bool {
        guard count + places <= maximum else {
            waiting.append(listener)
            return false
        }
        count += places
        return true
    }

    /// Takes places for other descriptors than connections.
    ///
    /// - Returns: false if there are not so many.
    public func reserve(places: Int) -> Bool {
        guard count + places <= maximum else { return false }
        count += places
        return true
    }

    /// A connection that was counted has gone.
    ///
    /// - Parameter places: how many it took.
    public func leave(places: Int = 1) {
        count -= places
        guard !waiting.isEmpty else { return }
        let listeners = waiting
        waiting.removeAll()
        for listener in listeners { listener.resume() }
    }
}
