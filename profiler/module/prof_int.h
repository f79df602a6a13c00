/* Private to the recording module.  One process records into one database;
 * all state hangs from the single ProfState.
 *
 * Locking.  Callbacks run with the GIL.  What the writer thread reads without
 * the GIL (list of code records, rows, string table) is changed only under
 * ProfState.lock; under that lock nothing may allocate Python objects, drop
 * references or release the GIL.  Counters are single aligned words that the
 * writer may read a moment too early. */
#ifndef PYAOT_PROF_INT_H
#define PYAOT_PROF_INT_H

#ifndef PYAOT_PROF_INTERNAL
#error "private to profiler/module"
#endif

#define PY_SSIZE_T_CLEAN
#ifndef Py_BUILD_CORE_MODULE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>

#if PY_VERSION_HEX < 0x030d0000 || PY_VERSION_HEX >= 0x030e0000
#error "the recording module knows CPython 3.13 only"
#endif

#include <internal/pycore_code.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cache/abi/pyaot_layout.h"
#include "cache/base/strbuf.h"
#include "cache/bytecode/pyaot_bytecode.h"
#include "cache/code_key.h"
#include "profiler/profile_db.h"

/* Not PROFILER_ID (2): cProfile takes that id, and the application may use
 * cProfile itself. */
enum { PROF_TOOL_ID = 3, PROF_TOOL_ID_SECOND = 4 };

/* Most operands or results recorded of one instruction (slots). */
enum { PROF_MAX_SLOTS = 6 };

/* --- code_info.c: what is fixed about a code object ---------------------- */

typedef struct {
    BcIns bc;
    int32_t depth;   /* stack cells before it; -1: not reached */
    bool is_handler; /* entered by exceptions */
} Instr;

typedef struct {
    uint32_t n_units;
    uint32_t entry; /* first unit of the RESUME at function entry */
    /* unit of an instruction itself -> index + 1; 0: prefix, * inline cache */
    uint32_t *at;
    Instr instrs[];
} CodeInfo;

/* malloc'ed; NULL without exception if it cannot be analysed. */
CodeInfo *prof_code_info(PyCodeObject *code);
void prof_code_info_free(CodeInfo *info);

/* The instruction at this unit, which an event names; NULL: none begins there.
 */
static inline const Instr *
prof_instr(const CodeInfo *info, uint32_t unit)
{
    return unit < info->n_units && info->at[unit] != 0
               ? &info->instrs[info->at[unit] - 1]
               : NULL;
}

/* --- intern.c: strings with small numbers -------------------------------- */

typedef struct {
    char **texts;
    uint32_t count;
    uint32_t cap;
    uint32_t *slots; /* open addressing: number + 1 */
    uint32_t n_slots;
} StringTable;

/* Number of a text, 0 if out of memory (0 is ""). Takes the lock for a new
 * one. */
uint32_t prof_intern(const char *text);
const char *prof_interned(uint32_t id);

/* --- records ------------------------------------------------------------- */

typedef struct {
    /* events: exact up to PROFILE_EXACT_EVENTS, beyond estimated where not
     * seen */
    uint64_t count;
    uint64_t stored;    /* part of count already given to the writer */
    uint64_t first_ns;  /* first event of this period */
    uint64_t off_ns;    /* when the site was switched off */
    uint64_t span_ns;   /* what in_period events took, 0 unknown */
    uint32_t period;    /* period of the last event */
    uint32_t in_period; /* events seen in it */
    bool is_off;
} Counter;

typedef struct {
    uint32_t unit; /* the JUMP_BACKWARD or RESUME itself */
    bool resume;
    Counter counter;
} Passage;

/* Rows of one code object: open addressing, key 0 = free. */
typedef struct {
    uint64_t key; /* offset 24 | kind 4 | slot 4 | what 32 */
    uint64_t count;
    uint64_t stored;
} Row;

