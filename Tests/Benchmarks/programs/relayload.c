// The load generator of `bench` for TCP proxies: the client and the backend of every connection,
// in one thread with epoll, on loopback. A proxy in between is what is measured.
//
// It must stay cheaper than the proxies: bulk bytes are sent by reference (sendfile from a memfd)
// and thrown away inside the kernel (recv with MSG_TRUNC). Messages are compared byte by byte, and
// with --verify the bulk bytes are too.
//
//   relayload [-m bulk|ping|new|idle] [-c connections] [-d seconds] [-w seconds] [-p pid,pid]
//             [--expect-delay seconds] [--pause seconds] [--piece bytes] [--verify]
//             <backend port> <proxy port>
//
// bulk  the backend sends for ever; with --piece that many bytes, then it waits for --pause
// ping  the client sends 64 bytes and gets them back, again and again; --pause lies in between
// new   the same once for each connection; then the backend ends it
// idle  the same once for each connection; then it stays open until our standard input closes
//
// It prints one line of JSON on standard output. Times are CLOCK_MONOTONIC in nanoseconds inside
// and microseconds in the output.

#define _GNU_SOURCE
#include "measure.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

enum {
    MESSAGE = 64,
    PATTERN = 1 << 20,          // bulk bytes repeat after this many
    EVENTS = 256,
    ERRORS_MAX = 1000,          // then the run is broken and ends
    OPENING = 128,              // connections that are being opened at a time
    OPEN_SECONDS_MAX = 60,
    STALL_SECONDS = 2,          // an answer that is this much overdue at the end is an error
};

enum mode { BULK, PING, NEW, IDLE };
enum role { LISTENER, BACKEND, CLIENT };

struct end {
    enum role role;
    int fd;
    bool is_waiting;            // client: for an answer
    bool is_open;
    int got;                    // bytes of the message under way
    char message[MESSAGE];
    uint64_t bytes;             // bulk: sent, or received
    uint64_t piece_left;
    int64_t asked;              // client: when the message was handed to the kernel
    int64_t due;                // when a pause ends
    int64_t first, last;        // client, bulk: when the first and last bytes were measured …
    uint64_t first_bytes;       // … and how many bytes had come with the first
    struct end *next;           // in the queue of pauses
};

static struct {
    enum mode mode;
    int connection_count;
    double seconds, warm_up_seconds;
    int64_t delay, pause;       // -1: none
    uint64_t piece;             // 0: no pieces
    bool verifies;
    int pids[PIDS_MAX], pid_count;
    struct sockaddr_in proxy;
    uint16_t backend_port;
} options = {.connection_count = 1, .seconds = 2, .warm_up_seconds = 0.5, .delay = -1,
             .pause = -1};

static struct {
    int epoll, pattern;
    char *pattern_bytes;
    struct end listener, *clients;
    bool opening, measuring;
    int answered;               // clients that have had their first answer
    uint64_t messages, bytes, errors, early;
    int64_t early_max;
    char first_error[160];
    struct histogram latency, lateness;
    struct end *pauses, **pauses_end;   // equal pauses end in the order in which they began
} run;

static bool broken(void) { return run.errors >= ERRORS_MAX; }

static void note_error(const char *what, int error) {
    if (run.errors++ > 0) return;
    snprintf(run.first_error, sizeof run.first_error, "%s%s%s", what, error ? ": " : "",
             error ? strerror(error) : "");
}

// MARK: - Ends

static void watch(struct end *e, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = e};
    if (epoll_ctl(run.epoll, operation, e->fd, &event) < 0) die("epoll_ctl: %m");
}

static void without_delay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void close_end(struct end *e) {
    if (e->is_open) close(e->fd);
    e->is_open = false;
    if (e->role == BACKEND) free(e);
}

static void open_client(struct end *e);

// Counts an error and, where connections come and go, opens another.
static void fail(struct end *e, const char *what, int error) {
    note_error(what, error);
    bool is_client = e->role == CLIENT;
    close_end(e);
    if (is_client && options.mode == NEW && !broken()) open_client(e);
}

static void begin_pause(struct end *e) {
    e->due = now() + options.pause;
    e->next = NULL;
    *run.pauses_end = e;
    run.pauses_end = &e->next;
}

// MARK: - Client

static void ask(struct end *e) {
    // `asked` is read before send: afterwards a correct delay could look early.
    e->asked = now();
    memcpy(e->message, &e->asked, sizeof e->asked);
    e->got = 0;
    e->is_waiting = true;
    if (send(e->fd, e->message, MESSAGE, MSG_NOSIGNAL) != MESSAGE) fail(e, "send", errno);
}

