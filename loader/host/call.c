/* Function entries without a frame: which functions have our vectorcall.  The
 * vectorcall itself is in gate.c.
 *
 * CPython 3.13 stamps a new function with its code's version after it told the
 * watchers, and specialised calls of a function with a version pass by its
 * vectorcall: so the code's version is zero while an executor is there. */
#include "loader/host/host_int.h"

/* ---- functions ------------------------------------------------------------------- */

static void
set_native(PyFunctionObject *func, const HostCode *hc)
{
    if (func->vectorcall == host.plain_vectorcall && host.low_depth == 0
        && !host.calls_seen) {
        PyFunction_SetVectorcall(func, hc->vectorcall);
    }
}

static void
set_plain(PyFunctionObject *func, uint32_t version)
{
    if (gate_is_ours(func)) {
        PyFunction_SetVectorcall(func, host.plain_vectorcall);
    }
    if (func->vectorcall == host.plain_vectorcall && version != 0) {
        abi_function_set_version(func, version);
    }
}

bool
call_attach(PyaotFrame *frame, HostCode *hc, const HostSite *site)
{
    PyFunctionObject *func = (PyFunctionObject *)pyaot_frame_function(frame);
    if (site->executor->call == NULL) {
        return false;
    }
    if (PyFunction_Check(func) && ptrmap_put(&host.functions, func, func)
        && hc->entry != NULL) {
        set_native(func, hc);
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
            set_native(func, hc);
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
call_code_dies(HostCode *hc)
{
    if (hc != NULL && hc->no_version) {
        abi_code_swap_version(hc->code, hc->version);
        hc->no_version = false;
    }
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

void
call_set_all(bool native)
{
    for (size_t i = 0; i < host.functions.n_slots; i++) {
        PyFunctionObject *func = host.functions.entries[i].value;
        if (host.functions.entries[i].key == NULL) {
            continue;
        }
        HostCode *hc = host_code(func->func_code);
        if (!native) {
            set_plain(func, 0);
        }
        else if (hc != NULL && hc->entry != NULL) {
            set_native(func, hc);
        }
    }
}

void
call_forget(PyFunctionObject *func)
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
            set_native(func, hc);
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
