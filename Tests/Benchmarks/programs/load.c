// The load generator of `bench`: one thread, epoll, N connections on loopback, one URL.
//
// It must stay cheaper than the servers that it measures, so it never copies a body: the head is
// read into a small buffer and the rest is thrown away inside the kernel (recv with MSG_TRUNC).
// Every response is still checked: status 200, a Content-Length, exactly that many bytes.
//
//   load [-m keepalive|new|idle] [-c connections] [-d seconds] [-w seconds] [-b body-bytes]
//        [-p pid,pid] [--expect-delay seconds | --expect-told seconds] [--patience seconds]
//        http://127.0.0.1:8001/flags/br/br.gif
//
// keepalive  each connection asks again as soon as it has its answer
// new        each request has a connection of its own, which the server closes
// idle       each connection asks once and stays open, until our standard input closes
//
// With --expect-told each answer must take as long as its Server-Timing says that it was delayed:
// delays are drawn, and at most so many seconds long.
//
// It prints one line of JSON on standard output. Times are CLOCK_MONOTONIC in nanoseconds inside
// and microseconds in the output.

#define _GNU_SOURCE
#include "measure.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stddef.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    HEAD_CHUNK = 512,         // holds any sane head, and copies little of a body
    HEAD_MAX = 8192,          // a head that is longer is an error
    EVENTS = 256,             // taken from one epoll_wait
    ERRORS_MAX = 1000,        // then the run is broken and ends
    OPENING = 256,            // connections that may wait for their first answer at a time …
    OPENING_DELAYED = 4000,   // … and where each answer takes long: about a full listen backlog
    OPEN_SECONDS_MAX = 30,
    TOLD_STEP = 100000,       // nanoseconds: Server-Timing has whole tenths of a millisecond, cut
};

// MARK: - State

enum mode { KEEPALIVE, NEW, IDLE };

enum state {
    CLOSED,
    CONNECTING,   // the kernel would not take the request yet
    HEAD,         // the request is out, its head is not here
    BODY,         // the head is here, `body_left` bytes are not
    END,          // the answer is complete, the server has still to close (mode `new`)
    PARKED,       // answered, and not asked again until all connections are open
};

struct connection {
    int fd;
    enum state state;
    int64_t asked;       // when the request was handed to the kernel; mode `new`: the connect
    int64_t delay;       // that this answer must have; -1: none
    int64_t body_left;
    char *torn;          // the start of a head that came in pieces, else NULL
    size_t torn_length;
};

static struct {
    enum mode mode;
    int connection_count;
    double seconds, warm_up_seconds;
    int64_t body_bytes;   // that each answer must have; -1: whatever its head says
    double patience;      // seconds; an answer that is this much overdue at the end is an error
    int64_t delay;        // --expect-delay, or the most of --expect-told; -1: none
    bool is_told;
    int pids[PIDS_MAX], pid_count;
    struct sockaddr_in address;
    char request[1024];
    size_t request_length;
} options = {
    .connection_count = 1, .seconds = 2, .warm_up_seconds = 0.5, .body_bytes = -1, .delay = -1,
    .patience = 2,
};

static struct {
    int epoll;
    struct connection *connections;
    bool opening, measuring;
    int answered;              // connections that are PARKED
    uint64_t requests, errors, early;
    int64_t early_max;
    char first_error[160];
    struct histogram latency, lateness;
} run;

static bool broken(void) { return run.errors >= ERRORS_MAX; }

// MARK: - Connections

static void open_connection(struct connection *c);

static void close_connection(struct connection *c) {
    if (c->state != CLOSED) close(c->fd);
    free(c->torn);
    c->torn = NULL;
    c->state = CLOSED;
}

static void note_error(const char *what, int error) {
    if (run.errors++ > 0) return;
    snprintf(run.first_error, sizeof run.first_error, "%s%s%s", what, error ? ": " : "",
             error ? strerror(error) : "");
}

// Counts an error, in the warm-up as well, and goes on with a fresh connection.
static void fail(struct connection *c, const char *what, int error) {
    note_error(what, error);
    close_connection(c);
    if (!broken()) open_connection(c);
}

static void watch(struct connection *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(run.epoll, operation, c->fd, &event) < 0) die("epoll_ctl: %m");
}

