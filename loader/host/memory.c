/* tracemalloc: asks at each allocation where the frames stand, which native
 * code does not say all the time.  So while it traces no executor is entered,
 * as while anybody watches everything.
 *
 * CPython tells nobody when tracing starts; so its start() and stop(), whose
 * definitions all objects of these functions share, tell us. */
#include "loader/host/host_int.h"

#include <string.h>

static PyMethodDef *start_def, *stop_def; /* static in CPython */
static PyObject *(*plain_start)(PyObject *, PyObject *const *, Py_ssize_t);
static PyCFunction plain_stop;

/* Whoever runs natively leaves, and asks anew whether somebody watches. */
static PyObject *
changed(PyObject *result /* steals; or NULL */)
{
    if (host.started && PyThreadState_Get()->interp == host.interp) {
        events_new_version();
    }
    return result;
}

static PyObject *
start(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    return changed(plain_start(module, args, n));
}

static PyObject *
stop(PyObject *module, PyObject *arg)
{
    return changed(plain_stop(module, arg));
}

/* The function's definition, if it takes its arguments like this. */
static PyMethodDef *
find_definition(PyObject *module, const char *name, int flags)
{
    PyObject *function = PyObject_GetAttrString(module, name);
    PyMethodDef *def = NULL;
    if (function != NULL && PyCFunction_CheckExact(function)
        && PyCFunction_GET_FLAGS(function) == flags) {
        def = ((PyCFunctionObject *)function)->m_ml;
    }
    PyErr_Clear();
    Py_XDECREF(function);
    return def;
}

/* A module object of our own: the program is not to see it imported. */
static void
find_definitions(void)
{
    const struct _inittab *row = PyImport_Inittab;
    while (row->name != NULL && strcmp(row->name, "_tracemalloc") != 0) {
        row++;
    }
    PyObject *module = row->name != NULL ? row->initfunc() : NULL;
    if (module != NULL && PyModule_Check(module)) {
        start_def = find_definition(module, "start", METH_FASTCALL);
        stop_def = find_definition(module, "stop", METH_NOARGS);
        /* Its functions hold it: a cycle that gc.collect() would count. */
        PyDict_Clear(PyModule_GetDict(module));
    }
    PyErr_Clear();
    Py_XDECREF(module);
}

void
memory_watch(void)
{
    if (start_def == NULL) {
        find_definitions();
    }
    if (start_def == NULL || stop_def == NULL || plain_stop != NULL) {
        return;
    }
    memcpy(&plain_start, &start_def->ml_meth, sizeof plain_start);
    plain_stop = stop_def->ml_meth;
    start_def->ml_meth = (PyCFunction)(void (*)(void))start;
    stop_def->ml_meth = stop;
}

void
memory_unwatch(void)
{
    /* Whoever replaced a function after us may call us until the process
     * ends. */
    if (plain_stop != NULL && stop_def->ml_meth == stop
        && start_def->ml_meth == (PyCFunction)(void (*)(void))start) {
        memcpy(&start_def->ml_meth, &plain_start, sizeof plain_start);
        stop_def->ml_meth = plain_stop;
        plain_stop = NULL;
    }
}
