/* The functions that the host knows, those over code objects with executors or
 * counters.  Which of them has our vectorcall is settled in settle.c; the
 * vectorcall itself is in gate.c. */
#include "loader/host/host_int.h"

bool
call_attach(PyaotFrame *frame, HostCode *hc, const HostSite *site)
{
    PyFunctionObject *func = (PyFunctionObject *)pyaot_frame_function(frame);
    if (site->executor->call == NULL) {
        return false;
    }
    if (PyFunction_Check(func) && ptrmap_put(&host.functions, func, func)
        && hc->entry != NULL) {
        settle_function(func, hc);
    }
    return true;
}

void
call_forget(PyFunctionObject *func)
{
    if (ptrmap_take(&host.functions, func) != NULL) {
        settle_function(func, NULL);
    }
}

static void
adopt(PyFunctionObject *func, PyObject *code)
{
    HostCode *hc = host_code(code);
    if (hc == NULL && host.counted != 0) {
        /* older than the optimizer; its new function shows that it lives */
        if (hot_watch((PyCodeObject *)code) < 0) {
            PyErr_Clear();
        }
        hc = host_code(code);
    }
    if (hc != NULL
        && (hc->entry != NULL
            || (host.counted & PYAOT_OPTIMIZE_FUNCTION_ENTRY) != 0)) {
        if (ptrmap_put(&host.functions, func, func) && hc->entry != NULL) {
            settle_function(func, hc);
        }
    }
}

static void
tell_created(PyFunctionObject *func)
{
    PyaotOptimizer *optimizer = host.optimizer;
    if (optimizer == NULL || optimizer->function_created == NULL) {
        return;
    }
    /* as in hot_code_event() */
    PyThreadState *ts = abi_thread_state();
    PyObject *exc = ts->current_exception;
    ts->current_exception = NULL;
    Py_INCREF(optimizer);
    optimizer->function_created(optimizer, (PyObject *)func);
    if (ts->current_exception != NULL) {
        PyErr_WriteUnraisable((PyObject *)optimizer);
    }
    Py_DECREF(optimizer);
    ts->current_exception = exc;
}

int
call_function_event(PyFunction_WatchEvent event, PyFunctionObject *func,
                    PyObject *new_value)
{
    if (!host.active) {
        return 0;
    }
    switch (event) {
    case PyFunction_EVENT_CREATE:
        tell_created(func);
        adopt(func, func->func_code);
        break;
    case PyFunction_EVENT_DESTROY:
        if (host.functions.n_used > 0 && host_code(func->func_code) != NULL) {
            ptrmap_take(&host.functions, func);
        }
        break;
    case PyFunction_EVENT_MODIFY_CODE:
        call_forget(func);
        if (new_value != NULL && PyCode_Check(new_value)) {
            adopt(func, new_value);
        }
        break;
    case PyFunction_EVENT_MODIFY_DEFAULTS:
    case PyFunction_EVENT_MODIFY_KWDEFAULTS:
        break;
    }
    return 0;
}