// `asked` is read before send, not after: once the kernel has the last byte, the server's clock
// may start while we are still inside the call. Taken afterwards, a correct delay could look
// early. So lateness includes our own send, which is on the safe side.
static bool send_request(struct connection *c, int64_t asked) {
    ssize_t sent = send(c->fd, options.request, options.request_length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return false;
    if (sent != (ssize_t)options.request_length) {
        fail(c, "send", sent < 0 ? errno : 0);
        return true;
    }
    c->asked = asked;
    c->state = HEAD;
    return true;
}

// On loopback the handshake is over when a non-blocking connect returns, although it reports
// EINPROGRESS; so the request is tried at once and epoll is asked only if that fails. No
// TCP_NODELAY: there is never unacknowledged data when a request goes out.
static void open_connection(struct connection *c) {
    c->asked = now();
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket: %m");
    c->state = CONNECTING;
    const struct sockaddr *address = (const struct sockaddr *)&options.address;
    if (connect(c->fd, address, sizeof options.address) < 0 && errno != EINPROGRESS) {
        // No retry: a refused connection stays refused, and that must end, not loop.
        die("connect: %m");
    }
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT | EPOLLET);
    send_request(c, c->asked);
}

// MARK: - Answers

static void record(struct connection *c, int64_t at) {
    if (!run.measuring) return;
    run.requests++;
    histogram_add(&run.latency, at - c->asked);
    if (c->delay < 0) return;
    int64_t late = at - c->asked - c->delay;
    histogram_add(&run.lateness, options.is_told ? late - TOLD_STEP / 2 : late);
    if (late >= 0) return;
    run.early++;
    if (-late > run.early_max) run.early_max = -late;
}

static void complete(struct connection *c) {
    int64_t at = now();
    record(c, at);
    if (options.mode == NEW) {
        c->state = END;
    } else if (run.opening) {
        c->state = PARKED;
        run.answered++;
    } else if (!send_request(c, at)) {
        fail(c, "the kernel did not take a request", 0);
    }
}

// Content-Length of a head, or -1. Header lines only: what follows the empty line is body.
static int64_t content_length(const char *head, const char *end) {
    static const char name[] = "\r\nContent-Length:";
    for (const char *at = head; (at = memchr(at, '\r', (size_t)(end - at))); at++) {
        if (end - at > (ptrdiff_t)sizeof name && !strncasecmp(at, name, sizeof name - 1))
            return strtoll(at + sizeof name - 1, NULL, 10);
    }
    return -1;
}

// The sum of what Server-Timing says, in nanoseconds; 0 if the answer met no delay.
static int64_t told_delay(const char *head, size_t length) {
    static const char name[] = "\r\nServer-Timing:", value[] = "dur=";
    const char *at = memmem(head, length, name, sizeof name - 1);
    const char *end = at ? memchr(at + 2, '\r', length - (size_t)(at + 2 - head)) : NULL;
    double milliseconds = 0;
    while (end && (at = memmem(at, (size_t)(end - at), value, sizeof value - 1))) {
        at += sizeof value - 1;
        milliseconds += strtod(at, NULL);
    }
    return (int64_t)(milliseconds * 10 + 0.5) * TOLD_STEP;
}

// `text` starts with a whole head, of `head_length` bytes.
static void take_head(struct connection *c, char *text, size_t length, size_t head_length) {
    if (head_length < 16 || memcmp(text, "HTTP/1.", 7)) return fail(c, "not HTTP/1", 0);
    if (memcmp(text + 9, "200", 3)) return fail(c, "a status that is not 200", 0);
    int64_t promised = content_length(text, text + head_length);
    if (promised < 0) return fail(c, "no Content-Length", 0);
    if (options.body_bytes >= 0 && promised != options.body_bytes)
        return fail(c, "a body of another length than the file's", 0);
    c->delay = options.is_told ? told_delay(text, head_length) : options.delay;
    c->body_left = promised - (int64_t)(length - head_length);
    if (c->body_left < 0) return fail(c, "more bytes than promised", 0);
    c->state = BODY;
    if (c->body_left == 0) complete(c);
}

// Keeps what came of a head that is not complete.
static void keep_torn(struct connection *c, const char *text, size_t length) {
    if (length >= HEAD_MAX) return fail(c, "an endless head", 0);
    char *copy = malloc(length);
    if (!copy) die("out of memory");
    memcpy(copy, text, length);
    free(c->torn);
    c->torn = copy;
    c->torn_length = length;
}

// Returns false when there is nothing to read for now, or the connection is a new one.
static bool read_head(struct connection *c) {
    char text[HEAD_MAX + HEAD_CHUNK];
    size_t length = c->torn ? c->torn_length : 0;
    if (length) memcpy(text, c->torn, length);
    ssize_t got = recv(c->fd, text + length, HEAD_CHUNK, 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) return fail(c, "closed before an answer", got < 0 ? errno : 0), false;
    length += (size_t)got;
    char *end = memmem(text, length, "\r\n\r\n", 4);
    if (!end) return keep_torn(c, text, length), true;
    free(c->torn);
    c->torn = NULL;
    take_head(c, text, length, (size_t)(end + 4 - text));
    return c->state == BODY || c->state == END;
}

