/* leave_routine() of AArch64: the unit is in x17, the address behind the exit
 * in x30 (pyaot_native_exit.h). */
#if defined(__aarch64__)
#include "leave.h"

#include <stddef.h>

_Static_assert(sizeof(LeaveRegs) == 768, "leave_routine");
_Static_assert(offsetof(LeaveRegs, vector) == 256, "leave_routine");

/* In pairs; x16 to x18 and x30 are nobody's at an exit. */
#define EACH_PAIR(op)                                                         \
    op(2, 3) op(4, 5) op(6, 7) op(8, 9) op(10, 11) op(12, 13) op(14, 15)
/* clang-format off */
#define SAVE_PAIR(a, b) "\tstp x" #a ", x" #b ", [sp, 8*" #a "]\n"
#define LOAD_PAIR(a, b) "\tldp x" #a ", x" #b ", [sp, 8*" #a "]\n"
#define EACH_VECTOR(op)                                                       \
    op(0, 1) op(2, 3) op(4, 5) op(6, 7) op(8, 9) op(10, 11) op(12, 13)        \
    op(14, 15) op(16, 17) op(18, 19) op(20, 21) op(22, 23) op(24, 25)         \
    op(26, 27) op(28, 29) op(30, 31)
#define SAVE_VECTOR(a, b) "\tstp q" #a ", q" #b ", [sp, 256+16*" #a "]\n"
#define LOAD_VECTOR(a, b) "\tldp q" #a ", q" #b ", [sp, 256+16*" #a "]\n"

__asm__(
    ".text\n"
    "\t.p2align 4\n"
    "\t.globl leave_routine\n"
    "\t.hidden leave_routine\n"
    "\t.type leave_routine, %function\n"
    "leave_routine:\n"
    "\t.cfi_startproc\n"
    "\tstp x29, x30, [sp, -16]!\n"
    "\t.cfi_def_cfa_offset 16\n"
    "\t.cfi_offset 29, -16\n"
    "\t.cfi_offset 30, -8\n"
    "\tmov x29, sp\n"
    "\t.cfi_def_cfa_register 29\n"
    "\tsub sp, sp, 768\n"
    SAVE_PAIR(0, 1)
    EACH_PAIR(SAVE_PAIR)
    SAVE_PAIR(18, 19)
    SAVE_PAIR(20, 21)
    SAVE_PAIR(22, 23)
    SAVE_PAIR(24, 25)
    SAVE_PAIR(26, 27)
    "\tldr x16, [x29]\n"
    "\tstp x28, x16, [sp, 8*28]\n"
    "\tadd x16, x29, 16\n" /* the stack pointer as it was */
    "\tstp x30, x16, [sp, 8*30]\n"
    EACH_VECTOR(SAVE_VECTOR)
    "\tmov x0, x17\n"
    "\tmov x1, x30\n"
    "\tmov x2, sp\n"
    "\tbl leave_exit\n"
    EACH_VECTOR(LOAD_VECTOR)
    "\tldr x1, [sp, 8]\n"
    EACH_PAIR(LOAD_PAIR)
    "\tmov sp, x29\n"
    "\tldp x29, x30, [sp], 16\n"
    "\t.cfi_restore 29\n"
    "\t.cfi_restore 30\n"
    "\t.cfi_def_cfa 31, 0\n"
    "\tret\n"
    "\t.cfi_endproc\n"
    "\t.size leave_routine, .-leave_routine\n");
/* clang-format on */
#endif
