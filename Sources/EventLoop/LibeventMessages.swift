internal import CLibevent
import Glibc

/// What libevent would say on stderr by itself.
enum LibeventMessages {
    /// Its warnings repeat what its calls return, which we tell in words of our own. After an error
    /// it would end the process with status 1.
    static let areOurs: Void = {
        event_set_log_callback { severity, text in
            guard severity == EVENT_LOG_ERR, let text else { return }
            EventLoopError.tell("libevent: \(String(cString: text))")
        }
        event_set_fatal_callback { _ in _exit(EventLoopError.exitStatus) }
    }()
}
