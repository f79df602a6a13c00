/* sys.monitoring: the optimizer's tool id and its local JUMP events.  Through
 * the Python-level functions, which is the interface CPython keeps. */
#include "loader_int.h"

static PyObject *
monitoring_function(const char *name /* new */)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    if (monitoring == NULL) {
        return NULL;
    }
    return PyObject_GetAttrString(monitoring, name);
}

static PyObject *
monitoring_call(const char *name, PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *function = monitoring_function(name);
    if (function == NULL) {
        return NULL;
    }
    PyObject *r = PyObject_CallFunctionObjArgs(function, a, b, c, NULL);
    Py_DECREF(function);
    return r;
}

int
monitor_claim(PyObject *callback, const char **why)
{
    PyObject *r;
    *why = "sys.monitoring is not as expected";
    loader.tool_id_object = PyLong_FromLong(ABI_TOOL_ID);
    loader.jump_set_object = PyLong_FromLong(ABI_EVENT_JUMP_SET);
    loader.zero_object = PyLong_FromLong(0);
    loader.tool_name = PyUnicode_InternFromString("pyaot");
    loader.set_local_events = monitoring_function("set_local_events");
    loader.disable = monitoring_function("DISABLE");
    if (loader.tool_id_object == NULL || loader.jump_set_object == NULL
        || loader.zero_object == NULL || loader.tool_name == NULL
        || loader.set_local_events == NULL || loader.disable == NULL) {
        PyErr_Clear();
        return -1;
    }
    r = monitoring_call("use_tool_id", loader.tool_id_object,
                        loader.tool_name, NULL);
    if (r == NULL) {
        PyErr_Clear();
        *why = "the optimizer tool id belongs to another tool";
        return -1;
    }
    Py_DECREF(r);
    r = monitoring_call("register_callback", loader.tool_id_object,
                        loader.jump_set_object, callback);
    if (r == NULL) {
        PyErr_Clear();
        monitor_release();
        return -1;
    }
    Py_DECREF(r);
    return 0;
}

void
monitor_release(void)
{
    PyObject *r;
    r = monitoring_call("register_callback", loader.tool_id_object,
                        loader.jump_set_object, Py_None);
    Py_XDECREF(r);
    PyErr_Clear();
    r = monitoring_call("free_tool_id", loader.tool_id_object, NULL, NULL);
    Py_XDECREF(r);
    PyErr_Clear();
}

static int
set_local(PyCodeObject *code, PyObject *events)
{
    PyObject *args[4] = {NULL, loader.tool_id_object, (PyObject *)code, events};
    PyObject *r = PyObject_Vectorcall(
        loader.set_local_events, args + 1,
        3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (r == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_DECREF(r);
    return 0;
}

int
monitor_set_jump(PyCodeObject *code, bool on)
{
    return set_local(code, on ? loader.jump_set_object : loader.zero_object);
}

void
monitor_refresh(PyThreadState *ts, PyCodeObject *code)
{
    if (abi_code_instrumented(ts, code)
        || (code->co_flags & CO_NO_MONITORING_EVENTS) != 0) {
        return;
    }
    /* Only a change of the local events instruments the code at once: change
     * them to something else and back. */
    PyObject *exc = PyErr_GetRaisedException();
    CodeState *cs = code_state((PyObject *)code);
    bool jump = cs != NULL && cs->n_back_edges > 0;
    set_local(code, jump ? loader.zero_object : loader.jump_set_object);
    set_local(code, jump ? loader.jump_set_object : loader.zero_object);
    PyErr_SetRaisedException(exc);
}
