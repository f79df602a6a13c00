/* Live code objects -> code image, key and filter.  The only part of cache/
 * that includes Python.h; used by the profiler module and the loader. */
#ifndef PYAOT_PYCODE_H
#define PYAOT_PYCODE_H

#include <Python.h>

#include "cache/base/strbuf.h"
#include "cache/code_key.h"

/* May an extension module run in this interpreter at all?  0; -1 with
 * ImportError naming the reason.  The first thing its init function asks: in
 * another minor or a free-threaded build all structures lie elsewhere. Touches
 * none. */
int pyaot_pycode_check_host(void);

/* "cpython-313-x86_64-linux-gnu": the ABI text that enters every key. */
const char *pyaot_pycode_abi(void);

/* Write the image of a code object (code_image.h) and give its key.
 *
 * module   __name__ of the defining module, NULL if unknown
 * image    appended to
 * key      may be NULL
 *
 * Returns 0; -1 with an exception set.  Does not run Python code. */
int pyaot_pycode_image(PyCodeObject *code /* borrowed */, const char *module,
                       StrBuf *image, PyaotKey *key);

/* The key alone; 0, or -1 with an exception set. */
int pyaot_pycode_key(PyCodeObject *code /* borrowed */, PyaotKey *key);

/* A cheap prefilter, equal to pyaot_image_filter of its image.  Never fails,
 * allocates nothing for ASCII names. */
uint64_t pyaot_pycode_filter(PyCodeObject *code /* borrowed */);

#endif
