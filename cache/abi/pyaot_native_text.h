/* Strings; NULL where memory ran out.  Part of pyaot_native.h. */
#ifndef PYAOT_NATIVE_TEXT_H
#define PYAOT_NATIVE_TEXT_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* *cell += right, both str, in place if only the cell holds what is there.
 * NULL: an exception is set, and the cell empty. */
INLINE PyObject *
pyaot_local_append(PyObject **cell, PyObject *right)
{
    if (UNLIKELY(*cell == right)) {
        Py_INCREF(right);
        PyUnicode_Append(cell, right);
        Py_DECREF(right);
        return *cell;
    }
    PyUnicode_Append(cell, right);
    return *cell;
}

INLINE int
pyaot_str_eq(PyObject *a, PyObject *b)
{
    if (a == b) {
        return 1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(a);
    int kind = PyUnicode_KIND(a);
    if (n != PyUnicode_GET_LENGTH(b) || kind != (int)PyUnicode_KIND(b)) {
        return 0;
    }
    if (n > 0
        && *(const char *)PyUnicode_DATA(a)
               != *(const char *)PyUnicode_DATA(b)) {
        return 0;
    }
    return memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)(n * kind))
           == 0;
}

/* Order of two exact str by code points. */
INLINE int64_t
pyaot_str_cmp(PyObject *a, PyObject *b)
{
    if (PyUnicode_GET_LENGTH(a) == 1 && PyUnicode_GET_LENGTH(b) == 1) {
        Py_UCS4 x = PyUnicode_READ_CHAR(a, 0), y = PyUnicode_READ_CHAR(b, 0);
        return (x > y) - (x < y);
    }
    return PyUnicode_Compare(a, b);
}

/* The strings of one character that CPython has one object of each of. */
static PyObject *pyaot_chars[256];

static OUTLINE PyObject *
pyaot_chr_slow(int64_t c)
{
    if (c < 0 || c > 0x10FFFF) {
        return NULL;
    }
    PyObject *s = PyUnicode_FromOrdinal((int)c);
    if (s == NULL) {
        PyErr_Clear();
    }
    else if (c < 256 && _Py_IsImmortal(s)) {
        pyaot_chars[c] = s;
    }
    return s;
}

INLINE PyObject *
pyaot_chr(int64_t c)
{
    if (LIKELY((uint64_t)c < 256 && pyaot_chars[c] != NULL)) {
        return pyaot_chars[c];
    }
    return pyaot_chr_slow(c);
}

static OUTLINE Py_UCS4
pyaot_str_read_wide(PyObject *s, int64_t i)
{
    return PyUnicode_READ_CHAR(s, i);
}

/* The character at i, which is inside. */
INLINE Py_UCS4
pyaot_str_read(PyObject *s, int64_t i)
{
    if (LIKELY(PyUnicode_IS_COMPACT_ASCII(s))) {
        return ((const Py_UCS1 *)((PyASCIIObject *)s + 1))[i];
    }
    return pyaot_str_read_wide(s, i);
}

static __attribute__((unused)) PyObject *
pyaot_str_slice(PyObject *s, int64_t start, int64_t stop)
{
    int64_t n = PyUnicode_GET_LENGTH(s);
    start = pyaot_slice_bound(start, n);
    stop = pyaot_slice_bound(stop, n);
    if (stop - start == 1 && n > 1) {
        return pyaot_chr(pyaot_str_read(s, start));
    }
    /* All of it is the string itself. */
    return pyaot_or_clear(PyUnicode_Substring(s, start, stop));
}

static __attribute__((unused)) PyObject *
pyaot_int_str(int64_t v)
{
    char text[24], *end = text + sizeof text, *p = end;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        *--p = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    if (v < 0) {
        *--p = '-';
    }
    PyObject *s = PyUnicode_New(end - p, 127);
    if (UNLIKELY(s == NULL)) {
        PyErr_Clear();
        return NULL;
    }
    memcpy(PyUnicode_DATA(s), p, (size_t)(end - p));
    return s;
}

static __attribute__((unused)) PyObject *
pyaot_float_str(double v)
{
    char *text = PyOS_double_to_string(v, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    PyObject *s = text != NULL ? PyUnicode_FromString(text) : NULL;
    PyMem_Free(text);
    return pyaot_or_clear(s);
}

static __attribute__((unused)) PyObject *
pyaot_str_build(PyObject **items, Py_ssize_t n)
{
    PyObject *empty = PyUnicode_New(0, 0);
    PyObject *s = empty != NULL ? _PyUnicode_JoinArray(empty, items, n) : NULL;
    Py_XDECREF(empty);
    return pyaot_or_clear(s);
}

/* int(s) of an exact str; 0: no int, or one of more than 64 bits. */
static OUTLINE int
pyaot_str_int(PyObject *s, int64_t *out)
{
    enum { MOST_DIGITS = 18 }; /* that certainly fit */
    if (LIKELY(PyUnicode_IS_ASCII(s))) {
        const char *p = PyUnicode_DATA(s), *end = p + PyUnicode_GET_LENGTH(s);
        int negative = p < end && *p == '-';
        int64_t v = 0;
        p += negative;
        if (p < end && end - p <= MOST_DIGITS) {
            for (; p < end && *p >= '0' && *p <= '9'; p++) {
                v = v * 10 + (*p - '0');
            }
            if (p == end) {
                *out = negative ? -v : v;
                return 1;
            }
        }
    }
    PyObject *o = PyLong_FromUnicodeObject(s, 10);
    int ok = o != NULL && pyaot_unbox_i(o, out);
    Py_XDECREF(o);
    PyErr_Clear();
    return ok;
}

INLINE int
pyaot_ord(PyObject *s, int64_t *out)
{
    if (UNLIKELY(PyUnicode_GET_LENGTH(s) != 1)) {
        return 0;
    }
    *out = pyaot_str_read(s, 0);
    return 1;
}

/* -1: no memory */
INLINE int
pyaot_str_has(PyObject *s, PyObject *part)
{
    int has = PyUnicode_Contains(s, part);
    if (UNLIKELY(has < 0)) {
        PyErr_Clear();
    }
    return has;
}

#endif
