/* pyaot/optimizer.h: plug an optimizer into a stock CPython.
 *
 * An optimizer makes executors; an executor stands for some instructions of a
 * code object and does their work its own way.  The host (pyaot's extension
 * module) finds the hot spots, asks the optimizer, enters the executors, and
 * takes them away when they may no longer run.  This header is all that an
 * optimizer needs: nothing is linked, everything is reached through one table
 * of functions, which pyaot_optimizer_import() finds.
 *
 * The idea and the names are those of CPython issue 104584 ("Pluggable
 * optimizer API").  There the interpreter had instructions of its own to enter
 * executors; here they are entered through events of the optimizer's tool id
 * (PEP 669, sys.monitoring.OPTIMIZER_ID), through the vectorcall of functions,
 * and where C code draws from generators.  [Sources] are named in brackets:
 * "issue" is the issue above, a path is a file of CPython 3.13.
 *
 * Words.  An offset is in bytes from the first instruction of a code object,
 * as `dis` prints it.  An entry is a place where an executor can be entered:
 *
 *   function entry       offset 0
 *   resume after yield   offset of a RESUME instruction after a yield
 *   back-edge            offset that a backward jump goes to (the loop's head)
 *
 * A generator or coroutine is drawn from when C code resumes it through its
 * type: sum, list, next, zip and all others by tp_iternext, asyncio and
 * PyIter_Send() by am_send, Python code by the method send, and draw() and
 * send() below.  The interpreter's own `for`, `yield from` and `await` do not
 * draw, nor does the method __next__; they pass the RESUME.
 *
 * Threads.  Everything here is called with the GIL held, by the thread whose
 * frame it is about; the host calls optimizers and executors likewise.  There
 * is one host for the process; subinterpreters and free-threaded builds are
 * refused.
 *
 * References.  "borrowed" parameters and results stay the other side's; "new"
 * results are the caller's to release; "stolen" ones are the host's
 * afterwards.
 *
 * Errors.  int results: -1 is an exception set, 0 and 1 as told.  Pointers:
 * NULL, with or without an exception, as told.  */
#ifndef PYAOT_OPTIMIZER_H
#define PYAOT_OPTIMIZER_H

#include <Python.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a member of PyaotOptimizerApi changes its meaning; new members
 * come at the end, so a table may be larger than the one compiled against. */
#define PYAOT_OPTIMIZER_API_VERSION 1u
#define PYAOT_OPTIMIZER_MODULE "pyaot.optimizer"
#define PYAOT_OPTIMIZER_CAPSULE PYAOT_OPTIMIZER_MODULE ".api"

/* Capabilities, and kinds of entries [issue]. */
#define PYAOT_OPTIMIZE_FUNCTION_ENTRY 1u
#define PYAOT_OPTIMIZE_RESUME_AFTER_YIELD 2u
#define PYAOT_OPTIMIZE_BACK_EDGE 4u

/* An interpreter's frame; looked into only through the table. */
typedef struct _PyInterpreterFrame PyaotFrame;
typedef struct PyaotExecutor PyaotExecutor;
typedef struct PyaotOptimizer PyaotOptimizer;

/* --- executors ----------------------------------------------------------- */

/* flags: while another tool watches its code (a tracer, a debugger, coverage)
 * an executor is never entered.  Without the flag it is invalidated then, and
 * the hot spot is found again afterwards; with it, it is set aside and comes
 * back.  For optimizers that are not asked again. */
#define PYAOT_EXECUTOR_COMES_BACK 1u

/* Resumes after a yield, and function entries of generators and coroutines:
 * enter it where they are drawn from, and nowhere else.  No event is set for
 * it, which would cost each resume by the interpreter some 40 ns.  For what
 * does too little to pay for that. */
#define PYAOT_EXECUTOR_DRAWN_ONLY 2u

/* Result of PyaotExecutor.call: nothing has happened, let the interpreter make
 * this call. */
#define PYAOT_CALL_REFUSED ((PyObject *)(uintptr_t)2)

/* An executor is a Python object.  Its type derives from api->executor_type
 * (tp_base), its struct begins with this one, and its members are set before
 * it is given to the host.  It may hold data of its own behind it.
 *
 * While an executor runs the host holds a reference to it: it may be replaced
 * or invalidated meanwhile, also by itself, and finishes what it is doing. */
struct PyaotExecutor {
    PyObject_HEAD

