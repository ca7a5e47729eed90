// What the load generators of `bench` have in common: time, histograms, CPU time, numbers on the
// command line. Each of them is one thread and one source file, so everything here is static.

#ifndef MEASURE_H
#define MEASURE_H

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PIDS_MAX = 16 };

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int64_t from_seconds(double seconds) { return (int64_t)(seconds * 1e9); }

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load generator: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

// MARK: - Histogram

// Log-linear: 128 steps per power of two, so a percentile is off by less than 1 %, and the size
// does not depend on how many values go in.
enum { STEP_BITS = 7, STEPS = 1 << STEP_BITS, BUCKETS = 40 * STEPS };

struct histogram {
    uint64_t count, counts[BUCKETS];
    int64_t max;
};

static void histogram_add(struct histogram *h, int64_t value) {
    uint64_t v = value < 0 ? 0 : (uint64_t)value;
    int shift = v < 2 * STEPS ? 0 : 63 - __builtin_clzll(v) - STEP_BITS;
    uint64_t bucket = (uint64_t)shift * STEPS + (v >> shift);
    h->counts[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    h->count++;
    if (value > h->max) h->max = value;
}

// The middle of a bucket's range.
static double bucket_value(uint64_t bucket) {
    if (bucket < 2 * STEPS) return (double)bucket;
    uint64_t shift = bucket / STEPS - 1;
    return ((double)(bucket - shift * STEPS) + 0.5) * (double)(UINT64_C(1) << shift);
}

static double histogram_percentile(const struct histogram *h, double share) {
    uint64_t rank = (uint64_t)(share * (double)h->count), seen = 0;
    for (uint64_t bucket = 0; bucket < BUCKETS; bucket++) {
        seen += h->counts[bucket];
        if (seen > rank) return bucket_value(bucket);
    }
    return (double)h->max;
}

static void print_histogram(const char *name, const struct histogram *h) {
    printf(", \"%s\": {\"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}", name,
           histogram_percentile(h, 0.50) / 1e3, histogram_percentile(h, 0.99) / 1e3,
           (double)h->max / 1e3);
}

// MARK: - CPU time

// User and system time of one process from /proc/<pid>/stat, in clock ticks.
static double process_ticks(int pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) die("%s: %m", path);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    const char *fields = strrchr(text, ')');   // the name before it may hold anything
    unsigned long user = 0, system = 0;
    if (!fields || sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                          &user, &system) != 2)
        die("%s: unexpected form", path);
    return (double)(user + system);
}

// CPU seconds of the server, all its processes.
static double cpu_of(const int *pids, int count) {
    double ticks = 0;
    for (int i = 0; i < count; i++) ticks += process_ticks(pids[i]);
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// MARK: - Command line

static double number(const char *text, double least, double most, const char *what) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= least && value <= most))
        die("%s must be a number from %g to %g, not '%s'", what, least, most, text);
    return value;
}

// Reads "12,34" into `pids`; returns how many there are.
static int read_pids(char *list, int *pids) {
    int count = 0;
    for (char *one = strtok(list, ","); one; one = strtok(NULL, ",")) {
        if (count == PIDS_MAX) die("more than %d pids", PIDS_MAX);
        pids[count++] = (int)number(one, 1, 1 << 22, "a pid");
    }
    return count;
}

static void raise_open_files(int needed) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("getrlimit: %m");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if ((rlim_t)needed + 16 > limit.rlim_cur)
        die("%d connections need more than the %ju open files that are allowed", needed,
            (uintmax_t)limit.rlim_cur);
}

#endif
