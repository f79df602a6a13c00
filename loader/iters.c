/* Iterators whose state lives in native variables. */
#include "loader_int.h"

int
rt_range_iter_take(PyObject *obj, int64_t *next, int64_t *step,
                   int64_t *remaining)
{
    if (Py_TYPE(obj) != &PyRangeIter_Type || Py_REFCNT(obj) != 1) {
        return 0;
    }
    _PyRangeIterObject *it = (_PyRangeIterObject *)obj;
    *next = it->start;
    *step = it->step;
    *remaining = it->len;
    return 1;
}

PyObject *
rt_range_iter_make(int64_t next, int64_t step, int64_t remaining)
{
    _PyRangeIterObject *it =
        PyObject_New(_PyRangeIterObject, &PyRangeIter_Type);
    if (it != NULL) {
        it->start = next;
        it->step = step;
        it->len = remaining;
    }
    return (PyObject *)it;
}

int
rt_list_iter_take(PyObject *obj, PyObject **list, int64_t *index)
{
    if (Py_TYPE(obj) != &PyListIter_Type || Py_REFCNT(obj) != 1) {
        return 0;
    }
    _PyListIterObject *it = (_PyListIterObject *)obj;
    *list = (PyObject *)it->it_seq;
    *index = it->it_index;
    return 1;
}

PyObject *
rt_list_iter_make(PyObject *list, int64_t index)
{
    _PyListIterObject *it =
        PyObject_GC_New(_PyListIterObject, &PyListIter_Type);
    if (it != NULL) {
        it->it_index = index;
        it->it_seq = (PyListObject *)Py_XNewRef(list);
        PyObject_GC_Track(it);
    }
    return (PyObject *)it;
}

int
rt_tuple_iter_take(PyObject *obj, PyObject **tuple, int64_t *index)
{
    if (Py_TYPE(obj) != &PyTupleIter_Type || Py_REFCNT(obj) != 1) {
        return 0;
    }
    _PyTupleIterObject *it = (_PyTupleIterObject *)obj;
    *tuple = (PyObject *)it->it_seq;
    *index = it->it_index;
    return 1;
}

PyObject *
rt_tuple_iter_make(PyObject *tuple, int64_t index)
{
    _PyTupleIterObject *it =
        PyObject_GC_New(_PyTupleIterObject, &PyTupleIter_Type);
    if (it != NULL) {
        it->it_index = index;
        it->it_seq = (PyTupleObject *)Py_XNewRef(tuple);
        PyObject_GC_Track(it);
    }
    return (PyObject *)it;
}
