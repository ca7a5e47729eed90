#pragma once
// What Swift sees of the files in fixtures.S.
#include <stddef.h>

/// A file of fixtures/flags, read where it lies in the program.
struct fixture {
    /// Below flags/: `br/br.gif`.
    const char *_Nullable name;
    const void *_Nullable content;
    size_t count;
};

/// Sorted by name; the last one has none.
extern const struct fixture fixtures_table[];

static inline const struct fixture *_Nonnull fixtures_first(void) {
    return fixtures_table;
}
