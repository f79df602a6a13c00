/* The loader's only view of private CPython: one interface, one file for each
 * minor version behind it (cpython_313.c).
 *
 * Requires the GIL everywhere.  What is hot is inline here. */
#ifndef PYAOT_CPYTHON_ABI_H
#define PYAOT_CPYTHON_ABI_H

#include "cache/abi/pyaot_abi.h"
#include "cache/abi/pyaot_layout.h"
#include "cache/abi/pyaot_shared_code.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
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
#define ABI_QUIET_BITS                                                        \
    ((uintptr_t)(_PY_GIL_DROP_REQUEST_BIT | _PY_GC_SCHEDULED_BIT))
#define ABI_EVENT_JUMP_SET (1 << PY_MONITORING_EVENT_JUMP)
#define ABI_EVENT_START_SET (1 << PY_MONITORING_EVENT_PY_START)
#define ABI_EVENT_RESUME_SET (1 << PY_MONITORING_EVENT_PY_RESUME)
#define ABI_EVENT_INSTRUCTION_SET (1 << PY_MONITORING_EVENT_INSTRUCTION)

/* An iterator over a string: there are two types of them, one for ASCII. */
bool abi_is_str_iter(PyObject *obj);

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
/* As atexit.register(), without importing the module: the program is not to
 * see it imported, and it costs more than all else at the start.  -1: an
 * exception is set. */
int abi_at_exit(PyObject *function);
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

/* Has another tool than ours a callback that calls of C functions tell of?
 * Then a Python function must not look like one, as those with a vectorcall of
 * their own do to an instrumented call. */
bool abi_others_see_calls(void);

/* --- code objects -------------------------------------------------------- */

static inline void *
abi_code_extra(PyCodeObject *code, Py_ssize_t index)
{
    PyaotCodeExtra *extra = (PyaotCodeExtra *)code->co_extra;
    if (extra == NULL || extra->size <= index) {
        return NULL;
    }
    return extra->extras[index];
}

/* As PyUnstable_Code_SetExtra, but makes room for this index only.  The public
 * function makes it for all that have been given out, and then the free
 * functions of others, which may be gone with their module, are called for
 * code objects that they never saw.  -1: an exception is set. */
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

/* --- places -------------------------------------------------------------- */

/* Where it stands, in units from the start of its code. */
static inline uint32_t
abi_frame_unit(const PyaotFrame *frame)
{
    return (uint32_t)(pyaot_frame_place(frame)
                      - _PyCode_CODE(pyaot_frame_code(frame)));
}

static inline void
abi_frame_set_unit(PyaotFrame *frame, uint32_t unit)
{
    pyaot_frame_set_place(frame, _PyCode_CODE(pyaot_frame_code(frame)) + unit);
}

/* --- monitoring ---------------------------------------------------------- */

/* The tool ids that are the host's, ABI_TOOL_ID's or none, and that of the
 * recorder if it may watch what native code leaves over; as bits. */
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
    PyaotFrame *frame = pyaot_frame_current(ts);
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(callable);
    if (kwnames != NULL || frame == NULL || ts->interp->eval_frame != NULL
        || !pyaot_frame_is_python(frame) || args < pyaot_frame_cells(frame)
        || args > pyaot_frame_stack(frame)
                      + pyaot_frame_code(frame)->co_stacksize
        || abi_code_call_args(pyaot_frame_code(frame), abi_frame_unit(frame))
               < 0) {
        return false;
    }
    return (code->co_flags & CO_OPTIMIZED) != 0
           && ((code->co_flags & other) != 0 || code->co_kwonlyargcount != 0
               || code->co_argcount != (int)PyVectorcall_NARGS(nargsf));
}

/* --- frames -------------------------------------------------------------- */

/* Push and link a frame for func, all locals NULL.  NULL with MemoryError
 * set. */
PyaotFrame *abi_frame_push(PyThreadState *ts, PyFunctionObject *func);
/* Copy the closure's cells into the frame, as COPY_FREE_VARS does. */
void abi_frame_copy_free(PyaotFrame *frame);
/* Unlink the current frame, clear it, give it back.  ESCAPES */
void abi_frame_pop(PyThreadState *ts, PyaotFrame *frame);
/* Run the current frame, which has been entered already, in the interpreter to
 * its end; it is consumed.  No hook is asked: it was when the frame was
 * entered, or is not to be.  The C recursion counter is left as if the
 * interpreter had called it itself. ESCAPES */
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
 * exception now: adds the traceback entry and lets the frame stand at an
 * instruction, outside the code, that raises the exception again.  False:
 * impossible, nothing was changed. */
bool abi_frame_abandon(PyThreadState *ts, PyaotFrame *frame);
/* abi_frame_handle, else abi_frame_unwind; ESCAPES. */
int abi_frame_raise(PyThreadState *ts, PyaotFrame *frame);

/* --- generators ---------------------------------------------------------- */

/* What is done for each item is inline, in the header of the minor:
 * abi_is_yield(), abi_is_return(), abi_generator_*(), abi_delegate_*(). */
/* The unit at which a generator or coroutine of this code starts, behind a
 * RETURN_GENERATOR with at most a COPY_FREE_VARS before it; 0 for other code.
 */
uint32_t abi_code_generator_start(PyCodeObject *code);
/* Are these the arguments of a call that the interpreter is making, still on
 * the stack above func, or in a tuple there (whose items may be replaced)?  Or
 * given by native code?  As bits: which of them.  It would move them into the
 * callee's frame, if there were no other vectorcall, and they could die before
 * the callee returns. */
uint64_t abi_args_stacked(PyThreadState *ts, PyObject *func,
                          PyObject *const *args);
/* What the plain vectorcall of a function of CO_OPTIMIZED code does with n
 * such arguments, and more by name (at most ABI_MAX_MOVED in all), but it
 * moves those with a bit in given, leaving None.  ESCAPES */
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
 * origins of coroutines are tracked.  [Python/bytecodes.c, RETURN_GENERATOR]
 */
PyObject *abi_generator_new(PyFunctionObject *func, uint32_t start,
                            PyObject *const *args, size_t n);

/* --- classes ------------------------------------------------------------- */

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

/* --- instance attributes ------------------------------------------------- */

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

#if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
#include "cpython_313.h"
#endif

#endif
