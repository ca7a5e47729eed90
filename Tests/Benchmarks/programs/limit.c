// The limit that `bench` holds the server against: what this kernel can do at all.
//
// A raw epoll loop on one thread that knows the fixtures and nothing else. Every answer is built
// at start. Below 6 kB it leaves with one send, above with one sendfile, from a memfd in which
// head and body lie next to each other. It is no web server: a request must come in one piece,
// and only its path and "Connection: close" are looked at.
//
//   limit <port> <fixtures>        serves /flags/<cc>/<cc>.gif and /flags/<cc>/metadata.json

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SENDFILE_LEAST = 6000,     // a shorter answer costs less to copy than to reference
    ARENA_BYTES = 64 << 20,    // address space; only what is filled is memory
    PAGE = 4096,               // answers start on pages, so that they touch as few as possible
    SLOTS = 4096,              // of the path table, a power of two
    FILES_MAX = SLOTS / 2,
    CONNECTIONS_MAX = 1 << 16,
    EVENTS = 256,
};

struct response {
    char path[64];
    size_t offset, length;     // in the arena
};

// What is left of an answer that the socket did not take at once.
struct pending {
    size_t offset, left;
    bool close_after;
};

static struct response table[SLOTS];
static size_t file_count;
static int arena;
static char *arena_bytes;
static size_t arena_used;
static struct pending pending[CONNECTIONS_MAX];   // by file descriptor
static int loop, listener;

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("limit: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

// MARK: - Answers

// FNV-1a.
static uint32_t hash(const char *text, size_t length) {
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < length; i++) value = (value ^ (uint8_t)text[i]) * 16777619u;
    return value;
}

// The slot that holds `path`, or the free one where it belongs.
static struct response *slot(const char *path, size_t length) {
    for (uint32_t at = hash(path, length);; at++) {
        struct response *r = &table[at % SLOTS];
        if (!r->length || (!strncmp(r->path, path, length) && !r->path[length])) return r;
    }
}

// A head of about the length that a real server sends.
static int write_head(char *to, size_t room, const char *type, long long body) {
    return snprintf(to, room,
                    "HTTP/1.1 200 OK\r\nServer: limit\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\n"
                    "Content-Type: %s\r\nContent-Length: %lld\r\n"
                    "Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT\r\nETag: \"%llx\"\r\n\r\n",
                    type, body, body);
}

static void read_whole(FILE *file, char *to, size_t length, const char *name) {
    if (fread(to, 1, length, file) != length) die("%s: cannot read it whole", name);
}

// Puts head and body of one file into the arena. A file that is not there is not served.
static void add_file(const char *fixtures, const char *path, const char *type) {
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s%s", fixtures, path);
    FILE *file = fopen(name, "re");
    struct stat info;
    if (!file) return;
    if (fstat(fileno(file), &info) < 0) die("%s: %m", name);
    size_t body = (size_t)info.st_size, start = (arena_used + PAGE - 1) / PAGE * PAGE;
    if (start + body + PAGE > ARENA_BYTES || file_count == FILES_MAX) die("too many fixtures");
    if (strlen(path) >= sizeof table->path) die("%s: the path is too long", name);

    size_t head = (size_t)write_head(arena_bytes + start, PAGE, type, (long long)body);
    read_whole(file, arena_bytes + start + head, body, name);
    fclose(file);
    struct response *r = slot(path, strlen(path));
    *r = (struct response){.offset = start, .length = head + body};
    strcpy(r->path, path);
    arena_used = start + r->length;
    file_count++;
}

static void load_fixtures(const char *fixtures) {
    char flags[PATH_MAX], path[256];
    arena = memfd_create("answers", MFD_CLOEXEC);
    if (arena < 0 || ftruncate(arena, ARENA_BYTES) < 0) die("memfd: %m");
    arena_bytes = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, arena, 0);
    if (arena_bytes == MAP_FAILED) die("mmap: %m");
    snprintf(flags, sizeof flags, "%s/flags", fixtures);
    DIR *directory = opendir(flags);
    if (!directory) die("%s: %m", flags);
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *country = entry->d_name;
        if (strlen(country) != 2 || country[0] == '.') continue;
        snprintf(path, sizeof path, "/flags/%s/%s.gif", country, country);
        add_file(fixtures, path, "image/gif");
        snprintf(path, sizeof path, "/flags/%s/metadata.json", country);
        add_file(fixtures, path, "application/json");
    }
    closedir(directory);
    if (!file_count) die("%s: no flags", flags);
}

// MARK: - Connections

static void watch(int operation, int fd, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(loop, operation, fd, &event) < 0) die("epoll_ctl: %m");
}

static ssize_t send_piece(int fd, size_t offset, size_t length) {
    if (length < SENDFILE_LEAST) return send(fd, arena_bytes + offset, length, MSG_NOSIGNAL);
    off_t from = (off_t)offset;
    return sendfile(fd, arena, &from, length);
}

// Each of these returns false when the connection is over and has to be closed.

static bool flush(int fd) {
    struct pending *p = &pending[fd];
    ssize_t sent = send_piece(fd, p->offset, p->left);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent > 0) {
        p->offset += (size_t)sent;
        p->left -= (size_t)sent;
    }
    return p->left > 0 || !p->close_after;
}

static bool answer(int fd) {
    char request[4096];
    ssize_t got = recv(fd, request, sizeof request, 0);
    if (got < 0 && errno == EAGAIN) return true;
    if (got < 16 || memcmp(request, "GET /", 5)) return false;
    if (memcmp(request + got - 4, "\r\n\r\n", 4)) return false;
    const char *path = request + 4, *end = memchr(path, ' ', (size_t)got - 4);
    if (!end) return false;
    const struct response *r = slot(path, (size_t)(end - path));
    if (!r->length) return false;
    pending[fd] = (struct pending){
        .offset = r->offset, .left = r->length,
        .close_after = memmem(end, (size_t)(request + got - end), "\r\nConnection: close", 19),
    };
    return flush(fd);
}

// Answers before it asks epoll: the first request is mostly there already, and a connection that
// ends with it then never enters the interest list.
static void accept_one(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (fd >= CONNECTIONS_MAX) die("too many connections");
    pending[fd].left = 0;
    if (!answer(fd)) {
        close(fd);
        return;
    }
    watch(EPOLL_CTL_ADD, fd, pending[fd].left ? EPOLLOUT : EPOLLIN);
}

// An unfinished answer is waited for with EPOLLOUT alone: the next request has to wait.
static void serve(int fd) {
    bool was_pending = pending[fd].left > 0;
    if (!(was_pending ? flush(fd) : answer(fd))) {
        close(fd);
        return;
    }
    bool is_pending = pending[fd].left > 0;
    if (is_pending != was_pending) watch(EPOLL_CTL_MOD, fd, is_pending ? EPOLLOUT : EPOLLIN);
}

static void listen_on(const char *port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int on = 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);   // accepted ones inherit it
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) die("port %s: %m", port);
    if (listen(listener, 4096) < 0) die("listen: %m");
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
}

int main(int argc, char **argv) {
    if (argc != 3) die("usage: limit <port> <fixtures>");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    load_fixtures(argv[2]);
    signal(SIGPIPE, SIG_IGN);   // a client may go while bytes move inside the kernel
    loop = epoll_create1(EPOLL_CLOEXEC);
    listen_on(argv[1]);
    for (struct epoll_event events[EVENTS];;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) accept_one();
            else serve(events[i].data.fd);
        }
    }
}
