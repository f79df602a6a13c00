/* The loader's only view of private CPython: one interface, one file for each
 * minor version behind it (cpython_313.c).
 *
 * Requires the GIL everywhere.  What is hot is inline here. */
#ifndef PYAOT_CPYTHON_ABI_H
#define PYAOT_CPYTHON_ABI_H

#include "cache/abi/pyaot_abi.h"
#include "cache/abi/pyaot_shared_code.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include "opcode_ids.h"
#include "internal/pycore_ceval.h"
#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_function.h"
#include "internal/pycore_genobject.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_list.h"
#include "internal/pycore_range.h"
#include "internal/pycore_tuple.h"

#define ABI_TOOL_ID 5 /* sys.monitoring.OPTIMIZER_ID */
#define ABI_EVENT_BITS ((uintptr_t)_PY_EVAL_EVENTS_MASK)
/* Pending work which may be done before a call or after it alike. */
#define ABI_QUIET_BITS ((uintptr_t)(_PY_GIL_DROP_REQUEST_BIT \
                                    | _PY_GC_SCHEDULED_BIT))
#define ABI_EVENT_JUMP_SET (1 << PY_MONITORING_EVENT_JUMP)
#define ABI_EVENT_START_SET (1 << PY_MONITORING_EVENT_PY_START)
#define ABI_EVENT_RESUME_SET (1 << PY_MONITORING_EVENT_PY_RESUME)
#define ABI_EVENT_INSTRUCTION_SET (1 << PY_MONITORING_EVENT_INSTRUCTION)

/* As in Objects/enumobject.c and Python/bltinmodule.c; their sizes are checked
 * by abi_probe. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *iterator;
    PyObject *result;
    PyObject *long_index; /* or NULL */
    PyObject *one;
} AbiEnumerate;

typedef struct {
    PyObject_HEAD
    Py_ssize_t n;
    PyObject *iterators; /* tuple */
    PyObject *result;
    int strict;
} AbiZip;

/* As in Objects/unicodeobject.c; the same. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *str; /* NULL: exhausted */
} AbiStrIter;

/* There are two types of them, one for ASCII. */
bool abi_is_str_iter(PyObject *obj);

/* As in Objects/codeobject.c; checked by abi_probe. */
typedef struct {
    Py_ssize_t size;
    void *extras[1];
} AbiCodeExtra;

/* Is this interpreter one that the loader knows?  NULL, or the reason why
 * not.  Called before anything else is touched; the module is not even made in
 * another minor or a free-threaded build (pyaot_pycode_check_host). */
const char *abi_probe(void);
/* Further checks, once the tool id and its JUMP callback are in place: do the
 * private structures lie where the headers say? */
const char *abi_probe_interpreter(PyObject *tool_name,
                                  PyObject *jump_callback);
/* The same, once a dict watcher is in place. */
const char *abi_probe_dicts(int dict_watcher,
                            PyDict_WatchCallback dict_callback);
const char *abi_probe_extra(PyCodeObject *code, Py_ssize_t index, void *value);

/* The current thread state: who holds the GIL was the last to take it.  One
 * load, where the public function may cost several nanoseconds. */
extern PyThreadState *const *abi_gil_holder /* set by abi_probe */
    __attribute__((visibility("hidden")));

/* Where the interpreter keeps its frame evaluation hook (PEP 523), NULL while
 * there is none; set by abi_probe. */
extern void *const *abi_eval_hook __attribute__((visibility("hidden")));

static inline bool
abi_frames_hooked(void)
{
    return __builtin_expect(*abi_eval_hook != NULL, 0);
}

static inline PyThreadState *
abi_thread_state(void)
{
    return __atomic_load_n(abi_gil_holder, __ATOMIC_RELAXED);
}

/* Has another tool than ours a callback that calls of C functions tell of?  Then a
 * Python function must not look like one, as those with a vectorcall of their own do
 * to an instrumented call. */
bool abi_others_see_calls(void);

/* ---- code objects --------------------------------------------------------- */

static inline void *
abi_code_extra(PyCodeObject *code, Py_ssize_t index)
{
    AbiCodeExtra *extra = (AbiCodeExtra *)code->co_extra;
    if (extra == NULL || extra->size <= index) {
        return NULL;
    }
    return extra->extras[index];
}

/* As PyUnstable_Code_SetExtra, but makes room for this index only.  The public
 * function makes it for all that have been given out, and then the free functions of
 * others, which may be gone with their module, are called for code objects that
 * they never saw.  -1: an exception is set. */
int abi_code_set_extra(PyCodeObject *code, Py_ssize_t index, void *value);

