/* Optimizers and executors written in Python, for the tests of the optimizer
 * API: built as a third party would, with nothing but <pyaot/optimizer.h>.
 *
 *   Optimizer(compile=None, capabilities=7, optimization_cost=0.0,
 *             run_cost=0.0, code_created=None, function_created=None)
 *       compile(code, offset) -> Executor or None
 *   Executor(execute=None, call=None, flags=0, invalidated=None)
 *       execute(frame) -> None, or BAD to fail without an exception
 *       call(function, args, kwargs) -> result, or REFUSED
 *   Spinner(head, jump, local)
 *       an executor in C, for a loop that counts a local up to its limit,
 *       local 0: honours the eval breaker at each turn; attribute pending
 *   draw(generator), send(generator, value), iter_send(generator, value),
 *   next_slot(), send_slots(), hook(on): see below
 *   frame (only while execute runs): offset, code, function, stack,
 *       get(i), set(i, value), unset(i), leave(offset, stack=same), drop(),
 *       ready(), pending(offset), trace(offset)
 */
#include <pyaot/optimizer.h>

#include <stddef.h>

static const PyaotOptimizerApi *api;
static PyObject *refused, *bad;
static PyTypeObject Optimizer_Type, Executor_Type, Frame_Type;

typedef struct {
    PyaotOptimizer base;
    PyObject *compile, *code_created, *function_created;
} Optimizer;

typedef struct {
    PyaotExecutor base;
    PyObject *execute, *call, *invalidated;
} Executor;

typedef struct {
    PyObject_HEAD PyaotExecutor *executor;
    PyaotFrame *frame; /* NULL: over */
    PyObject **stack_pointer;
} Frame;

static PyObject *
callable_or_null(PyObject *arg)
{
    return arg == NULL || arg == Py_None ? NULL : Py_NewRef(arg);
}

/* --- frames -------------------------------------------------------------- */

static Frame *
live(PyObject *self)
{
    if (((Frame *)self)->frame == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the executor has returned");
        return NULL;
    }
    return (Frame *)self;
}

static PyObject *
frame_offset(PyObject *self, void *Py_UNUSED(closure))
{
    return live(self) ? PyLong_FromLong(api->frame_offset(live(self)->frame))
                      : NULL;
}

static PyObject *
frame_code(PyObject *self, void *Py_UNUSED(closure))
{
    return live(self) ? Py_NewRef(api->frame_code(live(self)->frame)) : NULL;
}

static PyObject *
frame_function(PyObject *self, void *Py_UNUSED(closure))
{
    return live(self) ? Py_NewRef(api->frame_function(live(self)->frame))
                      : NULL;
}

static PyObject *
frame_stack(PyObject *self, void *Py_UNUSED(closure))
{
    Frame *f = live(self);
    if (f == NULL) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    for (PyObject **p = api->frame_stack(f->frame); p < f->stack_pointer;
         p++) {
        PyList_Append(list, *p != NULL ? *p : Py_None);
    }
    return list;
}

static PyObject *
frame_get(PyObject *self, PyObject *index)
{
    Frame *f = live(self);
    if (f == NULL) {
        return NULL;
    }
    PyObject *value = api->frame_locals(f->frame)[PyLong_AsLong(index)];
    if (value == NULL) {
        PyErr_SetString(PyExc_LookupError, "unset");
    }
    return Py_XNewRef(value);
}

static PyObject *
frame_set(PyObject *self, PyObject *args)
{
    Frame *f = live(self);
    int index;
    PyObject *value = NULL;
    if (f == NULL || !PyArg_ParseTuple(args, "i|O", &index, &value)) {
        return NULL;
    }
    Py_XSETREF(api->frame_locals(f->frame)[index], Py_XNewRef(value));
    Py_RETURN_NONE;
}

static PyObject *
frame_leave(PyObject *self, PyObject *args)
{
    Frame *f = live(self);
    int offset;
    PyObject *stack = NULL;
    if (f == NULL
        || !PyArg_ParseTuple(args, "i|O!", &offset, &PyList_Type, &stack)) {
        return NULL;
    }
    if (stack != NULL) {
        PyObject **base = api->frame_stack(f->frame);
        Py_ssize_t n = PyList_GET_SIZE(stack);
        Py_ssize_t room = api->frame_code(f->frame)->co_stacksize;
        for (Py_ssize_t i = 0; i < n && i < room; i++) {
            Py_INCREF(PyList_GET_ITEM(stack, i));
        }
        while (f->stack_pointer > base) {
            Py_XDECREF(*--f->stack_pointer);
        }
        for (Py_ssize_t i = 0; i < n && i < room; i++) {
            base[i] = PyList_GET_ITEM(stack, i);
        }
        f->stack_pointer = base + n;
    }
    api->frame_leave(f->frame, offset, f->stack_pointer);
    Py_RETURN_NONE;
}

