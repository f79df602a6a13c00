/* Counters of injected failures; empty in ordinary builds. */
#include "fault.h"

#ifdef PYAOT_FAULT
#include <errno.h>

static unsigned long fault_calls[PYAOT_FAULT_KIND_COUNT];
static unsigned long fault_nth[PYAOT_FAULT_KIND_COUNT];

bool
pyaot_fault(PyaotFaultKind kind)
{
    fault_calls[kind]++;
    if (fault_nth[kind] == 0 || fault_calls[kind] < fault_nth[kind]) {
        return false;
    }
    errno = kind == PYAOT_FAULT_ALLOC ? ENOMEM : ENOSPC;
    return true;
}

void
pyaot_fault_arm(PyaotFaultKind kind, unsigned long nth)
{
    fault_calls[kind] = 0;
    fault_nth[kind] = nth;
}

unsigned long
pyaot_fault_calls(PyaotFaultKind kind)
{
    return fault_calls[kind];
}
#else
/* A translation unit needs a declaration. */
typedef int FaultUnused;
#endif
