/* Private to loader/.  One state for the process: the loader refuses
 * subinterpreters, and CPython's watchers carry no context. */
#ifndef PYAOT_LOADER_INT_H
#define PYAOT_LOADER_INT_H

#include "cpython/cpython_abi.h"

#include "cache/code_key.h"
#include "cache/exit_table.h"
#include "cache/pyaot_cache.h"
#include "host/host.h"
#include "ptrmap.h"
#include "refs.h"

/* Revocations after which a slot is no longer bound. */
#define LOADER_VOLATILE_REVOKES 8u
#define LOADER_CELL_REVOKES 1000u /* the dict gets new names all the time */
/* Early exits before a region may be switched off; then more than one in
 * EARLY_SHARE entries must have been early. */
#define LOADER_EARLY_MIN 64u
#define LOADER_EARLY_SHARE 4u
/* Regions entered by direct calls have no count of entries: off when this many
 * early exits in a row came less than this far apart on average. */
#define LOADER_EARLY_GAP_NS 3000u
#define LOADER_MAX_REASONS 256
#define LOADER_MAX_REFUSALS 64

typedef struct CodeState CodeState;

/* --- units --------------------------------------------------------------- */
typedef struct Unit {
    const PyaotUnit *desc; /* in the mapped object; NULL: failed */
    void *handle;
    struct Unit *next;
    uint32_t number; /* in the cache, or UINT32_MAX */
    uintptr_t base;  /* where it is mapped */
    PyaotExitTable exits;
    uint8_t *exit_bytes;  /* of the table */
    const char **reasons; /* exits->n_reasons texts */
    uintptr_t *symbols;   /* exits->n_symbols addresses */
} Unit;

/* Map a shared object given as bytes, and as the beginning of a file if image
 * is not -1, with its exit table, which becomes the unit's (malloc'ed; freed
 * if it fails).  NULL, with the reason in *why. */
Unit *unit_map(int image, const uint8_t *so, size_t len, uint8_t *exits,
               size_t exits_len, const char **why);
const PyaotCodeDesc *unit_find(const Unit *unit, const PyaotKey *key);
/* Debuggers and profilers outside the process may know of the unit. */
void outside_tell(const Unit *unit);

/* --- what slots rest on (refs.h) ----------------------------------------- */
/* A watched dict: its slots by name. */
typedef struct {
    PyObject *dict; /* weak: removed when it is deallocated */
    /* PyObject * (of the co_names of all that are in the list) -> SlotRefs *
     */
    PtrMap by_name;
    /* instances bound to it as their globals or builtins */
    SlotRefs tenants;
    SlotRefs cells; /* slots that point into its keys */
    /* names (strong) native code stores to: no slot keeps their value */
    PtrMap written;
} DictWatch;

/* PyaotSlot.state, how often it was revoked or bound anew, counts to this. */
#define SLOT_MAX_REVOKES 0xFFFFu

/* --- code objects -------------------------------------------------------- */
typedef struct {
    PyaotCacheRegion at;         /* where and how it is entered */
    const PyaotRegionDesc *desc; /* NULL until its unit is loaded */
    uint32_t n_cells;            /* locals and stack where it is entered */
    PyaotExecutor *executor;     /* borrowed: from the host; NULL when off */
    uint64_t entries;            /* seen by the loader */
    uint64_t refused;            /* of the entries */
    uint64_t early;
    /* what of both was before the last fork */
    uint64_t parents_entries, parents_early;
    uint64_t early_base; /* early exits at window_ns */
    uint64_t window_ns;
    bool direct; /* some slot links to its direct entry */
    bool off;
} RegionState;

/* Its own and each of its executors' is one reference. */
struct CodeState {
    uint32_t n_refs;
    uint32_t argcount;
    /* of a generator function whose calls only make the object: unit of its
     * start; else 0 */
    uint32_t start;
    bool bound;     /* inst serves a globals dict */
    PyaotInst inst; /* without desc, slots until its unit is loaded */
    PyaotKey key;
    uint32_t unit_number;          /* in the cache */
    bool lost;                     /* its unit cannot be had (any more) */
    const Unit *unit;              /* NULL until match_load() */
    const PyaotExitRow *exit_rows; /* of its code in the unit's exit table */
    /* by slot: what it rests on; behind the last: what the instance does */
    SlotRef **rests;
    RegionState *entry; /* or NULL */
    RegionState *regions;
    uint32_t n_regions;
    PyCodeObject *code; /* weak: NULL when it has died */
    SlotRefs links;     /* slots holding inst */
    struct CodeState *next, **link;
};

