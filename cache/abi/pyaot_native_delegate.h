/* Delegation: `yield from`, `await`, `async for`. */
#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

#include "internal/pycore_ceval.h"
#include "internal/pycore_genobject.h"
#include "internal/pycore_pyerrors.h"

/* SEND: what the receiver yields (*more: 1) or returns (0): new; or NULL with
 * an exception set. */
INLINE PyObject *
pyaot_send(PyaotThread *th, PyObject *receiver, PyObject *value, int *more)
{
    PyObject *result;
    *more = (PyGen_CheckExact(receiver) || PyCoro_CheckExact(receiver)
                 ? th->rt->gen_send(th, receiver, value, &result)
                 : PyIter_Send(receiver, value, &result))
            == PYGEN_NEXT;
    return result;
}

/* GET_YIELD_FROM_ITER. [Python/bytecodes.c] */
INLINE PyObject *
pyaot_py_yield_from_iter(PyaotFrame *fr, PyObject *iterable)
{
    if (PyGen_CheckExact(iterable)) {
        return Py_NewRef(iterable);
    }
    if (PyCoro_CheckExact(iterable)) {
        if (pyaot_frame_code(fr)->co_flags
            & (CO_COROUTINE | CO_ITERABLE_COROUTINE)) {
            return Py_NewRef(iterable);
        }
        PyErr_SetString(PyExc_TypeError,
                        "cannot 'yield from' a coroutine object "
                        "in a non-coroutine generator");
        return NULL;
    }
    return PyObject_GetIter(iterable);
}

/* GET_AWAITABLE. [Python/bytecodes.c] */
INLINE PyObject *
pyaot_py_awaitable(PyThreadState *ts, PyObject *object, int64_t arg)
{
    PyObject *it = _PyCoro_GetAwaitableIter(object);
    if (UNLIKELY(it == NULL)) {
        _PyEval_FormatAwaitableError(ts, Py_TYPE(object), (int)arg);
        return NULL;
    }
    if (PyCoro_CheckExact(it)
        && UNLIKELY(((PyCoroObject *)it)->cr_frame_state
                    == FRAME_SUSPENDED_YIELD_FROM)) {
        Py_DECREF(it);
        PyErr_SetString(PyExc_RuntimeError,
                        "coroutine is being awaited already");
        return NULL;
    }
    return it;
}

/* GET_ANEXT. [Python/bytecodes.c] */
static __attribute__((unused)) PyObject *
pyaot_py_anext(PyObject *aiter)
{
    PyTypeObject *type = Py_TYPE(aiter);
    unaryfunc getter = type->tp_as_async != NULL ? type->tp_as_async->am_anext
                                                 : NULL;
    if (getter == NULL) {
        return PyErr_Format(PyExc_TypeError,
                            "'async for' requires an iterator with "
                            "__anext__ method, got %.100s",
                            type->tp_name);
    }
    PyObject *next = getter(aiter);
    if (next == NULL || PyAsyncGen_CheckExact(aiter)) {
        return next;
    }
    PyObject *it = _PyCoro_GetAwaitableIter(next);
    if (it == NULL) {
        _PyErr_FormatFromCause(PyExc_TypeError,
                               "'async for' received an invalid object "
                               "from __anext__: %.100s",
                               Py_TYPE(next)->tp_name);
    }
    Py_DECREF(next);
    return it;
}
