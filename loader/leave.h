/* Between the routine that native code calls where it leaves (leave.c has one
 * for each machine) and the loader. */
#ifndef PYAOT_LEAVE_H
#define PYAOT_LEAVE_H

#include <stdint.h>

/* All registers as they were at the exit, by the numbers that
 * cache/exit_place.c gives them; of vector registers what calls preserve or
 * compilers keep in them. */
typedef struct {
#if defined(__x86_64__)
    uint64_t general[16];
    struct {
        uint64_t low, high;
    } vector[16];
#elif defined(__aarch64__)
    uint64_t general[32]; /* 31: the stack pointer */
    struct {
        uint64_t low, high;
    } vector[32];
#else
#error "no routine that saves the registers of this machine"
#endif
} LeaveRegs;

/* Native code leaves.  What comes back goes to the result register.
 *
 * unit     Unit *: whose code it is
 * address  behind the exit */
uintptr_t leave_exit(void *unit, uintptr_t address, const LeaveRegs *regs)
    __attribute__((visibility("hidden")));

#endif
