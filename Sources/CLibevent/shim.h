#pragma once
// What Swift sees of libevent. `event_struct.h` makes `struct event` complete, so that it can be
// allocated by us and set up with event_assign.
//
// <features.h> comes first: event-config.h defines _GNU_SOURCE, and with it `fd_set` would look
// different here from what the Glibc module has already told Swift.
#include <features.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/util.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

// Linux calls that the Glibc module does not show, because they need _GNU_SOURCE.

/// accept4(2): non-blocking and close-on-exec in the same call.
static inline int socket_accept(int listener, struct sockaddr *peer, socklen_t *length) {
    return (int)syscall(SYS_accept4, listener, peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// tcp(7), TCP_INFO: how many connections wait to be accepted (`tcpi_unacked` of a socket that
/// listens); 0 if the kernel does not say.
static inline uint32_t socket_waiting(int listener) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    return getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_unacked : 0;
}

/// timerfd_create(2) on CLOCK_MONOTONIC, non-blocking and close-on-exec.
static inline int timer_file_create(void) {
    return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
}

/// timerfd_settime(2): readable once at an instant of CLOCK_MONOTONIC, in nanoseconds, not 0.
static inline int timer_file_set(int file, uint64_t deadline) {
    struct itimerspec when = {{0, 0}, {(time_t)(deadline / 1000000000), (long)(deadline % 1000000000)}};
    return timerfd_settime(file, TFD_TIMER_ABSTIME, &when, 0);
}

/// memfd_create(2) with MFD_CLOEXEC.
static inline int memory_file_create(const char *name) {
    return (int)syscall(SYS_memfd_create, name, 1u);
}

/// fallocate(2) with FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE.
static inline int file_punch_hole(int file, int64_t offset, int64_t length) {
    return (int)syscall(SYS_fallocate, file, 3, offset, length);
}

/// close_range(2), by its number: older headers have no name for it. With `own_table` in a table of
/// the thread's own (CLOSE_RANGE_UNSHARE).
static inline int descriptors_close(unsigned first, unsigned last, int own_table) {
    return (int)syscall(436, first, last, own_table ? 2u : 0u);
}

/// pipe2(2): non-blocking and close-on-exec in the same call.
static inline int pipe_create(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// fcntl(2) with F_SETPIPE_SZ.
static inline int pipe_set_size(int end, int size) {
    return fcntl(end, 1031, size);
}

/// splice(2) with SPLICE_F_MOVE | SPLICE_F_NONBLOCK; one of the two is a pipe.
static inline ssize_t splice_bytes(int from, int to, size_t count) {
    return syscall(SYS_splice, from, (void *)0, to, (void *)0, count, 3u);
}

/// SIOCOUTQ (tcp(7)): bytes that the peer has not acknowledged yet, or -1.
static inline int socket_unacknowledged(int socket) {
    int count = 0;
    return ioctl(socket, TIOCOUTQ, &count) == 0 ? count : -1;
}

/// A socket that answers questions about other sockets (sock_diag(7)), non-blocking and
/// close-on-exec, or -1.
static inline int diagnosis_open(void) {
    return socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

static inline void diagnosis_address(const struct sockaddr *address, __be32 *host, __be16 *port) {
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        host[0] = v4->sin_addr.s_addr;
        *port = v4->sin_port;
    } else {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
        memcpy(host, &v6->sin6_addr, 16);
        *port = v6->sin6_port;
    }
}

/// Whether a program has the TCP socket at `from` open that is connected to `to`: 1, 0 if none has
/// or there is no such socket, or -1 if that cannot be told.
static inline int diagnosis_ask(int diagnosis, const struct sockaddr *from, const struct sockaddr *to) {
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } question;
    union {
        struct nlmsghdr header;
        char bytes[4096];
    } answer;
    memset(&question, 0, sizeof question);
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.body.sdiag_family = from->sa_family;
    question.body.sdiag_protocol = IPPROTO_TCP;
    question.body.idiag_states = ~0u;
    question.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    question.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    diagnosis_address(from, question.body.id.idiag_src, &question.body.id.idiag_sport);
    diagnosis_address(to, question.body.id.idiag_dst, &question.body.id.idiag_dport);
    if (send(diagnosis, &question, sizeof question, 0) != (ssize_t)sizeof question) return -1;
    ssize_t count = recv(diagnosis, &answer, sizeof answer, 0);
    if (count < (ssize_t)sizeof(struct nlmsghdr)) return -1;
    if (answer.header.nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = (const struct nlmsgerr *)NLMSG_DATA(&answer.header);
        return error->error == -ENOENT ? 0 : -1;
    }
    if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return -1;
    const struct inet_diag_msg *socket = (const struct inet_diag_msg *)NLMSG_DATA(&answer.header);
    return socket->idiag_inode != 0;
}

/// One datagram, that has come or is to go.
struct datagram {
    void *bytes;
    uint32_t count;
    /// Whether it was longer than there was room.
    int is_cut;
    /// Whether the kernel did not take it.
    int is_lost;
    struct sockaddr_storage peer;
    socklen_t peer_length;
};

/// As the kernel has it: <sys/socket.h> shows it with _GNU_SOURCE only.
struct datagram_header {
    struct msghdr header;
    unsigned count;
};

/// Most datagrams of one call.
#define DATAGRAM_BATCH 64

static inline void datagrams_point(
    struct datagram_header *headers, struct iovec *parts, struct datagram *all, int count) {
    for (int index = 0; index < count; index++) {
        memset(&headers[index], 0, sizeof headers[index]);
        parts[index].iov_base = all[index].bytes;
        parts[index].iov_len = all[index].count;
        headers[index].header.msg_iov = &parts[index];
        headers[index].header.msg_iovlen = 1;
        headers[index].header.msg_name = &all[index].peer;
        headers[index].header.msg_namelen = all[index].peer_length;
    }
}

/// recvmmsg(2): up to `count` datagrams, each with room for so many bytes. Returns how many, or -1.
static inline int datagrams_receive(int socket, struct datagram *all, int count, uint32_t room) {
    struct datagram_header headers[DATAGRAM_BATCH];
    struct iovec parts[DATAGRAM_BATCH];
    if (count > DATAGRAM_BATCH) count = DATAGRAM_BATCH;
    for (int index = 0; index < count; index++) {
        all[index].count = room;
        all[index].peer_length = sizeof all[index].peer;
    }
    datagrams_point(headers, parts, all, count);
    int taken = (int)syscall(SYS_recvmmsg, socket, headers, (unsigned)count, MSG_DONTWAIT, (void *)0);
    for (int index = 0; index < taken; index++) {
        all[index].count = headers[index].count;
        all[index].is_cut = (headers[index].header.msg_flags & MSG_TRUNC) != 0;
    }
    return taken;
}

/// sendmmsg(2): all of them, but for those that cannot be sent, which are lost and say so. Returns
/// 0, or the error number of the last of these.
static inline int datagrams_send(int socket, struct datagram *all, int count) {
    struct datagram_header headers[DATAGRAM_BATCH];
    struct iovec parts[DATAGRAM_BATCH];
    if (count > DATAGRAM_BATCH) count = DATAGRAM_BATCH;
    datagrams_point(headers, parts, all, count);
    for (int index = 0; index < count; index++) all[index].is_lost = 0;
    int done = 0, error = 0;
    while (done < count) {
        int sent = (int)syscall(
            SYS_sendmmsg, socket, headers + done, (unsigned)(count - done), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        // It stops before the one that fails, and says why when that is the first one.
        if (sent < 0) {
            error = errno;
            all[done].is_lost = 1;
        }
        done += sent > 0 ? sent : 1;
    }
    return error;
}

// Processes. fork(2) is not to be had from Swift, and between it and execve(2) only what is safe in
// a signal handler may be called: another thread may hold the lock of the memory allocator.

/// What a child process is to become, and with what.
struct child_plan {
    /// Paths to try in this order, and a null pointer.
    char *const *candidates;
    char *const *arguments;
    char *const *environment;
    /// The terminal whose foreground it becomes, or -1.
    int terminal;
    /// Its soft limit of open descriptors, or -1 for ours.
    long open_files;
    /// The largest file that it can write, in bytes, or -1 for ours.
    long file_size;
    /// Where it runs; null: where we do.
    const char *folder;
    /// What its standard input, output and error are, or -1 for ours.
    int streams[3];
    /// What is /etc/resolv.conf to it and its children; null: what is to us.
    const char *resolver;
};

/// Lets a file be /etc/resolv.conf for this process and its children, in a mount namespace of their
/// own (mount_namespaces(7)): 0, or the error number. Safe behind fork(2).
static inline int resolver_use(const char *file) {
    if (syscall(SYS_unshare, 0x00020000) != 0) return errno;  // CLONE_NEWNS
    if (mount("none", "/", 0, MS_REC | MS_PRIVATE, 0) != 0) return errno;
    if (mount(file, "/etc/resolv.conf", 0, MS_BIND, 0) != 0) return errno;
    return 0;
}

/// Whether a child could do that: 0, or the error number.
static inline int resolver_try(const char *file) {
    sigset_t all, before;
    int status = 0;
    sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, &before) != 0) return errno;
    pid_t child = fork();
    if (child == 0) _exit(resolver_use(file));
    int error = errno;
    if (child > 0) {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
        error = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
    }
    sigprocmask(SIG_SETMASK, &before, 0);
    return error;
}