/* --- exit records -------------------------------------------------------- */
typedef struct {
    PyaotInst *inst;
    PyObject *func; /* strong */
    uint32_t exit_id;
    int levels;        /* of recursion, while it waits for a result */
    uint32_t cells;    /* first of its cells */
    uint32_t marks;    /* first of its marks */
    uint32_t releases; /* first of its releases */
} ExitRecord;

typedef struct {
    uint32_t cell, param;
} ExitMark;

typedef struct {
    PyObject *o;   /* strong */
    uint32_t unit; /* of the instruction that lets go of it */
    uint32_t record;
} ExitRelease;

typedef struct Thread {
    PyaotThread pub;
    struct Thread *next; /* other thread states of the same C thread */
    ExitRecord *records; /* stack; the chain in progress starts at base */
    uint32_t n_records, cap_records, base;
    PyObject **cells;
    uint32_t n_cells, cap_cells;
    ExitMark *marks;
    uint32_t n_marks, cap_marks;
    ExitRelease *releases;
    uint32_t n_releases, cap_releases;
    uint32_t native_depth;
    uint64_t native_since;
} Thread;

/* --- state --------------------------------------------------------------- */
typedef struct {
    const char *name;
    uint64_t count;
} Counted;

typedef struct {
    bool installed;
    bool active; /* may enter native code */
    bool timing;
    bool strict;
    bool stress;
    uint64_t stress_seed;
    int verbose;
    int debug;        /* the host's level */
    char *stats_file; /* absolute */
    char *argv_json;  /* the command line, for the statistics */
    char *command;    /* the same for people, without the interpreter */
    char *cache_dir;
    PyaotCache *cache;
    Unit *units;
    uint32_t n_test_units;
    Unit **by_number; /* cache unit -> Unit, NULL not loaded yet */
    CodeState *codes;
    Py_ssize_t extra_index;
    int func_watcher, dict_watcher, type_watcher;
    PyaotOptimizer *optimizer;
    PyObject *init_name; /* "__init__", interned, strong */
    PtrMap dicts;        /* PyObject * -> DictWatch * */
    PtrMap types;        /* PyTypeObject * -> SlotRefs * */
    PtrMap functions;    /* PyFunctionObject * -> SlotRefs * */
    bool foreign_tools;  /* direct links are cut while others watch */
    PyaotRuntime runtime;
    PyObject *exit_hook; /* for tests: told of each exit; strong, or NULL */
    /* counters */
    uint64_t code_seen, code_candidates, code_matched;
    uint64_t executors_registered, executors_entered, executors_off;
    uint64_t frames_rebuilt, slots_revoked;
    uint64_t low_stack_before; /* a fork */
    uint64_t native_ns;
    uint64_t exits[LOADER_MAX_REASONS];
    const char *exit_names[LOADER_MAX_REASONS];
    Counted refused[LOADER_MAX_REFUSALS];
} Loader;

extern Loader loader __attribute__((visibility("hidden")));

static const PyaotOptimizerApi *const api = &pyaot_host_api;

/* --- native_thread.c ----------------------------------------------------- */
Thread *thread_new(PyThreadState *ts);
/* Never NULL: at first one that belongs to no thread state. */
extern __thread Thread *thread_current
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline Thread *
thread_get(PyThreadState *ts)
{
    Thread *th = thread_current;
    if (__builtin_expect(th->pub.ts != ts, 0)) {
        th = thread_new(ts);
    }
    return th;
}

uint64_t clock_ns(void);

/* Other tools came or went: direct links are cut while there are any, because
 * a direct call would pass by the events they set on its callee. */
void tools_refresh(PyInterpreterState *interp);

static inline bool
tools_changed(PyInterpreterState *interp)
{
    return __builtin_expect(abi_foreign_tools(interp) != loader.foreign_tools,
                            0);
}

