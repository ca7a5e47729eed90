#pragma once
// The program's own scripts, as they lie in Sources/Faults/Scripts.
#include <stddef.h>

/// A file of Sources/Faults/Scripts, read where it lies in the program.
struct script {
    /// Below Scripts/: `body/truncate.fault`.
    const char *_Nullable name;
    const void *_Nullable content;
    size_t count;
};

/// In the order of the list; the last one has no name.
extern const struct script scripts_table[];

static inline const struct script *_Nonnull scripts_first(void) {
    return scripts_table;
}