/* Calls of functions made of this code keep going through their vectorcall:
 * with version 0 the interpreter does not specialise them. */
static inline uint32_t
abi_code_swap_version(PyCodeObject *code, uint32_t version)
{
    uint32_t old = code->co_version;
    code->co_version = version;
    return old;
}

/* Calls of func may be specialised again. */
static inline void
abi_function_set_version(PyFunctionObject *func, uint32_t version)
{
    if (func->func_version == 0) {
        _PyFunction_SetVersion(func, version);
    }
}

/* Unit index of the instruction proper at or after a unit that may be its
 * EXTENDED_ARG prefix. */
uint32_t abi_code_skip_prefix(PyCodeObject *code, uint32_t offset);
/* The number of arguments of the CALL at unit, which may be its prefix; -1: it
 * is another instruction, or is not going to be specialised. */
int abi_code_call_args(PyCodeObject *code, uint32_t unit);
/* Is the instruction there (prefix included) a backward jump that checks the
 * eval breaker?  *jump is its own unit, *target where it goes. */
bool abi_code_back_edge(PyCodeObject *code, uint32_t offset, uint32_t *jump,
                        uint32_t *target);

typedef enum {
    ABI_INSTRUCTION,
    ABI_RESUME_AFTER_YIELD,
    ABI_BACK_EDGE, /* target is the unit it goes to */
} AbiInstructionKind;
/* One instruction, prefixes included, at unit; false stops the walk. */
typedef bool (*AbiVisit)(void *arg, uint32_t unit, AbiInstructionKind kind,
                         uint32_t target);
/* Visit all instructions in order, as the compiler wrote them.  -1 with an
 * exception set; else 0. */
int abi_code_walk(PyCodeObject *code, AbiVisit visit, void *arg);
/* Is there a handler for exceptions of the instruction at unit? */
bool abi_code_is_covered(PyCodeObject *code, uint32_t unit);
/* Name of the instruction proper at unit, as the compiler wrote it. */
const char *abi_code_opname(PyCodeObject *code, uint32_t unit);

/* ---- monitoring ----------------------------------------------------------- */

/* The tool ids that are the host's, as bits: ABI_TOOL_ID's or none. */
extern uint8_t abi_own_tools __attribute__((visibility("hidden")));

static inline void
abi_code_share(PyCodeObject *code)
{
    pyaot_share_code(code);
}

/* Does another tool watch this code object by local events? */
static inline bool
abi_code_watched(PyCodeObject *code)
{
    _PyCoMonitoringData *data = code->_co_monitoring;
    if (data == NULL) {
        return false;
    }
    /* One byte for each event, one bit for each tool; at each entry, so two
     * words that overlap rather than a loop. */
    const uint8_t *tools = data->local_monitors.tools;
    uint64_t first, last, own = 0x0101010101010101u * (uint64_t)abi_own_tools;
    static_assert(_PY_MONITORING_LOCAL_EVENTS >= 8
                      && _PY_MONITORING_LOCAL_EVENTS <= 16,
                  "two words hold all events");
    memcpy(&first, tools, 8);
    memcpy(&last, tools + _PY_MONITORING_LOCAL_EVENTS - 8, 8);
    return ((first | last) & ~own) != 0;
}

/* Does another tool (also sys.settrace, sys.setprofile) watch everything? */
static inline bool
abi_interp_watched(PyInterpreterState *interp)
{
    uint8_t all = 0;
    for (int i = 0; i < _PY_MONITORING_UNGROUPED_EVENTS; i++) {
        all |= interp->monitors.tools[i];
    }
    return (all & (uint8_t)~abi_own_tools) != 0;
}

/* Does tracemalloc trace? */
bool abi_memory_traced(void);

/* Has any other tool claimed an id? */
static inline bool
abi_foreign_tools(PyInterpreterState *interp)
{
    uintptr_t all = 0;
    for (int i = 0; i <= ABI_TOOL_ID; i++) {
        if ((abi_own_tools >> i & 1) == 0) {
            all |= (uintptr_t)interp->monitoring_tool_names[i];
        }
    }
    return all != 0;
}

/* Was the code instrumented for the events of today? */
static inline bool
abi_code_instrumented(PyThreadState *ts, PyCodeObject *code)
{
    return code->_co_instrumentation_version
           == (ts->eval_breaker & ~ABI_EVENT_BITS);
}

/* Is this vectorcall the interpreter's CALL of a function, in its current
 * frame, with other arguments than the function has parameters?  If it was
 * specialised it would not look at the recursion limit.
 * [Python/bytecodes.c, CALL_PY_GENERAL] */
