/* Private to loader/host: the side of CPython in the optimizer API.
 *
 * One state for the process: the host refuses subinterpreters, and CPython's
 * watchers carry no context.  Offsets are in code units here, in bytes in the
 * public header. */
#ifndef PYAOT_HOST_INT_H
#define PYAOT_HOST_INT_H

#include "loader/cpython/cpython_abi.h"
#include "loader/host/stack.h"
#include "loader/pyaot_optimizer.h"
#include "loader/ptrmap.h"

/* Refusals of one entry after which it is asked for no more. */
#define HOST_MAX_REFUSALS 8u
/* A threshold is at most this many passes. */
#define HOST_MAX_THRESHOLD (1u << 20)
/* Entries of one code object; the index has two numbers of its own. */
#define HOST_MAX_SITES 0xFFF0u

/* The reason of exits at yields, which need not be noted. */
#define HOST_YIELD "yield"

typedef struct HostCode HostCode;

/* --- executors where they sit -------------------------------------------- */

typedef struct {
    const char *reason;
    uint64_t count;
} HostExit;

typedef PyObject *HostCall(PyaotExecutor *executor, PyObject *callable,
                           PyObject *const *args, size_t nargsf,
                           PyObject *kwnames);

/* Added to HostLink.running when the executor is taken away. */
#define HOST_RETIRED INT32_MIN

/* PyaotExecutor.host of a valid executor. */
typedef struct HostLink {
    /* All that a call needs, in one cache line. */
    HostCall *call;          /* debug_call() of the executor */
    PyaotExecutor *executor; /* borrowed: from the site; strong when retired */
    uint64_t entries;
    int32_t running; /* calls in progress, + HOST_RETIRED */

    HostCode *hc;
    uint32_t site;
    uint32_t n_exits, n_depends;
    bool fleeting;   /* has not PYAOT_EXECUTOR_COMES_BACK */
    bool drawn_only; /* has PYAOT_EXECUTOR_DRAWN_ONLY */
    HostExit *exits;
    PyObject **depends;    /* addresses only */
    uint64_t yields;       /* times it left at one */
    struct HostLink *next; /* of those that are being taken away */
} HostLink;

/* --- code objects -------------------------------------------------------- */

/* A place where an executor can be entered. */
typedef struct {
    PyaotExecutor *executor; /* strong, or NULL */
    uint32_t unit;           /* of its offset */
    uint8_t kind;            /* PYAOT_OPTIMIZE_* */
    uint8_t refusals;
    bool disabled;        /* DISABLE was returned for one of its events */
    uint32_t passes_left; /* until the optimizer is asked; 0: never again */
} HostSite;

#define HOST_NO_SITE 0u
#define HOST_NOT_INSTRUCTION 0xFFFFu

/* Where a vectorcall looks what to call. */
typedef struct HostGate {
    PyCodeObject *code; /* for functions over this one; NULL: for none */
    HostLink *link;
    struct HostGate *next; /* in the stock */
} HostGate;

#define HOST_N_GATES 0x100

/* Settled (settle.c) are entry, gate, vectorcall, version and events; the rest
 * is the table that they follow from. */
struct HostCode {
    HostLink *entry;           /* of sites[0]'s executor, if that has call */
    PyCodeObject *code;        /* weak: freed with it */
    vectorcallfunc vectorcall; /* of its functions, if it had an entry */
    HostGate *gate;            /* the vectorcall's; set with entry */
    HostGate own_gate;         /* if the stock was used up */
    uint16_t *index;           /* unit -> number of its site + 1, or HOST_* */
    HostSite *sites;
    uint32_t n_units, n_sites;
    uint32_t n_executors;
    uint32_t version; /* co_version as it was; valid if no_version */
    int events;       /* local events that are set */
    bool no_version;  /* co_version is zeroed */
    bool watched;     /* entries are counted for lazy optimizers */
    bool late;        /* older than the host: not all functions known */
    bool dying;       /* the interpreter is about to forget it */
    bool marked;      /* is in host.marked */
    HostCode *next, **link;
    HostCode *next_marked;
};

/* --- threads ------------------------------------------------------------- */

typedef struct HostThread {
    PyThreadState *ts;
    /* executors may be entered while eval_breaker is */
    uintptr_t ok_breaker;
    char *stack_limit;
    char *stack_top;        /* as far up as is known to be this thread's */
    uintptr_t seen_version; /* whose monitors were looked at */
    bool seen_watched;
    PyaotFrame *passed; /* left at its RESUME, which is not to enter again */
    struct HostThread *next; /* other thread states of the same C thread */
} HostThread;

