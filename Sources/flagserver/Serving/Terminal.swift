import Glibc

/// The terminal that we were started on, lent to a command as a shell does: only the foreground
/// process group may read it, and gets its Ctrl-C and Ctrl-Z.
struct Terminal {
    let descriptor: Int32
    private let ourGroup = getpgrp()

    /// nil if stdin is no terminal of ours.
    init?() {
        guard isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) >= 0 else { return nil }
        descriptor = STDIN_FILENO
    }

    /// Whether it is ours to lend.
    var isOurs: Bool { tcgetpgrp(descriptor) == ourGroup }

    /// Whether who reads our stdout is in our process group and perhaps reads the terminal, too
    /// (`flagserver run … | less`): it would be stopped while a command has the terminal.
    var isShared: Bool {
        var status = stat()
        return fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    /// - Returns: false if it cannot be lent.
    func lend(to group: pid_t) -> Bool { setForeground(group) }

    /// Unless somebody else than `group` has it by now, as a shell that has put us into the
    /// background.
    func takeBack(from group: pid_t) {
        if tcgetpgrp(descriptor) == group { _ = setForeground(ourGroup) }
    }

    /// From whoever has it.
    func takeBack() { _ = setForeground(ourGroup) }

    /// Whoever is not in the foreground is stopped for this, unless SIGTTOU is blocked.
    private func setForeground(_ group: pid_t) -> Bool {
        var (output, before) = (sigset_t(), sigset_t())
        sigemptyset(&output)
        sigaddset(&output, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &output, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return tcsetpgrp(descriptor, group) == 0
    }
}