static inline bool
abi_call_is_general(PyThreadState *ts, PyObject *callable,
                    PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    const int other = CO_VARARGS | CO_VARKEYWORDS;
    PyaotFrame *frame = ts->current_frame;
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(callable);
    if (kwnames != NULL || frame == NULL || ts->interp->eval_frame != NULL
        || frame->owner == FRAME_OWNED_BY_CSTACK
        || args < frame->localsplus
        || args > frame->localsplus + _PyFrame_GetCode(frame)->co_nlocalsplus
                      + _PyFrame_GetCode(frame)->co_stacksize
        || abi_code_call_args(_PyFrame_GetCode(frame),
                              (uint32_t)_PyInterpreterFrame_LASTI(frame)) < 0) {
        return false;
    }
    return (code->co_flags & CO_OPTIMIZED) != 0
           && ((code->co_flags & other) != 0 || code->co_kwonlyargcount != 0
               || code->co_argcount != (int)PyVectorcall_NARGS(nargsf));
}

/* ---- frames --------------------------------------------------------------- */

static inline uint32_t
abi_frame_unit(PyaotFrame *frame)
{
    return (uint32_t)_PyInterpreterFrame_LASTI(frame);
}

static inline void
abi_frame_set_unit(PyaotFrame *frame, uint32_t unit)
{
    frame->instr_ptr = _PyCode_CODE(_PyFrame_GetCode(frame)) + unit;
}

/* Push and link a frame for func, all locals NULL.  NULL with MemoryError
 * set. */
PyaotFrame *abi_frame_push(PyThreadState *ts, PyFunctionObject *func);
/* Copy the closure's cells into the frame, as COPY_FREE_VARS does. */
void abi_frame_copy_free(PyaotFrame *frame);
/* Unlink the current frame, clear it, give it back.  ESCAPES */
void abi_frame_pop(PyThreadState *ts, PyaotFrame *frame);
/* Run the current frame, which has been entered already, in the interpreter to
 * its end; it is consumed.  No hook is asked: it was when the frame was
 * entered, or is not to be.  The C recursion counter is left as if the interpreter had called it itself.
 * ESCAPES */
PyObject *abi_frame_eval(PyThreadState *ts, PyaotFrame *frame);

/* An exception is set and frame->instr_ptr stands at the failing instruction.
 * 1: a handler covers it: traceback entry added, stack and instr_ptr are ready
 * for the handler.  0: none does; nothing was changed. */
int abi_frame_handle(PyThreadState *ts, PyaotFrame *frame);
/* The same, for a frame that no handler covers: adds the traceback entry and
 * tells the tools. */
void abi_frame_unwind(PyThreadState *ts, PyaotFrame *frame);
/* No handler covers the failing instruction, where instr_ptr stands, but the
 * interpreter might find one where it would look if it were told of the
 * exception now: adds the traceback entry and lets the frame stand at an instruction,
 * outside the code, that raises the exception again.  False: impossible,
 * nothing was changed. */
bool abi_frame_abandon(PyThreadState *ts, PyaotFrame *frame);
/* abi_frame_handle, else abi_frame_unwind; ESCAPES. */
int abi_frame_raise(PyThreadState *ts, PyaotFrame *frame);

/* ---- generators ------------------------------------------------------------ */

static inline PyaotFrame *
abi_generator_frame(PyGenObject *gen)
{
    return (PyaotFrame *)gen->gi_iframe;
}

/* The unit at which a generator or coroutine of this code starts, behind a
 * RETURN_GENERATOR with at most a COPY_FREE_VARS before it; 0 for other code. */
uint32_t abi_code_generator_start(PyCodeObject *code);
/* Are these the arguments of a call that the interpreter is making, still on
 * the stack above func, or in a tuple there (whose items may be replaced)?  Or given by native
 * code?  As bits: which of them.  It would move them into the callee's frame, if there
 * were no other vectorcall, and they could die before the callee returns. */
uint64_t abi_args_stacked(PyThreadState *ts, PyObject *func,
                      PyObject *const *args);
/* What the plain vectorcall of a function of CO_OPTIMIZED code does with n such
 * arguments, and more by name (at most ABI_MAX_MOVED in all), but it moves
 * those with a bit in given, leaving None.  ESCAPES */
enum { ABI_MAX_MOVED = 16 };
PyObject *abi_call_moving(PyThreadState *ts, PyFunctionObject *func,
                          PyObject *const *args, Py_ssize_t n, uint64_t given,
                          PyObject *names);
