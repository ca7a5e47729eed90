import Glibc

/// Passing bytes on to another connection, without its owner seeing them.
///
/// A relay copies at first. Once it has read a full buffer it splices through a pipe of the loop's
/// pool, until four wake-ups in a row brought little. It reads only when everything before is with
/// the target's kernel, so a pipe is empty when it is filled, and holds bytes between two wake-ups
/// only when the target is the slower one.
extension Connection {
    /// What one wake-up moves at least before others get their turn; a splice may bring as much.
    private static let relayPerWakeUp = 1 << 20
    private static let shortSplices = 4

    /// From now on what this connection receives goes straight to `target`, as fast as that takes
    /// it; the handler hears `relayed`, then `receivedEnd`, instead of `received`.
    ///
    /// A connection has one partner: relays in both directions are between the same two. The relay
    /// ends with either of them, too; what `target` had not sent by then is lost with it, and what
    /// comes later goes to the handler again.
    ///
    /// - Parameter target: nil ends the relay. Everything it had taken in is then sent or queued on
    ///   the target, before all that is written later.
    public func relay(to target: Connection?) {
        loop.assertOnThread()
        if flags.contains(.relaying), partner !== target {
            endRelay()
            updateInterest()
        }
        guard let target, isOpen, target.isOpen, flags.isDisjoint(with: [.relaying, .closing])
        else { return }
        precondition(partner == nil || partner === target, "a connection has one partner")
        precondition(target.partner == nil || target.partner === self, "and so has its target")
        (partner, target.partner) = (target, self)
        flags.insert(.relaying)
        target.flags.insert(.relayTarget)
        if target.output != nil { hold() }
    }

    func endRelay() {
        guard let target = partner else { return }
        queuePipe()
        flags.subtract([.relaying, .bulk, .held])
        target.flags.remove(.relayTarget)
        if !target.flags.contains(.relaying) { (partner, target.partner) = (nil, nil) }
    }

    /// This connection closes: both directions end. What it has sent still goes to the partner.
    func leaveRelay() {
        guard let partner else { return }
        queuePipe()
        partner.giveBackPipe()
        (self.partner, partner.partner) = (nil, nil)
        let all: Flags = [.relaying, .relayTarget, .bulk, .held, .pipeWaits]
        flags.subtract(all)
        partner.flags.subtract(all)
        partner.updateInterest()
    }

    // MARK: Source

    func relayReadable() {
        guard let target = partner else { return }
        if target.output != nil || target.flags.contains(.pipeWaits) { return hold() }
        // What goes to a connection that has finished is dropped, which only a copy can be.
        let splices = flags.contains(.bulk) && !target.flags.contains(.finishing)
        if splices, let pipe = takePipe() {
            spliceOnward(through: pipe, to: target)
        } else {
            copyOnward(to: target)
        }
    }

    private func copyOnward(to target: Connection) {
        let buffer = loop.readBuffer
        let count = retryingInterrupts { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
        guard count > 0 else { return relayStopped(count, errno) }
        if count == buffer.count {
            flags.insert(.bulk)
            tally = 0
        }
        target.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        if target.output != nil, flags.contains(.relaying) { hold() }
        handler?.relayed(count)
    }

    private func spliceOnward(through pipe: SplicePipe, to target: Connection) {
        var (moved, last, error) = (0, 1, Int32(0))
        while moved < Self.relayPerWakeUp, pipe.count == 0, pipeNumber != 0 {
            last = pipe.fill(from: descriptor)
            error = errno
            guard last > 0 else { break }
            moved += last
            target.empty(pipe)
        }
        if pipeNumber != 0, pipe.count == 0 {
            giveBackPipe()
            noteSplice(of: moved)
        } else if pipeNumber != 0 {
            target.waitForPipe()
            hold()
        }
        if moved > 0 { handler?.relayed(moved) }
        if last <= 0, isOpen { relayStopped(last, error) }
    }

    /// Back to copying when there is little to gain.
    private func noteSplice(of count: Int) {
        tally = count < EventLoop.readBufferSize ? tally + 1 : 0
        if tally == Self.shortSplices { flags.remove(.bulk) }
    }

    /// - Parameter count: what recv or splice returned, 0 or -1.
    private func relayStopped(_ count: Int, _ error: Int32) {
        if count == 0 { return peerFinished() }
        switch error {
        case EAGAIN: break
        case EINVAL, ENOMEM: flags.remove(.bulk)  // a splice that cannot be; recv will tell more
        default: fail(error)
        }
    }

    private func hold() {
        flags.insert(.held)
        updateInterest()
    }

    /// The target has drained.
    func letGo() {
        guard flags.remove(.held) != nil else { return }
        updateInterest()
    }

    // MARK: Pipe

    private func takePipe() -> SplicePipe? {
        pipeNumber = loop.pipes.take()
        return pipeNumber == 0 ? nil : loop.pipes[pipeNumber]
    }

    private func giveBackPipe() {
        guard pipeNumber != 0 else { return }
        loop.pipes.giveBack(pipeNumber)
        pipeNumber = 0
    }

    /// Moves what our pipe holds into the target's queue, by copy: it comes before what is written
    /// there next.
    func queuePipe() {
        guard pipeNumber != 0, let target = partner else { return }
        let pipe = loop.pipes[pipeNumber]
        target.flags.remove(.pipeWaits)
        if pipe.count > 0 {
            guard let bytes = OutputSegment.filled(pipe.count, loop.buffers, by: pipe.read) else {
                let error = errno
                giveBackPipe()
                return target.fail(error)
            }
            target.enqueue(bytes)
            target.output?.lastProgress = pipe.lastProgress
        }
        giveBackPipe()
    }

    // MARK: Target

    /// The partner's pipe, if it waits for us.
    var waitingPipe: SplicePipe? {
        guard flags.contains(.pipeWaits), let partner else { return nil }
        return loop.pipes[partner.pipeNumber]
    }

    private func empty(_ pipe: SplicePipe) {
        if !pipe.empty(into: descriptor) { fail(errno) }
    }

    private func waitForPipe() {
        flags.insert(.pipeWaits)
        waitingPipe?.lastProgress = loop.now
        updateInterest()
    }

    func pipeWritable() {
        guard let pipe = waitingPipe else { return }
        let before = pipe.count
        empty(pipe)
        guard isOpen else { return }
        if pipe.count < before { pipe.lastProgress = loop.now }
        guard pipe.count == 0 else { return }
        flags.remove(.pipeWaits)
        partner?.giveBackPipe()
        updateInterest()
        hasDrained()
    }
}