// Asks for one byte more than is due: a server that sends too much is found out here.
static bool read_body(struct connection *c) {
    ssize_t got = recv(c->fd, NULL, (size_t)c->body_left + 1, MSG_TRUNC);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) return fail(c, "closed inside a body", got < 0 ? errno : 0), false;
    if (got > c->body_left) return fail(c, "more bytes than promised", 0), false;
    c->body_left -= got;
    if (c->body_left == 0) complete(c);
    return c->state == BODY || c->state == END;
}

// Mode `new`: the server closes first, so that TIME_WAIT is its own and we keep our ports.
static bool read_end(struct connection *c) {
    char surplus;
    ssize_t got = recv(c->fd, &surplus, 1, 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got != 0) return fail(c, "not closed after the answer", got < 0 ? errno : 0), false;
    close_connection(c);
    open_connection(c);
    return false;
}

static bool read_some(struct connection *c) {
    switch (c->state) {
    case HEAD: return read_head(c);
    case BODY: return read_body(c);
    case END: return read_end(c);
    case PARKED: return fail(c, "closed or talking while idle", 0), false;
    case CLOSED: case CONNECTING: return false;
    }
    return false;
}

static void on_event(struct connection *c, uint32_t events) {
    if (c->state == CONNECTING) {
        if (events & (EPOLLERR | EPOLLHUP)) return fail(c, "connect", 0);
        if (!send_request(c, c->asked)) return;   // a new connection counts from its connect
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        while (read_some(c)) {}
}

// MARK: - The run

static void turn(int timeout_ms) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(run.epoll, events, EVENTS, timeout_ms);
    if (count < 0 && errno != EINTR) die("epoll_wait: %m");
    for (int i = 0; i < count; i++) on_event(events[i].data.ptr, events[i].events);
}

// Takes events until `end`, or until the run is broken.
static void run_until(int64_t end) {
    for (int64_t left; (left = end - now()) > 0 && !broken();)
        turn((int)(left / 1000000) + 1);
}

// One answer on each connection, then all of them wait. Bounded in how many are on their way, so
// that no listen queue overflows: a lost SYN would cost a second.
static void open_all(void) {
    int opened = 0, limit = options.delay > 0 ? OPENING_DELAYED : OPENING;
    int64_t deadline = now() + from_seconds(OPEN_SECONDS_MAX);
    run.opening = true;
    while (run.answered < options.connection_count && !broken()) {
        while (opened < options.connection_count && opened - run.answered < limit)
            open_connection(&run.connections[opened++]);
        turn(10);
        if (now() > deadline) die("only %d connections opened in time", run.answered);
    }
    run.opening = false;
}

// The first request of each connection, which opens the connection where nothing was asked before:
// with drawn delays those differ for ever. With delays they are spread over one delay, and stay so:
// sent at once, they would measure how fast the server reads a burst, and not its timers.
static void start_all(void) {
    int64_t started = now(), spread = options.delay > 0 ? options.delay : 0;
    for (int i = 0; i < options.connection_count && !broken(); i++) {
        struct connection *c = &run.connections[i];
        int64_t due = started + spread / options.connection_count * i;
        while (now() < due) turn(0);
        if (i % 64 == 0) turn(0);
        if (options.mode == NEW || options.is_told) open_connection(c);
        else if (!send_request(c, now())) fail(c, "the kernel did not take a request", 0);
    }
}

// Connections whose answer should long be here.
static void count_stalled(void) {
    int64_t allowed = from_seconds(options.patience) + (options.delay > 0 ? options.delay : 0);
    for (int i = 0; i < options.connection_count; i++) {
        const struct connection *c = &run.connections[i];
        bool waiting = c->state != CLOSED && c->state != PARKED;
        if (waiting && now() - c->asked > allowed) note_error("no answer", 0);
    }
}

// With a reset: ten thousand client ports in TIME_WAIT would be in the way of the next run.
static void close_all(void) {
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < options.connection_count; i++) {
        struct connection *c = &run.connections[i];
        if (c->state == CLOSED) continue;
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close_connection(c);
    }
}

// MARK: - Output