typedef struct {
    Row *slots;
    uint32_t n_slots;
    uint32_t count;
} RowTable;

typedef struct CodeRecord {
    struct CodeRecord *next;
    PyCodeObject *code; /* weak: cleared when the code object dies */
    CodeInfo *info;     /* NULL until hot */
    char *image;        /* NULL until hot or called by hot code */
    size_t image_len;
    char *filename;
    char *qualname;
    PyaotKey key;
    bool ignored;    /* pyaot's own start code */
    bool frozen;     /* older than any loader: not compiled */
    bool is_broken;  /* image or analysis failed: never try again */
    bool is_stored;  /* the image is in the database */
    bool is_counted; /* in the totals */
    bool listening;  /* its INSTRUCTION and BRANCH events are on */
    bool is_endless; /* more events than are counted one by one */
    /* how often it has been armed anew as it got hot */
    uint8_t level;
    uint8_t n_surprises;    /* and because of arguments of a new type */
    uint8_t n_entries_seen; /* entries whose arguments were recorded */
    uint8_t limit;          /* samples of one site that are wanted by now */
    uint8_t *seen;          /* per unit: samples so far */
    uint8_t *seen_branch;   /* the same of branch outcomes */
    /* events of its hottest counter in earlier recordings */
    uint64_t carried;
    uint8_t *ever;     /* per unit: ProfEver */
    uint8_t args_ever; /* the same of the arguments */
    bool is_dirty;     /* rows have changed since the last snapshot */
    uint32_t what_py;  /* interned "py:<key>", 0 not yet */
    uint32_t what_bound;
    uint32_t what_method;
    uint32_t what_class;    /* the same of a class whose __init__ it is, */
    uint32_t class_name;    /* and of that class's name; */
    uint32_t class_version; /* its tp_version_tag, */
    uint32_t class_changes; /* and how often that was another one */
    Counter entry;
    Passage *passages;
    uint32_t n_passages;
    uint32_t last_passage; /* index found last */
    RowTable rows;
} CodeRecord;

/* Bits: what a site has ever told. */
typedef enum {
    PROF_EVER = 1,      /* anything */
    PROF_EVER_ODD = 2,  /* its last late sample was new, and not added */
    PROF_EVER_LATE = 4, /* several were: they are added */
} ProfEver;

/* A remembered type.  It holds no reference: a new type at an old address is
 * told apart by its version tag, unique while not zero, and by its name. */
typedef struct {
    PyTypeObject *type; /* weak: compared only */
    const char *tp_name;
    unsigned version;
    uint32_t id; /* interned descriptor */
} TypeEntry;

enum { PROF_TYPE_SLOTS = 1024 };

/* Events of a counter from which on its code object is remembered for the sum
 * with other recordings. */
enum { PROF_KEPT_FROM = 8 };

/* When everything is recorded: samples of a site, counted entries of one. */
enum { PROF_ALL_SAMPLES = 200, PROF_ALL_COUNTED = 1000 };

/* What earlier recordings have counted, by the hash of file and qualified
 * name. */
typedef struct {
    uint64_t name, count; /* name 0: free */
} Carried;

typedef struct Batch Batch;