        /* Do the work of N >= 0 instructions from where the frame stands.
         *
         * frame           the thread's current frame.  It stands at the entry:
         *                 frame_offset() is the offset the executor was made
         * for (a function entry: that of its RESUME), and everything the frame
         * owes to the instructions before is done.  [The instruction pointer
         * is exact before entry: issue.] stack_pointer   one past the top of
         * its evaluation stack; frame_stack() is the bottom.  After a resume
         * the value sent is on top.
         *
         * On entry nothing is pending (signals, calls, GC, thread switch: the
         * eval breaker is honoured before [issue]), no exception is set, and
         * no other tool watches the code.  Locals and stack cells hold strong
         * references, which the executor may take, replace and release, as
         * instructions do; released locals are NULL.
         *
         * Returns frame, after frame_leave(), with the frame standing where
         * the interpreter is to go on: any instruction of the code, in any
         * loop or `try`, with the stack it has there.  The frame must not have
         * been left: before a return or a yield, leave.  Without frame_leave()
         * N is 0: the frame must be as it was.  N = 0 is legal always; the
         * interpreter then executes at least the instruction at the entry
         * before any executor is entered in this frame.  Leaving at the very
         * jump that led to the entry is the same as leaving at the entry.
         *
         * Generators and coroutines: entered by the event at the RESUME, or
         * without the interpreter when they are drawn from; it cannot tell. In
         * the second case a frame left at a YIELD_VALUE or a return, with the
         * value on top, hands the value over at once; from anywhere else the
         * interpreter goes on to the next yield or the end.
         * [Objects/genobject.c, gen_send_ex2; Python/bytecodes.c, YIELD_VALUE]
         *
         * Returns NULL with an exception set, after frame_leave() at the
         * instruction that failed and the stack it failed with (or without, if
         * nothing was changed: then it is raised at the entry).  The
         * interpreter goes on as if that instruction had raised: traceback
         * entry, handlers.
         *
         * May call anything, also Python code; the frame shows there as an
         * ordinary one standing where frame_leave() put it last.  A loop
         * inside asks ready() at each of its back-edges, and when that says no
         * calls handle_pending() or leaves.
         *
         * NULL for an executor of a function entry that only has call.
         * Source: issue; Python/ceval_macros.h (INSTRUMENTED_JUMP) and
         * Python/bytecodes.c (INSTRUMENTED_RESUME): the frame's stack pointer
         * and instruction pointer are read again after the event. */
        PyaotFrame *(*execute)(PyaotExecutor *self /* borrowed */,
                               PyaotFrame *frame, PyObject **stack_pointer);

    /* Function entries only: make the whole call of `function`, a Python
     * function over the code, without a frame.  Parameters as a vectorcall's
     * (Include/cpython/abstract.h), all borrowed.  Nothing is pending, nobody
     * watches, the recursion limit is counted by the host, and there is C
     * stack to spare.
     *
     * Returns a new reference; NULL with an exception set; or
     * PYAOT_CALL_REFUSED before anything has happened.
     *
     * Entered through the function's vectorcall, which the host sets in
     * functions over the code.  NULL: the executor is entered through execute,
     * when the interpreter has made the frame (for generators, coroutines: at
     * their first resume). */
    PyObject *(*call)(PyaotExecutor *self /* borrowed */, PyObject *function,
                      PyObject *const *args, size_t nargsf, PyObject *kwnames);

    /* It has been taken away from its place and will not be entered again; it
     * may be running.  Must not raise.  NULL: no need to know. */
    void (*invalidated)(PyaotExecutor *self /* borrowed */);

    uint32_t flags; /* PYAOT_EXECUTOR_* */
    void *host;     /* the host's own; NULL in a new one, and when invalid */
};

/* --- optimizers ---------------------------------------------------------- */

/* An optimizer is a Python object whose type derives from api->optimizer_type.
 * Members are set before it is registered and do not change afterwards. */
struct PyaotOptimizer {
    PyObject_HEAD

        /* The entry at (code, offset) is hot: make an executor for it.
         *
         * Returns 1 with *executor a new reference, which the host puts at
         * (code, offset) and, if it can, enters at once; 0 for nothing; -1
         * with an exception set, which is raised where the program stands (at
         * the jump, the RESUME), with a traceback as if that instruction had
         * raised it.
         *
         * Asked at entries of its capabilities only, when they have been
         * passed `threshold` times: see optimization_cost.  After 0 and after
         * -1 the entry is asked for again when it has been passed twice as
         * often, four times ... and after eight times no more; the code there
         * is then at full speed.
         *
         * The frame, its stack and its code are as they were, whatever is
         * returned [issue: "restore next_instr and stack_pointer"].  May call
         * anything; the host asks for nothing else meanwhile. */
        int (*compile)(PyaotOptimizer *self /* borrowed */,
                       PyCodeObject *code /* borrowed */, int offset,
                       PyaotExecutor **executor /* new */);