/* Has it the interpreter's own vectorcall, and CO_OPTIMIZED code? */
bool abi_is_plain_function(const PyFunctionObject *func);
/* Arguments that native code is making a call with, and which of them the
 * callee may take. */
typedef struct {
    PyObject *const *args;
    PyObject *func; /* borrowed */
    uint64_t given;
} AbiGiven;
extern __thread AbiGiven abi_given
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
/* A generator whose frame is gone: its deallocation runs nothing. */
bool abi_is_finished_generator(PyObject *o);
/* What calling func makes, whose code starts at unit start and takes exactly
 * these n arguments, all borrowed: new; NULL with MemoryError set.  Not while
 * origins of coroutines are tracked.  [Python/bytecodes.c, RETURN_GENERATOR] */
PyObject *abi_generator_new(PyFunctionObject *func, uint32_t start,
                            PyObject *const *args, size_t n);

/* Is it a new one, whose frame stands in front of the RESUME of its start?
 * [Python/bytecodes.c, RETURN_GENERATOR] */
static inline bool
abi_generator_is_new(const PyGenObject *gen, const PyaotFrame *frame)
{
    uint8_t next = frame->instr_ptr[1].op.code;
    return gen->gi_frame_state == FRAME_CREATED
           && frame->instr_ptr->op.code == POP_TOP
           && (next == RESUME || next == RESUME_CHECK
               || next == INSTRUMENTED_RESUME);
}

static inline bool
abi_generator_is_suspended(const PyGenObject *gen)
{
    return FRAME_STATE_SUSPENDED(gen->gi_frame_state);
}

/* Make its frame the current one, and it running. */
static inline void
abi_generator_link(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    gen->gi_exc_state.previous_item = ts->exc_info;
    ts->exc_info = &gen->gi_exc_state;
    gen->gi_frame_state = FRAME_EXECUTING;
    frame->previous = ts->current_frame;
    ts->current_frame = frame;
    ts->py_recursion_remaining--;
}

/* The reverse, for one that is suspended (state). */
static inline void
abi_generator_unlink(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame,
                     PyFrameState state)
{
    gen->gi_frame_state = (int8_t)state;
    ts->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    ts->py_recursion_remaining++;
    ts->current_frame = frame->previous;
    frame->previous = NULL;
}

/* Make its frame the current one, standing at its RESUME: with value sent to
 * it, or if value is NULL, which a new one must have, behind the POP_TOP that
 * takes it away.  [Objects/genobject.c, gen_send_ex2] */
static inline void
abi_generator_enter(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame,
                    PyObject *value)
{
    if (value != NULL) {
        frame->localsplus[frame->stacktop++] = Py_NewRef(value);
    }
    else {
        frame->instr_ptr++;
    }
    abi_generator_link(ts, gen, frame);
}

static inline bool
abi_is_yield(const _Py_CODEUNIT *unit)
{
    return unit->op.code == YIELD_VALUE;
}

static inline bool
abi_is_return(const _Py_CODEUNIT *unit)
{
    return unit->op.code == RETURN_VALUE || unit->op.code == RETURN_CONST;
}

/* Do the YIELD_VALUE at which its frame, the current one, stands: suspend it,
 * and hand over the value: new.  [Python/bytecodes.c, YIELD_VALUE] */
static inline PyObject *
abi_generator_yield(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    /* the argument: 1 if it only passes on what another one yields */
    abi_generator_unlink(ts, gen, frame,
                         FRAME_SUSPENDED + frame->instr_ptr->op.arg);
    frame->instr_ptr++;
    return frame->localsplus[--frame->stacktop];
}

/* Do the return at which its frame, the current one, stands: clear it, and hand
 * over the value: new.  ESCAPES (locals die).
 * [Python/bytecodes.c, RETURN_VALUE, RETURN_CONST] */
static inline PyObject *
abi_generator_return(PyThreadState *ts, PyaotFrame *frame)
{
    _Py_CODEUNIT unit = *frame->instr_ptr;
    PyCodeObject *code = _PyFrame_GetCode(frame);
    PyObject *value =
        unit.op.code == RETURN_CONST
            ? Py_NewRef(PyTuple_GET_ITEM(code->co_consts, unit.op.arg))
            : frame->localsplus[--frame->stacktop];
    ts->py_recursion_remaining++;
    abi_frame_pop(ts, frame);
    return value;
}

/* ---- delegation: `yield from`, `await` --------------------------------------- */
/* The instructions are SEND, YIELD_VALUE, RESUME, JUMP_BACKWARD_NO_INTERRUPT to
 * the SEND, and END_SEND, in this order. */
