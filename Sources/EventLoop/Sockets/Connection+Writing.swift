internal import CLibevent
import Glibc

/// Output: at once what the kernel takes, the rest in order.
extension Connection {
    /// Bytes of a file that are sent in one go, and of all output at one wake-up: a fast reader of
    /// a large file must not keep the others waiting.
    private static let sendAtOnce = 256 << 10
    private static let sendPerWakeUp = 1 << 20

    /// Bytes written but not yet taken by the kernel.
    public var queuedBytes: Int {
        (output?.byteCount ?? waitingPipe?.count ?? 0)
            + (flags.contains(.corked) ? loop.corkedCount : 0)
    }
    /// Since when the kernel has taken nothing of what is queued; nil if nothing is.
    public var stalledSince: UInt64? { output?.lastProgress ?? waitingPipe?.lastProgress }
    /// Bytes that the kernel has taken and the peer has not acknowledged yet; 0 once it is closed.
    public var unacknowledgedBytes: Int {
        isOpen ? max(0, Int(socket_unacknowledged(descriptor))) : 0
    }

    /// Writes; what the kernel does not take at once is copied.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        guard mayWrite, bytes.count > 0 else { return drop(bytes.count) }
        if flags.contains(.corked), gather(bytes) { return }
        let sent = output == nil ? sendNow(bytes) : 0
        guard sent < bytes.count else { return }
        guard isOpen else { return drop(bytes.count - sent) }
        enqueue(.copy(of: UnsafeRawBufferPointer(rebasing: bytes[sent...]), loop.buffers))
    }

    /// Writes without copying; `owner` keeps `bytes` alive and unchanged for as long as needed.
    public func write(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        guard mayWrite, bytes.count > 0 else { return drop(bytes.count) }
        let sent = output == nil ? sendWithGathered(bytes) : 0
        guard sent < bytes.count else { return }
        guard isOpen else { return drop(bytes.count - sent) }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        enqueue(OutputSegment(memory: rest, owner: owner))
    }

    /// Writes a part of a file; `owner` keeps the descriptor open.
    ///
    /// A file that has become shorter in the meantime ends the connection with RST, because its
    /// length has been promised.
    public func write(file: Int32, offset: Int64, count: Int, owner: AnyObject) {
        guard mayWrite, count > 0 else { return drop(count) }
        let sent = send(file: file, offset: offset, count: count)
        guard sent < count else { return }
        guard isOpen else { return drop(count - sent) }
        enqueue(
            OutputSegment(
                file: file, offset: offset + Int64(sent), count: count - sent, owner: owner))
    }

    /// Sends of a file what the kernel takes at once, if nothing is queued.
    ///
    /// - Returns: how much that was; the rest is the caller's.
    public func send(file: Int32, offset: Int64, count: Int) -> Int {
        guard mayWrite, count > 0 else { return 0 }
        sendGathered()
        return output == nil ? sendNow(file: file, offset: offset, count: count) : 0
    }

    /// Until `uncork()`, small writes are gathered into one `send`. Not held over a callback.
    ///
    /// - Returns: false if it was corked already, or another connection is: whoever did that
    ///   uncorks, and the buffer is everybody's.
    public func cork() -> Bool {
        guard !loop.isCorked else { return false }
        loop.isCorked = true
        flags.insert(.corked)
        return true
    }

    public func uncork() {
        sendGathered()
        if flags.remove(.corked) != nil { loop.isCorked = false }
    }

    var mayWrite: Bool {
        loop.assertOnThread()
        if flags.contains(.pipeWaits) { partner?.queuePipe() }
        return flags.isDisjoint(with: [.closed, .finishing])
    }

    /// What is written to a connection that has ended is lost, and its handler hears how much.
    private func drop(_ count: Int) {
        guard flags.contains(.closed), handler != nil, count > 0 else { return }
        loop.dropped[ObjectIdentifier(self), default: 0] += count
    }

    private func gather(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if loop.corkedCount + bytes.count > loop.corkBuffer.count { sendGathered() }
        guard isOpen, output == nil, bytes.count <= loop.corkBuffer.count else { return false }
        UnsafeMutableRawBufferPointer(rebasing: loop.corkBuffer[loop.corkedCount...])
            .copyMemory(from: bytes)
        loop.corkedCount += bytes.count
        return true
    }

    func sendGathered() {
        guard flags.contains(.corked), loop.corkedCount > 0 else { return }
        let gathered = UnsafeRawBufferPointer(rebasing: loop.corkBuffer[..<loop.corkedCount])
        loop.corkedCount = 0
        let sent = sendNow(gathered)
        guard sent < gathered.count else { return }
        guard isOpen else { return drop(gathered.count - sent) }
        enqueue(.copy(of: UnsafeRawBufferPointer(rebasing: gathered[sent...]), loop.buffers))
    }

    /// What was gathered and `bytes` in one system call.
    ///
    /// - Returns: how much of `bytes` was taken.
    private func sendWithGathered(_ bytes: UnsafeRawBufferPointer) -> Int {
        let gathered = UnsafeRawBufferPointer(rebasing: loop.corkBuffer[..<loop.corkedCount])
        guard flags.contains(.corked), gathered.count > 0 else { return sendNow(bytes) }
        loop.corkedCount = 0
        let sent = sendNow(gathered, bytes)
        guard sent < gathered.count else { return sent - gathered.count }
        guard isOpen else {
            drop(gathered.count)
            return 0
        }
        enqueue(.copy(of: UnsafeRawBufferPointer(rebasing: gathered[sent...]), loop.buffers))
        return 0
    }

    private func sendNow(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer)
        -> Int
    {
        let parts = [first, second].map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        let count = retryingInterrupts { writev(descriptor, parts, 2) }
        if count >= 0 { return count }
        if errno != EAGAIN { fail(errno) }
        return 0
    }

    /// - Returns: how many bytes the kernel took; 0 also when the connection is lost.
    @inline(__always)
    private func sendNow(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = retryingInterrupts {
            Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        if errno != EAGAIN { fail(errno) }
        return 0
    }

    private func sendNow(file: Int32, offset: Int64, count: Int) -> Int {
        var position = off_t(offset)
        let wanted = min(count, Self.sendAtOnce)
        let taken = retryingInterrupts { sendfile(descriptor, file, &position, wanted) }
        if taken > 0 { return taken }
        // A file that has become shorter cannot give what has been promised.
        let error = taken == 0 ? EIO : errno
        if error != EAGAIN { fail(error) }
        return 0
    }

    func enqueue(_ segment: OutputSegment) {
        if let output { return output.append(segment) }
        output = OutputQueue(segment, at: loop.now)
        updateInterest()
    }

    func writable() {
        guard let output else { return pipeWritable() }
        let start = output.byteCount
        while output.byteCount > 0 {
            guard start - output.byteCount < Self.sendPerWakeUp else { return }
            let before = output.byteCount
            output.withFirst { segment in
                let sent =
                    segment.file < 0
                    ? sendNow(segment.memory)
                    : sendNow(file: segment.file, offset: segment.offset, count: segment.count)
                segment.dropFirst(sent)
            }
            guard isOpen, output.byteCount < before else { return }
            output.lastProgress = loop.now
        }
        self.output = nil
        updateInterest()
        hasDrained()
    }

    func hasDrained() {
        if flags.contains(.relayTarget) { partner?.letGo() }
        handler?.drained()
        if flags.contains(.finishing) { sendEnd() }
    }
}
