/* Numbers in and out of objects, and the objects of numbers that die, which
 * become the next ones.  Part of pyaot_native.h. */
#ifndef PYAOT_NATIVE_NUMBER_H
#define PYAOT_NATIVE_NUMBER_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

INLINE double
pyaot_f64(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

INLINE int64_t
pyaot_bits(double d)
{
    int64_t v;
    memcpy(&v, &d, sizeof v);
    return v;
}

static OUTLINE int
pyaot_unbox_i_slow(PyObject *o, int64_t *out)
{
    const PyLongObject *l = (const PyLongObject *)o;
    if (LIKELY(l->long_value.lv_tag >> 3 == 2)) { /* two digits */
        int64_t v = (int64_t)l->long_value.ob_digit[1] << PyLong_SHIFT
                    | (int64_t)l->long_value.ob_digit[0];
        *out = l->long_value.lv_tag & 2 ? -v : v;
        return 1;
    }
    int overflow;
    long long v = PyLong_AsLongLongAndOverflow(o, &overflow);
    *out = v;
    return overflow == 0;
}

/* Exact int that fits 64 bits: 1 and the value; else 0. */
INLINE int
pyaot_unbox_i(PyObject *o, int64_t *out)
{
    if (UNLIKELY(!PyLong_CheckExact(o))) {
        return 0;
    }
    const PyLongObject *l = (const PyLongObject *)o;
    uintptr_t tag = l->long_value.lv_tag;
    /* at most one digit; low bits: 0 +, 1 zero, 2 - */
    if (LIKELY(tag < (2u << 3))) {
        *out = (1 - (int64_t)(tag & 3)) * (int64_t)l->long_value.ob_digit[0];
        return 1;
    }
    return pyaot_unbox_i_slow(o, out);
}

INLINE int
pyaot_unbox_f(PyObject *o, double *out)
{
    if (UNLIKELY(!PyFloat_CheckExact(o))) {
        return 0;
    }
    *out = ((PyFloatObject *)o)->ob_fval;
    return 1;
}

INLINE int
pyaot_unbox_b(PyObject *o, int *out)
{
    /* In this form the C compiler threads a branch on the result through. */
    if (o == Py_True) {
        *out = 1;
        return 1;
    }
    *out = 0;
    return LIKELY(o == Py_False);
}

/* The same without a branch on the value: there are no other bools. */
INLINE int
pyaot_unbox_b_value(PyObject *o, int *out)
{
    *out = o == Py_True;
    return LIKELY(Py_TYPE(o) == &PyBool_Type);
}

INLINE PyObject *
pyaot_box_i(int64_t v)
{
    return pyaot_must(PyLong_FromLongLong(v));
}

INLINE PyObject *
pyaot_box_f(double v)
{
    return pyaot_must(PyFloat_FromDouble(v));
}

INLINE PyObject *
pyaot_box_b(int v)
{
    return v ? Py_True : Py_False;
}

static COLD PyObject *
pyaot_box_dyn(int64_t tag, int64_t bits)
{
    switch (tag) {
    case 1:
        return pyaot_box_i(bits);
    case 2:
        return pyaot_box_f(pyaot_f64((uint64_t)bits));
    case 3:
        return pyaot_box_b((int)bits);
    default:
        return NULL;
    }
}

INLINE int
pyaot_is_number(PyObject *o)
{
    return PyLong_CheckExact(o) || PyFloat_CheckExact(o);
}

/* Numbers that die, kept for the next that is made: a float, and ints of one
 * and of two digits. */
static PyObject *pyaot_spare_float, *pyaot_spare_int[2];

static COLD void
pyaot_make_spares(void)
{
    pyaot_spare_float = PyFloat_FromDouble(0.0);
    pyaot_spare_int[0] = PyLong_FromLong(PyLong_MASK);
    pyaot_spare_int[1] = PyLong_FromLongLong((int64_t)PyLong_MASK
                                             << PyLong_SHIFT);
    if (pyaot_spare_float == NULL || pyaot_spare_int[0] == NULL
        || pyaot_spare_int[1] == NULL) {
        Py_CLEAR(pyaot_spare_float);
        PyErr_Clear();
    }
}

/* A number goes to a cell whose number nobody else holds: another object, as
 * there would be two of them for a moment (id() tells), but without making one
 * and freeing the other.  0: it cannot.  Small ints are shared objects; an int
 * has room for the digits it has. */
INLINE int
pyaot_overwrite_i(PyObject **cell, int64_t v)
{
    PyObject *old = *cell;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (old == NULL || !PyLong_CheckExact(old) || Py_REFCNT(old) != 1
        || (v <= 256 && v >= -5)) {
        return 0;
    }
    uintptr_t digits = ((PyLongObject *)old)->long_value.lv_tag >> 3;
    if (UNLIKELY(pyaot_spare_float == NULL)) {
        pyaot_make_spares();
        return 0;
    }
    PyLongObject *l;
    if (u <= PyLong_MASK && digits == 1) {
        l = (PyLongObject *)pyaot_spare_int[0];
        pyaot_spare_int[0] = old;
    }
    else if (u > PyLong_MASK && u >> 2 * PyLong_SHIFT == 0 && digits == 2) {
        l = (PyLongObject *)pyaot_spare_int[1];
        pyaot_spare_int[1] = old;
        l->long_value.ob_digit[1] = (digit)(u >> PyLong_SHIFT);
    }
    else {
        return 0;
    }
    l->long_value.ob_digit[0] = (digit)(u & PyLong_MASK);
    l->long_value.lv_tag = digits << 3 | (v < 0 ? 2u : 0u);
    *cell = (PyObject *)l;
    return 1;
}

INLINE int
pyaot_overwrite_f(PyObject **cell, double v)
{
    PyObject *old = *cell, *spare = pyaot_spare_float;
    if (old == NULL || !PyFloat_CheckExact(old) || Py_REFCNT(old) != 1) {
        return 0;
    }
    if (UNLIKELY(spare == NULL)) {
        pyaot_make_spares();
        return 0;
    }
    ((PyFloatObject *)spare)->ob_fval = v;
    *cell = spare;
    pyaot_spare_float = old;
    return 1;
}

INLINE int
pyaot_overwrite_dyn(PyObject **cell, int64_t tag, int64_t bits)
{
    return tag == 1   ? pyaot_overwrite_i(cell, bits)
           : tag == 2 ? pyaot_overwrite_f(cell, pyaot_f64((uint64_t)bits))
                      : 0;
}

/* Locals of frames are written where others may look, beside which a call is
 * little; there are many such places. */
static OUTLINE int
pyaot_local_overwrite_i(PyObject **cell, int64_t v)
{
    return pyaot_overwrite_i(cell, v);
}

static OUTLINE int
pyaot_local_overwrite_f(PyObject **cell, double v)
{
    return pyaot_overwrite_f(cell, v);
}

/* A number goes to a local's cell, where nothing or an object of a simple
 * class is. */
static OUTLINE void
pyaot_local_i(PyObject **cell, int64_t v)
{
    if (!pyaot_overwrite_i(cell, v)) {
        pyaot_set(cell, pyaot_box_i(v));
    }
}

static OUTLINE void
pyaot_local_f(PyObject **cell, double v)
{
    if (!pyaot_overwrite_f(cell, v)) {
        pyaot_set(cell, pyaot_box_f(v));
    }
}

/* A number with a tag goes to a local's cell; tag 0 changes nothing. */
static OUTLINE void
pyaot_flush(PyObject **cell, int64_t tag, int64_t bits)
{
    if (tag != 0 && !pyaot_overwrite_dyn(cell, tag, bits)) {
        pyaot_set(cell, pyaot_box_dyn(tag, bits));
    }
}

#endif
