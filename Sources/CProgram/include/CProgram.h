#pragma once
// What is in the program besides Swift.
#include <stddef.h>

/// A file of fixtures/flags, read where it lies in the program.
struct fixture {
    /// Below flags/: `br/br.gif`.
    const char *_Nullable name;
    const void *_Nullable content;
    size_t count;
};

/// In the order of their codes; the last one has no name.
extern const struct fixture fixtures_table[];

static inline const struct fixture *_Nonnull fixtures_first(void) {
    return fixtures_table;
}

// The words of the command line, byte by byte. Swift's own are read from /proc, which need not be
// there, and have repaired what is not UTF-8.
int program_argument_count(void);
char *_Nullable const *_Nonnull program_arguments(void);
