/* sys.monitoring: the local events of a code object, and what makes threads
 * look anew.  Through the Python-level functions, which is the interface
 * CPython keeps.  Which events a code object is to have is known in settle.c.
 */
#include "loader/host/host_int.h"

#include "cache/pycode/hidden_tool.h"

PyObject *
events_function(const char *name)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    if (monitoring == NULL) {
        return NULL;
    }
    return PyObject_GetAttrString(monitoring, name);
}

PyObject *
events_call(const char *name, PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *function = events_function(name);
    if (function == NULL) {
        return NULL;
    }
    pyaot_hidden_tool_begin();
    PyObject *r = PyObject_CallFunctionObjArgs(function, a, b, c, NULL);
    pyaot_hidden_tool_end();
    Py_DECREF(function);
    return r;
}

int
events_set_local(PyCodeObject *code, int events)
{
    PyObject *set = PyLong_FromLong(events);
    PyObject *args[4] = {NULL, host.tool_id, (PyObject *)code, set};
    PyObject *r = NULL;
    pyaot_hidden_tool_begin();
    if (set != NULL) {
        r = PyObject_Vectorcall(host.set_local_events, args + 1,
                                3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_DECREF(set);
    }
    pyaot_hidden_tool_end();
    if (r == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_DECREF(r);
    abi_code_share(code);
    return 0;
}

/* The local events of whoever has the id. */
static int
get_local(PyCodeObject *code)
{
    PyObject *r = events_call("get_local_events", host.tool_id,
                              (PyObject *)code, NULL);
    int events = r != NULL ? (int)PyLong_AsLong(r) : 0;
    Py_XDECREF(r);
    PyErr_Clear();
    return events;
}

/* The id for a moment, if the program had it and it is free: a reference for
 * give_back(), or NULL. */
static PyObject *
borrow_id(void)
{
    PyObject *mine = NULL;
    if (host.gave_way) {
        mine = events_call("use_tool_id", host.tool_id, host.tool_name, NULL);
        PyErr_Clear();
    }
    return mine;
}

static void
give_back(PyObject *mine)
{
    if (mine != NULL) { /* nobody has it */
        Py_DECREF(mine);
        Py_XDECREF(events_call("free_tool_id", host.tool_id, NULL, NULL));
        PyErr_Clear();
    }
}

void
events_new_version(void)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *mine = borrow_id(), *other = NULL, *r;
    PyObject *events = events_call("get_events", host.tool_id, NULL, NULL);
    if (events != NULL) {
        other = PyLong_FromLong(PyLong_AsLong(events) ^ ABI_EVENT_JUMP_SET);
    }
    if (other != NULL) {
        r = events_call("set_events", host.tool_id, other, NULL);
        Py_XDECREF(r);
        r = events_call("set_events", host.tool_id, events, NULL);
        Py_XDECREF(r);
    }
    Py_XDECREF(other);
    Py_XDECREF(events);
    PyErr_Clear();
    give_back(mine);
    PyErr_SetRaisedException(exc);
}

void
events_refresh(PyCodeObject *code)
{
    if (!host.started || abi_code_instrumented(abi_thread_state(), code)
        || (code->co_flags & CO_NO_MONITORING_EVENTS) != 0) {
        return;
    }
    /* Only a change of the local events instruments the code at once: change
     * them to something else and back; if the program had the id, by the
     * events of the tool that has it now. */
    PyObject *exc = PyErr_GetRaisedException();
    HostCode *hc = host_code((PyObject *)code);
    PyObject *mine = borrow_id();
    int events = host.gave_way ? get_local(code) : hc != NULL ? hc->events : 0;
    events_set_local(code, events ^ ABI_EVENT_JUMP_SET);
    events_set_local(code, events);
    give_back(mine);
    PyErr_SetRaisedException(exc);
}