/* Consume the stack, as instructions do, and tell nobody yet. */
static PyObject *
frame_drop(PyObject *self, PyObject *Py_UNUSED(arg))
{
    Frame *f = live(self);
    if (f == NULL) {
        return NULL;
    }
    while (f->stack_pointer > api->frame_stack(f->frame)) {
        PyObject *value = *--f->stack_pointer;
        Py_XDECREF(value);
    }
    Py_RETURN_NONE;
}

static PyObject *
frame_ready(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return PyBool_FromLong(api->ready());
}

static PyObject *
frame_pending(PyObject *self, PyObject *offset)
{
    Frame *f = live(self);
    int go = f == NULL ? -1
                       : api->handle_pending(f->executor, f->frame,
                                             (int)PyLong_AsLong(offset),
                                             f->stack_pointer);
    return go < 0 ? NULL : PyBool_FromLong(go);
}

static PyObject *
frame_trace(PyObject *self, PyObject *offset)
{
    api->trace(((Frame *)self)->frame, (int)PyLong_AsLong(offset));
    Py_RETURN_NONE;
}

static PyMethodDef frame_methods[] = {
    {"get", frame_get, METH_O, NULL},
    {"set", frame_set, METH_VARARGS, NULL},
    {"leave", frame_leave, METH_VARARGS, NULL},
    {"drop", frame_drop, METH_NOARGS, NULL},
    {"ready", frame_ready, METH_NOARGS, NULL},
    {"pending", frame_pending, METH_O, NULL},
    {"trace", frame_trace, METH_O, NULL},
    {NULL},
};
static PyGetSetDef frame_getset[] = {
    {"offset", frame_offset},
    {"code", frame_code},
    {"function", frame_function},
    {"stack", frame_stack},
    {NULL},
};
static PyTypeObject Frame_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyopt.Frame",
    .tp_basicsize = sizeof(Frame),
    .tp_methods = frame_methods,
    .tp_getset = frame_getset,
};

/* --- executors ----------------------------------------------------------- */

static PyaotFrame *
execute(PyaotExecutor *base, PyaotFrame *frame, PyObject **stack_pointer)
{
    Frame *f = PyObject_New(Frame, &Frame_Type);
    if (f == NULL) {
        return NULL;
    }
    f->executor = base;
    f->frame = frame;
    f->stack_pointer = stack_pointer;
    PyObject *r = PyObject_CallOneArg(((Executor *)base)->execute,
                                      (PyObject *)f);
    f->frame = NULL;
    Py_DECREF(f);
    Py_XDECREF(r);
    return r == NULL || r == bad ? NULL : frame;
}

static PyObject *
call(PyaotExecutor *base, PyObject *function, PyObject *const *args,
     size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    PyObject *kwargs = PyDict_New(), *list = PyTuple_New(n), *r = NULL;
    if (kwargs != NULL && list != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            PyTuple_SET_ITEM(list, i, Py_NewRef(args[i]));
        }
        for (Py_ssize_t i = 0; kwnames && i < PyTuple_GET_SIZE(kwnames); i++) {
            PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[n + i]);
        }
        r = PyObject_CallFunctionObjArgs(((Executor *)base)->call, function,
                                         list, kwargs, NULL);
    }
    Py_XDECREF(list);
    Py_XDECREF(kwargs);
    if (r == refused) {
        Py_DECREF(r);
        return PYAOT_CALL_REFUSED;
    }
    return r;
}

static void
invalidated(PyaotExecutor *base)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *r = PyObject_CallNoArgs(((Executor *)base)->invalidated);
    Py_XDECREF(r);
    PyErr_SetRaisedException(exc);
}

static PyObject *
executor_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"execute", "call", "flags", "invalidated", NULL};
    PyObject *py_execute = NULL, *py_call = NULL, *py_invalidated = NULL;
    unsigned flags = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOIO", names, &py_execute,
                                     &py_call, &flags, &py_invalidated)) {
        return NULL;
    }
    Executor *self = (Executor *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->execute = callable_or_null(py_execute);
        self->call = callable_or_null(py_call);
        self->invalidated = callable_or_null(py_invalidated);
        self->base.execute = self->execute != NULL ? execute : NULL;
        self->base.call = self->call != NULL ? call : NULL;
        self->base.invalidated = self->invalidated != NULL ? invalidated
                                                           : NULL;
        self->base.flags = flags;
    }
    return (PyObject *)self;
}