enum { ABI_SEND_TO_RESUME = 3 };

/* The suspended generator or coroutine that a suspended one delegates to, and
 * sends what is sent to it; NULL if it does not, or to something else. */
static inline PyGenObject *
abi_generator_delegate(const PyGenObject *gen, const PyaotFrame *frame)
{
    if (gen->gi_frame_state != FRAME_SUSPENDED_YIELD_FROM
        || frame->instr_ptr[1].op.code != JUMP_BACKWARD_NO_INTERRUPT
        || frame->instr_ptr[1].op.arg != ABI_SEND_TO_RESUME + 2) {
        return NULL;
    }
    PyObject *to = frame->localsplus[frame->stacktop - 1];
    uint8_t send = frame->instr_ptr[-ABI_SEND_TO_RESUME].op.code;
    if ((send != SEND && send != SEND_GEN)
        || (Py_TYPE(to) != &PyGen_Type && Py_TYPE(to) != &PyCoro_Type)
        || !abi_generator_is_suspended((PyGenObject *)to)) {
        return NULL;
    }
    return (PyGenObject *)to;
}

/* Its frame, the current one from now on, stands at the SEND, and what it
 * delegates to, the result, is about to be entered. */
static inline PyGenObject *
abi_delegate_enter(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    frame->instr_ptr -= ABI_SEND_TO_RESUME;
    abi_generator_link(ts, gen, frame);
    return (PyGenObject *)frame->localsplus[frame->stacktop - 1];
}

/* What it delegates to has yielded: so does it. */
static inline void
abi_delegate_yield(PyThreadState *ts, PyGenObject *gen, PyaotFrame *frame)
{
    frame->instr_ptr += ABI_SEND_TO_RESUME;
    abi_generator_unlink(ts, gen, frame, FRAME_SUSPENDED_YIELD_FROM);
}

/* What it delegates to has returned value, which is stolen: it goes on behind the
 * delegation. */
static inline void
abi_delegate_return(PyaotFrame *frame, PyObject *value)
{
    frame->localsplus[frame->stacktop++] = value;
    frame->instr_ptr += 1 + INLINE_CACHE_ENTRIES_SEND
                        + frame->instr_ptr->op.arg;
}

/* ---- classes ---------------------------------------------------------------- */

/* Does a call of the class do no more than object's tp_new and tp_init?  While
 * it does not change, which its watchers are told: an immutable metaclass
 * cannot be replaced. */
static inline bool
abi_class_is_plain(PyTypeObject *type)
{
    return Py_IS_TYPE(type, &PyType_Type)
           && PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)
           && !PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT)
           && type->tp_new == PyBaseObject_Type.tp_new
           && type->tp_alloc == PyType_GenericAlloc;
}

/* Levels of recursion that the interpreter's specialised call of the class, a
 * plain one, takes beside its __init__'s: for the frame that looks at the
 * result.  [Python/bytecodes.c, CALL_ALLOC_AND_ENTER_INIT] */
static inline uint32_t
abi_class_call_levels(PyTypeObject *type)
{
    return PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES);
}

/* Make the CALL at unit, of a plain class with this __init__ and all its
 * parameters, what the interpreter makes it after some turns, if it is not
 * specialised otherwise.  [Python/specialize.c, specialize_class_call] */
void abi_class_call_specialise(PyCodeObject *code, uint32_t unit,
                               PyTypeObject *type, PyFunctionObject *init);

/* ---- instance attributes --------------------------------------------------- */

/* Where instances of type keep attribute name: byte offset of the reference,
 * or 0 if not in inline values. */
uint32_t abi_inline_offset(PyTypeObject *type, PyObject *name);
uint32_t abi_inline_valid_offset(PyTypeObject *type);
bool abi_inline_valid(PyObject *obj);
/* Version of the type's shared keys (made if there is none), 0 if impossible;
 * _now: as it is, 0 if there is none. */
uint32_t abi_keys_version(PyTypeObject *type);
uint32_t abi_keys_version_now(PyTypeObject *type);
/* Where a plain dict keeps the value of an interned name, and the keys object
 * that lies in.  NULL: it has no such key, or storing there takes more. */
PyObject **abi_dict_cell(PyObject *dict, PyObject *name, void **keys);
/* Does anybody but this watcher watch the dict? */
bool abi_dict_watched(PyObject *dict, int but_id);
/* Are all keys of this dict exact strings (look-ups run no Python code)? */
bool abi_dict_plain(PyObject *dict);

#endif
