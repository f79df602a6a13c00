/* Iterators whose state lives in native variables, and generators. */
#include "loader_int.h"

PyObject *
rt_gen_next(PyaotThread *Py_UNUSED(th), PyObject *gen)
{
    return api->draw(gen);
}

PySendResult
rt_gen_send(PyaotThread *Py_UNUSED(th), PyObject *gen, PyObject *value,
            PyObject **result)
{
    return (PySendResult)api->send(gen, value, result);
}

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
iters_make_range(int64_t next, int64_t step, int64_t remaining)
{
    _PyRangeIterObject *it = PyObject_New(_PyRangeIterObject,
                                          &PyRangeIter_Type);
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
iters_make_list(PyObject *list, int64_t index)
{
    _PyListIterObject *it = PyObject_GC_New(_PyListIterObject,
                                            &PyListIter_Type);
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
iters_make_tuple(PyObject *tuple, int64_t index)
{
    _PyTupleIterObject *it = PyObject_GC_New(_PyTupleIterObject,
                                             &PyTupleIter_Type);
    if (it != NULL) {
        it->it_index = index;
        it->it_seq = (PyTupleObject *)Py_XNewRef(tuple);
        PyObject_GC_Track(it);
    }
    return (PyObject *)it;
}

int
rt_str_iter_take(PyObject *obj, PyObject **str, int64_t *index)
{
    PyaotStrIter *it = (PyaotStrIter *)obj;
    if (!abi_is_str_iter(obj) || Py_REFCNT(obj) != 1) {
        return 0;
    }
    *str = it->str;
    *index = it->index;
    return 1;
}

PyObject *
iters_make_str(PyObject *str, int64_t index)
{
    PyaotStrIter *it = (PyaotStrIter *)PyObject_GetIter(str);
    if (it != NULL) {
        it->index = index;
    }
    return (PyObject *)it;
}

/* The list, tuple or str that iterator goes through, borrowed, if nobody else
 * can see the iterator move; else NULL. */
static PyObject *
sequence_of(PyObject *iterator, int64_t *index)
{
    PyObject *sequence = NULL;
    if (!rt_list_iter_take(iterator, &sequence, index)
        && !rt_tuple_iter_take(iterator, &sequence, index)
        && !rt_str_iter_take(iterator, &sequence, index)) {
        return NULL;
    }
    return sequence;
}

static PyObject *
make_sequence_iter(PyObject *sequence, int64_t index)
{
    return PyList_Check(sequence)    ? iters_make_list(sequence, index)
           : PyTuple_Check(sequence) ? iters_make_tuple(sequence, index)
                                     : iters_make_str(sequence, index);
}

int
rt_enum_iter_take(PyObject *obj, PyObject **sequence, int64_t *index,
                  int64_t *delta)
{
    PyaotEnumerate *it = (PyaotEnumerate *)obj;
    if (Py_TYPE(obj) != &PyEnum_Type || Py_REFCNT(obj) != 1
        || it->long_index != NULL) {
        return 0;
    }
    *sequence = sequence_of(it->iterator, index);
    return *sequence != NULL
           && !__builtin_sub_overflow((int64_t)it->index, *index, delta);
}

/* An exception may be set: the caller is on its way out with it. */
static PyObject *
call_type(PyTypeObject *type, PyObject *first, PyObject *second)
{
    PyObject *args[2] = {first, second};
    PyObject *raised = PyErr_GetRaisedException();
    PyObject *made = first == NULL || second == NULL
                         ? NULL
                         : PyObject_Vectorcall((PyObject *)type, args, 2,
                                               NULL);
    Py_XDECREF(first);
    Py_XDECREF(second);
    PyErr_SetRaisedException(raised);
    return made;
}

PyObject *
iters_make_enum(PyObject *sequence, int64_t index, int64_t delta)
{
    PyObject *number = PyLong_FromLongLong(index);
    PyObject *distance = PyLong_FromLongLong(delta);
    PyObject *sum = number == NULL || distance == NULL
                        ? NULL
                        : PyNumber_Add(number,
                                       distance); /* may not fit in 64 bits */
    Py_XDECREF(number);
    Py_XDECREF(distance);
    return call_type(&PyEnum_Type, make_sequence_iter(sequence, index), sum);
}

int
rt_zip_iter_take(PyObject *obj, PyObject **first, int64_t *index,
                 PyObject **second)
{
    PyaotZip *it = (PyaotZip *)obj;
    int64_t other;
    if (Py_TYPE(obj) != &PyZip_Type || Py_REFCNT(obj) != 1 || it->strict
        || it->n != 2) {
        return 0;
    }
    *first = sequence_of(PyTuple_GET_ITEM(it->iterators, 0), index);
    *second = sequence_of(PyTuple_GET_ITEM(it->iterators, 1), &other);
    return *first != NULL && *second != NULL && other == *index;
}

PyObject *
iters_make_zip(PyObject *first, int64_t index, PyObject *second)
{
    return call_type(&PyZip_Type, make_sequence_iter(first, index),
                     make_sequence_iter(second, index));
}
