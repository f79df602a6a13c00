/* The module pyaot.optimizer: look at the host, and steer it, from Python. */
#include "loader/host/host_int.h"

#include "loader/host/host.h"

static const PyaotOptimizerApi *const api = &pyaot_host_api;

/* --- arguments ----------------------------------------------------------- */

/* A code object, or what has one: borrowed from arg.  NULL with TypeError. */
static PyCodeObject *
code_of(PyObject *arg)
{
    if (PyMethod_Check(arg)) {
        arg = PyMethod_GET_FUNCTION(arg);
    }
    if (PyFunction_Check(arg)) {
        arg = PyFunction_GET_CODE(arg);
    }
    if (!PyCode_Check(arg)) {
        PyErr_Format(PyExc_TypeError,
                     "a code object or a function is needed, not %.100s",
                     Py_TYPE(arg)->tp_name);
        return NULL;
    }
    return (PyCodeObject *)arg;
}

static PyaotExecutor *
executor_of(PyObject *arg)
{
    if (!PyObject_TypeCheck(arg, &HostExecutor_Type)) {
        PyErr_Format(PyExc_TypeError, "an executor is needed, not %.100s",
                     Py_TYPE(arg)->tp_name);
        return NULL;
    }
    return (PyaotExecutor *)arg;
}

/* --- optimizers ---------------------------------------------------------- */

static PyObject *
view_current(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    PyaotOptimizer *optimizer = api->get_optimizer();
    return optimizer != NULL ? (PyObject *)optimizer : Py_NewRef(Py_None);
}

