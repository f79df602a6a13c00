/* How the interpreter lays out frames, and objects without a public header, in
 * the minor that this is compiled for: the one place beside cache/bytecode and
 * loader/cpython that knows.  For native code, loader and profiler. */
#ifndef PYAOT_LAYOUT_H
#define PYAOT_LAYOUT_H

#ifndef Py_BUILD_CORE_MODULE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>

typedef struct _PyInterpreterFrame PyaotFrame;

#if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
#include "pyaot_layout_313.h"
#else
#error "no layout of this minor of CPython is known"
#endif

#endif
