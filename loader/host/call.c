/* Function entries without a frame: the vectorcall of functions whose code has
 * an executor with `call`.
 *
 * The host counts py_recursion_remaining around the executor.  The C recursion
 * counter is kept as if the interpreter had called without recursing in C; the
 * C stack is guarded by stack_limit instead.
 *
 * CPython 3.13 stamps a new function with its code's version after it told the
 * watchers, and specialised calls of a function with a version pass by its
 * vectorcall: so the code's version is zero while an executor is there. */
#include "loader/host/host_int.h"

#define EVAL_C_UNITS 2

static PyObject *host_vectorcall(PyObject *callable, PyObject *const *args,
                                 size_t nargsf, PyObject *kwnames);

/* ---- functions ------------------------------------------------------------------- */

static void
set_native(PyFunctionObject *func)
{
    if (func->vectorcall == host.plain_vectorcall && host.low_depth == 0) {
        PyFunction_SetVectorcall(func, host_vectorcall);
    }
}

static void
set_plain(PyFunctionObject *func, uint32_t version)
{
    if (func->vectorcall == host_vectorcall) {
        PyFunction_SetVectorcall(func, host.plain_vectorcall);
    }
    if (func->vectorcall == host.plain_vectorcall && version != 0) {
        abi_function_set_version(func, version);
    }
}

bool
call_attach(PyaotFrame *frame, HostCode *hc, const HostSite *site)
{
    PyFunctionObject *func = (PyFunctionObject *)frame->f_funcobj;
    if (site->executor->call == NULL) {
        return false;
    }
    if (PyFunction_Check(func) && ptrmap_put(&host.functions, func, func)
        && hc->entry != NULL) {
        set_native(func);
    }
    return true;
}

/* Set or take back our vectorcall in all functions over the code. */
static void
update_functions(const HostCode *hc, uint32_t version)
{
    for (size_t i = 0; i < host.functions.n_slots; i++) {
        PyFunctionObject *func = host.functions.entries[i].value;
        if (host.functions.entries[i].key == NULL
            || func->func_code != (PyObject *)hc->code) {
            continue;
        }
        if (hc->entry != NULL) {
            set_native(func);
        }
        else {
            set_plain(func, version);
        }
    }
}

void
call_update(HostCode *hc)
{
    bool wanted = hc->entry != NULL;
    if (wanted == hc->no_version) {
        return;
    }
    hc->no_version = wanted;
    if (wanted) {
        hc->version = abi_code_swap_version(hc->code, 0);
    }
    else {
        abi_code_swap_version(hc->code, hc->version);
    }
    update_functions(hc, hc->version);
}

void
call_detach_all(void)
{
    for (size_t i = 0; i < host.functions.n_slots; i++) {
        PyFunctionObject *func = host.functions.entries[i].value;
        if (host.functions.entries[i].key != NULL) {
            HostCode *hc = host_code(func->func_code);
            set_plain(func, hc != NULL ? hc->version : 0);
        }
    }
    ptrmap_free(&host.functions);
}

