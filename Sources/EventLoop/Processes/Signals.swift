internal import CLibevent
import Glibc

/// Calls back on the loop's thread when the process gets a signal, for as long as it is kept.
public final class Signals {
    private let loop: EventLoop
    private let number: Int32
    private let event: UnsafeMutablePointer<event>
    private let action: (Int32) -> Void

    /// - Parameter number: `SIGTERM`, `SIGHUP`, …
    public init(_ number: Int32, on loop: EventLoop, action: @escaping (Int32) -> Void) {
        self.loop = loop
        self.number = number
        self.action = action
        event = loop.takeEvent()
        // Borrowed: deinit deletes the event before the context goes.
        event_assign(
            event, loop.base, number, Int16(EV_SIGNAL | EV_PERSIST),
            { number, _, context in
                guard let context else { return }
                let signals = Unmanaged<Signals>.fromOpaque(context).takeUnretainedValue()
                signals.action(number)
                signals.loop.runDeferred()
            }, Unmanaged.passUnretained(self).toOpaque())
        event_add(event, nil)
    }

    deinit {
        event_del(event)
        loop.giveBack(event)
    }
}
