/* Hand a chosen hot loop to a C function: in
 *
 *     def total(n):
 *         s = i = 0
 *         while i < n:        # local 0 is n, 1 is s, 2 is i
 *             s += i
 *             i += 1
 *         return s
 *
 * choose(total, offset of the loop's head) puts sum_loop() there.  `i < n` is
 * tested below the body, so at the head the body is still to be done: the C
 * function does all turns but the last, and leaves the frame at the head. */
#include <pyaot/optimizer.h>

static const PyaotOptimizerApi *api;

static PyTypeObject Executor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "hot_loop_optimizer.Executor",
    .tp_basicsize = sizeof(PyaotExecutor),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

/* 1 if obj is an int that a long long can hold. */
static int
as_number(PyObject *obj, long long *value)
{
    int overflow = 1;
    if (obj != NULL && PyLong_CheckExact(obj)) {
        *value = PyLong_AsLongLongAndOverflow(obj, &overflow);
    }
    return overflow == 0;
}

static PyaotFrame *
sum_loop(PyaotExecutor *self, PyaotFrame *frame, PyObject **stack_pointer)
{
    PyObject **locals = api->frame_locals(frame);
    int head = api->frame_offset(frame);
    long long n, s, i, sum;
    if (!as_number(locals[0], &n) || !as_number(locals[1], &s)
        || !as_number(locals[2], &i)) {
        api->note_exit(self, "not small ints");
        return frame;
    }
    /* What is pending is left to the interpreter. */
    while (i < n - 1 && api->ready() && !__builtin_add_overflow(s, i, &sum)) {
        s = sum;
        i++;
    }
    PyObject *new_s = PyLong_FromLongLong(s), *new_i = PyLong_FromLongLong(i);
    if (new_s == NULL || new_i == NULL) {
        Py_XDECREF(new_s), Py_XDECREF(new_i);
        return NULL;
    }
    Py_SETREF(locals[1], new_s);
    Py_SETREF(locals[2], new_i);
    api->note_exit(self, i < n - 1 ? "pending or too large" : "last turn");
    api->frame_leave(frame, head, stack_pointer);
    return frame;
}

/* choose(function, offset): the loop whose head is at offset. */
static PyObject *
choose(PyObject *module, PyObject *args)
{
    PyObject *function;
    int offset;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!i:choose", &PyFunction_Type, &function,
                          &offset)) {
        return NULL;
    }
    PyaotExecutor *executor = (PyaotExecutor *)PyType_GenericAlloc(
        &Executor_Type, 0);
    if (executor != NULL) {
        executor->execute = sum_loop;
        PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function);
        if (api->replace_executor(code, offset, executor) < 0) {
            Py_CLEAR(executor);
        }
    }
    return (PyObject *)executor;
}

static PyMethodDef methods[] = {{"choose", choose, METH_VARARGS, NULL},
                                {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "hot_loop_optimizer",
                                 NULL, -1, methods};

PyMODINIT_FUNC
PyInit_hot_loop_optimizer(void)
{
    api = pyaot_optimizer_import();
    if (api == NULL) {
        return NULL;
    }
    Executor_Type.tp_base = api->executor_type;
    return PyType_Ready(&Executor_Type) < 0 ? NULL : PyModule_Create(&def);
}
