/* Integers and floats as Python computes with them.  Part of pyaot_native.h.
 *
 * A function of type int says whether it could: 0 leaves *out undefined. */
#ifndef PYAOT_NATIVE_ARITH_H
#define PYAOT_NATIVE_ARITH_H

#ifndef PYAOT_NATIVE_H
#error "included by pyaot_native.h"
#endif

/* The C library's functions, not the compiler's idea of them: constant folding
 * and strength reduction round differently from the call the interpreter
 * makes. */
#define LIBM1(name) extern double pyaot_m_##name(double) __asm__(#name);
#define LIBM2(name)                                                           \
    extern double pyaot_m_##name(double, double) __asm__(#name);
/* clang-format off */
LIBM1(sin) LIBM1(cos) LIBM1(tan) LIBM1(exp) LIBM1(log) LIBM1(log2)
LIBM1(log10) LIBM1(atan) LIBM1(asin) LIBM1(acos) LIBM1(sinh) LIBM1(cosh)
LIBM1(tanh) LIBM2(pow) LIBM2(fmod) LIBM2(atan2)
extern double pyaot_c_hypot(double, double) __asm__("hypot");
/* clang-format on */

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
    if (UNLIKELY(__builtin_sub_overflow(hi, lo, &diff)
                 || __builtin_add_overflow(stop, step, &past))) {
        return 0;
    }
    *out = (int64_t)((uint64_t)(diff - 1)
                     / (uint64_t)(step > 0 ? step : -step))
           + 1;
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
pyaot_slice_len(int64_t start, int64_t stop, int64_t step, int64_t n,
                int64_t *out)
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

/* The plain case of float_pow: finite operands, no domain error, finite
 * result. */
INLINE int
pyaot_fpow(double a, double b, double *out)
{
    if (UNLIKELY(!isfinite(a) || !isfinite(b) || a == 0.0
                 || (a < 0.0 && b != floor(b)))) {
        return 0;
    }
    errno = 0;
    *out = pyaot_m_pow(a, b);
    return LIKELY(isfinite(*out) && errno == 0);
}

/* round(x, digits): by way of the decimal text, as Python does it. */
static OUTLINE int
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
typedef struct {
    double high, low;
} PyaotPair;

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
static OUTLINE double
pyaot_m_hypot(double x, double y)
{
    double most = fmax(fabs(x), fabs(y)), lost[2] = {0.0, 0.0}, sum = 1.0;
    int exponent;
    (void)frexp(most, &exponent);
    if (most == 0.0 || exponent < -1023 || !isfinite(most)) {
        return most == 0.0 ? most : Py_HUGE_VAL; /* not to be told here */
    }
    double scale = ldexp(1.0, -exponent),
           v[3] = {fabs(x) * scale, fabs(y) * scale};
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

#endif
