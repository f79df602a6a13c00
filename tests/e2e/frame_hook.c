/* An extension that installs a frame evaluation hook (PEP 523), which counts
 * the frames of each function.  For test_frame_hook.py. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *counts; /* name -> number, or NULL */

static PyObject *
hook(PyThreadState *ts, struct _PyInterpreterFrame *frame, int throwing)
{
    PyObject *code = PyUnstable_InterpreterFrame_GetCode(frame);
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *name = ((PyCodeObject *)code)->co_name;
    PyObject *old = PyDict_GetItemWithError(counts, name);
    PyObject *n = PyLong_FromLong((old != NULL ? PyLong_AsLong(old) : 0) + 1);
    if (n == NULL || PyDict_SetItem(counts, name, n) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(n);
    Py_DECREF(code);
    PyErr_SetRaisedException(exc);
    return _PyEval_EvalFrameDefault(ts, frame, throwing);
}

/* on(dict): count into it from now on */
static PyObject *
on(PyObject *Py_UNUSED(self), PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "a dict is needed");
        return NULL;
    }
    Py_XSETREF(counts, Py_NewRef(dict));
    _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), hook);
    Py_RETURN_NONE;
}

static PyObject *
off(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(arg))
{
    _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(),
                                         _PyEval_EvalFrameDefault);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"on", on, METH_O, NULL},
    {"off", off, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "frame_hook",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_frame_hook(void)
{
    return PyModule_Create(&module);
}
