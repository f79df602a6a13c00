/* Ranges and slices, and what slices take in steps.  Part of
 * pyaot_native.h. */
#ifndef PYAOT_NATIVE_SLICE_H
#define PYAOT_NATIVE_SLICE_H

INLINE PyObject *
pyaot_bound(PyObject *of, int64_t which) /* borrowed */
{
    return ((PyaotBounds *)of)->bound[which];
}

/* range(start, stop, step) of exact ints; NULL: no memory, nothing is set. */
static __attribute__((unused)) PyObject *
pyaot_range_new(PyObject *start, PyObject *stop, PyObject *step)
{
    PyObject *const args[3] = {start, stop, step};
    return pyaot_or_clear(
        PyObject_Vectorcall((PyObject *)&PyRange_Type, args, 3, NULL));
}

static __attribute__((unused)) PyObject *
pyaot_list_slice(PyObject *list, int64_t start, int64_t stop)
{
    int64_t n = Py_SIZE(list);
    return pyaot_or_clear(PyList_GetSlice(list, pyaot_slice_bound(start, n),
                                          pyaot_slice_bound(stop, n)));
}

static __attribute__((unused)) PyObject *
pyaot_tuple_slice(PyObject *tuple, int64_t start, int64_t stop)
{
    int64_t n = Py_SIZE(tuple);
    return pyaot_or_clear(PyTuple_GetSlice(tuple, pyaot_slice_bound(start, n),
                                           pyaot_slice_bound(stop, n)));
}

/* x[start:stop:step], the step not 0; NULL: no memory, nothing is set. */
static __attribute__((unused)) PyObject *
pyaot_list_stride(PyObject *list, int64_t start, int64_t stop, int64_t step)
{
    Py_ssize_t at = start, end = stop;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(list), &at, &end, step);
    PyObject *made = pyaot_or_clear(PyList_New(n));
    for (Py_ssize_t i = 0; made != NULL && i < n; i++, at += step) {
        PyList_SET_ITEM(made, i, Py_NewRef(PyList_GET_ITEM(list, at)));
    }
    return made;
}

static __attribute__((unused)) PyObject *
pyaot_tuple_stride(PyObject *tuple, int64_t start, int64_t stop, int64_t step)
{
    Py_ssize_t at = start, end = stop;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(tuple), &at, &end, step);
    if (step == 1 && n == Py_SIZE(tuple)) {
        return Py_NewRef(tuple);
    }
    PyObject *made = pyaot_or_clear(PyTuple_New(n));
    for (Py_ssize_t i = 0; made != NULL && i < n; i++, at += step) {
        PyTuple_SET_ITEM(made, i, Py_NewRef(PyTuple_GET_ITEM(tuple, at)));
    }
    return made;
}

static __attribute__((unused)) PyObject *
pyaot_str_stride(PyObject *s, int64_t start, int64_t stop, int64_t step)
{
    Py_ssize_t at = start, end = stop;
    Py_ssize_t n = PySlice_AdjustIndices(PyUnicode_GET_LENGTH(s), &at, &end,
                                         step);
    if (step == 1) { /* the string itself, where that is all of it */
        return pyaot_or_clear(PyUnicode_Substring(s, at, at + n));
    }
    Py_UCS4 most = 127;
    for (Py_ssize_t i = 0; !PyUnicode_IS_ASCII(s) && i < n; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(s, at + i * step);
        most = c > most ? c : most;
    }
    PyObject *made = pyaot_or_clear(PyUnicode_New(n, most));
    for (Py_ssize_t i = 0; made != NULL && i < n; i++, at += step) {
        PyUnicode_WRITE(PyUnicode_KIND(made), PyUnicode_DATA(made), i,
                        PyUnicode_READ_CHAR(s, at));
    }
    return made;
}

#endif
