/* The base types of executors and optimizers. */
#include "loader/host/host_int.h"

/* What 1 - run_cost counts as at least. */
#define MIN_GAIN (1.0f / 64)

/* --- executors ----------------------------------------------------------- */

static PyObject *
executor_valid(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(executors_is_valid((PyaotExecutor *)self));
}

static PyObject *
executor_code(PyObject *self, void *Py_UNUSED(closure))
{
    const HostLink *link = ((PyaotExecutor *)self)->host;
    return Py_NewRef(link != NULL ? (PyObject *)link->hc->code : Py_None);
}

static PyObject *
executor_offset(PyObject *self, void *Py_UNUSED(closure))
{
    const HostLink *link = ((PyaotExecutor *)self)->host;
    if (link == NULL) {
        Py_RETURN_NONE;
    }
    return PyLong_FromUnsignedLong(link->hc->sites[link->site].unit * 2ul);
}

static PyObject *
executor_entries(PyObject *self, void *Py_UNUSED(closure))
{
    const HostLink *link = ((PyaotExecutor *)self)->host;
    return PyLong_FromUnsignedLongLong(link != NULL ? link->entries : 0);
}

/* The dict with one item more; NULL, and it is released, if that fails. */
static PyObject *
with_exit(PyObject *exits, const char *reason, uint64_t count)
{
    PyObject *n = PyLong_FromUnsignedLongLong(count);
    if (n == NULL || PyDict_SetItemString(exits, reason, n) < 0) {
        Py_CLEAR(exits);
    }
    Py_XDECREF(n);
    return exits;
}

static PyObject *
executor_exits(PyObject *self, void *Py_UNUSED(closure))
{
    const HostLink *link = ((PyaotExecutor *)self)->host;
    PyObject *exits = PyDict_New();
    if (exits == NULL || link == NULL) {
        return exits;
    }
    if (link->yields > 0) {
        exits = with_exit(exits, HOST_YIELD, link->yields);
    }
    for (uint32_t i = 0; exits != NULL && i < link->n_exits; i++) {
        exits = with_exit(exits, link->exits[i].reason, link->exits[i].count);
    }
    return exits;
}

static PyGetSetDef executor_getset[] = {
    {"valid", executor_valid, NULL, "may it be entered?", NULL},
    {"code", executor_code, NULL, "where it sits; None if nowhere", NULL},
    {"offset", executor_offset, NULL, "in bytes; None if nowhere", NULL},
    {"entries", executor_entries, NULL, "how often it was entered", NULL},
    {"exits", executor_exits, NULL, "dict: reason to count", NULL},
    {0},
};

PyTypeObject HostExecutor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyaot.optimizer.Executor",
    .tp_basicsize = sizeof(PyaotExecutor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "what runs in place of instructions of a code object",
    .tp_getset = executor_getset,
};

/* --- optimizers ---------------------------------------------------------- */

bool
objects_is_eager(const PyaotOptimizer *optimizer)
{
    return optimizer->code_created != NULL
           || optimizer->function_created != NULL;
}

uint32_t
objects_threshold(const PyaotOptimizer *optimizer)
{
    float gain = 1.0f - optimizer->run_cost;
    if (!(gain >= MIN_GAIN)) { /* also NaN */
        gain = MIN_GAIN;
    }
    float passes = optimizer->optimization_cost / gain;
    if (!(passes > 0)) {
        return 0;
    }
    return passes >= (float)HOST_MAX_THRESHOLD ? HOST_MAX_THRESHOLD
                                               : (uint32_t)passes;
}

static PyObject *
optimizer_capabilities(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLong(((PyaotOptimizer *)self)->capabilities);
}

static PyObject *
optimizer_cost(PyObject *self, void *Py_UNUSED(closure))
{
    return PyFloat_FromDouble(
        (double)((PyaotOptimizer *)self)->optimization_cost);
}

static PyObject *
optimizer_run_cost(PyObject *self, void *Py_UNUSED(closure))
{
    return PyFloat_FromDouble((double)((PyaotOptimizer *)self)->run_cost);
}

static PyObject *
optimizer_threshold(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLong(objects_threshold((PyaotOptimizer *)self));
}

static PyObject *
optimizer_eager(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(objects_is_eager((PyaotOptimizer *)self));
}

static PyGetSetDef optimizer_getset[] = {
    {"capabilities", optimizer_capabilities, NULL,
     "1 function entry, 2 resume after yield, 4 back-edge", NULL},
    {"optimization_cost", optimizer_cost, NULL, "in passes", NULL},
    {"run_cost", optimizer_run_cost, NULL, "of one pass, in passes", NULL},
    {"threshold", optimizer_threshold, NULL,
     "passes before it is asked; follows from the costs", NULL},
    {"eager", optimizer_eager, NULL,
     "is it told of code objects instead of hot spots?", NULL},
    {0},
};

PyTypeObject HostOptimizer_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyaot.optimizer.Optimizer",
    .tp_basicsize = sizeof(PyaotOptimizer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "what makes executors",
    .tp_getset = optimizer_getset,
};

int
objects_init(void)
{
    if (PyType_Ready(&HostExecutor_Type) < 0) {
        return -1;
    }
    return PyType_Ready(&HostOptimizer_Type);
}
