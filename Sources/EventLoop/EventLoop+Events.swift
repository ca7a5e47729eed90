internal import CLibevent
import Glibc

/// libevent's calls, with what became of them.
extension EventLoop {
    /// Sets up an event that is not pending.
    ///
    /// - Parameter context: borrowed: whoever owns the event removes it before it goes.
    func assign(
        _ event: UnsafeMutablePointer<event>, _ descriptor: Int32, _ what: Int32,
        _ context: UnsafeMutableRawPointer?, _ callback: @escaping event_callback_fn
    ) {
        let result = event_assign(event, base, descriptor, Int16(what), callback, context)
        precondition(result == 0, "a signal is no descriptor: our own bug")
    }

    /// Hears of the event from now on.
    ///
    /// - Returns: 0, or the C error number of why not (ENOSPC: too many are watched, epoll(7)).
    func add(_ event: UnsafeMutablePointer<event>) -> Int32 {
        event_add(event, nil) == 0 ? 0 : max(errno, 1)
    }

    /// Hears of it no more; one that was not added may be removed.
    func remove(_ event: UnsafeMutablePointer<event>) {
        // The kernel would tell of it for ever, and nobody would take it.
        guard event_del(event) == 0 else { return fail(EventLoopError("event_del")) }
    }
}
