/* Does the interpreter that runs keep frames and objects where the headers say
 * that native code, loader and profiler are built from? */
#ifndef PYAOT_LAYOUT_CHECK_H
#define PYAOT_LAYOUT_CHECK_H

#include <stddef.h>

/* Each row of the minor's layout table (cache/abi/layout_<minor>.def) asks for
 * one thing.  NULL: all is where it should be; else what is not, as a static
 * text, found out at the first call.  Runs no Python code (but that of others
 * who watch functions or code objects being made) and leaves no exception
 * behind; there must be a frame of Python code. */
const char *pyaot_layout_check(void);

/* The same, with what row number `wrong` asks about taken to lie so many bytes
 * farther: a probe that still says yes tells nothing (tests). */
const char *pyaot_layout_check_moved(int wrong, ptrdiff_t bytes);

#endif
