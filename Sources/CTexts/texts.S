// The files of scripts.list and page.list, which the assembler puts into the program as they are.
#include "scripts.list"
#include "page.list"

// The assembler does not tell the build what it includes. The preprocessor does: what it has looked
// for counts as read, so that all is assembled anew when a file changes.
#define file(path) && __has_include(path)
#if !(1 SCRIPTS PAGE)
#error "a file of scripts.list or page.list is not there"
#endif
#undef file

// One row of a table, and what it points to: the names together, so that a start which looks at
// them brings no content into memory.
    .macro embed name
    .section text_names, "a"
1:  .asciz "\name"
    .section text_contents, "a"
2:  .incbin "\name"
3:
    .section .data.rel.ro, "aw"
    .quad 1b, 2b, 3b - 2b
    .endm

#define file(path) embed path;

    .section .data.rel.ro, "aw"
    .balign 8
    .global scripts_table, page_table
scripts_table:
    SCRIPTS
    .quad 0, 0, 0
page_table:
    PAGE
    .quad 0, 0, 0

    .section .note.GNU-stack, "", @progbits
