/* Inline operations of native code.  Included by the C that `pyaot build`
 * generates, and by nothing else.  Each matches the interpreter's semantics
 * for operands of the types its guards have established; whatever does not
 * fit reports failure, and the caller takes its side exit. */
#ifndef PYAOT_NATIVE_H
#define PYAOT_NATIVE_H

#include "pyaot_abi.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

#include "internal/pycore_dict.h"
#include "internal/pycore_list.h"
#include "internal/pycore_range.h"
#include "internal/pycore_setobject.h"
#include "internal/pycore_tuple.h"
#include "internal/pycore_unicodeobject.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((cold, noinline, unused))
#define INLINE static inline __attribute__((always_inline, unused))

/* Guards that fail at random, for tests: xorshift64*, one in 64. */
#ifdef PYAOT_STRESS
static COLD int
pyaot_stress(PyaotThread *th)
{
    if (th->stress == 0) {
        return 0;
    }
    th->stress ^= th->stress >> 12;
    th->stress ^= th->stress << 25;
    th->stress ^= th->stress >> 27;
    return ((th->stress * 0x2545F4914F6CDD1DULL) >> 58) == 0;
}
/* first: a condition that is false may have done its operation */
#define FAIL(c) (pyaot_stress(th) || UNLIKELY(c))
/* may: can it fail at all?  Its exit's state holds only then. */
#define FAIL_IF(may, c) (((may) && pyaot_stress(th)) || UNLIKELY(c))
#else
#define FAIL(c) UNLIKELY(c)
#define FAIL_IF(may, c) UNLIKELY(c)
#endif

/* For PYAOT_DEBUG=4: says which instruction is being done. */
#ifdef PYAOT_TRACE
#define AT(unit) th->rt->trace(in, unit)
#else
#define AT(unit) ((void)0)
#endif

/* The C library's functions, not the compiler's idea of them: constant folding
 * and strength reduction round differently from the call the interpreter makes. */
#define LIBM1(name) extern double pyaot_m_##name(double) __asm__(#name);
#define LIBM2(name) extern double pyaot_m_##name(double, double) __asm__(#name);
LIBM1(sin) LIBM1(cos) LIBM1(tan) LIBM1(exp) LIBM1(log) LIBM1(log2)
LIBM1(log10) LIBM1(atan) LIBM1(asin) LIBM1(acos) LIBM1(sinh) LIBM1(cosh)
LIBM1(tanh) LIBM2(pow) LIBM2(fmod) LIBM2(atan2)
extern double pyaot_c_hypot(double, double) __asm__("hypot");

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

/* --- numbers in and out of objects --------------------------------------------- */