static void
executor_dealloc(PyObject *self)
{
    Py_XDECREF(((Executor *)self)->execute);
    Py_XDECREF(((Executor *)self)->call);
    Py_XDECREF(((Executor *)self)->invalidated);
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject Executor_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyopt.Executor",
    .tp_basicsize = sizeof(Executor),
    .tp_new = executor_new,
    .tp_dealloc = executor_dealloc,
};

/* --- an executor in C ---------------------------------------------------- */

typedef struct {
    PyaotExecutor base;
    int head, jump, local;
    long long pending; /* turns at which something was */
} Spinner;

static PyaotFrame *
spin(PyaotExecutor *base, PyaotFrame *frame, PyObject **stack_pointer)
{
    Spinner *self = (Spinner *)base;
    PyObject **locals = api->frame_locals(frame);
    long long limit = PyLong_AsLongLong(locals[0]), i;
    int go = 1;
    i = PyLong_AsLongLong(locals[self->local]);
    while (go && i < limit - 1) {
        i++;
        if (api->ready()) {
            continue;
        }
        self->pending++;
        Py_XSETREF(locals[self->local], PyLong_FromLongLong(i));
        go = api->handle_pending(base, frame, self->jump, stack_pointer);
        if (go < 0) {
            return NULL;
        }
        limit = PyLong_AsLongLong(locals[0]);
        i = PyLong_AsLongLong(locals[self->local]);
    }
    Py_XSETREF(locals[self->local], PyLong_FromLongLong(i));
    api->frame_leave(frame, go ? self->head : self->jump, stack_pointer);
    return frame;
}

static PyObject *
spinner_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    Spinner *self = (Spinner *)type->tp_alloc(type, 0);
    if (self != NULL
        && !PyArg_ParseTuple(args, "iii", &self->head, &self->jump,
                             &self->local)) {
        Py_CLEAR(self);
    }
    if (self != NULL) {
        self->base.execute = spin;
    }
    return (PyObject *)self;
}

static PyMemberDef spinner_members[] = {
    {"pending", Py_T_LONGLONG, offsetof(Spinner, pending), Py_READONLY, NULL},
    {NULL},
};
static PyTypeObject Spinner_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyopt.Spinner",
    .tp_basicsize = sizeof(Spinner),
    .tp_new = spinner_new,
    .tp_members = spinner_members,
};

/* --- optimizers ---------------------------------------------------------- */

static int
compile(PyaotOptimizer *base, PyCodeObject *code, int offset,
        PyaotExecutor **executor)
{
    PyObject *r = PyObject_CallFunction(((Optimizer *)base)->compile, "Oi",
                                        code, offset);
    if (r == NULL) {
        return -1;
    }
    if (r == Py_None) {
        Py_DECREF(r);
        return 0;
    }
    *executor = (PyaotExecutor *)r;
    return 1;
}

static void
code_created(PyaotOptimizer *base, PyCodeObject *code)
{
    PyObject *r = PyObject_CallOneArg(((Optimizer *)base)->code_created,
                                      (PyObject *)code);
    Py_XDECREF(r);
}

static void
function_created(PyaotOptimizer *base, PyObject *function)
{
    PyObject *r = PyObject_CallOneArg(((Optimizer *)base)->function_created,
                                      function);
    Py_XDECREF(r);
}

static PyObject *
optimizer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"compile",  "capabilities", "optimization_cost",
                            "run_cost", "code_created", "function_created",
                            NULL};
    PyObject *py_compile = NULL, *code = NULL, *function = NULL;
    unsigned capabilities = 7;
    float optimization_cost = 0, run_cost = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OIffOO", names,
                                     &py_compile, &capabilities,
                                     &optimization_cost, &run_cost, &code,
                                     &function)) {
        return NULL;
    }
    Optimizer *self = (Optimizer *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->compile = callable_or_null(py_compile);
        self->code_created = callable_or_null(code);
        self->function_created = callable_or_null(function);
        self->base.compile = self->compile != NULL ? compile : NULL;
        self->base.code_created = self->code_created ? code_created : NULL;
        self->base.function_created = self->function_created != NULL
                                          ? function_created
                                          : NULL;
        self->base.capabilities = capabilities;
        self->base.optimization_cost = optimization_cost;
        self->base.run_cost = run_cost;
    }
    return (PyObject *)self;
}

