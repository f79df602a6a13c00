/* CPython 3.13: frames, and the iterators that have no header.  layout_313.def
 * says where all of it lies; this is asserted below. */
#ifndef PYAOT_LAYOUT_313_H
#define PYAOT_LAYOUT_313_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_list.h"
#include "internal/pycore_range.h"
#include "internal/pycore_tuple.h"

/* --- frames -------------------------------------------------------------- */
/* A frame has cells: its locals, then its stack.  While the interpreter
 * executes it the number of its cells is not kept. */

static inline PyaotFrame *
pyaot_frame_current(PyThreadState *ts)
{
    return ts->current_frame;
}

static inline void
pyaot_frame_set_current(PyThreadState *ts, PyaotFrame *frame)
{
    ts->current_frame = frame;
}

static inline PyaotFrame *
pyaot_frame_caller(const PyaotFrame *frame)
{
    return frame->previous;
}

static inline void
pyaot_frame_set_caller(PyaotFrame *frame, PyaotFrame *caller)
{
    frame->previous = caller;
}

/* The code object, or what stands for one in frames of C code. */
static inline PyObject *
pyaot_frame_executable(const PyaotFrame *frame)
{
    return frame->f_executable;
}

static inline void
pyaot_frame_set_executable(PyaotFrame *frame, PyObject *code /* stolen */)
{
    frame->f_executable = code;
}

/* Of a frame of Python code. */
static inline PyCodeObject *
pyaot_frame_code(const PyaotFrame *frame)
{
    return (PyCodeObject *)frame->f_executable;
}

/* False: it only marks where C code called the interpreter. */
static inline bool
pyaot_frame_is_python(const PyaotFrame *frame)
{
    return frame->owner != FRAME_OWNED_BY_CSTACK;
}

/* It is part of a generator or coroutine from now on. */
static inline void
pyaot_frame_set_generators(PyaotFrame *frame)
{
    frame->owner = FRAME_OWNED_BY_GENERATOR;
}

static inline PyObject *
pyaot_frame_function(const PyaotFrame *frame)
{
    return frame->f_funcobj;
}

static inline PyObject *
pyaot_frame_globals(const PyaotFrame *frame)
{
    return frame->f_globals;
}

static inline PyObject *
pyaot_frame_builtins(const PyaotFrame *frame)
{
    return frame->f_builtins;
}

/* The mapping of code that is not CO_OPTIMIZED, or NULL. */
static inline PyObject *
pyaot_frame_mapping(const PyaotFrame *frame)
{
    return frame->f_locals;
}

static inline PyObject **
pyaot_frame_cells(PyaotFrame *frame)
{
    return frame->localsplus;
}

static inline PyObject **
pyaot_frame_stack(PyaotFrame *frame)
{
    return frame->localsplus + pyaot_frame_code(frame)->co_nlocalsplus;
}

/* Negative: the interpreter has it. */
static inline int
pyaot_frame_n_cells(const PyaotFrame *frame)
{
    return frame->stacktop;
}

static inline void
pyaot_frame_set_n_cells(PyaotFrame *frame, int n)
{
    frame->stacktop = n;
}

static inline void
pyaot_frame_push(PyaotFrame *frame, PyObject *value /* stolen, or NULL */)
{
    frame->localsplus[frame->stacktop++] = value;
}

static inline PyObject *
pyaot_frame_pop(PyaotFrame *frame) /* new */
{
    return frame->localsplus[--frame->stacktop];
}

static inline PyObject *
pyaot_frame_top(const PyaotFrame *frame) /* borrowed */
{
    return frame->localsplus[frame->stacktop - 1];
}

/* Has somebody taken hold of it by a frame object? */
static inline bool
pyaot_frame_is_held(const PyaotFrame *frame)
{
    return frame->frame_obj != NULL;
}

/* --- where it stands ----------------------------------------------------- */

static inline _Py_CODEUNIT *
pyaot_frame_place(const PyaotFrame *frame)
{
    return frame->instr_ptr;
}

static inline void
pyaot_frame_set_place(PyaotFrame *frame, _Py_CODEUNIT *unit)
{
    frame->instr_ptr = unit;
}

static inline void
pyaot_frame_move(PyaotFrame *frame, ptrdiff_t units)
{
    frame->instr_ptr += units;
}

/* --- objects ------------------------------------------------------------- */

/* Objects/rangeobject.c and sliceobject.c: both begin so */
typedef struct {
    PyObject_HEAD PyObject *bound[3]; /* start, stop, step */
} PyaotBounds;

/* Objects/enumobject.c */
typedef struct {
    PyObject_HEAD Py_ssize_t index;
    PyObject *iterator;
    PyObject *result;
    PyObject *long_index; /* or NULL */
    PyObject *one;
} PyaotEnumerate;

/* Python/bltinmodule.c */
typedef struct {
    PyObject_HEAD Py_ssize_t n;
    PyObject *iterators; /* tuple */
    PyObject *result;
    int strict;
} PyaotZip;

/* Objects/unicodeobject.c */
typedef struct {
    PyObject_HEAD Py_ssize_t index;
    PyObject *str; /* NULL: exhausted */
} PyaotStrIter;

/* Objects/dictobject.c: of keys, values and items */
typedef struct {
    PyObject_HEAD PyDictObject *dict; /* NULL: at its end */
    Py_ssize_t used;                  /* entries it began with */
    Py_ssize_t pos;
    PyObject *result;
    Py_ssize_t len; /* what remains */
} PyaotDictIter;

/* Objects/setobject.c */
typedef struct {
    PyObject_HEAD PySetObject *set;
    Py_ssize_t used, pos, len;
} PyaotSetIter;

/* Objects/codeobject.c */
typedef struct {
    Py_ssize_t size;
    void *extras[1];
} PyaotCodeExtra;

/* --- all of it ----------------------------------------------------------- */

#define LAYOUT_SIZE(type, bytes, probe)                                       \
    _Static_assert(sizeof(type) == bytes, "the size of " #type);
#define LAYOUT(type, field, offset, probe)                                    \
    _Static_assert(offsetof(type, field) == offset, "the place of " #field);
#define PROBE(stage, field, condition)
#include "layout_313.def"

#endif
