import Glibc

/// How a connection ends.
extension Connection {
    /// How long a closed connection may go on being read, so that the peer gets our last bytes
    /// and not an RST (RFC 9112 §9.6).
    private static let lingerNanoseconds: UInt64 = 2_000_000_000
    /// For how long, and how often, `resetInOrder` waits for the last acknowledgement: after 1, 2,
    /// 4 … 64 ms and once more, 200 ms in all.
    private static let acknowledgementWaits: [UInt64] = [1, 2, 4, 8, 16, 32, 64, 73]

    /// Sends FIN after what is queued; the peer is still heard (half-close).
    public func finish() {
        guard mayWrite else { return }
        sendGathered()
        flags.insert(.finishing)
        if output == nil { sendEnd() }
    }

    /// Sends FIN after what is queued and then closes; the peer is heard no more.
    ///
    /// - Parameter lingering: read and throw away what the peer still sends, for two seconds at
    ///   most. Closing a socket with unread input makes the kernel send RST, which may take our
    ///   last bytes from the peer. False only where nothing more can be on its way.
    public func close(lingering: Bool) {
        guard isOpen, !flags.contains(.closing) else { return }
        let hasFinished = flags.contains(.finishing) && output == nil
        lastWrites()
        flags.formUnion(lingering ? [.finishing, .closing, .lingering] : [.finishing, .closing])
        loop.cancel(self)
        if output == nil { sendEnd(hasFinished: hasFinished) }
        updateInterest()
    }

    /// Resets the connection when the peer has acknowledged everything that was written: an RST
    /// that comes earlier may take it from the peer.
    ///
    /// The peer is heard no more. It has 200 ms for its acknowledgement, counted from when the
    /// kernel has taken the last byte; then it is reset all the same.
    public func resetInOrder() {
        guard isOpen, !flags.contains(.closing) else { return }
        lastWrites()
        flags.formUnion([.finishing, .closing, .resetting, .readPaused])
        loop.cancel(self)
        tally = 0
        if output == nil { sendEnd() }
        updateInterest()
    }

    /// Sends FIN and closes when the peer has acknowledged everything that was written, in 200 ms
    /// at most; it is heard no more. One that is gone resets instead, and the handler hears that.
    public func closeWhenAcknowledged() {
        guard isOpen, !flags.contains(.closing) else { return }
        flags.insert(.polite)
        resetInOrder()
    }

    /// Brings everything into the queue that goes before the end.
    private func lastWrites() {
        if flags.contains(.relaying) { endRelay() }
        if flags.contains(.pipeWaits) { partner?.queuePipe() }
        sendGathered()
    }

    /// The time of a lingering close or of an acknowledgement is over.
    func endDue() {
        if flags.contains(.lingering) { release(.fin) } else { resetWhenAcknowledged() }
    }

    private func resetWhenAcknowledged() {
        guard tally < Self.acknowledgementWaits.count, unacknowledgedBytes > 0 else {
            if flags.contains(.polite) { release(.fin) } else { reset() }
            return
        }
        loop.schedule(self, at: loop.now + Self.acknowledgementWaits[Int(tally)] * 1_000_000)
        tally += 1
    }

    /// Resets the connection now; what is queued is lost.
    public func reset() {
        guard isOpen else { return }
        // Without it the peer gets a FIN, and no record may call that a reset.
        release(resetAtClose() ? .rst : .failed(errno))
    }

    private func resetAtClose() -> Bool {
        var linger = linger(l_onoff: 1, l_linger: 0)
        return setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size)) == 0
    }

    /// A call has failed for good. Whoever is not to blame for it hears of it with RST.
    func fail(_ error: Int32) {
        let ending = ConnectionEnding(errno: error)
        if ending != .peerReset { _ = resetAtClose() }  // what has failed first is told
        release(ending)
    }

    /// - Parameter hasFinished: whether the FIN has gone already.
    func sendEnd(hasFinished: Bool = false) {
        guard isOpen else { return }
        if flags.contains(.resetting) { return resetWhenAcknowledged() }
        let lingers = flags.contains(.lingering) && !flags.contains(.readEnded)
        guard lingers || !flags.contains(.closing) else { return release(.fin) }
        // Of a peer that has reset the loop tells.
        if !hasFinished, shutdown(descriptor, Int32(SHUT_WR)) != 0, errno != ENOTCONN {
            return fail(errno)
        }
        guard lingers else { return }
        loop.schedule(self, at: loop.now + Self.lingerNanoseconds)
        resumeReading()
    }

    /// Closes the descriptor at once and tells the handler when the callback under way is over.
    func release(_ ending: ConnectionEnding) {
        guard isOpen else { return }
        let queued = ending == .fin ? 0 : queuedBytes
        let unacknowledged = ending == .fin ? 0 : unacknowledgedBytes
        release()
        guard let handler else { return }
        loop.afterCallback { [self] in
            self.handler = nil
            var untaken = queued
            if !loop.dropped.isEmpty {
                let dropped = loop.dropped.removeValue(forKey: ObjectIdentifier(self)) ?? 0
                // Behind our own end nobody writes for the peer.
                if ending != .fin { untaken += dropped }
            }
            let lost = untaken + unacknowledged
            if lost > 0 { handler.lost(lost, untaken: untaken) }
            handler.closed(ending)
        }
    }

    func release() {
        if partner != nil { leaveRelay() }
        loop.cancel(self)
        unregister()
        flags.insert(.closed)
        // The buffer is everybody's: what a lost connection had gathered must not stay in it.
        if flags.remove(.corked) != nil { (loop.corkedCount, loop.isCorked) = (0, false) }
        output = nil
        Glibc.close(descriptor)
    }
}
