// The parser of command lines brings the encoder of Foundation along for one option that nobody is
// told of, and all of FoundationEssentials comes with that: five million bytes. Here is what it
// refers to, so that the linker does not look for it. None of it is ever called: FlagserverCommand
// refuses the option. It is weak: if another parser needs more of it, the library comes along after
// all, and takes the place of what is here.
//
// Release builds only: others are linked to the library itself.
#ifdef WITHOUT_FOUNDATION

.macro never name
.weak "\name"
"\name":
.endm

.text
never "$s20FoundationEssentials11JSONEncoderCMa"
never "$s20FoundationEssentials11JSONEncoderCACycfc"
never "$s20FoundationEssentials11JSONEncoderC16OutputFormattingV10sortedKeysAEvau"
never "$s20FoundationEssentials11JSONEncoderC16OutputFormattingV13prettyPrintedAEvau"
never "$sSS20FoundationEssentialsE4data8encodingSSSgAA4DataVh_SSAAE8EncodingVtcfC"
never "$sSS20FoundationEssentialsE8EncodingV4utf8ACvau"
    ud2

// The protocol LocalizedError, which errors are asked for: none of ours conforms to it. Laid out
// as in swift/ABI/Metadata.h: flags, parent, name, two counts, associated types.
.section .rodata, "a"
.balign 4
module:
    .long 0, 0
    .long module_name - .
protocol_name:
    .asciz "LocalizedError"
module_name:
    .asciz "FoundationEssentials"
.balign 4
.weak "$s20FoundationEssentials14LocalizedErrorMp"
"$s20FoundationEssentials14LocalizedErrorMp":
    .long 0x10043
    .long module - .
    .long protocol_name - .
    .long 0, 0, 0

#endif
.section .note.GNU-stack, "", @progbits