/// The child cannot become its program.
static inline _Noreturn void child_fail(int report, int error) {
    (void)!write(report, &error, sizeof error);
    _exit(127);
}

/// The child's life before it becomes its program: in a process group of its own, with the default
/// dispositions of all signals and none blocked, and gone as soon as its parent is.
/// Writes the error number to `report` if it cannot become it.
static inline _Noreturn void child_become(const struct child_plan *plan, pid_t parent, int report) {
    int error = ENOENT;
    sigset_t none;
    setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) child_fail(report, errno);
    if (getppid() != parent) _exit(127);
    // All signals are still blocked: a background process may do this without being stopped.
    if (plan->terminal >= 0) tcsetpgrp(plan->terminal, getpid());
    for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, 0) != 0) child_fail(report, errno);
    struct rlimit files;
    if (plan->open_files >= 0 && getrlimit(RLIMIT_NOFILE, &files) == 0) {
        rlim_t wanted = (rlim_t)plan->open_files;
        files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) child_fail(report, errno);
    }
    if (plan->file_size >= 0 && getrlimit(RLIMIT_FSIZE, &files) == 0) {
        rlim_t wanted = (rlim_t)plan->file_size;
        files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
        if (setrlimit(RLIMIT_FSIZE, &files) != 0) child_fail(report, errno);
    }
    for (int stream = 0; stream < 3; stream++) {
        int own = plan->streams[stream];
        if (own >= 0 && dup2(own, stream) < 0) child_fail(report, errno);
    }
    if (plan->resolver) {
        int reason = resolver_use(plan->resolver);
        if (reason != 0) child_fail(report, reason);
    }
    if (plan->folder && chdir(plan->folder) != 0) child_fail(report, errno);
    for (char *const *path = plan->candidates; *path; path++) {
        execve(*path, plan->arguments, plan->environment);
        // As a shell searches: what may not be executed is passed over, but told if nothing else is
        // there.
        if (errno == ENOENT || errno == ENOTDIR) continue;
        error = errno;
        if (errno != EACCES) break;
    }
    child_fail(report, error);
}

