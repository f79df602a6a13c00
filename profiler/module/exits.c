/* os._exit and os.exec* end the program without any clean-up.  Their C
 * functions are replaced behind the same Python objects, so that what was
 * recorded is written first; the application sees no difference. */
#define PYAOT_PROF_INTERNAL
#include "prof_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

enum { EXIT_BUSY_MS = 5000 };

static PyObject *
leave(const Exit *e, PyObject *module, PyObject *const *args,
      Py_ssize_t n_args, PyObject *names)
{
    if (prof.active) {
        Py_BEGIN_ALLOW_THREADS prof_flush(EXIT_BUSY_MS);
        Py_END_ALLOW_THREADS if (e == &exits[0])
        {
            prof_print_totals();
        }
    }
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
prof_hook_exits(void)
{
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

void
prof_print_totals(void)
{
    if (prof.quiet || prof.warned || prof.pid != prof.first_pid) {
        return;
    }
    char line[4200];
    const int len = snprintf(
        line, sizeof(line),
        "pyaot: recorded %llu code objects, %llu hot sites, %llu samples "
        "in %s\n",
        (unsigned long long)prof.n_codes, (unsigned long long)prof.n_sites,
        (unsigned long long)prof.n_samples, prof.path);
    if (len > 0 && write(STDERR_FILENO, line, strlen(line)) < 0) {
        return;
    }
}
