/* The smallest optimizer: its executors count how often they are entered and
 * do the work of no instruction (N = 0), so the program runs as it would.
 *
 *     counter = counter_optimizer.new(16.0)   # asked after 16 passes
 *     pyaot.optimizer.register(counter)       # ... print(counter.count) */
#include <pyaot/optimizer.h>

#include <stddef.h>

typedef struct {
    PyaotOptimizer base;
    long long count;
} Counter;

typedef struct {
    PyaotExecutor base;
    Counter *counter; /* strong */
} CountingExecutor;

static PyTypeObject Executor_Type, Counter_Type; /* see PyInit */

static void
executor_dealloc(PyObject *self)
{
    Py_XDECREF(((CountingExecutor *)self)->counter);
    Py_TYPE(self)->tp_free(self);
}

static PyMemberDef counter_members[] = {
    {"count", Py_T_LONGLONG, offsetof(Counter, count), Py_READONLY, NULL},
    {NULL},
};

static PyaotFrame *
execute(PyaotExecutor *self, PyaotFrame *frame, PyObject **Py_UNUSED(stack))
{
    ((CountingExecutor *)self)->counter->count++;
    return frame; /* stands where it stood */
}

static int
compile(PyaotOptimizer *self, PyCodeObject *Py_UNUSED(code),
        int Py_UNUSED(offset), PyaotExecutor **executor)
{
    PyObject *made = PyType_GenericAlloc(&Executor_Type, 0);
    if (made == NULL) {
        return -1;
    }
    ((CountingExecutor *)made)->counter = (Counter *)Py_NewRef(self);
    *executor = (PyaotExecutor *)made;
    (*executor)->execute = execute;
    return 1;
}

static PyObject *
new_optimizer(PyObject *Py_UNUSED(module), PyObject *args)
{
    float cost = 16;
    if (!PyArg_ParseTuple(args, "|f:new", &cost)) {
        return NULL;
    }
    PyObject *self = PyType_GenericAlloc(&Counter_Type, 0);
    if (self != NULL) {
        PyaotOptimizer *optimizer = (PyaotOptimizer *)self;
        optimizer->compile = compile;
        optimizer->capabilities = PYAOT_OPTIMIZE_BACK_EDGE
                                  | PYAOT_OPTIMIZE_FUNCTION_ENTRY
                                  | PYAOT_OPTIMIZE_RESUME_AFTER_YIELD;
        optimizer->optimization_cost = cost;
    }
    return self;
}

static PyTypeObject Executor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "counter_optimizer.Executor",
    .tp_basicsize = sizeof(CountingExecutor), .tp_dealloc = executor_dealloc};
static PyTypeObject Counter_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "counter_optimizer.Counter",
    .tp_basicsize = sizeof(Counter), .tp_members = counter_members};
static PyMethodDef methods[] = {{"new", new_optimizer, METH_VARARGS, NULL},
                                {NULL}};
static struct PyModuleDef module_def = {PyModuleDef_HEAD_INIT,
                                        "counter_optimizer", NULL, -1,
                                        methods};

PyMODINIT_FUNC
PyInit_counter_optimizer(void)
{
    const PyaotOptimizerApi *api = pyaot_optimizer_import();
    if (api == NULL) {
        return NULL;
    }
    Executor_Type.tp_base = api->executor_type;
    Counter_Type.tp_base = api->optimizer_type;
    if (PyType_Ready(&Executor_Type) < 0 || PyType_Ready(&Counter_Type) < 0) {
        return NULL;
    }
    return PyModule_Create(&module_def);
}
