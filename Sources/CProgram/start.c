#include "CProgram.h"

static int argument_count;
static char *const *argument_words;

/// The C library hands constructors what it hands to main.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
    argument_count = count;
    argument_words = words;
}

int program_argument_count(void) {
    return argument_count;
}

char *const *program_arguments(void) {
    return argument_words;
}

/// At each start the Swift runtime looks for its own program that writes backtraces, in eight places
/// around ours, and gives up where there is no /proc. It is not there: the linker (`--wrap`) has this
/// called instead.
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
    (void)name;
    return 0;
}
