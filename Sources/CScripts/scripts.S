// The files of scripts.list, which the assembler puts into the program as they are.
#include "scripts.list"

// The assembler does not tell the build what it includes. The preprocessor does: what it has looked
// for counts as read, so that all is assembled anew when a script changes.
#define script(path) && __has_include(path)
#if !(1 SCRIPTS)
#error "a script of scripts.list is not there"
#endif
#undef script

// One row of the table, and what it points to: the names together, so that a start which looks at
// them brings no content into memory.
    .macro file name
    .section script_names, "a"
1:  .asciz "\name"
    .section script_contents, "a"
2:  .incbin "\name"
3:
    .section .data.rel.ro, "aw"
    .quad 1b, 2b, 3b - 2b
    .endm

#define script(path) file path;

    .section .data.rel.ro, "aw"
    .balign 8
    .global scripts_table
scripts_table:
    SCRIPTS
    .quad 0, 0, 0

    .section .note.GNU-stack, "", @progbits