typedef struct {
    bool active;         /* recording */
    bool ticking;        /* the thread is there */
    bool want_ticker;    /* start it once the call that forked is over */
    bool writing_failed; /* give up on the database */
    bool warned;
    bool quiet;
    bool everything; /* all code, from its first entry on */
    bool registered; /* atexit and fork hooks are in place */
    pid_t pid;       /* of the process recording now */
    pid_t first_pid; /* of the process that called start */
    char *path;      /* absolute */
    char *include;   /* folder of this Python's headers, or NULL */
    /* how the program was started: see ProfileRun; NULL unknown */
    char *executable, *cwd, *argv;
    size_t argv_len;
    double turn_ns;
    char *ignored_file; /* file name of the boot script */
    uint64_t start_ns;  /* of the recording */
    uint64_t start_cpu_ns;
    uint64_t ticker_cpu_ns;       /* not before */
    PyThreadState *fork_thread;   /* that forked last, where it stood then: */
    const PyaotFrame *fork_frame; /* compared only, it may be gone */
    const void *fork_place;
    uint64_t flushed_ns; /* wall time of the last snapshot */

    pthread_mutex_t lock;
    pthread_mutex_t write_lock; /* one batch writer at a time */

    CodeRecord *records; /* all, linked */
    CodeRecord **table;  /* those of living code objects, by address */
    size_t table_slots;
    size_t table_count;
    TypeEntry types[PROF_TYPE_SLOTS];
    uint32_t id_int, id_bigint, id_null; /* interned */
    StringTable strings;
    Carried *carried; /* open addressing */
    uint32_t n_carried, cap_carried;
    uint64_t *sources; /* under write_lock: files whose content is noted */
    uint32_t n_sources, cap_sources;
    Batch *pending; /* under write_lock: batches not yet written */
    uint32_t n_pending;

    /* sampling periods */
    uint32_t period;
    bool is_first_period;
    uint64_t period_cpu_ns; /* its start */
    uint64_t period_events;
    uint64_t event_budget;   /* of this period */
    uint32_t site_budget;    /* of one site in this period */
    uint64_t period_units;   /* code units CPython instruments anew in it */
    uint64_t period_len_ns;  /* planned, processor time */
    uint64_t sample_cost_ns; /* estimate of all samples and arming */
    /* the same of images of code that is not hot yet */
    uint64_t keep_cost_ns;
    uint64_t flush_cost_ns; /* of all flushes so far, without the GIL or not */
    uint64_t n_armed_units; /* code units of those that listen */

    /* totals */
    uint64_t n_samples;
    uint64_t n_sites;
    uint64_t n_codes;
    uint64_t n_armings;
    uint64_t n_dropped; /* rows lost to a full or failing database */
    uint64_t n_flushes;
    ProfileRun run;

    pthread_t ticker;
    pid_t ticker_tid;
    pthread_mutex_t tick_mutex;
    pthread_cond_t tick_cond;
    bool tick_stop;
    int tick_queued; /* atomic: a tick waits for the interpreter */

    bool runtime_is_known; /* _PyRuntime is as the headers say */
    PyObject *name_text;   /* "__name__" and so on: interned, strong */
    PyObject *module_text;
    PyObject *init_text;
    bool gave_way; /* the program took the tool id: recording ended */
    int tool_id;
    PyObject *set_local_events; /* sys.monitoring's functions, strong */
    PyObject *restart_events;
    PyObject *disable;
    PyObject *tool_id_object;
    PyObject *events_on; /* ints */
    PyObject *events_off;
} ProfState;

extern ProfState prof;

uint64_t prof_wall_ns(void);
uint64_t prof_cpu_ns(void);    /* of the process */
uint64_t prof_thread_ns(void); /* the same of this thread alone */

/* --- records.c ----------------------------------------------------------- */

/* The record of a code object, made if need be; NULL if out of memory. */
CodeRecord *prof_record(PyCodeObject *code /* borrowed */);
/* Make image, key and info; false if impossible.  module may be NULL. */
bool prof_record_ensure_image(CodeRecord *record, const char *module);
bool prof_record_ensure_info(CodeRecord *record, const char *module);
void prof_record_free(CodeRecord *record);
/* Learn from the database what earlier recordings have counted.  Without the
 * GIL, before anything is recorded. */
void prof_carry_counts(void);
/* Learn when code objects die; -1 with an exception set. */
int prof_watch_code(void);

/* One sample of feedback, collected and then added under the lock. */
typedef struct {
    uint32_t offset;
    uint8_t kind;
    uint8_t slot;
    uint32_t what;
} Sample;