static PyObject *
view_register(PyObject *Py_UNUSED(self), PyObject *arg)
{
    if (!PyObject_TypeCheck(arg, &HostOptimizer_Type)) {
        PyErr_Format(PyExc_TypeError, "an optimizer is needed, not %.100s",
                     Py_TYPE(arg)->tp_name);
        return NULL;
    }
    if (api->register_optimizer((PyaotOptimizer *)arg) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
view_unregister(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    PyaotOptimizer *optimizer = api->get_optimizer();
    if (optimizer != NULL) {
        int result = api->unregister_optimizer(optimizer);
        Py_DECREF(optimizer);
        if (result < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
view_refusal(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    const char *why = api->refusal();
    return why != NULL ? PyUnicode_FromString(why) : Py_NewRef(Py_None);
}

static PyObject *
view_watch(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyCodeObject *code = code_of(arg);
    if (code == NULL || api->watch(code) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* --- executors ----------------------------------------------------------- */

static PyObject *
executor_row(const HostSite *site)
{
    PyObject *self = (PyObject *)site->executor;
    PyObject *exits = PyObject_GetAttrString(self, "exits");
    if (exits == NULL) {
        return NULL;
    }
    const HostLink *link = site->executor->host;
    return Py_BuildValue("{s:I,s:s,s:K,s:N,s:O,s:O}", "offset", site->unit * 2,
                         "kind", codes_kind_name(site->kind), "entries",
                         (unsigned long long)link->entries, "exits", exits,
                         "valid",
                         executors_is_valid(site->executor) ? Py_True
                                                            : Py_False,
                         "executor", self);
}

static int
offset_order(const void *a, const void *b)
{
    const HostSite *x = *(const HostSite *const *)a;
    const HostSite *y = *(const HostSite *const *)b;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static PyObject *
view_executors(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyCodeObject *code = code_of(arg);
    if (code == NULL) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    const HostCode *hc = host.extra_index < 0 ? NULL
                                              : host_code((PyObject *)code);
    if (list == NULL || hc == NULL || hc->n_executors == 0) {
        return list;
    }
    /* Others may have begun to watch: then some are gone. */
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        if (hc->sites[i].executor != NULL) {
            (void)executors_is_valid(hc->sites[i].executor);
        }
    }
    const HostSite **sorted = PyMem_Malloc(hc->n_sites * sizeof *sorted);
    uint32_t n = 0;
    if (sorted == NULL) {
        Py_DECREF(list);
        return PyErr_NoMemory();
    }
    for (uint32_t i = 0; i < hc->n_sites; i++) {
        if (hc->sites[i].executor != NULL) {
            sorted[n++] = &hc->sites[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, offset_order);
    for (uint32_t i = 0; i < n && list != NULL; i++) {
        PyObject *row = executor_row(sorted[i]);
        if (row == NULL || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    PyMem_Free(sorted);
    return list;
}

static PyObject *
view_entries(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyCodeObject *code = code_of(arg);
    if (code == NULL) {
        return NULL;
    }
    HostCode *hc = codes_new(code);
    PyObject *dict = hc != NULL ? PyDict_New() : NULL;
    for (uint32_t i = 0; dict != NULL && i < hc->n_sites; i++) {
        PyObject *offset = PyLong_FromUnsignedLong(hc->sites[i].unit * 2ul);
        PyObject *kind = PyUnicode_FromString(
            codes_kind_name(hc->sites[i].kind));
        if (offset == NULL || kind == NULL
            || PyDict_SetItem(dict, offset, kind) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(offset);
        Py_XDECREF(kind);
    }
    if (hc != NULL) {
        codes_delete(hc);
    }
    return dict;
}

static PyObject *
view_get_executor(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *arg;
    int offset;
    if (!PyArg_ParseTuple(args, "Oi:get_executor", &arg, &offset)) {
        return NULL;
    }
    PyCodeObject *code = code_of(arg);
    if (code == NULL) {
        return NULL;
    }
    PyaotExecutor *executor = api->get_executor(code, offset);
    return executor != NULL ? (PyObject *)executor : Py_NewRef(Py_None);
}

static PyObject *
view_replace_executor(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *arg, *executor;
    int offset;
    if (!PyArg_ParseTuple(args, "OiO:replace_executor", &arg, &offset,
                          &executor)) {
        return NULL;
    }
    PyCodeObject *code = code_of(arg);
    PyaotExecutor *new = NULL;
    if (code == NULL
        || (executor != Py_None && (new = executor_of(executor)) == NULL)
        || api->replace_executor(code, offset, new) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
view_add_dependency(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *arg, *object;
    if (!PyArg_ParseTuple(args, "OO:add_dependency", &arg, &object)) {
        return NULL;
    }
    PyaotExecutor *executor = executor_of(arg);
    if (executor == NULL || api->add_dependency(executor, object) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
view_invalidate(PyObject *Py_UNUSED(self), PyObject *arg)
{
    if (PyObject_TypeCheck(arg, &HostExecutor_Type)) {
        PyaotExecutor *executor = (PyaotExecutor *)arg;
        long n = executor->host != NULL;
        api->invalidate_executor(executor);
        return PyLong_FromLong(n);
    }
    return PyLong_FromSsize_t(api->invalidate(arg));
}

static PyObject *
view_clear(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *arg = Py_None;
    if (!PyArg_ParseTuple(args, "|O:clear", &arg)) {
        return NULL;
    }
    if (arg == Py_None) {
        return PyLong_FromSsize_t(api->invalidate_all());
    }
    PyCodeObject *code = code_of(arg);
    if (code == NULL) {
        return NULL;
    }
    return PyLong_FromSsize_t(api->invalidate((PyObject *)code));
}

static PyObject *
view_started(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return PyBool_FromLong(host.started);
}

static PyObject *
view_events(PyObject *Py_UNUSED(self), PyObject *arg)
{
    PyCodeObject *code = code_of(arg);
    if (code == NULL) {
        return NULL;
    }
    HostCode *hc = host.extra_index < 0 ? NULL : host_code((PyObject *)code);
    return PyLong_FromLong(hc != NULL ? hc->events : 0);
}

/* --- the module ---------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"current", view_current, METH_NOARGS,
     "current() -> the optimizer that is registered, or None"},
    {"register", view_register, METH_O,
     "register(optimizer): make it the one that is asked"},
    {"unregister", view_unregister, METH_NOARGS,
     "unregister(): nobody is asked any more; executors stay"},
    {"refusal", view_refusal, METH_NOARGS,
     "refusal() -> why executors cannot run here, or None"},
    {"started", view_started, METH_NOARGS,
     "started() -> bool: is there an optimizer or an executor?"},
    {"events", view_events, METH_O,
     "events(code) -> int: its local events of the optimizer's tool id, "
     "which looks free to sys.monitoring"},
    {"watch", view_watch, METH_O, "watch(code): look for hot spots here, too"},
    {"entries", view_entries, METH_O,
     "entries(code) -> {offset: kind}: where executors can be entered"},
    {"executors", view_executors, METH_O,
     "executors(code) -> list of dicts in order of offset: offset, kind, "
     "entries, exits (reason to count), valid, executor"},
    {"get_executor", view_get_executor, METH_VARARGS,
     "get_executor(code, offset) -> a valid executor, or None"},
    {"replace_executor", view_replace_executor, METH_VARARGS,
     "replace_executor(code, offset, executor or None)"},
    {"add_dependency", view_add_dependency, METH_VARARGS,
     "add_dependency(executor, object)"},
    {"invalidate", view_invalidate, METH_O,
     "invalidate(executor, or an object that some depend on) -> how many"},
    {"clear", view_clear, METH_VARARGS,
     "clear([code]) -> how many: invalidate its executors, or all"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pyaot.optimizer",
    .m_doc = "Which optimizer is registered, and which executors sit where.\n"
             "Offsets are in bytes, as dis prints them; a function stands "
             "for its code object.",
    .m_size = -1,
    .m_methods = methods,
};

PyObject *
pyaot_host_view(void)
{
    PyObject *m = PyModule_Create(&module);
    PyObject *capsule = PyCapsule_New((void *)&pyaot_host_api,
                                      PYAOT_OPTIMIZER_CAPSULE, NULL);
    if (m == NULL || capsule == NULL
        || PyModule_AddObjectRef(m, "api", capsule) < 0
        || PyModule_AddObjectRef(m, "Executor", (PyObject *)&HostExecutor_Type)
               < 0
        || PyModule_AddObjectRef(m, "Optimizer",
                                 (PyObject *)&HostOptimizer_Type)
               < 0
        || PyModule_AddIntConstant(m, "FUNCTION_ENTRY",
                                   PYAOT_OPTIMIZE_FUNCTION_ENTRY)
               < 0
        || PyModule_AddIntConstant(m, "RESUME_AFTER_YIELD",
                                   PYAOT_OPTIMIZE_RESUME_AFTER_YIELD)
               < 0
        || PyModule_AddIntConstant(m, "BACK_EDGE", PYAOT_OPTIMIZE_BACK_EDGE)
               < 0) {
        Py_CLEAR(m);
    }
    Py_XDECREF(capsule);
    return m;
}
