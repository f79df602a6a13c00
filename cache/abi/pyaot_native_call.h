/* Calls through vectorcalls, and the arguments they are given.  Part of
 * pyaot_native.h. */
#ifndef PYAOT_NATIVE_CALL_H
#define PYAOT_NATIVE_CALL_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* Are these the arguments of a call that the interpreter is making, still on
 * the stack above func?  They are the callee's then, which may let go of them
 * before it returns: the interpreter moves them into its frame.  As bits:
 * which of them. */
INLINE uint64_t
pyaot_args_stacked(PyaotThread *th, PyObject *func, PyObject *const *args)
{
    PyaotFrame *frame = pyaot_frame_current(th->ts);
    if (UNLIKELY(frame == NULL || !pyaot_frame_is_python(frame))) {
        return th->rt->args_stacked(th, func, args);
    }
    PyObject **stack = pyaot_frame_stack(frame);
    if (LIKELY(args > stack
               && args <= stack + pyaot_frame_code(frame)->co_stacksize)) {
        int ours = args[-1] == func
                   || (args[-1] == NULL && args > stack + 1
                       && args[-2] == func);
        return ours ? UINT64_MAX : 0;
    }
    return th->rt->args_stacked(th, func, args);
}

/* An argument whose reference is the callee's. */
INLINE PyObject *
pyaot_take_arg(PyObject *const *args, int i, uint64_t stacked)
{
    PyObject *o = args[i];
    if (LIKELY(i < 64 && (stacked >> i & 1))) {
        ((PyObject **)args)[i] = Py_None;
        return o;
    }
    return Py_NewRef(o);
}

/* Is o a function of the code that a FUNCTION slot is bound to? */
INLINE int
pyaot_is_function_of(PyObject *o, const PyaotSlot *slot)
{
    PyFunctionObject *f = (PyFunctionObject *)o;
    return Py_TYPE(o) == &PyFunction_Type && f->func_code == slot->value
           && (PyTypeObject *)(void *)f->vectorcall == slot->type
           && f->func_globals == slot->inst->globals
           && f->func_builtins == slot->inst->builtins;
}

/* The default of a parameter, borrowed from the function; NULL: none, or no
 * function. */
INLINE PyObject *
pyaot_default(PyObject *o, int64_t param, int64_t n_params)
{
    PyObject *defaults = Py_TYPE(o) == &PyFunction_Type
                             ? ((PyFunctionObject *)o)->func_defaults
                             : NULL;
    if (UNLIKELY(defaults == NULL)) {
        return NULL;
    }
    int64_t n = PyTuple_GET_SIZE(defaults), k = param - (n_params - n);
    return k >= 0 && k < n ? PyTuple_GET_ITEM(defaults, k) : NULL;
}

/* Does a call with n arguments fill exactly the parameters of the function? */
INLINE int
pyaot_fills(PyObject *func, size_t n)
{
    const PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(func);
    return (size_t)code->co_argcount == n && code->co_kwonlyargcount == 0
           && (code->co_flags & (CO_VARARGS | CO_VARKEYWORDS | CO_OPTIMIZED))
                  == CO_OPTIMIZED;
}

/* A call of a function for which there is no room under the recursion limit.
 * The interpreter's specialised calls look only where the arguments fill the
 * parameters exactly; otherwise the call is made.  [Python/bytecodes.c,
 * CALL_PY_GENERAL] */
static COLD PyObject *
pyaot_call_no_room(PyThreadState *ts, PyObject *func, PyObject *const *args,
                   size_t n)
{
    int remaining = ts->py_recursion_remaining;
    if (!pyaot_fills(func, n)) {
        ts->py_recursion_remaining = 1;
    }
    int given = ts->py_recursion_remaining - remaining;
    PyObject *r = PyObject_Vectorcall(func, args,
                                      n | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                      NULL);
    ts->py_recursion_remaining -= given;
    return r;
}

/* Class(...) of a plain class with a Python __init__: what type.__call__ does,
 * without packing the arguments.  NULL and *done = 0: not such a class. */
static OUTLINE PyObject *
pyaot_call_class(PyaotThread *th, PyObject **t, size_t n_args, uint64_t given,
                 int *done)
{
    PyThreadState *ts = th->ts;
    PyTypeObject *type = (PyTypeObject *)t[1];
    *done = 0;
    if (type->tp_new != PyBaseObject_Type.tp_new
        || type->tp_alloc != PyType_GenericAlloc
        || PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT)
        || !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return NULL;
    }
    static PyObject *name; /* interned, for the life of the process */
    if (UNLIKELY(name == NULL)
        && (name = PyUnicode_InternFromString("__init__")) == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *init = _PyType_Lookup(type, name);
    if (init == NULL || !PyFunction_Check(init)) {
        return NULL;
    }
    *done = 1;
    PyObject *self = PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(init);
    t[1] = self;
    /* The interpreter would push a frame that looks at the result, too.
     * [Python/bytecodes.c, CALL_ALLOC_AND_ENTER_INIT] */
    int levels = PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)
                 && pyaot_fills(init, n_args + 1);
    ts->py_recursion_remaining -= levels;
    PyObject *r = given == 0
                      ? ((PyFunctionObject *)init)
                            ->vectorcall(init, t + 1,
                                         (n_args + 1)
                                             | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                         NULL)
                      : th->rt->call_giving(th, init, t + 1, n_args + 1,
                                            given << 1, NULL);
    ts->py_recursion_remaining += levels;
    Py_DECREF(init);
    if (LIKELY(r == Py_None)) {
        return self;
    }
    if (r != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "__init__() should return None, not '%.200s'",
                     Py_TYPE(r)->tp_name);
        Py_DECREF(r);
    }
    Py_DECREF(self);
    return NULL;
}

static COLD void
pyaot_release_given(PyObject **args, size_t n, uint64_t given)
{
    for (size_t i = 0; i < n; i++) {
        if (given >> i & 1) {
            Py_DECREF(args[i]);
        }
    }
}

/* t[0] is scratch, t[1] the callable, then the arguments.
 *
 * given  bit i: the reference of argument i is used up, by a Python callee, or
 *        when the call is over */
static OUTLINE PyObject *
pyaot_py_call(PyaotThread *th, PyObject **t, size_t n_args, uint64_t given)
{
    PyThreadState *ts = th->ts;
    PyObject *fn = t[1];
    if (Py_TYPE(fn) == &PyType_Type) {
        int done;
        PyObject *made = pyaot_call_class(th, t, n_args, given, &done);
        if (done) {
            return made;
        }
    }
    t[1] = NULL;
    if (UNLIKELY(ts->py_recursion_remaining <= 0) && PyFunction_Check(fn)) {
        PyObject *r = pyaot_call_no_room(ts, fn, t + 2, n_args);
        pyaot_release_given(t + 2, n_args, given);
        return r;
    }
    if (given != 0) {
        return th->rt->call_giving(th, fn, t + 2, n_args, given, NULL);
    }
    return PyObject_Vectorcall(fn, t + 2,
                               n_args | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* The same; the last of t are the names of the arguments before them. */
static OUTLINE PyObject *
pyaot_py_call_kw(PyaotThread *th, PyObject **t, size_t n, uint64_t given)
{
    PyObject *fn = t[1], *names = t[n + 1];
    size_t n_args = n - 1 - (size_t)PyTuple_GET_SIZE(names);
    t[1] = NULL;
    if (given != 0) {
        return th->rt->call_giving(th, fn, t + 2, n_args, given, names);
    }
    return PyObject_Vectorcall(fn, t + 2,
                               n_args | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
}

#endif
