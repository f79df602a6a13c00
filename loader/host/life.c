/* The host's life: it starts with the first optimizer or executor, and stops
 * when neither is left.  What it cannot be sure of is a named refusal. */
#include "loader/host/host_int.h"

#include <stdlib.h>
#include <string.h>

/* --- probes -------------------------------------------------------------- */

/* What a function and a code object of this interpreter look like. */
static const char *
probe_objects(void)
{
    PyCodeObject *code = PyCode_NewEmpty("pyaot", "probe", 1);
    PyObject *globals = PyDict_New();
    PyObject *func = NULL;
    const char *why = "out of memory";
    if (code != NULL && globals != NULL) {
        func = PyFunction_New((PyObject *)code, globals);
    }
    if (func != NULL) {
        host.plain_vectorcall = ((PyFunctionObject *)func)->vectorcall;
        if (host.extra_index < 0) {
            host.extra_index = PyUnstable_Eval_RequestCodeExtraIndex(
                host.calls->code_freed);
        }
        if (host.extra_index < 0) {
            why = "no index for extra data of code objects is free";
        }
        else if (PyUnstable_Code_SetExtra((PyObject *)code, host.extra_index,
                                          &host)
                 == 0) {
            why = abi_probe_extra(code, host.extra_index, &host);
        }
    }
    Py_XDECREF(func);
    Py_XDECREF(globals);
    Py_XDECREF(code);
    PyErr_Clear();
    return why;
}

static int
start_watchers(const char **why)
{
    *why = "no watcher id is free";
    host.code_watcher = PyCode_AddWatcher(host.calls->code_event);
    if (host.code_watcher < 0) {
        PyErr_Clear();
        return -1;
    }
    host.func_watcher = PyFunction_AddWatcher(host.calls->function_event);
    if (host.func_watcher < 0) {
        PyErr_Clear();
        PyCode_ClearWatcher(host.code_watcher);
        return -1;
    }
    return 0;
}

static void
stop_watchers(void)
{
    PyCode_ClearWatcher(host.code_watcher);
    PyFunction_ClearWatcher(host.func_watcher);
    PyErr_Clear();
}

static PyObject *
at_exit(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    life_quit();
    Py_RETURN_NONE;
}

static PyMethodDef at_exit_method = {"pyaot_host_at_exit", at_exit,
                                     METH_NOARGS, NULL};

/* While the interpreter is taken apart nothing is to be entered. */
static const char *
register_at_exit(void)
{
    static bool registered;
    if (registered) {
        return NULL;
    }
    PyObject *func = PyCFunction_New(&at_exit_method, NULL);
    registered = func != NULL && abi_at_exit(func) == 0;
    Py_XDECREF(func);
    PyErr_Clear();
    return registered ? NULL : "atexit is not available";
}

/* --- start and stop ------------------------------------------------------ */

/* NULL, or the reason why executors cannot run here. */
static const char *
start(void)
{
    const char *why, *disabled = getenv("PYAOT");
    if (disabled != NULL && strcmp(disabled, "0") == 0) {
        return "switched off by PYAOT=0";
    }
    if ((why = abi_probe()) != NULL || (why = probe_objects()) != NULL) {
        return why;
    }
    debug_read();
    if (tool_claim(&why) < 0) {
        return why;
    }
    if (start_watchers(&why) == 0) {
        why = abi_probe_interpreter(host.tool_name, host.on_jump);
        if (why == NULL && (why = register_at_exit()) == NULL) {
            host.started = host.active = true;
            host.interp = PyInterpreterState_Get();
            settle();
            HOST_DEBUG(1, "host started");
            return NULL;
        }
        stop_watchers();
    }
    tool_release();
    return why;
}

int
life_need(void)
{
    if (host.started) {
        if (!host.active) {
            PyErr_SetString(PyExc_RuntimeError, "pyaot: the program ends");
            return -1;
        }
        return 0;
    }
    PyObject *exc = PyErr_GetRaisedException();
    host.refusal = start();
    if (host.refusal == NULL) {
        PyErr_SetRaisedException(exc);
        return 0;
    }
    Py_XDECREF(exc);
    PyErr_Format(PyExc_RuntimeError, "pyaot: %s", host.refusal);
    return -1;
}

void
life_rest(void)
{
    if (!host.started || !host.active || host.optimizer != NULL
        || host.n_executors > 0) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    host.started = host.active = false;
    settle_all();
    ptrmap_free(&host.functions);
    stop_watchers();
    memory_unwatch();
    tool_release();
    PyErr_SetRaisedException(exc);
    HOST_DEBUG(1, "host stopped");
}

void
life_quit(void)
{
    if (host.active) {
        host.active = false;
        settle();
        ptrmap_free(&host.functions);
    }
}

const char *
life_refusal(void)
{
    if (host.started) {
        return NULL;
    }
    host.refusal = start();
    if (host.refusal == NULL) {
        life_rest();
    }
    return host.refusal;
}