// On loopback the handshake is over when a non-blocking connect returns.
static void open_client(struct end *e) {
    e->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (e->fd < 0) die("socket: %m");
    e->role = CLIENT;
    e->is_open = true;
    int64_t started = now();
    const struct sockaddr *address = (const struct sockaddr *)&options.proxy;
    if (connect(e->fd, address, sizeof options.proxy) < 0 && errno != EINPROGRESS)
        die("connect: %m");
    without_delay(e->fd);
    watch(e, EPOLL_CTL_ADD, EPOLLIN);
    ask(e);
    e->asked = started;   // a new connection counts from its connect
}

static void record(struct end *e, int64_t at) {
    if (!run.measuring) return;
    run.messages++;
    histogram_add(&run.latency, at - e->asked);
    if (options.delay < 0) return;
    int64_t late = at - e->asked - options.delay;
    histogram_add(&run.lateness, late);
    if (late >= 0) return;
    run.early++;
    if (-late > run.early_max) run.early_max = -late;
}

static void answered(struct end *e) {
    record(e, now());
    e->is_waiting = false;
    if (options.mode == NEW) return;   // the end of the connection is still to come
    if (run.opening) run.answered++;
    else if (options.pause >= 0) begin_pause(e);
    else ask(e);
}

static void read_answer(struct end *e) {
    char text[MESSAGE + 1];
    ssize_t got = recv(e->fd, text, sizeof text, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got == 0 && options.mode == NEW && !e->is_waiting) {
        close_end(e);
        return open_client(e);
    }
    if (got <= 0) return fail(e, "closed before an answer", got < 0 ? errno : 0);
    if (!e->is_waiting || e->got + got > MESSAGE) return fail(e, "more bytes than due", 0);
    if (memcmp(text, e->message + e->got, (size_t)got)) return fail(e, "other bytes", 0);
    e->got += (int)got;
    if (e->got == MESSAGE) answered(e);
}

// Returns how many bulk bytes there were, thrown away or compared.
static ssize_t take_bulk(struct end *e) {
    static char text[256 << 10];
    if (!options.verifies) return recv(e->fd, NULL, 1 << 26, MSG_TRUNC);
    size_t at = e->bytes % PATTERN, most = PATTERN - at;
    ssize_t got = recv(e->fd, text, most < sizeof text ? most : sizeof text, 0);
    if (got > 0 && memcmp(text, run.pattern_bytes + at, (size_t)got)) note_error("other bytes", 0);
    return got;
}

static void read_bulk(struct end *e) {
    ssize_t got = take_bulk(e);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return fail(e, "closed inside the bulk", got < 0 ? errno : 0);
    if (e->bytes == 0 && run.opening) run.answered++;
    e->bytes += (uint64_t)got;
    if (!run.measuring) return;
    run.bytes += (uint64_t)got;
    run.messages++;
    e->last = now();
    if (e->first) return;
    e->first = e->last;
    e->first_bytes = e->bytes;
}

// MARK: - Backend

