/* Injection of failures, for tests: the N-th allocation or system call of a
 * kind fails.  In ordinary builds the check is a constant false and costs
 * nothing; with -DPYAOT_FAULT the counters live in fault.c. */
#ifndef PYAOT_BASE_FAULT_H
#define PYAOT_BASE_FAULT_H

#include <stdbool.h>

typedef enum {
    PYAOT_FAULT_ALLOC,
    PYAOT_FAULT_WRITE,
    PYAOT_FAULT_KIND_COUNT
} PyaotFaultKind;

#ifdef PYAOT_FAULT
/* True if this call is the one that has to fail (errno is set). */
bool pyaot_fault(PyaotFaultKind kind);
/* Let the nth call (1 = the next one) of a kind and all after it fail;
 * 0 = none.  Resets the count of calls. */
void pyaot_fault_arm(PyaotFaultKind kind, unsigned long nth);
/* Calls of a kind since it was armed. */
unsigned long pyaot_fault_calls(PyaotFaultKind kind);
#else
static inline bool
pyaot_fault(PyaotFaultKind kind)
{
    (void)kind;
    return false;
}
#endif

#endif
