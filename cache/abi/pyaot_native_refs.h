/* References: taken, given back, and what is known to be freed unseen.  Part
 * of pyaot_native.h. */
#ifndef PYAOT_NATIVE_REFS_H
#define PYAOT_NATIVE_REFS_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* Boxing where there is no way back: a side exit must rebuild the state. */
static COLD void
pyaot_no_memory(void)
{
    Py_FatalError("pyaot: out of memory while leaving compiled code");
}

INLINE PyObject *
pyaot_must(PyObject *o)
{
    if (UNLIKELY(o == NULL)) {
        pyaot_no_memory();
    }
    return o;
}

INLINE void
pyaot_set(PyObject **cell, PyObject *value)
{
    PyObject *old = *cell;
    *cell = value;
    Py_XDECREF(old);
}

/* Deallocating an instance of these runs no Python code, and frees nothing
 * else. */
INLINE int
pyaot_is_simple(PyObject *o)
{
    PyTypeObject *t = Py_TYPE(o);
    return t == &PyFloat_Type || t == &PyLong_Type || t == &PyUnicode_Type
           || t == &PyBool_Type || t == Py_TYPE(Py_None) || t == &PyBytes_Type
           || t == &PyComplex_Type;
}

/* References to a mortal object come and go, without anything that follows
 * from it.  A debug build of the interpreter counts all that there are. */
INLINE void
pyaot_refs_more(PyObject *o, Py_ssize_t n)
{
    o->ob_refcnt += n;
#ifdef Py_REF_DEBUG
    while (n-- > 0) {
        _Py_INCREF_IncRefTotal();
    }
#endif
}

/* How many are left. */
INLINE Py_ssize_t
pyaot_ref_less(PyObject *o)
{
#ifdef Py_REF_DEBUG
    _Py_DECREF_DecRefTotal();
#endif
    return --o->ob_refcnt;
}

/* An object whose last reference is going: will nobody see that? */
INLINE int
pyaot_dies_unseen(PyaotThread *th, PyObject *o)
{
    return pyaot_is_simple(o) || th->rt->dies_unseen(o);
}

/* The same while value, perhaps a part of o that has no other reference, is
 * about to take its place. */
static OUTLINE int
pyaot_replaced_unseen(PyaotThread *th, PyObject *o, PyObject *value)
{
    if (pyaot_is_simple(o)) {
        return 1;
    }
    if (value == NULL || _Py_IsImmortal(value)) {
        return pyaot_dies_unseen(th, o);
    }
    pyaot_refs_more(value, 1);
    int unseen = pyaot_dies_unseen(th, o);
    pyaot_ref_less(value);
    return unseen;
}

/* Would giving up one reference to o be seen?  value takes its place, or NULL.
 */
INLINE int
pyaot_dies_seen(PyaotThread *th, PyObject *o, PyObject *value)
{
    return Py_REFCNT(o) == 1 && !pyaot_replaced_unseen(th, o, value);
}

/* Give back a reference where there is no exit: what would be seen to die does
 * so when the interpreter goes on next. */
static COLD void
pyaot_give_back_last(PyaotThread *th, PyObject *o)
{
    if (pyaot_dies_unseen(th, o)) {
        Py_DECREF(o);
    }
    else {
        th->rt->release_soon(o);
    }
}

INLINE void
pyaot_give_back(PyaotThread *th, PyObject *o)
{
    if (o == NULL || _Py_IsImmortal(o)) {
        return;
    }
    if (LIKELY(o->ob_refcnt > 1)) {
        pyaot_ref_less(o);
        return;
    }
    pyaot_give_back_last(th, o);
}

static OUTLINE PyObject *
pyaot_or_clear(PyObject *o)
{
    if (UNLIKELY(o == NULL)) {
        PyErr_Clear();
    }
    return o;
}

#endif