/* Never NULL: at first one that belongs to no thread state. */
extern __thread HostThread *host_thread_current
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
HostThread *host_thread_new(PyThreadState *ts);

static inline HostThread *
host_thread(PyThreadState *ts)
{
    HostThread *th = host_thread_current;
    if (__builtin_expect(th->ts != ts, 0)) {
        th = host_thread_new(ts);
    }
    return th;
}

/* eval_breaker is not what th expects.  1: executors may be entered; 0: not;
 * -1: an exception is set.
 *
 * handle   do pending work that may as well be done now; ESCAPES */
int host_thread_refresh(HostThread *th, bool handle);

/* An address on the C stack, at every call computed anew: what it is kept in
 * between would have to be saved. */
static inline char *
host_stack_here(void)
{
    char here, *address = &here;
    __asm__ volatile("" : "+r"(address));
    return address;
}

static inline bool
host_stack_low(const HostThread *th)
{
    return host_stack_here() < th->stack_limit;
}

/* What allows calls at once in the thread that entered last.  Its stack tells
 * it from others, and ok_breaker serves all thread states of the interpreter.
 */
typedef struct {
    uintptr_t ok_breaker;
    char *stack_limit;
    uintptr_t stack_span; /* from the limit to the top; 0: of no thread */
} HostNow;

extern HostNow host_now __attribute__((visibility("hidden")));
/* th, the current one, was found ready; here is an address on its stack. */
void host_thread_is_now(HostThread *th, char *here);

/* Is nothing pending, nobody watching everything, no hook to be asked for each
 * frame, and C stack to spare? */
static inline bool
host_is_now(const PyThreadState *ts)
{
    return ts->eval_breaker == host_now.ok_breaker && !abi_frames_hooked()
           && (uintptr_t)(host_stack_here() - host_now.stack_limit)
                  < host_now.stack_span;
}

/* --- state --------------------------------------------------------------- */

/* What CPython calls, for those that hand it over; set in host.c. */
typedef struct {
    vectorcallfunc jump, start, resume, instruction; /* callbacks of events */
    PyCode_WatchCallback code_event;
    PyFunction_WatchCallback function_event;
    freefunc code_freed; /* of code objects' extra data */
    iternextfunc next;   /* of generators */
    sendfunc send;       /* of generators and coroutines; their method */
    PyCFunction send_method;
    const vectorcallfunc *gates; /* of functions: HOST_N_GATES */
    vectorcallfunc shared_gate;
} HostCalls;

typedef struct {
    const HostCalls *calls;
    bool started;
    bool active;               /* executors may be entered */
    bool gave_way;             /* the program has the tool id: no events */
    int debug;                 /* PYAOT_DEBUG */
    const char *refusal;       /* why the last start failed */
    PyaotOptimizer *optimizer; /* strong, or NULL */
    /* it is being asked; for nothing else meanwhile */
    bool asking;
    uint32_t counted; /* capabilities entries are counted for */
    uint32_t threshold;
    HostCode *codes;
    HostCode *marked;       /* to be settled; linked by next_marked */
    PyCodeObject *creating; /* its optimizer is being told of it */
    uint64_t n_executors, n_fleeting, n_drawn;
    Py_ssize_t extra_index;
    int code_watcher, func_watcher;
    PtrMap functions;   /* functions over codes here -> themselves */
    PtrMap depends;     /* PyObject * -> HostDepends * */
    uint32_t low_depth; /* > 0: the C stack is low */
    uint8_t tolerated;  /* bit of pyaot_host_tolerate()'s tool */
    bool calls_seen;    /* another tool is told of calls of C functions */
    /* settled: none of this, functions have our vectorcalls */
    bool native;
    uint64_t low_entries;
    vectorcallfunc plain_vectorcall;
    PyInterpreterState *interp; /* started in */
    PyObject *set_local_events, *disable, *tool_name, *tool_id;
    PyObject *on_jump, *on_start, *on_resume, *on_instruction;
} Host;

extern Host host __attribute__((visibility("hidden")));

/* --- life.c -------------------------------------------------------------- */
/* Is it started?  If not, try.  -1 with RuntimeError naming the reason. */
int life_need(void);
/* Stop if nothing is left to do. */
void life_rest(void);
/* At the end of the program: nothing is entered any more. */
void life_quit(void);
/* Why it would not start; NULL: it would. */
const char *life_refusal(void);

/* --- tool.c -------------------------------------------------------------- */
int tool_claim(const char **why);
void tool_release(void);

