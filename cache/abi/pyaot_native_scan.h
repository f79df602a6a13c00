/* What builtins and methods do over all elements of a list or tuple, for
 * elements that are numbers or strings, without an iterator and without
 * objects in between.  Part of pyaot_native.h.
 *
 * Where an element is anything else its own code is run, one element at a
 * time and with the list looked at anew, or the builtin is called: nothing is
 * refused here. */
#ifndef PYAOT_NATIVE_SCAN_H
#define PYAOT_NATIVE_SCAN_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

INLINE int
pyaot_scans(PyObject *sequence)
{
    return PyList_CheckExact(sequence) || PyTuple_CheckExact(sequence);
}

INLINE PyObject **
pyaot_scan_items(PyObject *sequence)
{
    return PyList_CheckExact(sequence) ? ((PyListObject *)sequence)->ob_item
                                       : ((PyTupleObject *)sequence)->ob_item;
}

static COLD int
pyaot_scan_compare(PyObject *item, PyObject *value)
{
    Py_INCREF(item);
    int equal = PyObject_RichCompareBool(item, value, Py_EQ);
    Py_DECREF(item);
    return equal;
}

INLINE int
pyaot_is_compact(PyObject *o)
{
    return ((PyLongObject *)o)->long_value.lv_tag < (2u << 3);
}

/* Index of the first element equal to value at or behind i; -1: there is none;
 * -2: an exception is set. */
static OUTLINE Py_ssize_t
pyaot_scan_find(PyObject *sequence, Py_ssize_t i, PyObject *value)
{
    int64_t number = 0;
    int is_int = Py_TYPE(value) == &PyBool_Type
                     ? (number = value == Py_True, 1)
                     : PyLong_CheckExact(value) && pyaot_is_compact(value)
                           && pyaot_unbox_i(value, &number);
    int is_str = PyUnicode_CheckExact(value);
    for (; i < Py_SIZE(sequence); i++) {
        PyObject *item = pyaot_scan_items(sequence)[i];
        int equal;
        if (item == value) {
            return i;
        }
        if (is_int && PyLong_CheckExact(item)) {
            int64_t x;
            equal = pyaot_is_compact(item) && pyaot_unbox_i(item, &x)
                    && x == number;
        }
        else if (is_int && Py_TYPE(item) == &PyBool_Type) {
            equal = (item == Py_True) == number;
        }
        else if (is_str && PyUnicode_CheckExact(item)) {
            equal = pyaot_str_eq(item, value);
        }
        else {
            equal = pyaot_scan_compare(item, value);
        }
        if (equal != 0) {
            return equal > 0 ? i : -2;
        }
    }
    return -1;
}

static __attribute__((unused)) PyObject *
pyaot_py_list_count(PyObject *list, PyObject *value)
{
    Py_ssize_t count = 0, i = -1;
    while ((i = pyaot_scan_find(list, i + 1, value)) >= 0) {
        count++;
    }
    return i == -1 ? PyLong_FromSsize_t(count) : NULL;
}

static __attribute__((unused)) PyObject *
pyaot_py_list_index(PyObject *method, PyObject *list, PyObject *value)
{
    Py_ssize_t i = pyaot_scan_find(list, 0, value);
    if (i == -1) { /* says so */
        PyObject *args[2] = {list, value};
        return PyObject_Vectorcall(method, args, 2, NULL);
    }
    return i >= 0 ? PyLong_FromSsize_t(i) : NULL;
}

static __attribute__((unused)) int
pyaot_pyb_contains(PyObject *container, PyObject *item)
{
    if (pyaot_scans(container)) {
        Py_ssize_t i = pyaot_scan_find(container, 0, item);
        return i == -2 ? -1 : i >= 0;
    }
    return PySequence_Contains(container, item);
}

/* As builtin_sum: ints, then floats with Neumaier's compensation.  NULL, with
 * or without an exception: not such numbers. */
