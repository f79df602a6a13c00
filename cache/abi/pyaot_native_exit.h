/* Exits of native code.  Part of pyaot_native.h.
 *
 * An exit is one call of one routine, which saves the registers and goes on in
 * the loader (loader/leave.c).  It costs the call and a jump to the function's
 * end: what is to be made of which values is data.  Each EXIT() leaves, in a
 * section that is never loaded, the address behind its call and where the C
 * compiler has each value at that moment, in the compiler's own words; pyaot
 * build makes the unit's exit table of these (cache/exit_link.c).  As the
 * compiler says where it has a value anyway, nothing is moved for an exit, and
 * nothing here knows the compiler's ways.
 *
 *     EXIT("7|%1|%2|%3|%4|%5", Q(in), Q(func), B(turns), Q(v1), D(v2));
 *
 * 7 is the number of the exit among those of EXIT_STATES().  `left` gets what
 * the function returns: see the end of a function in aot/back/c_exits.c.
 *
 * All registers but that of `left` are as they were behind the call, which the
 * C compiler need not know to be one: so units are compiled without a red
 * zone. */
#ifndef PYAOT_NATIVE_EXIT_H
#define PYAOT_NATIVE_EXIT_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* The loader puts its routine and what it calls the unit here; in assembler,
 * so that no compiler gives it another name. */
extern PyaotLeave pyaot_leave_to __attribute__((visibility("hidden")));

#if defined(__x86_64__)
__asm__(".pushsection .data\n"
        "\t.balign 8\n"
        "\t.hidden pyaot_leave_to\n"
        "\t.globl pyaot_leave_to\n"
        "pyaot_leave_to:\n"
        "\t.quad 0, 0\n"
        "\t.popsection\n"
        "\t.pushsection .text.unlikely,\"ax\",@progbits\n"
        "\t.type pyaot_leave, @function\n"
        "pyaot_leave:\n"
        "\t.cfi_startproc\n"
        "\tpushq 8+pyaot_leave_to(%rip)\n"
        "\t.cfi_adjust_cfa_offset 8\n"
        "\tjmp *pyaot_leave_to(%rip)\n"
        "\t.cfi_endproc\n"
        "\t.size pyaot_leave, .-pyaot_leave\n"
        "\t.popsection\n");
#define PYAOT_LEAVE "call pyaot_leave"
#define PYAOT_LEFT "=a"(left)
#define PYAOT_LEAVE_CLOBBERS "memory", "cc"
#define PYAOT_SECTION_TYPE "@progbits"
#elif defined(__aarch64__)
__asm__(".pushsection .data\n"
        "\t.balign 8\n"
        "\t.hidden pyaot_leave_to\n"
        "\t.globl pyaot_leave_to\n"
        "pyaot_leave_to:\n"
        "\t.quad 0, 0\n"
        "\t.popsection\n"
        "\t.pushsection .text.unlikely,\"ax\",%progbits\n"
        "\t.type pyaot_leave, %function\n"
        "pyaot_leave:\n"
        "\t.cfi_startproc\n"
        "\tadrp x16, pyaot_leave_to\n"
        "\tadd x16, x16, :lo12:pyaot_leave_to\n"
        "\tldp x16, x17, [x16]\n"
        "\tbr x16\n"
        "\t.cfi_endproc\n"
        "\t.size pyaot_leave, .-pyaot_leave\n"
        "\t.popsection\n");
#define PYAOT_LEAVE "bl pyaot_leave"
#define PYAOT_LEFT "=r"(left)
#define PYAOT_LEAVE_CLOBBERS "x16", "x17", "x30", "memory", "cc"
#define PYAOT_SECTION_TYPE "%%progbits"
#else
#error "exits are written for x86-64 and AArch64 only"
#endif

/* `left` of a function: AArch64's is the first result register. */
#ifdef __aarch64__
#define EXIT_LEFT register uintptr_t left __asm__("x0")
#else
#define EXIT_LEFT uintptr_t left
#endif

/* `inline`: it is as long as its one instruction. */
/* clang-format off */
#define EXIT(text, ...)                                                       \
    do {                                                                      \
        __asm__ volatile inline(                                              \
            PYAOT_LEAVE "\n661:\n"                                            \
            "\t.pushsection .pyaot.exits,\"\"," PYAOT_SECTION_TYPE "\n"       \
            "\t.quad 661b\n\t.asciz \"" text "\"\n"                           \
            "\t.popsection"                                                   \
            : PYAOT_LEFT                                                      \
            : __VA_ARGS__                                                     \
            : PYAOT_LEAVE_CLOBBERS);                                          \
        goto LEFT;                                                            \
    } while (0)
/* clang-format on */

/* Values: of 64 bits, floats, 32 bits, arrays (of values too many for the
 * operands of a statement).  QM, DM: the same, in places that are not scarce.
 * gcc takes what it has them in.  clang moves what may be in memory there: so
 * the first few must be in registers. */
#ifdef __clang__
#define Q(v) "rn"((int64_t)(v))
#define QM(v) "rmn"((int64_t)(v))
#ifdef __aarch64__
#define D(v) "w"((double)(v))
#else
#define D(v) "x"((double)(v))
#endif
#define DM(v) QM(pyaot_bits(v))
#define B(v) "rn"((int)(v))
#define BM(v) "rmn"((int)(v))
#else
#define Q(v) "rmn"((int64_t)(v))
#define QM Q
#ifdef __aarch64__
#define D(v) "wmF"((double)(v))
#else
#define D(v) "xmF"((double)(v))
#endif
#define DM D
#define B(v) "rmn"((int)(v))
#define BM B
#endif
#define ARRAY(v) "m"(v)

/* All exits of the unit, for cache/exit_link.c. */
#define EXIT_STATES(text)                                                     \
    __asm__("\t.pushsection .pyaot.states,\"\","                              \
            "%progbits\n" text "\t.popsection\n")

/* An object whose last reference has just gone: deallocate it if nobody sees
 * that; else it stays, for the exit that follows. */
static OUTLINE int
pyaot_let_go(PyaotThread *th, PyObject *dead)
{
    if (LIKELY(pyaot_dies_unseen(th, dead))) {
        _Py_Dealloc(dead);
        return 1;
    }
    pyaot_refs_more(dead, 1);
    return 0;
}

#endif
