"""Which calls fail, with which errors, and at which of their indices: taken from a trace of a run
in which nothing fails."""
import errno
import os
import re
from collections import namedtuple

# `when` is strace's: "3" is the third call of each thread, "3+" that one and all behind it.
Injection = namedtuple("Injection", "scenario call error when")
Calls = namedtuple("Calls", "errors once_only", defaults=(False,))

# What the kernel may say, of each call that is ours to check. Memory is not among them: neither
# Swift nor the C library goes on without it. Nor is close, which fails after it has closed.
TABLE = {
    # Sockets
    "socket": Calls("EMFILE"), "bind": Calls("EACCES"), "listen": Calls("EOPNOTSUPP"),
    "setsockopt": Calls("ENOBUFS"), "getsockopt": Calls("ENOBUFS"),
    "getsockname": Calls("ENOBUFS"), "getpeername": Calls("ENOBUFS"),
    "accept4": Calls("EMFILE EPERM ECONNABORTED"), "accept": Calls("EMFILE EPERM"),
    "connect": Calls("EADDRNOTAVAIL"), "shutdown": Calls("ENOTCONN"),
    "recvfrom": Calls("ECONNRESET ENOBUFS"), "recvmsg": Calls("ECONNRESET ENOBUFS"),
    "sendto": Calls("ENOBUFS"), "sendmsg": Calls("ENOBUFS"),
    # Files and sockets
    "read": Calls("EIO"), "readv": Calls("EIO"), "pread64": Calls("EIO"),
    "write": Calls("ENOSPC"), "writev": Calls("EIO"), "sendfile": Calls("EIO"),
    "splice": Calls("EIO"),
    # Files
    "openat": Calls("EMFILE EACCES"), "open": Calls("EMFILE EACCES"), "fstat": Calls("EIO"),
    "newfstatat": Calls("EIO"), "stat": Calls("EIO"), "lstat": Calls("EIO"), "statx": Calls("EIO"),
    "access": Calls("EACCES"), "faccessat": Calls("EACCES"), "faccessat2": Calls("EACCES"),
    "getdents64": Calls("EIO"), "rename": Calls("EROFS"), "renameat": Calls("EROFS"),
    "renameat2": Calls("EROFS"), "unlink": Calls("EROFS"), "unlinkat": Calls("EROFS"),
    "link": Calls("EROFS"), "linkat": Calls("EROFS"), "ftruncate": Calls("ENOSPC"),
    "lseek": Calls("EINVAL"), "fchmod": Calls("EPERM"), "fsync": Calls("EIO"),
    "memfd_create": Calls("EMFILE"), "fcntl": Calls("EINVAL"), "getcwd": Calls("ENOENT"),
    # The loop
    "epoll_create1": Calls("EMFILE"), "epoll_create": Calls("EMFILE"),
    "epoll_ctl": Calls("ENOSPC ENOMEM"), "epoll_wait": Calls("EBADF"),
    "epoll_pwait": Calls("EBADF"), "epoll_pwait2": Calls("EBADF"),
    "eventfd2": Calls("EMFILE"), "pipe": Calls("EMFILE"), "pipe2": Calls("EMFILE"),
    "socketpair": Calls("EMFILE"), "timerfd_create": Calls("EMFILE"),
    "timerfd_settime": Calls("EINVAL"), "signalfd4": Calls("EMFILE"),
    # Processes
    "clone": Calls("EAGAIN"), "clone3": Calls("EAGAIN"), "fork": Calls("EAGAIN"),
    "vfork": Calls("EAGAIN"), "dup": Calls("EMFILE"), "dup2": Calls("EMFILE"),
    "dup3": Calls("EMFILE"), "rt_sigaction": Calls("EINVAL"), "rt_sigprocmask": Calls("EINVAL"),
    "wait4": Calls("EINTR", once_only=True), "waitid": Calls("EINTR", once_only=True),
    "kill": Calls("EPERM"), "setpgid": Calls("EPERM"), "setsid": Calls("EPERM"),
    "close_range": Calls("EINVAL"), "prlimit64": Calls("EPERM"), "chdir": Calls("EACCES"),
    "ioctl": Calls("ENOTTY"), "prctl": Calls("EINVAL"),
}

# The kernel's words for a far end that has gone, which happens all day and needs none of ours.
GONE = ("ECONNRESET", "ECONNABORTED", "ENOTCONN", "EPIPE")

# What else may be said of an error than the C library's words.
SYNONYMS = {
    "ECONNRESET": ("reset", "rst"), "EMFILE": ("open files", "descriptor"),
    "EAGAIN": ("thread",), "EACCES": ("not allowed", "may not"),
    "ENOTTY": ("ioctl",), "EPERM": ("not permitted",),
}

LINE = re.compile(r"^(\d+) +([a-z_0-9]+)\((.*)")


def words(error):
    """Any of these names the cause, in any case."""
    number = getattr(errno, error)
    return tuple(word.lower() for word in (os.strerror(number), error, *SYNONYMS.get(error, ())))


def planned(scenario, trace, is_begin, most):
    """The injections of a scenario, of the trace of a run without failures.

    `is_begin(line)`: whether what the scenario is about begins behind this line; the last one
    counts, and what stands before it is another scenario's. `most`: indices of a call, spread
    evenly over all where there are more; 0: each of them.
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
        chosen = _spread(found, most)
        for error in TABLE[call].errors.split():
            injections += [Injection(scenario, call, error, str(index)) for index in chosen]
            if not TABLE[call].once_only:
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