static inline void
native_begin(Thread *th)
{
    if (loader.timing && th->native_depth++ == 0) {
        th->native_since = clock_ns();
    }
}

static inline void
native_end(Thread *th)
{
    if (loader.timing && --th->native_depth == 0) {
        loader.native_ns += clock_ns() - th->native_since;
    }
}

/* Native code is left for the interpreter and comes back. */
uint32_t native_suspend(Thread *th);
void native_continue(Thread *th, uint32_t depth);

/* --- region.c ------------------------------------------------------------ */
/* An executor for one region of cs: new, or NULL with an exception set. */
PyaotExecutor *region_new(CodeState *cs, RegionState *region);
int region_ready(void);
/* Its unit has been loaded. */
void region_loaded(RegionState *region);
/* Has the function a usable native entry for direct calls?  Its code's state
 * or NULL. */
CodeState *region_linkable(PyFunctionObject *func);
/* Did the region leave before it was of use?  progress: PyaotThread's. */
bool region_left_early(const RegionState *region, const PyaotExitRow *exit,
                       uint32_t progress);

/* --- match.c ------------------------------------------------------------- */
static inline CodeState *
code_state(PyObject *code)
{
    return abi_code_extra((PyCodeObject *)code, loader.extra_index);
}

/* The loader's optimizer is told of a code object. */
void match_code_created(PyaotOptimizer *self, PyCodeObject *code);
/* Load its unit, if that is not done yet: with what is entered, linked to or
 * taken apart first.  False: it cannot be had, and no region of cs is entered
 * any more. */
bool match_load(CodeState *cs);
void match_release(CodeState *cs);
/* Bind the instance to globals and builtins if it is free, with what is
 * entered first; true if it serves these globals.  Nothing runs before. */
bool match_bind(CodeState *cs, PyObject *globals, PyObject *builtins);
RegionState *match_back_edge(CodeState *cs, uint32_t offset);
/* co_extra's free function: the code object is being freed. */
void match_code_freed(void *state);
/* Nothing enters native code any more.  States stay with their code objects:
 * native code may be running right now.
 *
 * uninstall   take the executors off their code objects too */
void match_switch_off_all(bool uninstall);

/* --- watch.c ------------------------------------------------------------- */
int watch_start(const char **why);
void watch_stop(void);
const char *watch_probe(void);
/* Slot of inst rests on dict's name / a type / a function. */
bool watch_name(PyObject *dict, PyObject *name, PyaotInst *inst,
                uint32_t slot);
bool watch_type(PyTypeObject *type, PyaotInst *inst, uint32_t slot);
bool watch_function(PyObject *func, PyaotInst *inst, uint32_t slot);
/* inst serves this dict as its globals or builtins: end that when it dies. */
bool watch_tenant(PyObject *dict, PyaotInst *inst);
/* The slot points to where the dict keeps a value: it is revoked when that may
 * move.  store: native code stores there, so the values of the name that
 * slots keep are revoked, and no slot is to keep one (watch_is_written). */
bool watch_cell(PyObject *dict, PyObject *name, PyaotInst *inst, uint32_t slot,
                bool store);
bool watch_is_written(PyObject *dict, PyObject *name);
void slot_revoke(PyaotSlot *slot);
/* Slot of inst holds cs's instance: revoked when that is not to be reached any
 * more (watch_unlink). */
bool watch_link(CodeState *cs, PyaotInst *inst, uint32_t slot);
void watch_unlink(CodeState *cs);

static inline const PyaotExitRow *
exit_row(const PyaotInst *in, uint32_t id)
{
    return &((const CodeState *)in->owner)->exit_rows[id];
}

static inline const char *
exit_reason(const CodeState *cs, const PyaotExitRow *exit)
{
    return cs->unit->reasons[exit->reason];
}

/* Locals and stack entries of the frame that goes on at this exit. */
static inline uint32_t
exit_cells(const PyaotInst *in, const PyaotExitRow *exit)
{
    return in->desc->nlocalsplus + exit->n_stack;
}

/* --- leave.c: out of native code ----------------------------------------- */
/* What units call (pyaot_native_exit.h): saves the registers, calls
 * leave_exit(), and returns with all but the result register restored. */
