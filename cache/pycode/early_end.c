/* Their C functions are replaced behind the same Python objects, so the
 * application sees no difference. */
#include "cache/pycode/early_end.h"

#include <Python.h>

typedef PyObject *(*KeywordFunction)(PyObject *, PyObject *const *, Py_ssize_t,
                                     PyObject *);

typedef struct {
    const char *name;
    KeywordFunction replacement;
    PyCFunction original;
} Exit;

static PyObject *exit_exit(PyObject *, PyObject *const *, Py_ssize_t,
                           PyObject *);
static PyObject *exit_execv(PyObject *, PyObject *const *, Py_ssize_t,
                            PyObject *);
static PyObject *exit_execve(PyObject *, PyObject *const *, Py_ssize_t,
                             PyObject *);

static Exit exits[] = {
    {"_exit", exit_exit, NULL},
    {"execv", exit_execv, NULL},
    {"execve", exit_execve, NULL},
};

static void (*told)(bool exits);

static PyObject *
leave(const Exit *e, PyObject *module, PyObject *const *args,
      Py_ssize_t n_args, PyObject *names)
{
    told(e == &exits[0]);
    /* A plain fastcall function ignores the fourth argument. */
    return ((KeywordFunction)(void (*)(void))e->original)(module, args, n_args,
                                                          names);
}

static PyObject *
exit_exit(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
          PyObject *names)
{
    return leave(&exits[0], module, args, n_args, names);
}

static PyObject *
exit_execv(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
           PyObject *names)
{
    return leave(&exits[1], module, args, n_args, names);
}

static PyObject *
exit_execve(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
            PyObject *names)
{
    return leave(&exits[2], module, args, n_args, names);
}

void
pyaot_early_end_watch(void (*ending)(bool exits))
{
    told = ending;
    PyObject *posix = PyImport_ImportModule("posix"); /* new */
    if (posix == NULL) {
        PyErr_Clear();
        return;
    }
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        PyObject *function = PyObject_GetAttrString(posix, exits[i].name);
        if (function == NULL) {
            PyErr_Clear();
            continue;
        }
        if (PyCFunction_CheckExact(function)) {
            PyMethodDef *method = ((PyCFunctionObject *)function)->m_ml;
            if ((method->ml_flags & METH_FASTCALL)
                && exits[i].original == NULL) {
                exits[i].original = method->ml_meth;
                method->ml_meth = (PyCFunction)(void (*)(void))exits[i]
                                      .replacement;
            }
        }
        Py_DECREF(function);
    }
    Py_DECREF(posix);
}
