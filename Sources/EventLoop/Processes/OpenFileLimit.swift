import Glibc

/// The process's limit of open descriptors.
public enum OpenFileLimit {
    /// Raises the soft limit to the hard one.
    ///
    /// - Returns: the limit that holds now.
    public static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1024
        }
        let soft = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let raised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        // Unlimited is more than any kernel hands out.
        return Int(clamping: raised ? limit.rlim_max : soft)
    }

    /// How many descriptors are open now.
    public static func openDescriptors() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 16 }
        defer { closedir(directory) }
        var count = -3  // ".", ".." and the directory's own
        while readdir(directory) != nil { count += 1 }
        return count
    }
}
