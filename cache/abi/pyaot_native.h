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
#define OUTLINE __attribute__((noinline, unused))

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

/* By kind; each may use what stands in front of it. */
#include "pyaot_native_refs.h"   /* references, and what dies unseen */
#include "pyaot_native_number.h" /* numbers in and out of objects */
#include "pyaot_native_exit.h"   /* states at exits */
#include "pyaot_native_arith.h"  /* integers and floats */
#include "pyaot_native_list.h"   /* elements of lists, tuples, and cells */
#include "pyaot_native_text.h"   /* strings */
#include "pyaot_native_slice.h"  /* ranges and slices */
#include "pyaot_native_names.h"  /* globals, variables in cells, symbols */
#include "pyaot_native_object.h" /* instances and attributes */
#include "pyaot_native_call.h"   /* calls and their arguments */
#include "pyaot_native_py.h"     /* the interpreter's operations, any class */
#include "pyaot_native_iter.h"   /* iterators moved on in place */
#include "pyaot_native_delegate.h" /* yield from, await */
#include "pyaot_native_scan.h"     /* builtins over all elements */
#include "pyaot_native_dict.h"     /* dicts and sets by simple keys */

#endif
