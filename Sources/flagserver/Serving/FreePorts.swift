import ChaosProxy
import EventLoop
import Glibc

/// What `0` stands for: a port that the kernel chooses, or one of a range, each in its turn, so
/// that one that has just been given back is not the next. Loop thread only.
final class FreePorts {
    private let range: ClosedRange<UInt16>?
    private var next: UInt16

    /// - Parameter range: nil: the kernel chooses.
    init(_ range: ClosedRange<UInt16>? = nil) {
        self.range = range
        next = range?.lowerBound ?? 0
    }

    /// Calls `listen` until it has a port.
    ///
    /// - Parameter port: 0 for one of ours.
    /// - Throws: `ProxyError`, the last one if all ports of the range are taken.
    func bind(
        _ port: UInt16, _ listen: (UInt16) throws(ProxyError) -> Void
    ) throws(ProxyError) {
        guard port == 0, let range else { return try listen(port) }
        for attempt in 1...range.count {
            let candidate = next
            next = candidate == range.upperBound ? range.lowerBound : candidate + 1
            do throws(ProxyError) {
                return try listen(candidate)
            } catch {
                guard case .bind(_, let reason) = error, reason.errno == EADDRINUSE,
                    attempt < range.count
                else { throw error }
            }
        }
    }
}
