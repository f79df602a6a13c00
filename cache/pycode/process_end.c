#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "process_end.h"

#include <string.h>
#include <unistd.h>

typedef PyObject *(*KeywordFunction)(PyObject *, PyObject *const *, Py_ssize_t,
                                     PyObject *);

static PyObject *end_exit(PyObject *, PyObject *const *, Py_ssize_t,
                          PyObject *);
static PyObject *end_execv(PyObject *, PyObject *const *, Py_ssize_t,
                           PyObject *);
static PyObject *end_execve(PyObject *, PyObject *const *, Py_ssize_t,
                            PyObject *);

typedef struct {
    const char *name;
    KeywordFunction replacement;
    PyCFunction original;
} End;

static End ends[] = {
    {"_exit", end_exit, NULL},
    {"execv", end_execv, NULL},
    {"execve", end_execve, NULL},
};

static PyaotBeforeEnd *before_end;

/* os.execvp tries one folder after the other: what is not there will fail.
 * Other paths than texts and bytes could run code when they are asked. */
static bool
will_fail(PyObject *path)
{
    bool fails = false;
    PyObject *bytes = NULL;
    if ((PyUnicode_CheckExact(path) || PyBytes_CheckExact(path))
        && PyUnicode_FSConverter(path, &bytes)) {
        fails = access(PyBytes_AS_STRING(bytes), X_OK) != 0;
        Py_DECREF(bytes);
    }
    PyErr_Clear();
    return fails;
}

static PyObject *
end_by(const End *end, PyObject *module, PyObject *const *args,
       Py_ssize_t n_args, PyObject *names)
{
    const bool is_exec = end != &ends[0];
    if (!is_exec || n_args == 0 || !will_fail(args[0])) {
        before_end(is_exec);
    }
    /* A plain fastcall function ignores the fourth argument. */
    return ((KeywordFunction)(void (*)(void))end->original)(module, args,
                                                            n_args, names);
}

static PyObject *
end_exit(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
         PyObject *names)
{
    return end_by(&ends[0], module, args, n_args, names);
}

static PyObject *
end_execv(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
          PyObject *names)
{
    return end_by(&ends[1], module, args, n_args, names);
}

static PyObject *
end_execve(PyObject *module, PyObject *const *args, Py_ssize_t n_args,
           PyObject *names)
{
    return end_by(&ends[2], module, args, n_args, names);
}

static void
replace(End *end, PyObject *function /* borrowed */)
{
    if (!PyCFunction_CheckExact(function) || end->original != NULL) {
        return;
    }
    PyMethodDef *method = ((PyCFunctionObject *)function)->m_ml;
    if (method->ml_flags & METH_FASTCALL) {
        end->original = method->ml_meth;
        method->ml_meth = (PyCFunction)(void (*)(void))end->replacement;
    }
}

void
pyaot_process_end_hook(PyaotBeforeEnd *before)
{
    PyObject *posix = PyImport_ImportModule("posix"); /* new */
    before_end = before;
    for (size_t i = 0; posix != NULL && i < sizeof(ends) / sizeof(ends[0]);
         i++) {
        PyObject *function = PyObject_GetAttrString(posix, ends[i].name);
        if (function != NULL) {
            replace(&ends[i], function);
            Py_DECREF(function);
        }
        PyErr_Clear();
    }
    PyErr_Clear();
    Py_XDECREF(posix);
}