static __attribute__((noinline, unused)) int
pyaot_unbox_i_slow(PyObject *o, int64_t *out)
{
    const PyLongObject *l = (const PyLongObject *)o;
    if (LIKELY(l->long_value.lv_tag >> 3 == 2)) { /* two digits */
        int64_t v = (int64_t)l->long_value.ob_digit[1] << PyLong_SHIFT |
                    (int64_t)l->long_value.ob_digit[0];
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
    if (LIKELY(tag < (2u << 3))) { /* at most one digit; low bits: 0 +, 1 zero, 2 - */
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

INLINE void
pyaot_set(PyObject **cell, PyObject *value)
{
    PyObject *old = *cell;
    *cell = value;
    Py_XDECREF(old);
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
    pyaot_spare_int[1] = PyLong_FromLongLong((int64_t)PyLong_MASK << PyLong_SHIFT);
    if (pyaot_spare_float == NULL || pyaot_spare_int[0] == NULL || pyaot_spare_int[1] == NULL) {
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
    if (old == NULL || !PyLong_CheckExact(old) || Py_REFCNT(old) != 1 ||
        (v <= 256 && v >= -5)) {
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

/* Deallocating an instance of these runs no Python code, and frees nothing
 * else. */
INLINE int
pyaot_is_simple(PyObject *o)
{
    PyTypeObject *t = Py_TYPE(o);
    return t == &PyFloat_Type || t == &PyLong_Type || t == &PyUnicode_Type ||
           t == &PyBool_Type || t == Py_TYPE(Py_None) || t == &PyBytes_Type ||
           t == &PyComplex_Type;
}

/* References to a mortal object come and go, without anything that follows from
 * it.  A debug build of the interpreter counts all that there are. */
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
static __attribute__((noinline, unused)) int
pyaot_replaced_unseen(PyaotThread *th, PyObject *o, PyObject *value)
{
    if (value == NULL || _Py_IsImmortal(value)) {
        return pyaot_dies_unseen(th, o);
    }
    pyaot_refs_more(value, 1);
    int unseen = pyaot_dies_unseen(th, o);
    pyaot_ref_less(value);
    return unseen;
}

/* Would giving up one reference to o be seen?  value takes its place, or NULL. */
INLINE int
pyaot_dies_seen(PyaotThread *th, PyObject *o, PyObject *value)
{
    return Py_REFCNT(o) == 1 && !pyaot_is_simple(o) && !pyaot_replaced_unseen(th, o, value);
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

/* Are these the arguments of a call that the interpreter is making, still on the
 * stack above func?  They are the callee's then, which may let go of them
 * before it returns: the interpreter moves them into its frame.  As bits: which
 * of them. */
INLINE uint64_t
pyaot_args_stacked(PyaotThread *th, PyObject *func, PyObject *const *args)
{
    PyaotFrame *frame = pyaot_frame_current(th->ts);
    if (UNLIKELY(frame == NULL || !pyaot_frame_is_python(frame))) {
        return th->rt->args_stacked(th, func, args);
    }
    PyObject **stack = pyaot_frame_stack(frame);
    if (LIKELY(args > stack && args <= stack + pyaot_frame_code(frame)->co_stacksize)) {
        int ours = args[-1] == func ||
                   (args[-1] == NULL && args > stack + 1 && args[-2] == func);
        return ours ? UINT64_MAX : 0;
    }
    return th->rt->args_stacked(th, func, args);
}

/* An argument whose reference is the callee's. */
INLINE PyObject *
pyaot_take_arg(PyObject *const *args, int i, uint64_t stacked)
{
    PyObject *o = args[i];
    if (LIKELY(i < 64 && (stacked >> i & 1))) {
        ((PyObject **)args)[i] = Py_None;
        return o;
    }
    return Py_NewRef(o);
}

/* Has the instance whose dict lies at this offset an attribute of that name, or
 * a dict in which that could only be found out by running Python code? */
INLINE int
pyaot_may_shadow(PyObject *o, int32_t offset, PyObject *name)
{
    PyDictObject *dict = *(PyDictObject **)((char *)o + offset);
    if (dict == NULL) {
        return 0;
    }
    return !PyDict_CheckExact(dict) || !DK_IS_UNICODE(dict->ma_keys) ||
           PyDict_GetItemWithError((PyObject *)dict, name) != NULL;
}

/* Is o a function of the code that a FUNCTION slot is bound to? */
INLINE int
pyaot_is_function_of(PyObject *o, const PyaotSlot *slot)
{
    PyFunctionObject *f = (PyFunctionObject *)o;
    return Py_TYPE(o) == &PyFunction_Type && f->func_code == slot->value &&
           (PyTypeObject *)(void *)f->vectorcall == slot->type &&
           f->func_globals == slot->inst->globals &&
           f->func_builtins == slot->inst->builtins;
}

/* The same for a local's cell; a value of tag 0 changes nothing. */
INLINE void
pyaot_flush(PyObject **cell, int64_t tag, int64_t bits)
{
    if (tag != 0 && !pyaot_overwrite_dyn(cell, tag, bits)) {
        pyaot_set(cell, pyaot_box_dyn(tag, bits));
    }
}

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

/* The default of a parameter, borrowed from the function; NULL: none, or no
 * function. */
INLINE PyObject *
pyaot_default(PyObject *o, int64_t param, int64_t n_params)
{
    PyObject *defaults = Py_TYPE(o) == &PyFunction_Type
                             ? ((PyFunctionObject *)o)->func_defaults : NULL;
    if (UNLIKELY(defaults == NULL)) {
        return NULL;
    }
    int64_t n = PyTuple_GET_SIZE(defaults), k = param - (n_params - n);
    return k >= 0 && k < n ? PyTuple_GET_ITEM(defaults, k) : NULL;
}

/* --- states at exits --------------------------------------------------------------- */

/* One cell of a frame or exit record to be written, or one reference to be
 * given back.  Values come in order from an array of 64-bit words. */
typedef enum {
    PYAOT_CELL_END = 0,
    PYAOT_CELL_OBJ,     /* object or NULL: a new reference */
    PYAOT_CELL_I64,     /* boxed */
    PYAOT_CELL_F64,
    PYAOT_CELL_BOOL,
    PYAOT_CELL_NULL,    /* no word */
    PYAOT_CELL_CONST,   /* no word; aux: index into co_consts */
    PYAOT_CELL_DUP,     /* no word; aux: the cell that holds the same number */
    PYAOT_CELL_DYN,     /* tag, bits; tag 0: left alone (framed) or NULL */
    PYAOT_CELL_RANGE,   /* next, step, remaining */
    PYAOT_CELL_LISTIT,  /* list, index */
    PYAOT_CELL_TUPIT,   /* tuple, index */
    PYAOT_CELL_STRIT,   /* str, index */
    PYAOT_CELL_ENUM,    /* list or tuple, index, number minus index */
    PYAOT_CELL_COMPLEX, /* real, imaginary part */
    PYAOT_CELL_ZIP,     /* list or tuple, index, another */
    PYAOT_CELL_TAKE,    /* object whose reference is handed over */
    PYAOT_CELL_RELEASE, /* object or NULL whose reference is given back; no cell */
    PYAOT_CELL_RELEASE_LATER, /* the same, once the frames are there; aux: unit of the instruction that does it */
} PyaotCellKind;

typedef struct {
    uint8_t kind;
    uint8_t flags;  /* 1: a live local, release what it holds; 2: parameter aux */
    uint16_t cell;
    uint32_t aux;
} PyaotCell;

static COLD void
pyaot_write(PyaotThread *th, PyaotInst *in, PyObject **cells, const PyaotCell *d,
            const uint64_t *x)
{
    for (; d->kind != PYAOT_CELL_END; d++) {
        PyObject *v = NULL, *none = NULL, **old = d->flags & 1 ? &cells[d->cell] : &none;
        switch ((PyaotCellKind)d->kind) {
        case PYAOT_CELL_OBJ:
            v = Py_XNewRef((PyObject *)*x++);
            break;
        case PYAOT_CELL_I64:
            if (pyaot_overwrite_i(old, (int64_t)*x)) {
                x++;
                continue;
            }
            v = pyaot_box_i((int64_t)*x++);
            break;
        case PYAOT_CELL_F64:
            if (pyaot_overwrite_f(old, pyaot_f64(*x))) {
                x++;
                continue;
            }
            v = pyaot_box_f(pyaot_f64(*x++));
            break;
        case PYAOT_CELL_BOOL:
            v = pyaot_box_b((int)*x++);
            break;
        case PYAOT_CELL_NULL: case PYAOT_CELL_END:
            break;
        case PYAOT_CELL_CONST:
            v = Py_NewRef(in->consts[d->aux]);
            break;
        case PYAOT_CELL_DUP:
            v = Py_XNewRef(cells[d->aux]);
            break;
        case PYAOT_CELL_DYN:
            if (pyaot_overwrite_dyn(old, (int64_t)x[0], (int64_t)x[1])) {
                x += 2;
                continue;
            }
            v = pyaot_box_dyn((int64_t)x[0], (int64_t)x[1]);
            x += 2;
            if (v == NULL && (d->flags & 1)) {
                continue;
            }
            break;
        case PYAOT_CELL_RANGE:
            v = pyaot_must(th->rt->range_iter_make((int64_t)x[0], (int64_t)x[1], (int64_t)x[2]));
            x += 3;
            break;
        case PYAOT_CELL_LISTIT:
            v = pyaot_must(th->rt->list_iter_make((PyObject *)x[0], (int64_t)x[1]));
            x += 2;
            break;
        case PYAOT_CELL_TUPIT:
            v = pyaot_must(th->rt->tuple_iter_make((PyObject *)x[0], (int64_t)x[1]));
            x += 2;
            break;
        case PYAOT_CELL_COMPLEX:
            v = pyaot_must(PyComplex_FromDoubles(pyaot_f64(x[0]), pyaot_f64(x[1])));
            x += 2;
            break;
        case PYAOT_CELL_STRIT:
            v = pyaot_must(th->rt->str_iter_make((PyObject *)x[0], (int64_t)x[1]));
            x += 2;
            break;
        case PYAOT_CELL_ENUM:
            v = pyaot_must(th->rt->enum_iter_make((PyObject *)x[0], (int64_t)x[1],
                                                  (int64_t)x[2]));
            x += 3;
            break;
        case PYAOT_CELL_ZIP:
            v = pyaot_must(th->rt->zip_iter_make((PyObject *)x[0], (int64_t)x[1],
                                                 (PyObject *)x[2]));
            x += 3;
            break;
        case PYAOT_CELL_TAKE:
            v = (PyObject *)*x++;
            break;
        case PYAOT_CELL_RELEASE:
            Py_XDECREF((PyObject *)*x++);
            continue;
        case PYAOT_CELL_RELEASE_LATER:
            th->rt->release_later(th, (PyObject *)*x++, d->aux);
            continue;
        }
        if (d->flags & 1) {
            pyaot_set(&cells[d->cell], v);
        }
        else {
            cells[d->cell] = v;
        }
        if (d->flags & 2) {
            th->rt->deopt_mark(th, d->cell, d->aux);
        }
        else if (d->kind == PYAOT_CELL_DUP) {
            th->rt->deopt_mark_twin(th, cells, d->cell, d->aux);
        }
    }
}

/* --- integers -------------------------------------------------------------------- */

INLINE int
pyaot_ifdiv(int64_t a, int64_t b, int64_t *out)
{
    if (UNLIKELY(b == 0 || (b == -1 && a == INT64_MIN))) {
        return 0;
    }
    int64_t q = a / b;
    *out = q - ((a % b != 0) & ((a ^ b) < 0));
    return 1;
}

INLINE int
pyaot_imod(int64_t a, int64_t b, int64_t *out)
{
    if (UNLIKELY(b == 0 || b == -1)) {
        *out = 0;
        return b == -1;
    }
    int64_t r = a % b;
    *out = r + (((r != 0) & ((r ^ b) < 0)) ? b : 0);
    return 1;
}

/* 0 where the interpreter has to tell infinities, NaN and overflow apart. */
INLINE int
pyaot_complex_abs(double re, double im, double *out)
{
    *out = pyaot_c_hypot(re, im);
    return LIKELY(isfinite(re) && isfinite(im) && isfinite(*out));
}

#define PYAOT_EXACT ((int64_t)1 << 53)

INLINE int
pyaot_exact_double(int64_t a)
{
    return a <= PYAOT_EXACT && a >= -PYAOT_EXACT;
}

/* int / int rounds the exact quotient once; so does the division of two
 * doubles that hold the operands exactly. */
INLINE int
pyaot_itruediv(int64_t a, int64_t b, double *out)
{
    if (UNLIKELY(b == 0 || !pyaot_exact_double(a) || !pyaot_exact_double(b))) {
        return 0;
    }
    *out = (double)a / (double)b;
    return 1;
}

INLINE int
pyaot_ipow(int64_t a, int64_t n, int64_t *out)
{
    int64_t r = 1;
    if (UNLIKELY(n < 0)) {
        return 0;
    }
    while (n > 0) {
        if ((n & 1) && __builtin_mul_overflow(r, a, &r)) {
            return 0;
        }
        n >>= 1;
        if (n > 0 && __builtin_mul_overflow(a, a, &a)) {
            return 0;
        }
    }
    *out = r;
    return 1;
}

INLINE int
pyaot_ishl(int64_t a, int64_t n, int64_t *out)
{
    if (UNLIKELY(n < 0 || n > 62)) {
        return a == 0 && n >= 0 ? (*out = 0, 1) : 0;
    }
    int64_t r = (int64_t)((uint64_t)a << n);
    *out = r;
    return (r >> n) == a;
}

INLINE int
pyaot_ishr(int64_t a, int64_t n, int64_t *out)
{
    if (UNLIKELY(n < 0)) {
        return 0;
    }
    *out = a >> (n > 63 ? 63 : n);
    return 1;
}

/* Number of turns of range(start, stop, step); fails on step 0 and where the
 * counter could leave 64 bits. */
INLINE int
pyaot_range_len(int64_t start, int64_t stop, int64_t step, int64_t *out)
{
    if (UNLIKELY(step == 0 || step == INT64_MIN)) {
        return 0;
    }
    int64_t lo = step > 0 ? start : stop, hi = step > 0 ? stop : start, diff;
    int64_t past;
    if (lo >= hi) {
        *out = 0;
        return 1;
    }
    if (UNLIKELY(__builtin_sub_overflow(hi, lo, &diff) ||
                 __builtin_add_overflow(stop, step, &past))) {
        return 0;
    }
    *out = (int64_t)((uint64_t)(diff - 1) / (uint64_t)(step > 0 ? step : -step)) + 1;
    return 1;
}

/* The start and the stop of a slice in a sequence of n elements. */
INLINE int64_t
pyaot_slice_bound(int64_t i, int64_t n)
{
    i += i < 0 ? n : 0;
    return i < 0 ? 0 : i > n ? n : i;
}

/* Length of the slice start:stop:step of n elements, for steps forward. */
INLINE int
pyaot_slice_len(int64_t start, int64_t stop, int64_t step, int64_t n, int64_t *out)
{
    start = pyaot_slice_bound(start, n);
    stop = pyaot_slice_bound(stop, n);
    if (UNLIKELY(step <= 0)) {
        return 0;
    }
    *out = start < stop ? (stop - start - 1) / step + 1 : 0;
    return 1;
}

INLINE int
pyaot_f2i(double d, int64_t *out)
{
    if (UNLIKELY(!(d > -9223372036854774784.0 && d < 9223372036854774784.0))) {
        return 0;
    }
    *out = (int64_t)d;
    return 1;
}

/* round(x): halves to the even one */
INLINE int
pyaot_round(double x, int64_t *out)
{
    double rounded = round(x);
    if (UNLIKELY(fabs(x - rounded) == 0.5)) {
        rounded = 2.0 * round(x / 2.0);
    }
    return pyaot_f2i(rounded, out);
}

/* --- floats ------------------------------------------------------------------------- */

/* a // b and a % b as float_divmod: fmod first, sign of the divisor. */
INLINE void
pyaot_fdivmod(double vx, double wx, double *floordiv, double *mod)
{
    double m = pyaot_m_fmod(vx, wx);
    double div = (vx - m) / wx;
    if (m) {
        if ((wx < 0) != (m < 0)) {
            m += wx;
            div -= 1.0;
        }
    }
    else {
        m = copysign(0.0, wx);
    }
    if (div) {
        *floordiv = floor(div);
        if (div - *floordiv > 0.5) {
            *floordiv += 1.0;
        }
    }
    else {
        *floordiv = copysign(0.0, vx / wx);
    }
    *mod = m;
}

INLINE int
pyaot_ffdiv(double a, double b, double *out)
{
    double m;
    if (UNLIKELY(b == 0.0)) {
        return 0;
    }
    pyaot_fdivmod(a, b, out, &m);
    return 1;
}

INLINE int
pyaot_fmod(double a, double b, double *out)
{
    if (UNLIKELY(b == 0.0)) {
        return 0;
    }
    double m = pyaot_m_fmod(a, b);
    if (m) {
        if ((b < 0) != (m < 0)) {
            m += b;
        }
    }
    else {
        m = copysign(0.0, b);
    }
    *out = m;
    return 1;
}

/* The plain case of float_pow: finite operands, no domain error, finite result. */
INLINE int
pyaot_fpow(double a, double b, double *out)
{
    if (UNLIKELY(!isfinite(a) || !isfinite(b) || a == 0.0 ||
                 (a < 0.0 && b != floor(b)))) {
        return 0;
    }
    errno = 0;
    *out = pyaot_m_pow(a, b);
    return LIKELY(isfinite(*out) && errno == 0);
}

/* round(x, digits): by way of the decimal text, as Python does it. */
static __attribute__((noinline, unused)) int
pyaot_round_to(double x, int64_t digits, double *out)
{
    enum { MOST_DIGITS = 22 };
    const double first_without_fraction = 4503599627370496.0; /* 2**52 */
    if (UNLIKELY(!isfinite(x) || digits < 0 || digits > MOST_DIGITS)) {
        return 0;
    }
    if (fabs(x) >= first_without_fraction) {
        *out = x;
        return 1;
    }
    char *text = PyOS_double_to_string(x, 'f', (int)digits, 0, NULL);
    if (text != NULL) {
        *out = PyOS_string_to_double(text, NULL, NULL);
        PyMem_Free(text);
    }
    if (UNLIKELY(PyErr_Occurred() != NULL)) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

/* Exact product and exact sum (of the larger first) as two floats. */
typedef struct { double high, low; } PyaotPair;

INLINE PyaotPair
pyaot_exact_product(double x, double y)
{
    double z = x * y;
    return (PyaotPair){z, __builtin_fma(x, y, -z)};
}

INLINE PyaotPair
pyaot_exact_sum(double x, double y)
{
    double z = x + y;
    return (PyaotPair){z, (x - z) + y};
}

/* Python's hypot is not the C function: it sums the squares, scaled by a power
 * of two, in twice the precision, and corrects the root once.
 * [Modules/mathmodule.c] */
static __attribute__((noinline, unused)) double
pyaot_m_hypot(double x, double y)
{
    double most = fmax(fabs(x), fabs(y)), lost[2] = {0.0, 0.0}, sum = 1.0;
    int exponent;
    (void)frexp(most, &exponent);
    if (most == 0.0 || exponent < -1023 || !isfinite(most)) {
        return most == 0.0 ? most : Py_HUGE_VAL; /* not to be told here */
    }
    double scale = ldexp(1.0, -exponent), v[3] = {fabs(x) * scale, fabs(y) * scale};
    for (int i = 0; i < 3; i++) {
        PyaotPair product = pyaot_exact_product(i < 2 ? v[i] : -v[2], v[i]);
        PyaotPair added = pyaot_exact_sum(sum, product.high);
        sum = added.high;
        lost[0] += product.low;
        lost[1] += added.low;
        if (i == 1) {
            v[2] = __builtin_sqrt(sum - 1.0 + (lost[0] + lost[1]));
        }
    }
    double rest = sum - 1.0 + (lost[0] + lost[1]);
    return (v[2] + rest / (2.0 * v[2])) / scale;
}

#define pyaot_m_sqrt __builtin_sqrt
#define pyaot_m_fabs fabs
#define pyaot_m_copysign copysign

/* math.f for finite arguments with a finite result: no error to report. */
#define MATH1(name, domain)                                                   \
    INLINE int pyaot_math_##name(double x, double *out)                       \
    {                                                                         \
        if (UNLIKELY(!isfinite(x) || !(domain))) {                            \
            return 0;                                                         \
        }                                                                     \
        *out = pyaot_m_##name(x);                                             \
        return LIKELY(isfinite(*out));                                        \
    }
#define MATH2(name, domain)                                                   \
    INLINE int pyaot_math2_##name(double x, double y, double *out)            \
    {                                                                         \
        if (UNLIKELY(!isfinite(x) || !isfinite(y) || !(domain))) {            \
            return 0;                                                         \
        }                                                                     \
        *out = pyaot_m_##name(x, y);                                          \
        return LIKELY(isfinite(*out));                                        \
    }
#include "math.def"

/* --- containers ------------------------------------------------------------------------ */

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
    INLINE int                                                                \
    name(PyaotThread *th, PyObject **cell, PyObject *value, int is_new)       \
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
pyaot_list_fill(PyaotThread *th, PyObject *list, int64_t start, int64_t stop, int64_t step, int64_t count,
                PyObject *value, int is_immortal)
{
    int64_t n = Py_SIZE(list), length;
    if (UNLIKELY(!pyaot_slice_len(start, stop, step, n, &length) ||
                 length != (count > 0 ? count : 0))) {
        return 0;
    }
    PyObject **cell = &((PyListObject *)list)->ob_item[pyaot_slice_bound(start, n)];
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

/* Store into a variable's cell, which may be empty; otherwise as above. */
INLINE int
pyaot_variable_set(PyaotThread *th, PyObject **cell, PyObject *value, int is_new)
{
    if (UNLIKELY(*cell == NULL)) {
        *cell = is_new ? value : Py_NewRef(value);
        return 1;
    }
    return pyaot_cell_set(th, cell, value, is_new);
}

INLINE int
pyaot_variable_set_simple(PyaotThread *th, PyObject **cell, PyObject *value, int is_new)
{
    if (UNLIKELY(*cell == NULL)) {
        *cell = is_new ? value : Py_NewRef(value);
        return 1;
    }
    return pyaot_cell_set_simple(th, cell, value, is_new);
}

static __attribute__((noinline, unused)) int
pyaot_variable_set_new(PyObject **cell, PyObject *value)
{
    if (UNLIKELY(value == NULL)) {
        PyErr_Clear();
        return 0;
    }
    if (LIKELY(pyaot_variable_set_simple(NULL, cell, value, 1))) {
        return 1;
    }
    Py_DECREF(value);
    return 0;
}

INLINE int
pyaot_variable_set_i(PyObject **cell, int64_t v)
{
    return pyaot_overwrite_i(cell, v) ||
           pyaot_variable_set_new(cell, PyLong_FromLongLong(v));
}

INLINE int
pyaot_variable_set_f(PyObject **cell, double v)
{
    return pyaot_overwrite_f(cell, v) ||
           pyaot_variable_set_new(cell, PyFloat_FromDouble(v));
}

static __attribute__((noinline, unused)) int
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

static __attribute__((noinline, unused)) PyObject *
pyaot_list_repeat(PyObject *list, int64_t n)
{
    if (Py_SIZE(list) != 1 || n < PYAOT_LARGE_PAGES_BYTES / (int64_t)sizeof(PyObject *) ||
        n > PY_SSIZE_T_MAX / (int64_t)sizeof(PyObject *)) {
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
    (void)madvise((void *)start, ((uintptr_t)items + size - start) & ~(page - 1),
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
    if (n > 0 && *(const char *)PyUnicode_DATA(a) != *(const char *)PyUnicode_DATA(b)) {
        return 0;
    }
    return memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)(n * kind)) == 0;
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

static __attribute__((noinline, unused)) PyObject *
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

/* --- slices and texts: NULL if memory ran out ---------------------------------------- */

static __attribute__((noinline, unused)) PyObject *
pyaot_or_clear(PyObject *o)
{
    if (UNLIKELY(o == NULL)) {
        PyErr_Clear();
    }
    return o;
}

static __attribute__((unused)) PyObject *
pyaot_list_slice(PyObject *list, int64_t start, int64_t stop)
{
    int64_t n = Py_SIZE(list);
    return pyaot_or_clear(PyList_GetSlice(list, pyaot_slice_bound(start, n),
                                          pyaot_slice_bound(stop, n)));
}

static __attribute__((unused)) PyObject *
pyaot_tuple_slice(PyObject *tuple, int64_t start, int64_t stop)
{
    int64_t n = Py_SIZE(tuple);
    return pyaot_or_clear(PyTuple_GetSlice(tuple, pyaot_slice_bound(start, n),
                                           pyaot_slice_bound(stop, n)));
}

static __attribute__((unused)) PyObject *
pyaot_str_slice(PyObject *s, int64_t start, int64_t stop)
{
    int64_t n = PyUnicode_GET_LENGTH(s);
    start = pyaot_slice_bound(start, n);
    stop = pyaot_slice_bound(stop, n);
    if (stop - start == 1) {
        return pyaot_chr(PyUnicode_READ_CHAR(s, start));
    }
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
static __attribute__((noinline, unused)) int
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
    *out = PyUnicode_READ_CHAR(s, 0);
    return 1;
}

/* --- symbols: objects of the process that the compiler knows by name ------------------- */

/* A method of a builtin type: a strong reference kept in *cache, or NULL. */
static COLD PyObject *
pyaot_type_method(PyObject **cache, PyTypeObject *type, const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *found = text != NULL ? _PyType_Lookup(type, text) : NULL;
    *cache = found != NULL && Py_IS_TYPE(found, &PyMethodDescr_Type) ? Py_NewRef(found) : NULL;
    Py_XDECREF(text);
    PyErr_Clear();
    return *cache;
}

/* Resolve "c:<module>.<name>" or "int:<small int>" to a strong reference kept
 * in *cache, or NULL.  What is found must be what CPython put there: a C
 * function of that very name. */
static COLD PyObject *
pyaot_symbol(PyObject **cache, const char *text)
{
    PyObject *found = NULL;
    const char *dot = strrchr(text, '.');
    if (strncmp(text, "int:", 4) == 0) {
        found = PyLong_FromLong(strtol(text + 4, NULL, 10));
    }
    else if (dot != NULL && strncmp(text, "c:", 2) == 0) {
        PyObject *name = PyUnicode_FromStringAndSize(text + 2, dot - text - 2);
        PyObject *module = name != NULL ? PyImport_GetModule(name) : NULL;
        found = module != NULL && PyModule_Check(module)
                    ? Py_XNewRef(PyDict_GetItemString(PyModule_GetDict(module), dot + 1))
                    : NULL;
        if (found != NULL &&
            (!PyCFunction_CheckExact(found) ||
             strcmp(((PyCFunctionObject *)found)->m_ml->ml_name, dot + 1) != 0 ||
             PyCFunction_GET_SELF(found) != module)) {
            Py_CLEAR(found);
        }
        Py_XDECREF(module);
        Py_XDECREF(name);
    }
    PyErr_Clear();
    *cache = found;
    return found;
}

/* A global function through its CALLEE slot, or if it cannot be linked through
 * the GLOBAL slot: borrowed, or NULL. */
/* Is the cell that a slot is bound to still where the name's value is kept, in
 * a dict that nobody but the loader watches? */
INLINE int
pyaot_cell_fits(const PyaotInst *in, const PyaotSlot *slot)
{
    const PyDictObject *d = (PyDictObject *)in->globals;
    return slot->entry != NULL && d->ma_keys == (void *)slot->inst &&
           (d->ma_version_tag & DICT_WATCHER_MASK & ~(uint64_t)slot->offset) == 0;
}

/* A global that is not kept in its slot: it changes too often, or is stored to
 * by native code.  Borrowed, or NULL. */
static __attribute__((noinline, unused)) PyObject *
pyaot_global(PyaotThread *th, PyaotInst *in, uint32_t index)
{
    const PyaotSlot *slot = &in->slots[index];
    return pyaot_cell_fits(in, slot) ? *(PyObject **)slot->entry
                                     : th->rt->slot_global(th, in, index);
}

static COLD PyObject *
pyaot_global_callee(PyaotThread *th, PyaotInst *in, uint32_t callee, uint32_t global)
{
    if (th->rt->slot_callee(th, in, callee)) {
        return in->slots[callee].value;
    }
    return in->slots[global].value != NULL ? in->slots[global].value
                                           : pyaot_global(th, in, global);
}

/* --- interpreter operations ---------------------------------------------------------------- */

INLINE PyObject *
pyaot_name(PyaotInst *in, int64_t index)
{
    return PyTuple_GET_ITEM(in->code->co_names, index);
}

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

/* Are o's attributes in its inline values?  valid_offset as in PyaotSlot; 0
 * for __slots__. */
INLINE int
pyaot_attr_is_there(PyObject *o, uint32_t valid_offset)
{
    return valid_offset == 0 || LIKELY(((uint8_t *)o)[valid_offset]);
}

/* Somebody has seen o's dict, which shows the inline values: may a value be
 * stored there?  (NULL: a number.)  Not if others watch the dict, or the
 * collector may have to be shown it with the first container in it. */
static __attribute__((noinline, unused)) int
pyaot_attr_dict_is_open(PyObject *o, PyObject *value)
{
    PyDictObject *d = _PyObject_GetManagedDict(o);
    return (d->ma_version_tag & DICT_WATCHER_MASK) == 0 &&
           (value == NULL || _PyObject_GC_IS_TRACKED(d) || !_PyObject_GC_MAY_BE_TRACKED(value));
}

/* May native code store there? */
INLINE int
pyaot_attr_is_open(PyObject *o, uint32_t valid_offset, PyObject *value)
{
    return valid_offset == 0 ||
           (LIKELY(((uint8_t *)o)[valid_offset]) &&
            (LIKELY(_PyObject_GetManagedDict(o) == NULL) ||
             pyaot_attr_dict_is_open(o, value)));
}

/* An attribute came into being in cell p of o's inline values: their order must
 * know, and the dict that shows them.  Nothing to do for __slots__. */
INLINE void
pyaot_attr_added(PyObject *o, uint32_t valid_offset, PyObject **p)
{
    if (valid_offset != 0) {
        PyDictValues *values = (PyDictValues *)((char *)o + valid_offset -
                                                offsetof(PyDictValues, valid));
        PyDictObject *d = _PyObject_GetManagedDict(o);
        _PyDictValues_AddToInsertionOrder(values, p - values->values);
        if (UNLIKELY(d != NULL)) {
            d->ma_used++;
        }
    }
}

/* An instance of a CLASS slot's class, with the values of its MEMBER slots.
 * Bit i of given: value i's reference is given away, unless there is no memory
 * (NULL). */
INLINE PyObject *
pyaot_object_new(const PyaotSlot *slot, PyObject **values, uint32_t n, uint32_t given)
{
    PyObject *o = PyType_GenericAlloc(slot->type, 0);
    for (uint32_t i = 0; LIKELY(o != NULL) && i < n; i++) {
        const PyaotSlot *member = &slot[i + 1];
        PyObject **p = (PyObject **)((char *)o + member->offset);
        *p = given >> i & 1 ? values[i] : Py_NewRef(values[i]);
        pyaot_attr_added(o, member->valid_offset, p);
    }
    return o;
}

/* Does a call with n arguments fill exactly the parameters of the function? */
INLINE int
pyaot_fills(PyObject *func, size_t n)
{
    const PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(func);
    return (size_t)code->co_argcount == n && code->co_kwonlyargcount == 0 &&
           (code->co_flags & (CO_VARARGS | CO_VARKEYWORDS | CO_OPTIMIZED)) == CO_OPTIMIZED;
}

/* A call of a function for which there is no room under the recursion limit.
 * The interpreter's specialised calls look only where the arguments fill the
 * parameters exactly; otherwise the call is made.  [Python/bytecodes.c,
 * CALL_PY_GENERAL] */
static COLD PyObject *
pyaot_call_no_room(PyThreadState *ts, PyObject *func, PyObject *const *args, size_t n)
{
    int remaining = ts->py_recursion_remaining;
    if (!pyaot_fills(func, n)) {
        ts->py_recursion_remaining = 1;
    }
    int given = ts->py_recursion_remaining - remaining;
    PyObject *r = PyObject_Vectorcall(func, args, n | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    ts->py_recursion_remaining -= given;
    return r;
}

/* Class(...) of a plain class with a Python __init__: what type.__call__ does,
 * without packing the arguments.  NULL and *done = 0: not such a class. */
static __attribute__((noinline, unused)) PyObject *
pyaot_call_class(PyaotThread *th, PyObject **t, size_t n_args, uint64_t given, int *done)
{
    PyThreadState *ts = th->ts;
    PyTypeObject *type = (PyTypeObject *)t[1];
    *done = 0;
    if (type->tp_new != PyBaseObject_Type.tp_new || type->tp_alloc != PyType_GenericAlloc ||
        PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT) ||
        !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        return NULL;
    }
    static PyObject *name; /* interned, for the life of the process */
    if (UNLIKELY(name == NULL) &&
        (name = PyUnicode_InternFromString("__init__")) == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *init = _PyType_Lookup(type, name);
    if (init == NULL || !PyFunction_Check(init)) {
        return NULL;
    }
    *done = 1;
    PyObject *self = PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(init);
    t[1] = self;
    /* The interpreter would push a frame that looks at the result, too.
     * [Python/bytecodes.c, CALL_ALLOC_AND_ENTER_INIT] */
    int levels = PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES) &&
                 pyaot_fills(init, n_args + 1);
    ts->py_recursion_remaining -= levels;
    PyObject *r = given == 0 ? ((PyFunctionObject *)init)->vectorcall(
                                   init, t + 1, (n_args + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL)
                             : th->rt->call_giving(th, init, t + 1, n_args + 1, given << 1, NULL);
    ts->py_recursion_remaining += levels;
    Py_DECREF(init);
    if (LIKELY(r == Py_None)) {
        return self;
    }
    if (r != NULL) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'",
                     Py_TYPE(r)->tp_name);
        Py_DECREF(r);
    }
    Py_DECREF(self);
    return NULL;
}

static COLD void
pyaot_release_given(PyObject **args, size_t n, uint64_t given)
{
    for (size_t i = 0; i < n; i++) {
        if (given >> i & 1) {
            Py_DECREF(args[i]);
        }
    }
}

/* t[0] is scratch, t[1] the callable, then the arguments.
 *
 * given  bit i: the reference of argument i is used up, by a Python callee, or
 *        when the call is over */
INLINE PyObject *
pyaot_py_call(PyaotThread *th, PyObject **t, size_t n_args, uint64_t given)
{
    PyThreadState *ts = th->ts;
    PyObject *fn = t[1];
    if (Py_TYPE(fn) == &PyType_Type) {
        int done;
        PyObject *made = pyaot_call_class(th, t, n_args, given, &done);
        if (done) {
            return made;
        }
    }
    t[1] = NULL;
    if (UNLIKELY(ts->py_recursion_remaining <= 0) && PyFunction_Check(fn)) {
        PyObject *r = pyaot_call_no_room(ts, fn, t + 2, n_args);
        pyaot_release_given(t + 2, n_args, given);
        return r;
    }
    if (given != 0) {
        return th->rt->call_giving(th, fn, t + 2, n_args, given, NULL);
    }
    return PyObject_Vectorcall(fn, t + 2, n_args | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* The same; the last of t are the names of the arguments before them. */
INLINE PyObject *
pyaot_py_call_kw(PyaotThread *th, PyObject **t, size_t n, uint64_t given)
{
    PyObject *fn = t[1], *names = t[n + 1];
    size_t n_args = n - 1 - (size_t)PyTuple_GET_SIZE(names);
    t[1] = NULL;
    if (given != 0) {
        return th->rt->call_giving(th, fn, t + 2, n_args, given, names);
    }
    return PyObject_Vectorcall(fn, t + 2, n_args | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
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
        if (PyErr_ExceptionMatches(PyExc_TypeError) &&
            Py_TYPE(iterable)->tp_iter == NULL && !PySequence_Check(iterable)) {
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

/* Iterators moved on in place, as FOR_ITER_RANGE, FOR_ITER_LIST and
 * FOR_ITER_TUPLE do.  An iterator at its end lets go of what it iterates over;
 * where somebody else holds it, that is left to the interpreter: -1. */
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
    if (LIKELY(l->it_seq != NULL && l->it_index < PyList_GET_SIZE(l->it_seq))) {
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
    if (LIKELY(t->it_seq != NULL && t->it_index < PyTuple_GET_SIZE(t->it_seq))) {
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
    if (UNLIKELY(v == NULL) && PyErr_Occurred() &&
        PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
    }
    return v;
}

#include "pyaot_native_delegate.h"
#include "pyaot_native_scan.h"
#include "pyaot_native_dict.h"

#endif
