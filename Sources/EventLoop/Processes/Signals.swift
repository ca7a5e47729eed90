internal import CLibevent
import Glibc

/// Calls back on the loop's thread when the process gets a signal, for as long as it is kept.
public final class Signals {
    private let loop: EventLoop
    private let number: Int32
    private let event: UnsafeMutablePointer<event>
    private let action: (Int32) -> Void

    /// - Parameter number: `SIGTERM`, `SIGHUP`, …
    /// - Throws: `EventLoopError` if it cannot be heard.
    public init(
        _ number: Int32, on loop: EventLoop, action: @escaping (Int32) -> Void
    ) throws(EventLoopError) {
        self.loop = loop
        self.number = number
        self.action = action
        event = loop.takeEvent()
        loop.assign(
            event, number, EV_SIGNAL | EV_PERSIST, Unmanaged.passUnretained(self).toOpaque()
        ) { number, _, context in
            guard let context else { return }
            let signals = Unmanaged<Signals>.fromOpaque(context).takeUnretainedValue()
            signals.action(number)
            signals.loop.runDeferred()
        }
        let error = loop.add(event)
        guard error == 0 else { throw EventLoopError("hearing signal \(number)", errno: error) }
    }

    deinit {
        loop.remove(event)
        loop.giveBack(event)
    }
}