/* --- events.c ------------------------------------------------------------ */
/* sys.monitoring's function: new, or NULL with an exception set. */
PyObject *events_function(const char *name);
/* Call it; arguments from the first NULL on are left out. */
PyObject *events_call(const char *name, PyObject *a, PyObject *b, PyObject *c);
/* Set the code's local events.  -1 (no exception): it failed. */
int events_set_local(PyCodeObject *code, int events);
/* Instrument the code for the tools of this moment. */
void events_refresh(PyCodeObject *code);
/* The eval breaker of all threads changes, as if another tool had come. */
void events_new_version(void);

/* --- settle.c ------------------------------------------------------------ */
/* Make everything what it must be by the tables, for the code objects that are
 * marked.  Runs no code of others; keeps an exception that is set. */
void settle(void);
/* The same for all code objects. */
void settle_all(void);
/* The same for one function.  hc: of its code; NULL: it is not ours any more.
 */
void settle_function(PyFunctionObject *func, const HostCode *hc);

/* --- stock.c ------------------------------------------------------------- */
extern HostGate stock_gates[HOST_N_GATES]
    __attribute__((visibility("hidden")));
/* The code's entry is this one, or NULL. */
void stock_set(HostCode *hc, HostLink *link);
/* hc is going to be freed. */
void stock_give_back(HostCode *hc);
/* Is its vectorcall one of gate.c's? */
bool stock_is_ours(const PyFunctionObject *func);

/* --- types.c ------------------------------------------------------------- */
/* Give the types of generators and coroutines the host's functions, or theirs.
 */
void types_set(bool ours);
/* Theirs, whatever they have now. */
PyObject *types_next(PyObject *generator);
PySendResult types_send(PyObject *generator, PyObject *value,
                        PyObject **result);
PyObject *types_send_method(PyObject *generator, PyObject *value);

/* --- memory.c ------------------------------------------------------------ */
/* From now on tracemalloc is known to trace or not; until memory_unwatch(). */
void memory_watch(void);
void memory_unwatch(void);

/* --- codes.c ------------------------------------------------------------- */
static inline HostCode *
host_code(PyObject *code)
{
    return abi_code_extra((PyCodeObject *)code, host.extra_index);
}

/* Its record, made if there is none.  NULL with an exception set. */
HostCode *codes_get(PyCodeObject *code, bool late);
/* A record that nobody else knows, for codes_delete(). */
HostCode *codes_new(PyCodeObject *code);
void codes_delete(HostCode *hc);
/* The site at unit, or NULL. */
static inline HostSite *
codes_site(const HostCode *hc, uint32_t unit)
{
    if (unit >= hc->n_units) {
        return NULL;
    }
    uint16_t at = hc->index[unit];
    return at == HOST_NO_SITE || at == HOST_NOT_INSTRUCTION
               ? NULL
               : &hc->sites[at - 1];
}
static inline bool
codes_is_instruction(const HostCode *hc, long unit)
{
    return unit >= 0 && unit < (long)hc->n_units
           && hc->index[unit] != HOST_NOT_INSTRUCTION;
}
/* Has it an entry that the optimizer wants to be asked for? */
bool codes_wanted(const HostCode *hc, uint32_t capabilities);
/* What is settled for the code may have to change: for settle(). */
static inline void
codes_mark(HostCode *hc)
{
    if (!hc->marked) {
        hc->marked = true;
        hc->next_marked = host.marked;
        host.marked = hc;
    }
}
/* Would executor, at site, be entered when a generator is drawn from? */
static inline bool
codes_is_drawn(const HostCode *hc, const HostSite *site,
               const PyaotExecutor *executor)
{
    return site->kind == PYAOT_OPTIMIZE_RESUME_AFTER_YIELD
           || (site->kind == PYAOT_OPTIMIZE_FUNCTION_ENTRY
               && executor->execute != NULL
               && (hc->code->co_flags & (CO_GENERATOR | CO_COROUTINE)) != 0);
}
/* The code object is being freed: so is the record. */
void codes_forget(HostCode *hc);
/* Count the code's entries for the optimizer of now; marks it. */
void codes_count(HostCode *hc);
const char *codes_kind_name(uint32_t kind);

/* --- executors.c --------------------------------------------------------- */
int executors_replace(PyCodeObject *code, int offset, PyaotExecutor *executor);
PyaotExecutor *executors_get(PyCodeObject *code, int offset);
int executors_is_valid(PyaotExecutor *executor);
int executors_add_dependency(PyaotExecutor *executor, PyObject *object);
Py_ssize_t executors_invalidate(PyObject *object);
void executors_invalidate_one(PyaotExecutor *executor);
Py_ssize_t executors_invalidate_all(void);
void executors_note_exit(PyaotExecutor *executor, const char *reason);
/* Others watch this code (NULL: everything): what does not come back goes. */
void executors_vanish(HostCode *hc);
/* co_extra's free function: the code object dies.  ESCAPES */
void executors_code_freed(void *record);
/* A call of a retired executor came back; it may have been the last.
 * ESCAPES */