/* The function is ours no more. */
static void
forget(PyFunctionObject *func)
{
    if (ptrmap_take(&host.functions, func) != NULL) {
        HostCode *hc = host_code(func->func_code);
        set_plain(func, hc != NULL ? hc->version : 0);
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
            set_native(func);
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
    PyObject *exc = PyErr_GetRaisedException();
    Py_INCREF(optimizer);
    optimizer->function_created(optimizer, (PyObject *)func);
    Py_DECREF(optimizer);
    if (PyErr_Occurred()) {
        PyErr_WriteUnraisable((PyObject *)optimizer);
    }
    PyErr_SetRaisedException(exc);
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
        if (host.functions.n_used > 0
            && host_code(func->func_code) != NULL) {
            ptrmap_take(&host.functions, func);
        }
        break;
    case PyFunction_EVENT_MODIFY_CODE:
        forget(func);
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

/* ---- calls ----------------------------------------------------------------------- */

static void
set_all(bool native)
{
    for (size_t i = 0; i < host.functions.n_slots; i++) {
        PyFunctionObject *func = host.functions.entries[i].value;
        if (host.functions.entries[i].key == NULL) {
            continue;
        }
        if (!native && func->vectorcall == host_vectorcall) {
            PyFunction_SetVectorcall(func, host.plain_vectorcall);
        }
        else if (native) {
            HostCode *hc = host_code(func->func_code);
            if (hc != NULL && hc->entry != NULL) {
                set_native(func);
            }
        }
    }
}

/* The C stack is low.  In plain CPython a Python function that calls another
 * uses none of it; so all functions get the plain vectorcall until the
 * outermost such call returns, and programs recurse as deep as without us. */
static PyObject *
call_low_stack(PyObject *callable, PyObject *const *args, size_t nargsf,
               PyObject *kwnames)
{
    host.low_entries++;
    if (host.low_depth++ == 0) {
        set_all(false);
    }
    PyObject *r = host.plain_vectorcall(callable, args, nargsf, kwnames);
    if (--host.low_depth == 0 && host.active) {
        set_all(true);
    }
    return r;
}

static PyObject *
call_plain(HostThread *th, PyObject *callable, PyObject *const *args,
           size_t nargsf, PyObject *kwnames)
{
    PyThreadState *ts = th->ts;
    if (host_stack_low(th)) {
        return call_low_stack(callable, args, nargsf, kwnames);
    }
    ts->c_recursion_remaining += EVAL_C_UNITS;
    PyObject *r = host.plain_vectorcall(callable, args, nargsf, kwnames);
    ts->c_recursion_remaining -= EVAL_C_UNITS;
    return r;
}

static PyObject *
call_debugged(PyaotExecutor *executor, PyObject *callable,
              PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyCodeObject *code =
        (PyCodeObject *)Py_NewRef(PyFunction_GET_CODE(callable));
    debug_line(2, "entering %s (call)", debug_place(code, 0));
    PyObject *r = executor->call(executor, callable, args, nargsf, kwnames);
    debug_line(2, "%s from %s (call)",
               r == NULL                 ? "exception"
               : r == PYAOT_CALL_REFUSED ? "refused"
                                         : "returned",
               debug_place(code, 0));
    Py_DECREF(code);
    return r;
}

static inline PyObject *
call_executor(PyThreadState *ts, PyaotExecutor *executor, PyObject *callable,
              PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *r;
    Py_INCREF(executor);
    ((HostLink *)executor->host)->entries++;
    ts->py_recursion_remaining--;
    if (__builtin_expect(host.debug < 2, 1)) {
        r = executor->call(executor, callable, args, nargsf, kwnames);
    }
    else {
        r = call_debugged(executor, callable, args, nargsf, kwnames);
    }
    ts->py_recursion_remaining++;
    Py_DECREF(executor);
    return r;
}

/* Something is not as the fast path wants it.  1: go on; 0: the plain way; -1:
 * an exception is set.  ESCAPES */
static int
call_slow(HostThread *th, PyFunctionObject *func)
{
    PyThreadState *ts = th->ts;
    if (!host.active || ts->tracing || host_stack_low(th)) {
        return 0;
    }
    int ready = ts->eval_breaker == th->ok_breaker
                    ? 1 : host_thread_refresh(th, true);
    if (ready <= 0) {
        if (ready == 0 && th->seen_watched) {
            executors_vanish(NULL);
        }
        return ready;
    }
    HostCode *hc = host_code(func->func_code);
    if (abi_code_watched((PyCodeObject *)func->func_code)) {
        if (hc != NULL) {
            executors_vanish(hc);
        }
        return 0;
    }
    return ts->py_recursion_remaining > 0 && hc != NULL && hc->entry != NULL;
}

static PyObject *
host_vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf,
                PyObject *kwnames)
{
    PyFunctionObject *func = (PyFunctionObject *)callable;
    PyThreadState *ts = abi_thread_state();
    HostThread *th = host_thread(ts);
    HostCode *hc = host_code(func->func_code);
    if (hc == NULL || hc->entry == NULL) {
        /* invalidated, or the code was replaced behind the watchers */
        forget(func);
        return call_plain(th, callable, args, nargsf, kwnames);
    }
    if (ts->eval_breaker != th->ok_breaker || host_stack_low(th)
        || ts->py_recursion_remaining <= 0 || ts->tracing
        || abi_code_watched((PyCodeObject *)func->func_code)) {
        int go = call_slow(th, func);
        if (go <= 0) {
            return go < 0 ? NULL
                          : call_plain(th, callable, args, nargsf, kwnames);
        }
        hc = host_code(func->func_code);
    }
    PyObject *r =
        call_executor(ts, hc->entry, callable, args, nargsf, kwnames);
    if (__builtin_expect(r == PYAOT_CALL_REFUSED, 0)) {
        return call_plain(th, callable, args, nargsf, kwnames);
    }
    return r;
}
