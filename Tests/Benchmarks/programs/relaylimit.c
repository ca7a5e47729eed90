// The limit that `bench` holds the proxies against: what this kernel can do at all.
//
// A raw epoll loop on one thread that passes bytes on and does nothing else: no log, no limits, no
// timers, no records. Short messages are copied through one buffer; a direction that has filled it
// goes on with splice, through a pipe, until it has nothing more to pass on.
//
//   relaylimit <port> <backend's port>

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER = 64 << 10,
    PIPE = 1 << 20,
    PIPES_MAX = 32,            // of that size; more of them the kernel does not like
    EVENTS = 256,
};

// One of the two sockets of a connection, and the way from it to the other one.
struct end {
    int fd;
    struct end *other;
    int pipe[2];               // -1 while bytes are copied
    size_t held;               // bytes in the pipe, or in `rest`
    char *rest;                // what the other socket did not take of a copy
    bool is_over;              // nothing more comes, and the other socket knows
    uint32_t events;           // that epoll is asked for
};

struct pair {
    struct end ends[2];
    bool is_dead;
    struct pair *next;         // of those that have ended in this turn
};

static int loop, listener, pipes;
static struct sockaddr_in backend;
static struct pair *ended;
static char buffer[BUFFER];

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("relaylimit: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static struct pair *pair_of(struct end *e) {
    return (struct pair *)(e < e->other ? e : e->other);
}

// MARK: - Ends

static void ask(struct end *e, uint32_t events) {
    if (e->events == events) return;
    struct epoll_event event = {.events = events, .data.ptr = e};
    int operation = e->events == UINT32_MAX ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(loop, operation, e->fd, &event) < 0) die("epoll_ctl: %m");
    e->events = events;
}

// Reading waits until what was read before has gone, writing until there is something to write.
static void ask_both(struct end *e) {
    for (int i = 0; i < 2; i++, e = e->other)
        ask(e, (e->held || e->is_over ? 0 : EPOLLIN) | (e->other->held ? EPOLLOUT : 0));
}

static void close_pipe(struct end *e) {
    if (e->pipe[0] < 0) return;
    close(e->pipe[0]);
    close(e->pipe[1]);
    e->pipe[0] = -1;
    pipes--;
}

// Another event of this turn may still name it, so it is freed behind the turn.
static void end_pair(struct end *e) {
    struct pair *pair = pair_of(e);
    if (pair->is_dead) return;
    for (int i = 0; i < 2; i++, e = e->other) {
        close_pipe(e);
        free(e->rest);
        close(e->fd);
    }
    pair->is_dead = true;
    pair->next = ended;
    ended = pair;
}

// MARK: - Passing on. Each returns false when the connection is over.

static bool ends(struct end *e) {
    e->is_over = true;
    if (e->other->is_over) return false;
    return shutdown(e->other->fd, SHUT_WR) == 0;
}

// From now on by reference; by copies as before if there is no pipe.
static void open_pipe(struct end *e) {
    if (pipes >= PIPES_MAX || pipe2(e->pipe, O_NONBLOCK | O_CLOEXEC) < 0) {
        e->pipe[0] = -1;
        return;
    }
    fcntl(e->pipe[0], F_SETPIPE_SZ, PIPE);
    pipes++;
}

static bool empty_pipe(struct end *e) {
    while (e->held) {
        ssize_t moved = splice(e->pipe[0], NULL, e->other->fd, NULL, e->held,
                               SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (moved < 0 && errno == EAGAIN) return true;
        if (moved <= 0) return false;
        e->held -= (size_t)moved;
    }
    return true;
}

static bool pass_by_pipe(struct end *e) {
    ssize_t got = splice(e->fd, NULL, e->pipe[1], NULL, PIPE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got < 0 && errno == EAGAIN) return true;
    if (got < 0) return false;
    if (got == 0) return ends(e);
    e->held = (size_t)got;
    return empty_pipe(e);
}

static bool pass_copy(struct end *e) {
    ssize_t got = recv(e->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return true;
    if (got < 0) return false;
    if (got == 0) return ends(e);
    ssize_t sent = send(e->other->fd, buffer, (size_t)got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent < 0) sent = 0;
    e->held = (size_t)(got - sent);
    if (e->held) {
        e->rest = malloc(e->held);
        if (!e->rest) die("out of memory");
        memcpy(e->rest, buffer + sent, e->held);
    } else if (got == sizeof buffer) {
        open_pipe(e);
    }
    return true;
}

static bool empty_rest(struct end *e) {
    ssize_t sent = send(e->other->fd, e->rest, e->held, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    e->held -= (size_t)sent;
    memmove(e->rest, e->rest + sent, e->held);
    if (e->held) return true;
    free(e->rest);
    e->rest = NULL;
    open_pipe(e);   // it is more than one socket takes at a time
    return true;
}

static bool read_from(struct end *e) { return e->pipe[0] < 0 ? pass_copy(e) : pass_by_pipe(e); }

static bool write_to(struct end *e) {
    struct end *from = e->other;
    return from->rest ? empty_rest(from) : empty_pipe(from);
}

static void on_event(struct end *e, uint32_t events) {
    if (pair_of(e)->is_dead) return;
    bool lives = true;
    if (events & (EPOLLOUT | EPOLLERR) && e->other->held) lives = write_to(e);
    if (lives && events & (EPOLLIN | EPOLLERR | EPOLLHUP) && !e->held && !e->is_over)
        lives = read_from(e);
    if (lives && events & EPOLLERR && !(events & (EPOLLIN | EPOLLOUT))) lives = false;
    if (lives) ask_both(e);
    else end_pair(e);
}

// MARK: - Connections

static void accept_one(void) {
    int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    if (client < 0) return;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server < 0) die("socket: %m");
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair) die("out of memory");
    pair->ends[0] = (struct end){client, &pair->ends[1], {-1, -1}, .events = UINT32_MAX};
    pair->ends[1] = (struct end){server, &pair->ends[0], {-1, -1}, .events = UINT32_MAX};
    // On loopback the handshake is over when a non-blocking connect returns.
    if (connect(server, (struct sockaddr *)&backend, sizeof backend) < 0 && errno != EINPROGRESS)
        return end_pair(&pair->ends[0]);
    ask_both(&pair->ends[0]);
}

static struct sockaddr_in loopback(const char *port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static void listen_on(struct sockaddr_in address) {
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);   // accepted ones inherit it
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("the port: %m");
    if (listen(listener, 4096) < 0) die("listen: %m");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll_ctl: %m");
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: relaylimit <port> <backend's port>");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);   // a client may go while bytes move inside the kernel
    loop = epoll_create1(EPOLL_CLOEXEC);
    backend = loopback(argv[2]);
    listen_on(loopback(argv[1]));
    for (struct epoll_event events[EVENTS];;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (!events[i].data.ptr) accept_one();
            else on_event(events[i].data.ptr, events[i].events);
        }
        for (struct pair *pair; (pair = ended); free(pair)) ended = pair->next;
    }
}