static OUTLINE PyObject *
pyaot_scan_sum(PyObject *sequence)
{
    PyObject **items = pyaot_scan_items(sequence);
    Py_ssize_t n = Py_SIZE(sequence), i = 0;
    int64_t sum = 0, x;
    for (; i < n; i++) {
        PyObject *item = items[i];
        if (Py_TYPE(item) == &PyBool_Type) {
            x = item == Py_True;
        }
        else if (!pyaot_unbox_i(item, &x)) {
            break;
        }
        if (UNLIKELY(__builtin_add_overflow(sum, x, &sum))) {
            return NULL;
        }
    }
    if (i == n) {
        return PyLong_FromLongLong(sum);
    }
    if (!PyFloat_CheckExact(items[i])) {
        return NULL;
    }
    double total = (double)sum + ((PyFloatObject *)items[i])->ob_fval,
           rest = 0.0;
    for (i++; i < n; i++) {
        double y;
        if (!pyaot_unbox_f(items[i], &y)) {
            return NULL;
        }
        double t = total + y;
        rest += fabs(total) >= fabs(y) ? (total - t) + y : (y - t) + total;
        total = t;
    }
    if (rest != 0.0 && isfinite(rest)) {
        total += rest;
    }
    return PyFloat_FromDouble(total);
}

/* The first of the largest or smallest; NULL: not all ints of 64 bits, nor
 * all floats. */
static OUTLINE PyObject *
pyaot_scan_best(PyObject *sequence, int is_max)
{
    PyObject **items = pyaot_scan_items(sequence);
    Py_ssize_t n = Py_SIZE(sequence), best = 0;
    int64_t number, x;
    double real, y;
    if (n > 0 && pyaot_unbox_i(items[0], &number)) {
        for (Py_ssize_t i = 1; i < n; i++) {
            if (!pyaot_unbox_i(items[i], &x)) {
                return NULL;
            }
            if (is_max ? x > number : x < number) {
                number = x;
                best = i;
            }
        }
        return Py_NewRef(items[best]);
    }
    if (n > 0 && pyaot_unbox_f(items[0], &real)) {
        for (Py_ssize_t i = 1; i < n; i++) {
            if (!pyaot_unbox_f(items[i], &y)) {
                return NULL;
            }
            if (is_max ? y > real : y < real) {
                real = y;
                best = i;
            }
        }
        return Py_NewRef(items[best]);
    }
    return NULL;
}

/* Is there an element whose truth is want?  -1: an exception is set. */
static OUTLINE int
pyaot_scan_truth(PyObject *sequence, int want)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(sequence); i++) {
        PyObject *item = pyaot_scan_items(sequence)[i];
        int truth;
        if (Py_TYPE(item) == &PyBool_Type) {
            truth = item == Py_True;
        }
        else {
            Py_INCREF(item);
            truth = PyObject_IsTrue(item);
            Py_DECREF(item);
        }
        if (truth == want || truth < 0) {
            return truth < 0 ? -1 : 1;
        }
    }
    return 0;
}

/* builtin: what the name must be bound to; fn: what it is bound to. */
#define PYAOT_SCAN(text, scan)                                                \
    static __attribute__((unused))                                            \
    PyObject *pyaot_py_##text(PyObject *builtin, PyObject *fn,                \
                              PyObject *sequence)                             \
    {                                                                         \
        if (fn == builtin && pyaot_scans(sequence)) {                         \
            PyObject *r = scan;                                               \
            if (LIKELY(r != NULL)) {                                          \
                return r;                                                     \
            }                                                                 \
            PyErr_Clear();                                                    \
        }                                                                     \
        return PyObject_Vectorcall(fn, &sequence, 1, NULL);                   \
    }
PYAOT_SCAN(sum, pyaot_scan_sum(sequence))
PYAOT_SCAN(max, pyaot_scan_best(sequence, 1))
PYAOT_SCAN(min, pyaot_scan_best(sequence, 0))

#define PYAOT_SCAN_TRUTH(text, want)                                          \
    static __attribute__((unused))                                            \
    PyObject *pyaot_py_##text(PyObject *builtin, PyObject *fn,                \
                              PyObject *sequence)                             \
    {                                                                         \
        if (fn == builtin && pyaot_scans(sequence)) {                         \
            int found = pyaot_scan_truth(sequence, want);                     \
            return found < 0 ? NULL : found == want ? Py_True : Py_False;     \
        }                                                                     \
        return PyObject_Vectorcall(fn, &sequence, 1, NULL);                   \
    }
PYAOT_SCAN_TRUTH(any, 1)
PYAOT_SCAN_TRUTH(all, 0)

#endif
