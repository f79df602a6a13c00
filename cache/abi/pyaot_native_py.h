/* What the interpreter's instructions do for operands of any class: pyaot_py_
 * makes an object, pyaot_pyb_ says yes, no or -1, pyaot_pyv_ 0 or -1.  They
 * run other code, and may leave an exception.  Part of pyaot_native.h. */
#ifndef PYAOT_NATIVE_PY_H
#define PYAOT_NATIVE_PY_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

#define PYAOT_BINARY(text, function)                                          \
    INLINE PyObject *pyaot_py_##text(PyObject *a, PyObject *b)                \
    {                                                                         \
        return function(a, b);                                                \
    }
PYAOT_BINARY(add, PyNumber_Add)
PYAOT_BINARY(and, PyNumber_And)
PYAOT_BINARY(floordiv, PyNumber_FloorDivide)
PYAOT_BINARY(lshift, PyNumber_Lshift)
PYAOT_BINARY(matmul, PyNumber_MatrixMultiply)
PYAOT_BINARY(mul, PyNumber_Multiply)
PYAOT_BINARY(rem, PyNumber_Remainder)
PYAOT_BINARY(or, PyNumber_Or)
PYAOT_BINARY(rshift, PyNumber_Rshift)
PYAOT_BINARY(sub, PyNumber_Subtract)
PYAOT_BINARY(truediv, PyNumber_TrueDivide)
PYAOT_BINARY(xor, PyNumber_Xor)
PYAOT_BINARY(i_add, PyNumber_InPlaceAdd)
PYAOT_BINARY(i_and, PyNumber_InPlaceAnd)
PYAOT_BINARY(i_floordiv, PyNumber_InPlaceFloorDivide)
PYAOT_BINARY(i_lshift, PyNumber_InPlaceLshift)
PYAOT_BINARY(i_matmul, PyNumber_InPlaceMatrixMultiply)
PYAOT_BINARY(i_mul, PyNumber_InPlaceMultiply)
PYAOT_BINARY(i_rem, PyNumber_InPlaceRemainder)
PYAOT_BINARY(i_or, PyNumber_InPlaceOr)
PYAOT_BINARY(i_rshift, PyNumber_InPlaceRshift)
PYAOT_BINARY(i_sub, PyNumber_InPlaceSubtract)
PYAOT_BINARY(i_truediv, PyNumber_InPlaceTrueDivide)
PYAOT_BINARY(i_xor, PyNumber_InPlaceXor)
PYAOT_BINARY(subscr, PyObject_GetItem)
PYAOT_BINARY(str_concat, PyUnicode_Concat)

INLINE PyObject *
pyaot_py_pow(PyObject *a, PyObject *b)
{
    return PyNumber_Power(a, b, Py_None);
}

INLINE PyObject *
pyaot_py_i_pow(PyObject *a, PyObject *b)
{
    return PyNumber_InPlacePower(a, b, Py_None);
}

#define PYAOT_COMPARE(text, op)                                               \
    INLINE PyObject *pyaot_py_##text(PyObject *a, PyObject *b)                \
    {                                                                         \
        return PyObject_RichCompare(a, b, op);                                \
    }                                                                         \
    static __attribute__((unused)) int pyaot_pyb_##text(PyObject *a,          \
                                                        PyObject *b)          \
    {                                                                         \
        PyObject *r = PyObject_RichCompare(a, b, op);                         \
        if (r == NULL) {                                                      \
            return -1;                                                        \
        }                                                                     \
        int t = r == Py_True ? 1 : r == Py_False ? 0 : PyObject_IsTrue(r);    \
        Py_DECREF(r);                                                         \
        return t;                                                             \
    }
PYAOT_COMPARE(lt, Py_LT)
PYAOT_COMPARE(le, Py_LE)
PYAOT_COMPARE(eq, Py_EQ)
PYAOT_COMPARE(ne, Py_NE)
PYAOT_COMPARE(gt, Py_GT)
PYAOT_COMPARE(ge, Py_GE)