static void accept_some(void) {
    for (int fd; (fd = accept4(run.listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct end *e = calloc(1, sizeof *e);
        if (!e) die("out of memory");
        e->role = BACKEND;
        e->fd = fd;
        e->is_open = true;
        e->piece_left = options.piece;
        without_delay(fd);
        watch(e, EPOLL_CTL_ADD, EPOLLIN);
    }
    if (errno != EAGAIN && errno != ECONNABORTED) die("accept: %m");
}

// Sends on until the kernel has enough, or the piece is complete.
static void send_bulk(struct end *e) {
    off_t from = (off_t)(e->bytes % PATTERN);
    size_t most = PATTERN - (size_t)from;
    if (options.piece && e->piece_left < most) most = e->piece_left;
    ssize_t sent = sendfile(e->fd, run.pattern, &from, most);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent <= 0) return close_end(e);
    e->bytes += (uint64_t)sent;
    if (!options.piece || (e->piece_left -= (uint64_t)sent) > 0) return;
    e->piece_left = options.piece;
    watch(e, EPOLL_CTL_MOD, 0);
    begin_pause(e);
}

static void echo(struct end *e) {
    char text[MESSAGE];
    ssize_t got = recv(e->fd, text, sizeof text, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return close_end(e);
    e->got += (int)got;
    if (options.mode == BULK) {
        if (e->got >= MESSAGE) watch(e, EPOLL_CTL_MOD, EPOLLOUT);
        return;
    }
    if (send(e->fd, text, (size_t)got, MSG_NOSIGNAL) != got) return close_end(e);
    if (options.mode == NEW && e->got >= MESSAGE) shutdown(e->fd, SHUT_WR);
}

// MARK: - The run

static void on_event(struct end *e, uint32_t events) {
    if (e->role == LISTENER) return accept_some();
    if (e->role == CLIENT) return options.mode == BULK ? read_bulk(e) : read_answer(e);
    if (events & EPOLLIN) return echo(e);
    if (events & EPOLLOUT) return send_bulk(e);
    if (e->due <= now()) close_end(e);   // an error; who pauses finds it afterwards
}

static void end_pauses(void) {
    while (run.pauses && run.pauses->due <= now()) {
        struct end *e = run.pauses;
        run.pauses = e->next;
        if (!run.pauses) run.pauses_end = &run.pauses;
        if (e->role == CLIENT) ask(e);
        else watch(e, EPOLL_CTL_MOD, EPOLLOUT);
    }
}

static int wait_ms(int64_t until) {
    int64_t end = run.pauses && run.pauses->due < until ? run.pauses->due : until;
    int64_t left = end - now();
    return left <= 0 ? 0 : (int)(left / 1000000) + (run.pauses ? 0 : 1);
}

static void turn(int64_t until) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(run.epoll, events, EVENTS, wait_ms(until));
    if (count < 0 && errno != EINTR) die("epoll_wait: %m");
    for (int i = 0; i < count; i++) on_event(events[i].data.ptr, events[i].events);
    end_pauses();
}

static void run_until(int64_t end) {
    while (now() < end && !broken()) turn(end);
}

// One answer on each connection, then all of them wait. Bounded in how many are on their way, so
// that no listen queue overflows: a lost SYN would cost a second.
static void open_all(void) {
    int64_t deadline = now() + from_seconds(OPEN_SECONDS_MAX);
    run.opening = true;
    for (int opened = 0; run.answered < options.connection_count && !broken();) {
        while (opened < options.connection_count && opened - run.answered < OPENING)
            open_client(&run.clients[opened++]);
        turn(now() + 10000000);
        if (now() > deadline) die("only %d connections opened in time", run.answered);
    }
    run.opening = false;
}

// The first message of each connection, spread over a delay or a pause: sent at once they would
// measure how fast the proxy reads a burst, and not its timers.
static void start_all(void) {
    int64_t spread = options.delay > 0 ? options.delay : 0, started = now();
    for (int i = 0; i < options.connection_count && !broken(); i++) {
        int64_t due = started + spread / options.connection_count * i;
        do turn(now()); while (now() < due);
        if (options.mode == NEW) open_client(&run.clients[i]);
        else if (options.mode == PING) ask(&run.clients[i]);
    }
}

static void count_stalled(void) {
    int64_t allowed = from_seconds(STALL_SECONDS) + (options.delay > 0 ? options.delay : 0);
    for (int i = 0; i < options.connection_count; i++) {
        const struct end *e = &run.clients[i];
        if (e->is_open && e->is_waiting && now() - e->asked > allowed && options.mode != BULK)
            note_error("no answer", 0);
    }
}

// With a reset: thousands of client ports in TIME_WAIT would be in the way of the next run.
static void close_all(void) {
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < options.connection_count; i++) {
        struct end *e = &run.clients[i];
        if (!e->is_open) continue;
        setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close_end(e);
    }
}

// MARK: - Output

// What one connection got, in bytes per second between its first and its last arrival: exact
// where bytes come in pieces, however the measurement's ends fall. 0 if there were not two.
static double rate_of(const struct end *e) {
    if (e->last <= e->first) return 0;
    return (double)(e->bytes - e->first_bytes) * 1e9 / (double)(e->last - e->first);
}

static void print_bulk(double seconds, double server) {
    double least = rate_of(&run.clients[0]), most = least;
    for (int i = 1; i < options.connection_count; i++) {
        double rate = rate_of(&run.clients[i]);
        if (rate < least) least = rate;
        if (rate > most) most = rate;
    }
    printf(", \"bytes_per_s\": %.0f, \"least_bytes_per_s\": %.1f, \"most_bytes_per_s\": %.1f",
           (double)run.bytes / seconds, least, most);
    if (options.pid_count && run.bytes)
        printf(", \"cpu_s_per_gb\": %.4f", server * 1e9 / (double)run.bytes);
}

