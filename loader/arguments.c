/* Arguments that are not exactly the parameters, one by one and in order:
 * named ones, and defaults for those that are missing.
 *
 * What the interpreter would complain of, or put into *args or **kwargs, it
 * gets itself: it is refused here. */
#include "loader_int.h"

/* The parameter of this name, or -1.  Names in code are interned; one that is
 * not may still be equal, which is left to the interpreter. */
static int
parameter(const PyCodeObject *code, const PyObject *name)
{
    for (int i = code->co_posonlyargcount; i < code->co_argcount; i++) {
        if (PyTuple_GET_ITEM(code->co_localsplusnames, i) == name) {
            return i;
        }
    }
    return -1;
}

static bool
place_named(Arguments *a, const PyCodeObject *code, PyObject *const *args,
            Py_ssize_t n, PyObject *names)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        int to = parameter(code, PyTuple_GET_ITEM(names, i));
        if (to < 0 || a->placed[to] != NULL) {
            return false;
        }
        a->placed[to] = args[n + i];
        a->from[to] = (int)(n + i);
    }
    return true;
}

static bool
place_defaults(Arguments *a, const PyCodeObject *code, PyObject *defaults)
{
    Py_ssize_t n = defaults != NULL ? PyTuple_GET_SIZE(defaults) : 0;
    for (int i = 0; i < code->co_argcount; i++) {
        if (a->placed[i] != NULL) {
            continue;
        }
        Py_ssize_t at = i - (code->co_argcount - n);
        if (at < 0) {
            return false;
        }
        a->placed[i] = PyTuple_GET_ITEM(defaults, at);
        a->from[i] = -1;
    }
    return true;
}

bool
arguments_place(Arguments *a, PyFunctionObject *func, PyObject *const *args,
                size_t nargsf, PyObject *names)
{
    const PyCodeObject *code = (PyCodeObject *)func->func_code;
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    if (code->co_argcount > ARGUMENTS_MAX || n > code->co_argcount) {
        return false;
    }
    for (int i = 0; i < code->co_argcount; i++) {
        a->placed[i] = i < n ? args[i] : NULL;
        a->from[i] = i;
    }
    if ((names != NULL && !place_named(a, code, args, n, names))
        || !place_defaults(a, code, func->func_defaults)) {
        return false;
    }
    a->args = args;
    a->defaults = Py_XNewRef(func->func_defaults);
    a->n = code->co_argcount;
    a->before = abi_given;
    uint64_t stacked = abi_args_stacked(abi_thread_state(), (PyObject *)func,
                                        args);
    uint64_t given = 0;
    for (int i = 0; i < a->n; i++) {
        if (a->from[i] >= 0 && (stacked >> a->from[i] & 1) != 0) {
            given |= (uint64_t)1 << i;
        }
    }
    a->given = given;
    abi_given = (AbiGiven){a->placed, (PyObject *)func, given};
    return true;
}

void
arguments_done(Arguments *a)
{
    abi_given = a->before;
    for (int i = 0; i < a->n; i++) {
        if (a->given >> i & 1) { /* None, if the callee has taken it */
            ((PyObject **)a->args)[a->from[i]] = a->placed[i];
        }
    }
    Py_XDECREF(a->defaults); /* ESCAPES */
}
