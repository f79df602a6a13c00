/* An optimizer that takes every entry it is asked for and does nothing there,
 * in all the ways there are, and takes executors away at odd moments: whatever
 * program runs under it must not notice.  For test_optimizer_programs.py. */
#include <pyaot/optimizer.h>

static const PyaotOptimizerApi *api;
static long long entered;
static PyTypeObject Executor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "chaos_optimizer.Executor",
    .tp_basicsize = sizeof(PyaotExecutor)};
static PyTypeObject Optimizer_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "chaos_optimizer.Optimizer",
    .tp_basicsize = sizeof(PyaotOptimizer)};

/* Primes, so that all come together with all. */
static void
stir(PyaotExecutor *self, PyCodeObject *code)
{
    entered++;
    if (entered % 97 == 0) {
        api->invalidate_all();
    }
    else if (entered % 31 == 0) {
        api->invalidate_executor(self);
    }
    else if (entered % 29 == 0) {
        api->invalidate((PyObject *)code);
    }
}

static PyObject *
call(PyaotExecutor *self, PyObject *function, PyObject *const *args,
     size_t nargsf, PyObject *kwnames)
{
    (void)args, (void)nargsf, (void)kwnames;
    stir(self, (PyCodeObject *)PyFunction_GET_CODE(function));
    return PYAOT_CALL_REFUSED;
}

static PyaotFrame *
execute(PyaotExecutor *self, PyaotFrame *frame, PyObject **stack_pointer)
{
    int offset = api->frame_offset(frame);
    stir(self, api->frame_code(frame));
    if (entered % 2) {
        api->frame_leave(frame, offset, stack_pointer);
    }
    return frame;
}

static int
compile(PyaotOptimizer *self, PyCodeObject *code, int offset,
        PyaotExecutor **executor)
{
    const int generator = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;
    (void)self;
    PyObject *made = PyType_GenericAlloc(&Executor_Type, 0);
    if (made == NULL) {
        return -1;
    }
    *executor = (PyaotExecutor *)made;
    (*executor)->execute = execute;
    if (offset == 0 && (code->co_flags & generator) == 0) {
        (*executor)->call = call;
    }
    return 1;
}

static PyObject *
start(PyObject *module, PyObject *arg)
{
    (void)module, (void)arg;
    PyaotOptimizer *self = (PyaotOptimizer *)PyType_GenericAlloc(
        &Optimizer_Type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->compile = compile;
    self->capabilities = 7;
    self->optimization_cost = 2;
    int result = api->register_optimizer(self);
    Py_DECREF(self);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
count(PyObject *module, PyObject *arg)
{
    (void)module, (void)arg;
    return PyLong_FromLongLong(entered);
}

static PyMethodDef methods[] = {{"start", start, METH_NOARGS, NULL},
                                {"count", count, METH_NOARGS, NULL},
                                {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "chaos_optimizer",
                                 NULL, -1, methods};

PyMODINIT_FUNC
PyInit_chaos_optimizer(void)
{
    api = pyaot_optimizer_import();
    if (api == NULL) {
        return NULL;
    }
    Executor_Type.tp_base = api->executor_type;
    Optimizer_Type.tp_base = api->optimizer_type;
    if (PyType_Ready(&Executor_Type) < 0
        || PyType_Ready(&Optimizer_Type) < 0) {
        return NULL;
    }
    return PyModule_Create(&def);
}