static void
optimizer_dealloc(PyObject *self)
{
    Py_XDECREF(((Optimizer *)self)->compile);
    Py_XDECREF(((Optimizer *)self)->code_created);
    Py_XDECREF(((Optimizer *)self)->function_created);
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject Optimizer_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "pyopt.Optimizer",
    .tp_basicsize = sizeof(Optimizer),
    .tp_new = optimizer_new,
    .tp_dealloc = optimizer_dealloc,
};

/* --- the module ---------------------------------------------------------- */

/* draw(generator) -> its next item, as an executor asks for it */
static PyObject *
draw(PyObject *Py_UNUSED(self), PyObject *generator)
{
    PyObject *item = api->draw(generator);
    if (item == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return item;
}

static PyObject *
sent(PySendResult status, PyObject *result)
{
    return status == PYGEN_ERROR
               ? NULL
               : Py_BuildValue("sN", status == PYGEN_NEXT ? "next" : "return",
                               result);
}

/* send(generator, value) -> ("next" or "return", result), as an executor sends
 */
static PyObject *
send(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *generator, *value, *result = NULL;
    if (!PyArg_ParseTuple(args, "OO", &generator, &value)) {
        return NULL;
    }
    int status = api->send(generator, value, &result);
    return sent((PySendResult)status, result);
}

/* iter_send(iterator, value) -> the same, as C code sends */
static PyObject *
iter_send(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *iterator, *value, *result = NULL;
    if (!PyArg_ParseTuple(args, "OO", &iterator, &value)) {
        return NULL;
    }
    PySendResult status = PyIter_Send(iterator, value, &result);
    return sent(status, result);
}

static void *
method_function(PyTypeObject *type, const char *name)
{
    PyMethodDef *method = type->tp_methods;
    while (strcmp(method->ml_name, name) != 0) {
        method++;
    }
    return (void *)(uintptr_t)method->ml_meth;
}

/* send_slots() -> addresses of what sends to generators and to coroutines: for
 * C code, and as a method */
static PyObject *
send_slots(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return Py_BuildValue(
        "NNNN",
        PyLong_FromVoidPtr((void *)(uintptr_t)PyGen_Type.tp_as_async->am_send),
        PyLong_FromVoidPtr(
            (void *)(uintptr_t)PyCoro_Type.tp_as_async->am_send),
        PyLong_FromVoidPtr(method_function(&PyGen_Type, "send")),
        PyLong_FromVoidPtr(method_function(&PyCoro_Type, "send")));
}

/* next_slot() -> address of what C code calls to draw from generators */
static PyObject *
next_slot(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    return PyLong_FromVoidPtr((void *)(uintptr_t)PyGen_Type.tp_iternext);
}

static iternextfunc below;

static PyObject *
pass_on(PyObject *generator)
{
    return below(generator);
}

/* hook(on): another extension replaces that slot, or puts it back */
static PyObject *
hook(PyObject *Py_UNUSED(self), PyObject *on)
{
    if (PyObject_IsTrue(on)) {
        below = PyGen_Type.tp_iternext;
        PyGen_Type.tp_iternext = pass_on;
    }
    else {
        PyGen_Type.tp_iternext = below;
    }
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"draw", draw, METH_O, NULL},
    {"send", send, METH_VARARGS, NULL},
    {"iter_send", iter_send, METH_VARARGS, NULL},
    {"send_slots", send_slots, METH_NOARGS, NULL},
    {"next_slot", next_slot, METH_NOARGS, NULL},
    {"hook", hook, METH_O, NULL},
    {NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pyopt",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC
PyInit_pyopt(void)
{
    PyObject *m = PyModule_Create(&module_def);
    api = pyaot_optimizer_import();
    if (m == NULL || api == NULL) {
        return NULL;
    }
    refused = PyUnicode_InternFromString("<refused>");
    bad = PyUnicode_InternFromString("<bad>");
    Executor_Type.tp_base = api->executor_type;
    Optimizer_Type.tp_base = api->optimizer_type;
    Spinner_Type.tp_base = api->executor_type;
    if (PyModule_AddType(m, &Executor_Type) < 0
        || PyModule_AddType(m, &Spinner_Type) < 0
        || PyModule_AddType(m, &Optimizer_Type) < 0
        || PyType_Ready(&Frame_Type) < 0
        || PyModule_AddObjectRef(m, "REFUSED", refused) < 0
        || PyModule_AddObjectRef(m, "BAD", bad) < 0
        || PyModule_AddIntMacro(m, PYAOT_EXECUTOR_COMES_BACK) < 0
        || PyModule_AddIntMacro(m, PYAOT_EXECUTOR_DRAWN_ONLY) < 0) {
        return NULL;
    }
    return m;
}
