"""Which calls fail, with which errors, and at which of their indices: taken from a trace of a run
in which nothing fails."""
import errno
import os
import re
from collections import namedtuple

# `when` is strace's: "3" is the third call of each thread, "3+" that one and all behind it.
Injection = namedtuple("Injection", "scenario call error when")

# What the kernel may say, of each call that is ours to check: of most one error that is likely.
# Memory is not among them: neither Swift nor the C library goes on without it. Nor is close, which
# fails after it has closed, and strace would leave open; nor execve, at which strace lets go.
TABLE = {
    # Sockets
    "socket": "EMFILE", "bind": "EACCES", "listen": "EOPNOTSUPP", "setsockopt": "ENOBUFS",
    "getsockopt": "ENOBUFS", "getsockname": "ENOBUFS", "getpeername": "ENOBUFS",
    "accept4": "EMFILE EPERM ECONNABORTED", "accept": "EMFILE EPERM", "connect": "EADDRNOTAVAIL",
    "shutdown": "ENOTCONN", "recvfrom": "ECONNRESET ENOBUFS", "recvmsg": "ECONNRESET ENOBUFS",
    "sendto": "ENOBUFS", "sendmsg": "ENOBUFS", "recvmmsg": "ENOBUFS", "sendmmsg": "ENOBUFS EPERM",
    # Files and sockets
    "read": "EIO", "readv": "EIO", "pread64": "EIO", "write": "ENOSPC", "writev": "EIO",
    "pwritev": "ENOSPC", "sendfile": "EIO", "splice": "EIO",
    # Files
    "openat": "EMFILE EACCES", "open": "EMFILE EACCES", "fstat": "EIO", "newfstatat": "EIO",
    "stat": "EIO", "lstat": "EIO", "statx": "EIO", "access": "EACCES", "faccessat": "EACCES",
    "faccessat2": "EACCES", "getdents64": "EIO", "rename": "EROFS", "renameat": "EROFS",
    "renameat2": "EROFS", "unlink": "EROFS", "unlinkat": "EROFS", "link": "EROFS",
    "linkat": "EROFS", "ftruncate": "ENOSPC", "fallocate": "ENOSPC", "lseek": "EINVAL",
    "fchmod": "EPERM", "fsync": "EIO", "memfd_create": "EMFILE", "fcntl": "EINVAL",
    "getcwd": "ENOENT",
    # The loop
    "epoll_create1": "EMFILE", "epoll_create": "EMFILE", "epoll_ctl": "ENOSPC ENOMEM",
    "epoll_wait": "EBADF", "epoll_pwait": "EBADF", "epoll_pwait2": "EBADF", "eventfd2": "EMFILE",
    "pipe": "EMFILE", "pipe2": "EMFILE", "socketpair": "EMFILE", "timerfd_create": "EMFILE",
    "timerfd_settime": "EINVAL", "signalfd4": "EMFILE", "poll": "EINTR ENOMEM",
    "ppoll": "EINTR ENOMEM",
    # Processes
    "clone": "EAGAIN", "clone3": "EAGAIN", "fork": "EAGAIN", "vfork": "EAGAIN", "dup": "EMFILE",
    "dup2": "EMFILE", "dup3": "EMFILE", "rt_sigaction": "EINVAL", "rt_sigprocmask": "EINVAL",
    "wait4": "EINTR", "waitid": "EINTR", "kill": "EPERM", "setpgid": "EPERM", "setsid": "EPERM",
    "close_range": "EINVAL", "prlimit64": "EPERM", "chdir": "EACCES", "ioctl": "ENOTTY",
    "prctl": "EINVAL", "unshare": "EPERM", "mount": "EPERM",
}

# The kernel's words for a far end that has gone, which happens all day and needs none of ours.
GONE = ("ECONNRESET", "ECONNABORTED", "ENOTCONN", "EPIPE")

# More indices of a call than so many are tried as so many, spread evenly: turns that do the same.
MANY = 200

# What comes once, and would have anybody try for ever if it came for good.
ONCE_ONLY = ("EINTR",)

# Where the program says that something does not work, in whatever format it tells exchanges; of a
# configuration with its place, of several things in further lines.
SAID = re.compile(r"^(?:\S+:\d+:\d+: )?(?:error|warning|note): .*(?:\n +.*)*", re.MULTILINE)

LINE = re.compile(r"^(\d+) +([a-z_0-9]+)\((.*)")


def is_named(error, log, answers):
    """Whether what the log says of itself (no exchange, no banner), or an answer, names it."""
    said = "\n".join([*SAID.findall(log), *answers])
    names = f"{re.escape(os.strerror(getattr(errno, error)))}|{error}"
    return re.search(rf"\b({names})\b", said, re.IGNORECASE) is not None


def planned(scenario, trace, is_begin, most):
    """The injections of a scenario, of the trace of a run without failures.

    `is_begin(line)`: whether what the scenario is about begins behind this line; the last one
    counts, and what stands before it is another scenario's. `most`: indices of a call, spread
    evenly over all where there are more; 0: each of them, up to `MANY`.
    """
    lines = trace.splitlines()
    loaded = _loaded(lines)
    begin = max((at for at, line in enumerate(lines) if is_begin and is_begin(line)), default=-1)
    # The first calls of another thread have the numbers of what the loader did in the main one.
    loading = _counted(lines[:loaded + 1], -1)
    indices = {call: sorted(found - loading.get(call, set()))
               for call, found in _counted(lines, max(begin, loaded)).items() if call in TABLE}
    injections = []
    for call, found in sorted(indices.items()):
        if not found:
            continue
        chosen = _spread(found, most or MANY)
        for error in TABLE[call].split():
            injections += [Injection(scenario, call, error, str(index)) for index in chosen]
            if error not in ONCE_ONLY:
                injections += [Injection(scenario, call, error, f"{index}+")
                               for index in _spread(found, min(most or 5, 5))]
    return injections, {call: len(found) for call, found in indices.items()}


def _loaded(lines):
    """Where the dynamic loader is done, which is not ours: its last library is mapped, and its
    cache is unmapped. -1: there is none."""
    last = max((at for at, line in enumerate(lines)
                if "openat(" in line and ".so" in line and "= -1" not in line), default=None)
    if last is None:
        return -1
    return next((at for at in range(last, len(lines)) if " munmap(" in lines[at]), last)


def _counted(lines, begin):
    """Of each call the indices, counted for each thread as strace does, that lie behind `begin`."""
    counts, found = {}, {}
    for at, line in enumerate(lines):
        match = LINE.match(line)
        if not match:
            continue
        thread, call = match[1], match[2]
        index = counts[thread, call] = counts.get((thread, call), 0) + 1
        if at > begin and not to_itself(line):
            found.setdefault(call, set()).add(index)
    return found


def to_itself(line):
    """Whether it is a byte with which the program wakes itself, of which no kernel says that there
    is no space for it."""
    return re.search(r"write\(\d+<(pipe:|anon_inode:\[eventfd)", line) is not None


def _spread(found, most):
    if not most or len(found) <= most:
        return found
    if most == 1:
        return found[:1]
    return sorted({found[round(step * (len(found) - 1) / (most - 1))] for step in range(most)})