void executors_left(HostLink *link);

/* --- hot.c --------------------------------------------------------------- */
int hot_register(PyaotOptimizer *optimizer);
int hot_unregister(PyaotOptimizer *optimizer);
/* The site was passed once more.  1: an executor sits there now; 0: none; 2:
 * none, and no more events are wanted; -1: an exception is set.  ESCAPES */
int hot_pass(HostCode *hc, HostSite *site);
int hot_watch(PyCodeObject *code);
int hot_code_event(PyCodeEvent event, PyCodeObject *code);

/* --- enter.c (more: enter.h) --------------------------------------------- */
PyObject *enter_jump(PyObject *self, PyObject *const *args, size_t nargsf,
                     PyObject *kwnames);
PyObject *enter_start(PyObject *self, PyObject *const *args, size_t nargsf,
                      PyObject *kwnames);
PyObject *enter_resume(PyObject *self, PyObject *const *args, size_t nargsf,
                       PyObject *kwnames);

/* --- draw.c -------------------------------------------------------------- */
PyObject *draw_next(PyObject *generator);
/* A PySendResult. */
int draw_send(PyObject *generator, PyObject *value, PyObject **result);
/* What the types of generators and coroutines have: PyGen_Type's tp_iternext,
 * the am_send of both, their method send. */
PyObject *draw_next_item(PyObject *generator);
PySendResult draw_send_value(PyObject *generator, PyObject *value,
                             PyObject **result);
PyObject *draw_send_method(PyObject *generator, PyObject *value);

/* --- call.c -------------------------------------------------------------- */
/* The entry's executor, at site, is called, if it has call: set our vectorcall
 * in the frame's function, which may be older than the host.  False: it has
 * not. */
bool call_attach(PyaotFrame *frame, HostCode *hc, const HostSite *site);
int call_function_event(PyFunction_WatchEvent event, PyFunctionObject *func,
                        PyObject *new_value);
/* The function is ours no more. */
void call_forget(PyFunctionObject *func);

/* --- gate.c -------------------------------------------------------------- */
/* The vectorcalls, one for each gate of the stock, and one for all others. */
extern const vectorcallfunc gate_vectorcalls[HOST_N_GATES];
PyObject *gate_shared(PyObject *callable, PyObject *const *args, size_t nargsf,
                      PyObject *kwnames);

/* --- frames.c ------------------------------------------------------------ */
void frames_leave(PyaotFrame *frame, int offset, PyObject **stack_pointer);
int frames_ready(void);
int frames_handle_pending(PyaotExecutor *executor, PyaotFrame *frame,
                          int offset, PyObject **stack_pointer);
PyCodeObject *frames_code(PyaotFrame *frame);
PyObject *frames_function(PyaotFrame *frame);
PyObject *frames_globals(PyaotFrame *frame);
PyObject *frames_builtins(PyaotFrame *frame);
int frames_offset(PyaotFrame *frame);
PyObject **frames_locals(PyaotFrame *frame);
PyObject **frames_stack(PyaotFrame *frame);

/* --- objects.c ----------------------------------------------------------- */
extern PyTypeObject HostExecutor_Type, HostOptimizer_Type;
/* -1 with an exception set. */
int objects_init(void);
bool objects_is_eager(const PyaotOptimizer *optimizer);
uint32_t objects_threshold(const PyaotOptimizer *optimizer);

/* --- debug.c ------------------------------------------------------------- */
#define HOST_DEBUG(level, ...)                                                \
    do {                                                                      \
        if (__builtin_expect(host.debug >= (level), 0)) {                     \
            debug_line(level, __VA_ARGS__);                                   \
        }                                                                     \
    } while (0)
void debug_read(void);
int debug_level(void);
void debug_line(int level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "qualname@offset", in a buffer that the next call but three overwrites. */
const char *debug_place(PyCodeObject *code, uint32_t unit);
void debug_trace(PyaotFrame *frame, int offset);
/* What a vectorcall is to call for the executor. */
HostCall *debug_call(const PyaotExecutor *executor);
PyObject *debug_on_instruction(PyObject *self, PyObject *const *args,
                               size_t nargsf, PyObject *kwnames);

#endif
