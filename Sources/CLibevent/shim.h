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
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Linux calls that the Glibc module does not show, because they need _GNU_SOURCE.

/// accept4(2): non-blocking and close-on-exec in the same call.
static inline int socket_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
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