static void print_result(double seconds, double server, double own) {
    static const char *const modes[] = {"bulk", "ping", "new", "idle"};
    printf("{\"mode\": \"%s\", \"connections\": %d, \"seconds\": %.4f, \"messages\": %" PRIu64
           ", \"errors\": %" PRIu64 ", \"first_error\": \"%s\"", modes[options.mode],
           options.connection_count, seconds, run.messages, run.errors, run.first_error);
    if (seconds > 0) {
        printf(", \"requests_per_s\": %.1f, \"load_cpu\": %.3f", (double)run.messages / seconds,
               own / seconds);
        if (options.mode == BULK) print_bulk(seconds, server);
        else if (options.pid_count && run.messages)
            printf(", \"cpu_us\": %.4f", server * 1e6 / (double)run.messages);
    }
    if (run.latency.count) print_histogram("latency_us", &run.latency);
    if (options.delay >= 0)
        printf(", \"early\": %" PRIu64 ", \"early_max_us\": %.2f", run.early,
               (double)run.early_max / 1e3);
    if (run.lateness.count) print_histogram("late_us", &run.lateness);
    puts("}");
    fflush(stdout);
}

static void measure(void) {
    if (options.mode != NEW) open_all();
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

// MARK: - Start

static enum mode mode_named(const char *name) {
    if (!strcmp(name, "bulk")) return BULK;
    if (!strcmp(name, "ping")) return PING;
    if (!strcmp(name, "new")) return NEW;
    if (!strcmp(name, "idle")) return IDLE;
    die("unknown mode '%s'", name);
}

static void parse(int argc, char **argv) {
    static const struct option names[] = {
        {"expect-delay", required_argument, NULL, 'e'}, {"pause", required_argument, NULL, 's'},
        {"piece", required_argument, NULL, 'b'}, {"verify", no_argument, NULL, 'v'}, {0},
    };
    for (int option; (option = getopt_long(argc, argv, "m:c:d:w:p:", names, NULL)) != -1;) {
        switch (option) {
        case 'm': options.mode = mode_named(optarg); break;
        case 'c': options.connection_count = (int)number(optarg, 1, 1e6, "-c"); break;
        case 'd': options.seconds = number(optarg, 0.01, 600, "-d"); break;
        case 'w': options.warm_up_seconds = number(optarg, 0, 60, "-w"); break;
        case 'p': options.pid_count = read_pids(optarg, options.pids); break;
        case 'e': options.delay = from_seconds(number(optarg, 0, 60, "--expect-delay")); break;
        case 's': options.pause = from_seconds(number(optarg, 0, 60, "--pause")); break;
        case 'b': options.piece = (uint64_t)number(optarg, 1, PATTERN, "--piece"); break;
        case 'v': options.verifies = true; break;
        default: exit(2);
        }
    }
    if (argc - optind != 2) die("two ports are needed");
    if (options.piece && options.pause < 0) die("--piece needs --pause");
    options.backend_port = (uint16_t)number(argv[optind], 1, 65535, "the backend's port");
    options.proxy = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)number(argv[optind + 1], 1, 65535, "the proxy's port")),
    };
}

// Bytes that a wrong offset would show in.
static void make_pattern(void) {
    run.pattern = memfd_create("pattern", MFD_CLOEXEC);
    if (run.pattern < 0 || ftruncate(run.pattern, PATTERN) < 0) die("memfd: %m");
    run.pattern_bytes = mmap(NULL, PATTERN, PROT_READ | PROT_WRITE, MAP_SHARED, run.pattern, 0);
    if (run.pattern_bytes == MAP_FAILED) die("mmap: %m");
    uint32_t state = 2463534242;
    for (int i = 0; i < PATTERN; i++) {   // xorshift32 (Marsaglia, 2003)
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        run.pattern_bytes[i] = (char)state;
    }
}

static void listen_as_backend(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(options.backend_port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int on = 1;
    run.listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(run.listener.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(run.listener.fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("port %u: %m", options.backend_port);
    if (listen(run.listener.fd, 4096) < 0) die("listen: %m");
    watch(&run.listener, EPOLL_CTL_ADD, EPOLLIN);
}

int main(int argc, char **argv) {
    parse(argc, argv);
    raise_open_files(2 * options.connection_count);
    run.clients = calloc((size_t)options.connection_count, sizeof *run.clients);
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!run.clients || run.epoll < 0) die("cannot start: %m");
    run.pauses_end = &run.pauses;
    make_pattern();
    listen_as_backend();
    if (options.mode == IDLE) hold();
    else measure();
    return 0;
}
