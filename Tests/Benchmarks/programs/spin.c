// How noisy is the machine? The same work, on each of the named cores at once, timed.
//
//   spin <core> …        prints each core and the microseconds that the work took on it
//
// The work is arithmetic and short system calls, about a hundredth of a second. What it takes
// longer than the least that was ever measured is what others took: programs on the same core, on
// a sibling of it, or a host that lends the core out.

#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 1000, STEPS = 5000 };

static double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

// xorshift64 (Marsaglia, 2003); each step needs the one before it.
static uint64_t work(uint64_t state) {
    for (int round = 0; round < ROUNDS; round++) {
        for (int step = 0; step < STEPS; step++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }
        state += (uint64_t)(syscall(SYS_getppid) == 0);
    }
    return state;
}

static int measure(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) < 0) return 1;
    double started = microseconds();
    uint64_t result = work(88172645463325252);
    double took = microseconds() - started;
    // The result decides something, or the compiler would leave the work out.
    return result == 0 || dprintf(STDOUT_FILENO, "%d %.1f\n", core, took) < 0;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (fork() == 0) return measure(atoi(argv[i]));
    int failed = argc < 2;
    for (int status; wait(&status) > 0;) failed |= status != 0;
    return failed;
}