/// Starts a child and waits until it has become its program.
///
/// Returns its process id, or -1 with errno if there is none. `*failure` is the error number of
/// execve(2) if the child could not become its program; it has then ended and been reaped.
static inline pid_t child_start(const struct child_plan *plan, int *failure) {
    int report[2];
    sigset_t all, before;
    *failure = 0;
    if (syscall(SYS_pipe2, report, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    // In the child our handlers would write into what both share, until they are gone.
    sigfillset(&all);
    int blocked = sigprocmask(SIG_SETMASK, &all, &before) == 0;
    pid_t child = blocked ? fork() : -1;
    if (child == 0) child_become(plan, parent, report[1]);
    int error = errno;
    // Blocked for ever, no signal would end us.
    if (blocked && sigprocmask(SIG_SETMASK, &before, 0) != 0) {
        error = errno;
        if (child > 0) {
            kill(child, SIGKILL);
            while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
        }
        child = -1;
    }
    close(report[1]);
    if (child > 0) {
        while (read(report[0], failure, sizeof *failure) < 0 && errno == EINTR) {}
        if (*failure != 0) {
            while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
        }
    }
    close(report[0]);
    errno = error;
    return child;
}

/// Makes us the parent of descendants whose own parents have ended (PR_SET_CHILD_SUBREAPER).
static inline int adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/// The soft limit of open descriptors, or -1.
static inline long open_file_limit(void) {
    struct rlimit files;
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? (long)files.rlim_cur : -1;
}

/// environ(7), with a null pointer at its end.
static inline char *const *environment_entries(void) {
    return __environ;
}
