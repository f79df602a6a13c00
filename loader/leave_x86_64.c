/* leave_routine() of x86-64: the unit lies on the stack, above it the address
 * behind the exit (pyaot_native_exit.h). */
#if defined(__x86_64__)
#include "leave.h"

#include <stddef.h>

_Static_assert(sizeof(LeaveRegs) == 384, "leave_routine");
_Static_assert(offsetof(LeaveRegs, vector) == 128, "leave_routine");

/* clang-format off */
#define EACH_VECTOR(op)                                                       \
    op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)                           \
    op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define SAVE_VECTOR(n) "\tmovups %xmm" #n ", 128+16*" #n "(%rsp)\n"
#define LOAD_VECTOR(n) "\tmovups 128+16*" #n "(%rsp), %xmm" #n "\n"
/* Without what calls preserve, and %rsp and %rbp. */
#define EACH_GENERAL(op)                                                      \
    op(rcx, 1) op(rdx, 2) op(rsi, 6) op(rdi, 7) op(r8, 8) op(r9, 9)           \
    op(r10, 10) op(r11, 11)
#define SAVE_GENERAL(name, n) "\tmovq %" #name ", 8*" #n "(%rsp)\n"
#define LOAD_GENERAL(name, n) "\tmovq 8*" #n "(%rsp), %" #name "\n"

__asm__(
    ".text\n"
    "\t.p2align 4\n"
    "\t.globl leave_routine\n"
    "\t.hidden leave_routine\n"
    "\t.type leave_routine, @function\n"
    "leave_routine:\n"
    "\t.cfi_startproc\n"
    "\t.cfi_def_cfa_offset 16\n"
    "\tpushq %rbp\n"
    "\t.cfi_def_cfa_offset 24\n"
    "\t.cfi_offset %rbp, -24\n"
    "\tmovq %rsp, %rbp\n"
    "\t.cfi_def_cfa_register %rbp\n"
    "\tsubq $384, %rsp\n"
    "\tandq $-16, %rsp\n"
    SAVE_GENERAL(rax, 0)
    EACH_GENERAL(SAVE_GENERAL)
    SAVE_GENERAL(rbx, 3)
    SAVE_GENERAL(r12, 12)
    SAVE_GENERAL(r13, 13)
    SAVE_GENERAL(r14, 14)
    SAVE_GENERAL(r15, 15)
    "\tleaq 24(%rbp), %rax\n" /* as it was in front of the call */
    "\tmovq %rax, 8*4(%rsp)\n"
    "\tmovq (%rbp), %rax\n"
    "\tmovq %rax, 8*5(%rsp)\n"
    EACH_VECTOR(SAVE_VECTOR)
    "\tmovq 8(%rbp), %rdi\n"
    "\tmovq 16(%rbp), %rsi\n"
    "\tmovq %rsp, %rdx\n"
    "\tcall leave_exit\n"
    EACH_VECTOR(LOAD_VECTOR)
    EACH_GENERAL(LOAD_GENERAL)
    "\tleave\n"
    "\t.cfi_def_cfa %rsp, 16\n"
    "\t.cfi_restore %rbp\n"
    "\tleaq 8(%rsp), %rsp\n"
    "\t.cfi_def_cfa_offset 8\n"
    "\tret\n"
    "\t.cfi_endproc\n"
    "\t.size leave_routine, .-leave_routine\n");
/* clang-format on */
#endif
