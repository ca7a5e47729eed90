#pragma once
// The program's own texts: its scripts, as they lie in Sources/Faults/Scripts, and the files of the
// control port's page, as they lie in Sources/ControlAPI/Page/Files.
#include <stddef.h>

/// A file, read where it lies in the program.
struct text {
    /// Below its folder: `body/truncate.fault`, `page.html`.
    const char *_Nullable name;
    const void *_Nullable content;
    size_t count;
};

/// In the order of their lists; the last one has no name.
extern const struct text scripts_table[];
extern const struct text page_table[];

static inline const struct text *_Nonnull scripts_first(void) {
    return scripts_table;
}

static inline const struct text *_Nonnull page_first(void) {
    return page_table;
}