enum { PROF_MAX_SAMPLES = 4 * PROF_MAX_SLOTS };

typedef struct {
    uint32_t count;
    Sample samples[PROF_MAX_SAMPLES];
} SampleList;

void prof_sample_add(SampleList *list, uint32_t offset, ProfileKind kind,
                     unsigned slot, uint32_t what);
/* True if something was seen that had never been seen there before. */
bool prof_samples_commit(CodeRecord *record, const SampleList *list);
/* The same of a sample that comes by chance, not by count: added if it is new
 * for the second time in a row, or others of this site have been.
 * ever   the site's ProfEver */
bool prof_samples_late(CodeRecord *record, const SampleList *list,
                       uint8_t *ever);

/* --- describe.c: objects to descriptor numbers; run no Python code ------- */

uint32_t prof_type_of(PyObject *value /* borrowed, may be NULL */);
uint32_t prof_type_name(PyTypeObject *type /* borrowed */);
uint32_t prof_callee(PyObject *callable /* borrowed, may be NULL */);
uint32_t prof_global(PyObject *value /* borrowed, may be NULL */);
uint32_t prof_layout(PyObject *owner, PyObject *name, bool is_store);

/* --- counters.c, listen.c: the callbacks --------------------------------- */

/* Recording ends: what is switched off at this moment counts up to now.  Needs
 * the GIL. */
void prof_count_rest(void);
PyObject *prof_on_start(PyObject *self, PyObject *const *args,
                        Py_ssize_t n_args);
PyObject *prof_on_resume(PyObject *self, PyObject *const *args,
                         Py_ssize_t n_args);
PyObject *prof_on_jump(PyObject *self, PyObject *const *args,
                       Py_ssize_t n_args);
PyObject *prof_on_instruction(PyObject *self, PyObject *const *args,
                              Py_ssize_t n_args);
PyObject *prof_on_branch(PyObject *self, PyObject *const *args,
                         Py_ssize_t n_args);

/* Begin a new sampling period: everything is armed again.  Needs the GIL. */
void prof_next_period(void);
/* Listen to the code object's instructions, or listen again: each of its sites
 * is to give some more samples.  Nothing if that cannot be afforded.  Needs
 * the GIL.
 * limit   samples that a site is to give in all */
void prof_listen(CodeRecord *record, uint8_t limit);
void prof_listen_end_all(void);
/* Remember the counts of a code object that is not hot yet: with those of
 * other recordings it may be.  Nothing if that cannot be afforded.  Needs the
 * GIL. */
void prof_keep(CodeRecord *record);
/* The running frame if it belongs to code, else NULL. */
PyaotFrame *prof_frame(PyCodeObject *code);

/* --- flush.c: snapshot, writer thread, fork ------------------------------ */

/* Write everything new; without the GIL.
 * busy_ms   longest wait for other writers */
void prof_flush(int busy_ms);
bool prof_ticker_start(void);
void prof_ticker_stop(void);
/* Starts the thread that a fork has ended, once the call that forked is over.
 * To be called at events while prof.want_ticker. */
void prof_ticker_restart(void);
void prof_init_locks(void);
void prof_before_fork(void);
void prof_after_fork_parent(void);
void prof_after_fork_child(void);
/* First words with the database: create or refuse it. */
PyaotStatus prof_open_database(char err[PYAOT_ERR_MAX]);
void prof_warn(const char *text);

/* --- exits.c: os._exit and os.exec* flush first -------------------------- */

void prof_hook_exits(void);
void prof_print_totals(void);

/* --- speed.c ------------------------------------------------------------- */

/* Nanoseconds that a turn of the reference loop takes (SCHEMA.md); 0 unknown.
 * Leaves nothing behind; no exception. */
double prof_measure_turn(void);

/* --- run_main.c ---------------------------------------------------------- */

PyObject *prof_run(PyObject *self, PyObject *args);

#endif
