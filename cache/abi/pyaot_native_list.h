/* Elements of lists and tuples, and cells of all kinds.  Part of
 * pyaot_native.h. */
#ifndef PYAOT_NATIVE_LIST_H
#define PYAOT_NATIVE_LIST_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

INLINE int
pyaot_index(int64_t *i, int64_t n)
{
    *i += *i < 0 ? n : 0;
    return LIKELY((uint64_t)*i < (uint64_t)n);
}

/* Store an object into a cell of a list or instance; simple: which replaces
 * one of a simple class, if that dies.
 *
 * is_new  its reference is given away, or it needs none
 *
 * 0: what is there must be released by the interpreter. */
#define PYAOT_CELL_SET(name, keeps)                                           \
    INLINE int name(PyaotThread *th, PyObject **cell, PyObject *value,        \
                    int is_new)                                               \
    {                                                                         \
        (void)th;                                                             \
        PyObject *old = *cell;                                                \
        if (LIKELY(_Py_IsImmortal(old))) {                                    \
            *cell = is_new ? value : Py_NewRef(value);                        \
            return 1;                                                         \
        }                                                                     \
        if (UNLIKELY(Py_REFCNT(old) == 1 && (keeps))) {                       \
            return 0;                                                         \
        }                                                                     \
        *cell = is_new ? value : Py_NewRef(value);                            \
        if (pyaot_ref_less(old) == 0) {                                       \
            _Py_Dealloc(old);                                                 \
        }                                                                     \
        return 1;                                                             \
    }
PYAOT_CELL_SET(pyaot_cell_set,
               !pyaot_is_simple(old) && !pyaot_replaced_unseen(th, old, value))
PYAOT_CELL_SET(pyaot_cell_set_simple, !pyaot_is_simple(old))

/* list[start:stop:step] = [value] * count, for steps forward.  0: the lengths
 * differ, or what is there must be released by the interpreter; the same may
 * then be done again, although some elements are stored. */
INLINE int
pyaot_list_fill(PyaotThread *th, PyObject *list, int64_t start, int64_t stop,
                int64_t step, int64_t count, PyObject *value, int is_immortal)
{
    int64_t n = Py_SIZE(list), length;
    if (UNLIKELY(!pyaot_slice_len(start, stop, step, n, &length)
                 || length != (count > 0 ? count : 0))) {
        return 0;
    }
    PyObject **cell = &((PyListObject *)list)
                           ->ob_item[pyaot_slice_bound(start, n)];
    for (; length > 0; length--) {
        if (UNLIKELY(!pyaot_cell_set(th, cell, value, is_immortal))) {
            return 0;
        }
        cell = length > 1 ? cell + step : cell;
    }
    return 1;
}

/* Store a float into a cell.  0: what is there must be released by the
 * interpreter. */
INLINE int
pyaot_cell_set_f(PyObject **cell, double v)
{
    PyObject *old = *cell;
    if (LIKELY(pyaot_overwrite_f(cell, v))) {
        return 1;
    }
    if (UNLIKELY(!pyaot_is_simple(old) && Py_REFCNT(old) == 1)) {
        return 0;
    }
    PyObject *o = PyFloat_FromDouble(v);
    if (UNLIKELY(o == NULL)) {
        PyErr_Clear();
        return 0;
    }
    *cell = o;
    Py_DECREF(old);
    return 1;
}

/* The same for an int. */
INLINE int
pyaot_cell_set_i(PyObject **cell, int64_t v)
{
    PyObject *old = *cell;
    if (LIKELY(pyaot_overwrite_i(cell, v))) {
        return 1;
    }
    if (UNLIKELY(!pyaot_is_simple(old) && Py_REFCNT(old) == 1)) {
        return 0;
    }
    PyObject *o = PyLong_FromLongLong(v);
    if (UNLIKELY(o == NULL)) {
        PyErr_Clear();
        return 0;
    }
    *cell = o;
    Py_DECREF(old);
    return 1;
}

static OUTLINE int
pyaot_list_append_slow(PyObject *list, PyObject *v)
{
    if (PyList_Append(list, v) < 0) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

INLINE int
pyaot_list_append(PyObject *list, PyObject *v)
{
    PyListObject *l = (PyListObject *)list;
    Py_ssize_t n = Py_SIZE(l);
    if (LIKELY(n < l->allocated)) {
        l->ob_item[n] = Py_NewRef(v);
        Py_SET_SIZE(l, n + 1);
        return 1;
    }
    return pyaot_list_append_slow(list, v);
}

static __attribute__((unused)) PyObject *
pyaot_list_new(PyObject **items, Py_ssize_t n, uint32_t given)
{
    PyObject *l = PyList_New(n);
    for (Py_ssize_t i = 0; l != NULL && i < n; i++) {
        int is_given = i < 32 && (given >> i & 1);
        PyList_SET_ITEM(l, i, is_given ? items[i] : Py_NewRef(items[i]));
    }
    return l;
}

/* [x] * n of n at least this: pages of 4 KiB would cost more to come by than
 * the elements to write, and a translation each when the list is walked in
 * steps.  (numpy asks for large pages from the same size on.) */
enum { PYAOT_LARGE_PAGES_BYTES = 1 << 22 };

static OUTLINE PyObject *
pyaot_list_repeat(PyObject *list, int64_t n)
{
    if (Py_SIZE(list) != 1
        || n < PYAOT_LARGE_PAGES_BYTES / (int64_t)sizeof(PyObject *)
        || n > PY_SSIZE_T_MAX / (int64_t)sizeof(PyObject *)) {
        return PySequence_Repeat(list, n);
    }
    size_t size = (size_t)n * sizeof(PyObject *);
    PyListObject *made = (PyListObject *)PyList_New(0);
    PyObject **items = made != NULL ? PyMem_Malloc(size) : NULL;
    if (items == NULL) {
        Py_XDECREF(made);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    const uintptr_t page = 4096;
    uintptr_t start = ((uintptr_t)items + page - 1) & ~(page - 1);
    (void)madvise((void *)start,
                  ((uintptr_t)items + size - start) & ~(page - 1),
                  MADV_HUGEPAGE);
#endif
    PyObject *x = PyList_GET_ITEM(list, 0);
    for (int64_t i = 0; i < n; i++) {
        items[i] = x;
    }
    if (!_Py_IsImmortal(x)) {
        pyaot_refs_more(x, n);
    }
    made->ob_item = items;
    made->allocated = n;
    Py_SET_SIZE(made, n);
    return (PyObject *)made;
}

static __attribute__((unused)) PyObject *
pyaot_tuple_new(PyObject **items, Py_ssize_t n, uint32_t given)
{
    PyObject *t = PyTuple_New(n);
    for (Py_ssize_t i = 0; t != NULL && i < n; i++) {
        int is_given = i < 32 && (given >> i & 1);
        PyTuple_SET_ITEM(t, i, is_given ? items[i] : Py_NewRef(items[i]));
    }
    return t;
}

#endif
