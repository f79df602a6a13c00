/* Code objects that several tools of sys.monitoring watch.  For loader and
 * profiler, which are such tools. */
#ifndef PYAOT_SHARED_CODE_H
#define PYAOT_SHARED_CODE_H

#ifndef Py_BUILD_CORE_MODULE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <stdint.h>
#include <string.h>
#include "internal/pycore_code.h"

/* The caller's tool has events in this code, local ones or global ones that
 * have fired there: see to it that another tool that comes by does not lose
 * its own.
 *
 * CPython 3.13 keeps the tools of each INSTRUCTION event (a debugger's) only
 * once two tools want events of one kind, and then forgets those that were
 * there before.  So the place for them is made while there are none.
 * [Python/instrumentation.c, update_instrumentation_data] */
static inline void
pyaot_share_code(PyCodeObject *code)
{
    _PyCoMonitoringData *data = code->_co_monitoring;
    if (data == NULL || data->per_instruction_tools != NULL) {
        return;
    }
    size_t n = (size_t)Py_SIZE(code);
    uint8_t *tools = (uint8_t *)PyMem_Malloc(n); /* the code object's */
    if (tools != NULL) {
        /* Without this array there is at most one. */
        memset(tools,
               data->active_monitors.tools[PY_MONITORING_EVENT_INSTRUCTION],
               n);
        data->per_instruction_tools = tools;
    }
}

#endif