void leave_routine(void);

/* --- exit.c: exit records and frames ------------------------------------- */
/* Append an exit record for one activation (innermost first): the cells to
 * fill, locals and then the stack.  Never fails. */
PyObject **exit_push(Thread *th, PyaotInst *in, PyObject *func,
                     uint32_t exit_id);
/* The cell of the newest record holds the number that param was passed as; is
 * the same number as its cell twin. */
void exit_mark(Thread *th, uint32_t cell, uint32_t param);
void exit_mark_twin(Thread *th, uint32_t cell, uint32_t twin);
/* Take over a reference (or NULL) that an exit gives back; deopt_resume does
 * it when the frames are there, the innermost at the instruction at unit
 * (EXIT_NO_UNIT: wherever it is). */
#define EXIT_NO_UNIT UINT32_MAX
void exit_release_later(Thread *th, PyObject *o, uint32_t unit);
/* Continue a frame, whose locals, stack and stacktop are written, in the
 * interpreter, to its end.  The frame is consumed.  New, or NULL with an
 * exception set.  ESCAPES */
PyObject *exit_resume_frame(Thread *th, PyaotInst *in, PyaotFrame *frame,
                            uint32_t exit_id);
/* The same for an exception set while frame->instr_ptr stands at the failing
 * instruction: adds the traceback entry, finds the handler covering that
 * instruction, continues there; or clears the frame and returns NULL. */
PyObject *exit_raise_frame(Thread *th, PyaotInst *in, PyaotFrame *frame);
/* The first n cells of a frame; NotImplemented where one is empty: new. */
PyObject *exit_frame_cells(PyaotFrame *frame, uint32_t n);
/* Tell the hook of the n innermost frames, which an exit has left. */
void exit_tell_hook(PyaotFrame *frame, uint32_t n);

static inline void
exit_tell(PyaotFrame *frame, uint32_t n)
{
    if (__builtin_expect(loader.exit_hook != NULL, 0)) {
        exit_tell_hook(frame, n);
    }
}

/* --- iters.c: new iterators in a state, NULL with MemoryError ------------ */
PyObject *iters_make_range(int64_t next, int64_t step, int64_t remaining);
PyObject *iters_make_list(PyObject *list, int64_t index);
PyObject *iters_make_tuple(PyObject *tuple, int64_t index);
PyObject *iters_make_str(PyObject *str, int64_t index);
PyObject *iters_make_enum(PyObject *sequence, int64_t index, int64_t delta);
PyObject *iters_make_zip(PyObject *first, int64_t index, PyObject *second);

/* --- slots.c, exit.c, iters.c: the runtime table ------------------------- */
#define PYAOT_HELPER(result, name, parameters) result rt_##name parameters;
#include "cache/abi/abi.def"
#undef PYAOT_HELPER

/* Unbind what can no longer match, so that native code asks again. */
void slots_refresh(PyaotInst *in);
void exit_count(const CodeState *cs, const PyaotExitRow *exit,
                const RegionState *region);
/* A region would not run with these types. */
void exit_refused(RegionState *region);
/* An exit of a region came back; switches it off if too many are early. */
void exit_early(RegionState *region);

/* --- death.c: whose death would be seen ---------------------------------- */
/* Before anything is entered; what has been done is not done again.  False: an
 * exception is set. */
bool death_start(void);

/* --- stats.c ------------------------------------------------------------- */
void stats_refuse(const char *reason);
void stats_refuse_n(const char *reason, uint64_t n);
void stats_report(void);
/* In a signal handler: no memory, no Python. */
void stats_report_dying(void);
/* To be called before it may be; false if there is no memory. */
bool stats_prepare_dying(void);
/* This is a new process. */
void stats_forked(void);
PyObject *stats_dict(void);

/* --- process.c ----------------------------------------------------------- */
/* A report is wanted, of this process and those that it forks, however they
 * end. */
void process_start(void);
/* Set what is told of the command line; process_start() does it, too. */
void process_read_command(void);
/* One line on stderr, led by the process's number. */
void process_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool process_write(int fd, const char *text, size_t len);

#endif
