internal import CLibevent
import Glibc

/// The open descriptors of a thread.
public enum DescriptorTable {
    /// Gives the calling thread a table of its own with nothing but `kept`: the kernel need not
    /// guard the loop's table against another user, and every call on a socket is cheaper. Where
    /// that is not possible the table stays shared.
    ///
    /// - Returns: whether it has one of its own now.
    public static func leaveShared(keeping kept: [Int32]) -> Bool {
        let kept = kept.filter { $0 >= 0 }.map(UInt32.init).sorted()
        // First the last range, with the copy: only what lies below it is copied at all. Before
        // that there is nothing but the loop's own table, in which nothing may be closed.
        guard descriptors_close((kept.last ?? 0) + 1, .max, 1) == 0 else { return false }
        var first: UInt32 = 0
        for number in kept {
            if first < number { _ = descriptors_close(first, number - 1, 0) }
            first = number + 1
        }
        return true
    }
}
