import EventLoop
import Faults

// Toxics that are in force at times, and listeners that do not let everybody in.
extension Proxy {
    /// Others are in force, or some have ended. Where requests are the exchanges those under way
    /// keep what they began with; a connection that is one has the change at once.
    private func timeCame() {
        guard timed.advance(to: environment.now()) else { return setAlarm() }
        putInForce(mix)
        if `protocol`.drawsPerConnection { tellSessions() }
    }

    func setAlarm() {
        guard alarm != nil || timed.change != nil else { return }
        let set = alarm ?? environment.makeAlarm? { [weak self] in self?.timeCame() }
        alarm = set
        set?(timed.change)
    }

    /// Has a listener treat those who connect as the toxics say.
    func treat(_ listener: Listener) {
        switch plan.door(isIPv6: listener.address.family == .ipv6) {
        case .open: listener.open()
        case .stalled(let backlog): listener.stall(backlog: backlog ?? Listener.backlog)
        case .refusing:
            forgetDialled()
            listener.refuse()
        }
    }

    /// What waited in the kernel's queue goes with its listener: the next client from such an
    /// address is a stranger.
    func forgetDialled() {
        let ports = Set(addresses.map(\.port))
        environment.dialled = environment.dialled.filter { !ports.contains($0.value.port) }
    }
}