    /* Eager optimizers (compile is then never called, nothing is counted and
     * code without executors runs at full speed): a code object was created,
     * nothing has executed it; a function was created.  Either may be NULL.
     * They install executors by replace_executor().  An exception set is
     * printed as unraisable.  The function object is not yet complete: do not
     * call it.  [Objects/codeobject.c, funcobject.c: watchers.] */
    void (*code_created)(PyaotOptimizer *self, PyCodeObject *code);
    void (*function_created)(PyaotOptimizer *self, PyObject *function);

    uint32_t capabilities; /* PYAOT_OPTIMIZE_* */

    /* How many interpreted passes through the entry compile() takes, and what
     * one pass costs afterwards in interpreted passes (0 nothing, 1 the same).
     * The break-even decides:
     *
     *   threshold = optimization_cost / (1 - run_cost)
     *
     * so that the time spent before an entry is asked for is about the time
     * that asking costs.  1 - run_cost counts as at least 1/64; the result is
     * kept between 0 and 1048576, and is the number of passes that are
     * interpreted before compile() is asked. */
    float optimization_cost;
    float run_cost;
};

/* --- the table ----------------------------------------------------------- */

typedef struct {
    uint32_t version;             /* PYAOT_OPTIMIZER_API_VERSION of the host */
    uint32_t size;                /* of its table, in bytes */
    PyTypeObject *executor_type;  /* borrowed: lives as long as the process */
    PyTypeObject *optimizer_type; /* the same */

    /* -- optimizers -- */

    /* Make it the one that is asked.  The one before is asked no more; its
     * executors stay.  The host starts if need be: takes the optimizer's tool
     * id and its watchers.
     *
     * 0; -1 with RuntimeError naming the reason if the host cannot run here:
     * the tool id belongs to another tool, a pre-release, a build with other
     * structures, a subinterpreter, PYAOT=0.  The host keeps a reference.
     *
     * An optimizer that is not eager sees code objects created from now on,
     * functions created from now on over older ones, what watch() names, and
     * what an earlier one saw. */
    int (*register_optimizer)(PyaotOptimizer *optimizer /* borrowed */);
    /* new, or NULL (no exception) if there is none. */
    PyaotOptimizer *(*get_optimizer)(void);
    /* 0, also if it is not the one that is registered.  When neither an
     * optimizer nor an executor is left the host stops: code objects,
     * functions and sys.monitoring are as they were before. */
    int (*unregister_optimizer)(PyaotOptimizer *optimizer /* borrowed */);
    /* Why register_optimizer would refuse: a static text, or NULL. */
    const char *(*refusal)(void);
    /* Count this code object's entries too (it is older than the optimizer).
     * 0, or -1. */
    int (*watch)(PyCodeObject *code /* borrowed */);

    /* -- executors -- */

    /* Put executor at (code, offset); NULL takes the one there away.  The one
     * that was there becomes invalid.  The host keeps a reference.
     *
     * 0; -1 with ValueError if no executor can be entered at offset, if this
     * one sits elsewhere already, or has not the function or the flags for
     * this kind of entry; RuntimeError as register_optimizer. */
    int (*replace_executor)(PyCodeObject *code /* borrowed */, int offset,
                            PyaotExecutor *executor /* borrowed */);
    /* new; NULL (no exception) if there is none, or none that may run: while
     * another tool watches the code there is none. */
    PyaotExecutor *(*get_executor)(PyCodeObject *code /* borrowed */,
                                   int offset);
    /* 1 while it sits on a live code object and may be entered, else 0. */
    int (*executor_is_valid)(PyaotExecutor *executor /* borrowed */);
    /* Invalidate it with `object`.  Every executor depends on its code object.
     * Only the object's address is kept: a dead object's dependents may be
     * invalidated by a later object in its place, which costs them nothing but
     * their executors.  0, or -1 (ValueError: it is not valid). */
    int (*add_dependency)(PyaotExecutor *executor /* borrowed */,
                          PyObject *object /* borrowed */);
    /* Take away all executors that depend on object; how many.  Running ones
     * finish; nothing enters them again. */
    Py_ssize_t (*invalidate)(PyObject *object /* borrowed */);
    /* One executor; nothing if it is not valid. */
    void (*invalidate_executor)(PyaotExecutor *executor /* borrowed */);
    Py_ssize_t (*invalidate_all)(void);
    /* Count one exit of the executor for this reason, a static text.  Shown by
     * pyaot.optimizer.executors().  Nothing if it is not valid.  The host
     * notes by itself, as "yield", that one left at a yield of its own code.
     */
    void (*note_exit)(PyaotExecutor *executor /* borrowed */,
                      const char *reason);

    /* -- frames: only while execute() runs, only with its frame -- */

    PyCodeObject *(*frame_code)(PyaotFrame *frame); /* borrowed: from frame */
    PyObject *(*frame_function)(PyaotFrame *frame); /* borrowed: from frame */
    PyObject *(*frame_globals)(PyaotFrame *frame);  /* borrowed: from frame */
    PyObject *(*frame_builtins)(PyaotFrame *frame); /* borrowed: from frame */
    int (*frame_offset)(PyaotFrame *frame);
    /* The cells of its locals, cell and free variables, in the order of
     * co_varnames + co_cellvars + co_freevars; strong references or NULL. */
    PyObject **(*frame_locals)(PyaotFrame *frame);
    /* The bottom of its evaluation stack; co_stacksize cells. */
    PyObject **(*frame_stack)(PyaotFrame *frame);
    /* Say where the frame stands, also before calling what may look at it, and
     * always before returning unless nothing was changed. */
    void (*frame_leave)(PyaotFrame *frame, int offset,
                        PyObject **stack_pointer);

    /* -- at back-edges inside an executor -- */

    /* 1: go on.  0: something is pending (signal, pending call, asynchronous
     * exception, GC, thread switch), or somebody began to watch.  Cheap: one
     * comparison. */
    int (*ready)(void);
    /* Do what a backward jump at `offset` does when something is pending.  The
     * frame stands there with that stack while signal handlers and the like
     * run; they may change its locals, invalidate executors, or switch
     * threads. 1: go on, and call frame_leave() again before returning; 0:
     * leave (somebody watches, or this executor is no longer valid); -1: an
     * exception is set, the frame stands at offset: return NULL.
     * [Python/ceval_macros.h, CHECK_EVAL_BREAKER] */
    int (*handle_pending)(PyaotExecutor *executor /* borrowed */,
                          PyaotFrame *frame, int offset,
                          PyObject **stack_pointer);
    /* Before a frame that was made otherwise is handed to the interpreter:
     * instrument its code for the tools of this moment.  Keeps an exception
     * that is set.  [Python/bytecodes.c, RESUME] */
    void (*refresh_code)(PyCodeObject *code /* borrowed */);

    /* -- debugging: PYAOT_DEBUG=0..4 -- */

    int (*debug_level)(void);
    /* A line on stderr if the level is at least this one. */
    void (*debug)(int level, const char *format, ...);
    /* Level 4: say that the executor does the instruction at offset. */
    void (*trace)(PyaotFrame *frame, int offset);

    /* -- generators -- */

    /* The next item of a generator (types.GeneratorType exactly), as its
     * type's tp_iternext gives it: new; NULL with an exception set, or without
     * one at the end.  Enters the executor where the generator stands, if
     * there is one.  May run Python code; for executors that draw. */
    PyObject *(*draw)(PyObject *generator /* borrowed */);
    /* Send value to a generator or coroutine (one of these types exactly), as
     * PyIter_Send() does: a PySendResult, PYGEN_NEXT or PYGEN_RETURN with
     * *result what it yielded or returned: new; PYGEN_ERROR with *result NULL
     * and an exception set.  Otherwise as draw(). */
    int (*send)(PyObject *generator /* borrowed */,
                PyObject *value /* borrowed */, PyObject **result);
} PyaotOptimizerApi;

/* The table, or NULL with an exception set (ImportError: no pyaot here, or one
 * that does not run in this interpreter, with the reason: another minor of
 * CPython, a free-threaded build; RuntimeError: another version of the table).
 * Lives as long as the process. */
static inline const PyaotOptimizerApi *
pyaot_optimizer_import(void)
{
    /* PyCapsule_Import would hide why the module cannot be imported. */
    PyObject *module = PyImport_ImportModule(PYAOT_OPTIMIZER_MODULE);
    if (module == NULL) {
        return NULL;
    }
    Py_DECREF(module);
    const PyaotOptimizerApi *api = (const PyaotOptimizerApi *)PyCapsule_Import(
        PYAOT_OPTIMIZER_CAPSULE, 0);
    if (api != NULL
        && (api->version != PYAOT_OPTIMIZER_API_VERSION
            || api->size < sizeof *api)) {
        PyErr_Format(PyExc_RuntimeError,
                     "pyaot's optimizer API has version %u, %u is needed",
                     (unsigned)api->version, PYAOT_OPTIMIZER_API_VERSION);
        return NULL;
    }
    return api;
}

#ifdef __cplusplus
}
#endif
#endif
