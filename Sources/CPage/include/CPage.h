#pragma once
// The files of the control port's page, as they lie in Sources/ControlAPI/Page/Files.
#include <stddef.h>

/// A file of Sources/ControlAPI/Page/Files, read where it lies in the program.
struct page_file {
    /// `page.html`
    const char *_Nullable name;
    const void *_Nullable content;
    size_t count;
};

/// In the order of the list; the last one has no name.
extern const struct page_file page_table[];

static inline const struct page_file *_Nonnull page_first(void) {
    return page_table;
}
