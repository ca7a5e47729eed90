@testable import EventLoop

extension PipePool {
    /// How many have their descriptors.
    var openCount: Int { pipes.count { $0.isOpen } }
    /// How many hold bytes of a relay.
    var lentCount: Int { pipes.count - free.count }
}
