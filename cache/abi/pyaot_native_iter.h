/* Iterators moved on in place, as FOR_ITER_RANGE, FOR_ITER_LIST and
 * FOR_ITER_TUPLE do.  An iterator at its end lets go of what it iterates over;
 * where somebody else holds it, that is left to the interpreter: -1.  Part of
 * pyaot_native.h. */
#ifndef PYAOT_NATIVE_ITER_H
#define PYAOT_NATIVE_ITER_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

INLINE int
pyaot_range_iter_more(PyObject *it)
{
    return ((_PyRangeIterObject *)it)->len > 0;
}

INLINE int64_t
pyaot_range_iter_next(PyObject *it)
{
    _PyRangeIterObject *r = (_PyRangeIterObject *)it;
    long value = r->start;
    r->start = (long)((unsigned long)value + (unsigned long)r->step);
    r->len--;
    return value;
}

INLINE int
pyaot_list_iter_more(PyObject *it)
{
    _PyListIterObject *l = (_PyListIterObject *)it;
    if (LIKELY(l->it_seq != NULL
               && l->it_index < PyList_GET_SIZE(l->it_seq))) {
        return 1;
    }
    return Py_REFCNT(it) == 1 ? 0 : -1;
}

INLINE PyObject *
pyaot_list_iter_next(PyObject *it)
{
    _PyListIterObject *l = (_PyListIterObject *)it;
    return Py_NewRef(PyList_GET_ITEM(l->it_seq, l->it_index++));
}

INLINE int
pyaot_tuple_iter_more(PyObject *it)
{
    _PyTupleIterObject *t = (_PyTupleIterObject *)it;
    if (LIKELY(t->it_seq != NULL
               && t->it_index < PyTuple_GET_SIZE(t->it_seq))) {
        return 1;
    }
    return Py_REFCNT(it) == 1 ? 0 : -1;
}

INLINE PyObject *
pyaot_tuple_iter_next(PyObject *it)
{
    _PyTupleIterObject *t = (_PyTupleIterObject *)it;
    return Py_NewRef(PyTuple_GET_ITEM(t->it_seq, t->it_index++));
}

/* Next item, or NULL: without an exception at the end. */
INLINE PyObject *
pyaot_next(PyaotThread *th, PyObject *it)
{
    PyObject *v = PyGen_CheckExact(it) ? th->rt->gen_next(th, it)
                                       : Py_TYPE(it)->tp_iternext(it);
    if (UNLIKELY(v == NULL) && PyErr_Occurred()
        && PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
    }
    return v;
}

#endif