#define PYAOT_UNARY(text, function)                                           \
    INLINE PyObject *pyaot_py_##text(PyObject *a)                             \
    {                                                                         \
        return function(a);                                                   \
    }
PYAOT_UNARY(neg, PyNumber_Negative)
PYAOT_UNARY(invert, PyNumber_Invert)
PYAOT_UNARY(iter, PyObject_GetIter)
PYAOT_UNARY(str, PyObject_Str)

INLINE int
pyaot_pyb_truth(PyObject *a)
{
    return PyObject_IsTrue(a);
}

INLINE int
pyaot_pyv_store_subscr(PyObject *c, PyObject *i, PyObject *v)
{
    return PyObject_SetItem(c, i, v);
}

INLINE int
pyaot_pyv_delete_subscr(PyObject *c, PyObject *i)
{
    return PyObject_DelItem(c, i);
}

static __attribute__((unused)) PyObject *
pyaot_py_slice_get(PyObject *c, PyObject *start, PyObject *stop)
{
    PyObject *slice = PySlice_New(start, stop, NULL);
    if (slice == NULL) {
        return NULL;
    }
    PyObject *r = PyObject_GetItem(c, slice);
    Py_DECREF(slice);
    return r;
}

static __attribute__((unused)) int
pyaot_pyv_slice_set(PyObject *c, PyObject *start, PyObject *stop, PyObject *v)
{
    PyObject *slice = PySlice_New(start, stop, NULL);
    if (slice == NULL) {
        return -1;
    }
    int r = PyObject_SetItem(c, slice, v);
    Py_DECREF(slice);
    return r;
}

INLINE PyObject *
pyaot_py_getattr(PyaotInst *in, PyObject *o, int64_t name)
{
    return PyObject_GetAttr(o, pyaot_name(in, name));
}

INLINE int
pyaot_pyv_setattr(PyaotInst *in, PyObject *o, int64_t name, PyObject *v)
{
    return PyObject_SetAttr(o, pyaot_name(in, name), v);
}

static __attribute__((unused)) PyObject *
pyaot_py_build_map(PyObject **t, size_t n)
{
    PyObject *d = PyDict_New();
    for (size_t i = 0; d != NULL && i + 1 < n; i += 2) {
        if (PyDict_SetItem(d, t[i], t[i + 1]) < 0) {
            Py_CLEAR(d);
        }
    }
    return d;
}

static __attribute__((unused)) PyObject *
pyaot_py_build_set(PyObject **t, size_t n)
{
    PyObject *s = PySet_New(NULL);
    for (size_t i = 0; s != NULL && i < n; i++) {
        if (PySet_Add(s, t[i]) < 0) {
            Py_CLEAR(s);
        }
    }
    return s;
}

static __attribute__((unused)) PyObject *
pyaot_py_build_slice(PyObject **t, size_t n)
{
    return PySlice_New(t[0], t[1], n > 2 ? t[2] : NULL);
}

static __attribute__((unused)) PyObject *
pyaot_py_format(PyObject **t, size_t n)
{
    if (n == 1 && PyUnicode_CheckExact(t[0])) {
        return Py_NewRef(t[0]);
    }
    return PyObject_Format(t[0], n > 1 ? t[1] : NULL);
}

INLINE int
pyaot_pyv_set_add(PyObject *s, PyObject *v)
{
    return PySet_Add(s, v);
}

INLINE int
pyaot_pyv_map_add(PyObject *d, PyObject *k, PyObject *v)
{
    return PyDict_SetItem(d, k, v);
}

static __attribute__((unused)) int
pyaot_pyv_list_extend(PyObject *list, PyObject *iterable)
{
    PyObject *r = _PyList_Extend((PyListObject *)list, iterable);
    if (r == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)
            && Py_TYPE(iterable)->tp_iter == NULL
            && !PySequence_Check(iterable)) {
            PyErr_Clear();
            PyErr_Format(PyExc_TypeError,
                         "Value after * must be an iterable, not %.200s",
                         Py_TYPE(iterable)->tp_name);
        }
        return -1;
    }
    Py_DECREF(r);
    return 0;
}

#endif