// `load_cpu` is the share of the time that we were busy: near 1, the figure is ours and not the
// server's.
static void print_result(double seconds, double server, double own) {
    static const char *const modes[] = {"keepalive", "new", "idle"};
    bool measured = seconds > 0.001;   // else `idle`, or broken at once
    double rate = measured ? (double)run.requests / seconds : 0;
    double share = measured ? own / seconds : 0;
    printf("{\"mode\": \"%s\", \"connections\": %d, \"seconds\": %.4f, \"requests\": %" PRIu64
           ", \"errors\": %" PRIu64 ", \"first_error\": \"%s\", \"requests_per_s\": %.1f"
           ", \"load_cpu\": %.3f", modes[options.mode], options.connection_count, seconds,
           run.requests, run.errors, run.first_error, rate, share);
    if (options.pid_count && run.requests)
        printf(", \"server_cpu_s\": %.3f, \"cpu_us\": %.4f", server,
               server * 1e6 / (double)run.requests);
    if (run.latency.count) print_histogram("latency_us", &run.latency);
    if (options.delay >= 0)
        printf(", \"early\": %" PRIu64 ", \"early_max_us\": %.2f", run.early,
               (double)run.early_max / 1e3);
    if (run.lateness.count) print_histogram("late_us", &run.lateness);
    puts("}");
    fflush(stdout);
}

static void measure(void) {
    if (options.mode != NEW && !options.is_told) open_all();
    start_all();
    run_until(now() + from_seconds(options.warm_up_seconds));

    double server = cpu_of(options.pids, options.pid_count), own = own_cpu();
    int64_t started = now();
    run.measuring = true;
    run_until(started + from_seconds(options.seconds));
    run.measuring = false;
    double seconds = (double)(now() - started) / 1e9;
    own = own_cpu() - own;
    server = cpu_of(options.pids, options.pid_count) - server;

    count_stalled();
    close_all();
    print_result(seconds, server, own);
}

static void hold(void) {
    open_all();
    print_result(0, 0, 0);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR) {}
    close_all();
}

// MARK: - Command line

static enum mode mode_named(const char *name) {
    if (!strcmp(name, "keepalive")) return KEEPALIVE;
    if (!strcmp(name, "new")) return NEW;
    if (!strcmp(name, "idle")) return IDLE;
    die("unknown mode '%s'", name);
}

// http://<IPv4 address>:<port>/<path>: no names, so that no resolver is involved.
static void set_url(const char *url) {
    char host[16], path[512];
    unsigned port;
    if (sscanf(url, "http://%15[0-9.]:%5u%511s", host, &port, path) != 3 || path[0] != '/')
        die("'%s' is not http://<address>:<port>/<path>", url);
    options.address.sin_family = AF_INET;
    options.address.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &options.address.sin_addr) != 1) die("bad address '%s'", host);
    if (ntohl(options.address.sin_addr.s_addr) >> 24 != 127) die("'%s' is not loopback", host);
    int length = snprintf(options.request, sizeof options.request,
                          "GET %s HTTP/1.1\r\nHost: %s:%u\r\nUser-Agent: load\r\n%s\r\n", path,
                          host, port, options.mode == NEW ? "Connection: close\r\n" : "");
    options.request_length = (size_t)length;
}

static void parse(int argc, char **argv) {
    static const struct option names[] = {{"expect-delay", required_argument, NULL, 'e'},
                                          {"expect-told", required_argument, NULL, 't'},
                                          {"patience", required_argument, NULL, 's'}, {0}};
    for (int option; (option = getopt_long(argc, argv, "m:c:d:w:b:p:", names, NULL)) != -1;) {
        switch (option) {
        case 'm': options.mode = mode_named(optarg); break;
        case 'c': options.connection_count = (int)number(optarg, 1, 1e6, "-c"); break;
        case 'd': options.seconds = number(optarg, 0.01, 600, "-d"); break;
        case 'w': options.warm_up_seconds = number(optarg, 0, 60, "-w"); break;
        case 'b': options.body_bytes = (int64_t)number(optarg, 0, 1e12, "-b"); break;
        case 'p': options.pid_count = read_pids(optarg, options.pids); break;
        case 's': options.patience = number(optarg, 0, 60, "--patience"); break;
        case 't': options.is_told = true;   // fall through
        case 'e': options.delay = from_seconds(number(optarg, 0, 60, "a delay")); break;
        default: exit(2);
        }
    }
    if (argc - optind != 1) die("one URL is needed");
    set_url(argv[optind]);
}

int main(int argc, char **argv) {
    parse(argc, argv);
    raise_open_files(options.connection_count);
    run.connections = calloc((size_t)options.connection_count, sizeof *run.connections);
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!run.connections || run.epoll < 0) die("cannot start: %m");
    if (options.mode == IDLE) hold();
    else measure();
    return 0;
}
