// The files of page.list, which the assembler puts into the program as they are.
#include "page.list"

// The assembler does not tell the build what it includes. The preprocessor does: what it has looked
// for counts as read, so that all is assembled anew when a file changes.
#define page_file(path) && __has_include(path)
#if !(1 PAGE_FILES)
#error "a file of page.list is not there"
#endif
#undef page_file

// One row of the table, and what it points to.
    .macro file name
    .section page_names, "a"
1:  .asciz "\name"
    .section page_contents, "a"
2:  .incbin "\name"
3:
    .section .data.rel.ro, "aw"
    .quad 1b, 2b, 3b - 2b
    .endm

#define page_file(path) file path;

    .section .data.rel.ro, "aw"
    .balign 8
    .global page_table
page_table:
    PAGE_FILES
    .quad 0, 0, 0

    .section .note.GNU-stack, "", @progbits
