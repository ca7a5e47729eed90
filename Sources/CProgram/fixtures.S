// The files of fixtures/flags, which the assembler puts into the program as they are. A test holds
// this list against the folder.

// The assembler does not tell the build what it includes. The preprocessor does: with this list of
// their checksums, all is assembled anew when a flag changes.
    .if 0
#include "flags/SHA256SUMS"
    .endif

// One row of the table, and what it points to: the names together, so that a start which looks at
// them brings no content into memory.
    .macro file name
    .section fixture_names, "a"
1:  .asciz "\name"
    .section fixture_contents, "a"
2:  .incbin "flags/\name"
3:
    .section .data.rel.ro, "aw"
    .quad 1b, 2b, 3b - 2b
    .endm

    .macro flag code
    file "\code/\code\().gif"
    file "\code/metadata.json"
    .endm

    .macro flags codes:vararg
    .irp each, \codes
    flag \each
    .endr
    .endm

    .section .data.rel.ro, "aw"
    .balign 8
    .global fixtures_table
fixtures_table:
    file "SHA256SUMS"
    flags ad, ae, af, ag, al, am, ao, ar, at, au, az, ba, bb, bd, be, bf, bg, bh, bi, bj
    flags bn, bo, br, bs, bt, bw, by, bz, ca, cd, cf, cg, ch, ci, cl, cm, cn, co, cr, cu
    flags cv, cy, cz, de, dj, dk, dm, dz, ec, ee, eg, er, es, et, fi, fj, fm, fr, ga, gb
    flags gd, ge, gh, gm, gn, gq, gr, gt, gw, gy, hn, hr, ht, hu, id, ie, il, in, iq, ir
    flags is, it, jm, jo, jp, ke, kg, kh, ki, km, kn, kp, kr, kw, kz, la, lb, lc, li, lk
    flags lr, ls, lt, lu, lv, ly, ma, mc, md, me, mg, mh, mk, ml, mm, mn, mr, mt, mu, mv
    flags mw, mx, my, mz, na, ne, ng, ni, nl, no, np, nr, nz, om, pa, pe, pg, ph, pk, pl
    flags pt, pw, py, qa, ro, rs, ru, rw, sa, sb, sc, sd, se, sg, si, sk, sl, sm, sn, so
    flags sr, ss, st, sv, sy, sz, td, tg, th, tj, tl, tm, tn, to, tr, tt, tv, tw, tz, ua
    flags ug, us, uy, uz, va, vc, ve, vn, vu, ws, ye, za, zm, zw
    .quad 0, 0, 0

    .section .note.GNU-stack, "", @progbits
