/* What the files of `pyaot build` share: cmd_build.c (the command and the
 * whole), build_inputs.c (what shapes a unit), build_jobs.c (compilers at
 * work), build_header.c (what all units include), build_progress.c. */
#ifndef PYAOT_BUILD_INT_H
#define PYAOT_BUILD_INT_H

#include "cli.h"

enum {
    BUILD_MAX_JOBS = 256,
    BUILD_CPU_LEVEL = 2, /* FLAGS in cli_compiler.c */
};

typedef struct {
    const char **inputs; /* profiles */
    uint32_t n_inputs;
    const char *db;    /* the only one, or all of them in one file */
    const char *shown; /* their names, for people */
    const char *dir;
    CliDump dump;
    const char *python;
    int n_jobs;
    /* of the C compiler; -1: each unit what suits it */
    int level;
    bool measure;       /* keep the cache only if it wins */
    int n_pairs;        /* of runs, to find out */
    int unit_seconds;   /* of processor time, for one run */
    double max_seconds; /* 0: as long as it takes */
    bool verbose;
    bool quiet;
    bool force;
    const char *source; /* NULL: all */
    bool everything;
    CliFlags flags;
} BuildOptions;

/* A unit on its way into the cache. */
typedef struct {
    uint8_t input_hash[PYAOT_HASH_BYTES];
    int level;       /* the compiler's: planned, less after time-outs */
    double cost;     /* seconds that it is thought to take */
    bool has_header; /* its run uses the precompiled one */
    bool is_done;    /* in the new cache */
} BuildTask;

typedef struct {
    pid_t pid; /* 0 = free */
    uint32_t unit;
    double started;
} BuildJob;

typedef struct {
    double started;    /* the whole build */
    double told;       /* when the last line was written */
    double cost, took; /* of compiled units: thought and found */
    const char *what;  /* the last unit that was ready */
    bool has_bar;      /* stderr is a terminal */
} BuildProgress;

typedef struct {
    const BuildOptions *options;
    const CliPlan *plan;
    PyaotCacheWriter *writer;
    CliCompiler compiler;
    CliPaths paths;
    char *include; /* folder of the interpreter's headers */
    const char *work_dir;
    uint32_t n_lost;  /* code objects of the old cache, of other profiles */
    char *lost;       /* their files, for people */
    BuildTask *tasks; /* for each unit of the plan */
    uint64_t weight;  /* events of all of them */
    uint32_t *queue;  /* units to compile, in this order */
    uint32_t n_queue;
    uint32_t n_started;
    uint32_t n_ended;
    uint32_t n_running;
    uint32_t n_done;     /* units in the new cache, reused ones too */
    uint32_t n_given_up; /* took the compiler too long */
    bool is_out_of_time; /* --max-seconds are over */
    BuildJob jobs[BUILD_MAX_JOBS];
    char *headers[CLI_LEVELS]; /* folders of precompiled headers, or NULL */
    BuildProgress progress;
    char err[PYAOT_ERR_MAX];
} Build;

/* --- build_inputs.c ------------------------------------------------------ */

/* Find the compiler, its flags and the interpreter's headers, and what they
 * have in common for all units. */
PyaotStatus build_find_compiler(Build *build);
/* Make build->tasks: levels, costs and input hashes of the units.
 *
 * common   gets the hash of what shapes all units */
PyaotStatus build_make_tasks(Build *build, Arena *arena,
                             uint8_t common[PYAOT_HASH_BYTES]);
/* Take over from the old cache what has not changed, queue the rest. */
PyaotStatus build_sort_units(Build *build, Arena *arena);
/* What the cache is told of a unit. */
void build_spec(const Build *build, uint32_t unit, PyaotCacheUnitSpec *spec);
/* Append a file's bytes, none if it cannot be read.  path is stolen. */
void build_add_file(StrBuf *text, char *path);

/* --- build_profiles.c ---------------------------------------------------- */

/* Set db and shown; several profiles are merged into a temporary file. */
PyaotStatus build_open_inputs(BuildOptions *options, char *err);
/* Remove that, and make *err speak of the profiles' names. */
void build_close_inputs(BuildOptions *options, char *err);
/* What of the old cache this one will not have, because the profile does not
 * know its files. */
void build_note_lost(Build *build);
void build_tell_lost(Build *build);

/* --- build_measure.c ----------------------------------------------------- */

typedef struct BuildMeasure BuildMeasure;

/* Can the recorded commands be run again, so that a cache counts? */
PyaotStatus build_measure_prepare(const BuildOptions *options,
                                  BuildMeasure **out, char *err);
/* Run them; a cache that does not win is emptied. */
PyaotStatus build_measure_run(Build *build, BuildMeasure *measure);
/* NULL is allowed. */
void build_measure_free(BuildMeasure *measure);

/* --- build_jobs.c -------------------------------------------------------- */

/* From here on Ctrl-C and the like end the build in good order. */
void build_catch_signals(void);
/* Run one compiler in the work folder, alone.
 *
 * argv     NULL-ended
 * log      file there for what it says */
PyaotStatus build_run_command(Build *build, char *const argv[],
                              const char *log, int *wait_status);
/* Compile what is queued, or what the time allows. */
PyaotStatus build_compile_queue(Build *build);

/* --- build_header.c ------------------------------------------------------ */

/* Find or make the precompiled headers that the queue wants. */
void build_find_headers(Build *build, const uint8_t common[PYAOT_HASH_BYTES]);
/* The flag that makes a compiler at this level use the precompiled header, and
 * its operand (malloc'ed); NULL and NULL if there is none. */
const char *build_header_flag(const Build *build, int level, char **operand);
/* A compiler failed with this header: nobody uses it again. */
void build_drop_header(Build *build, int level);
void build_free_headers(Build *build);

/* --- build_progress.c ---------------------------------------------------- */

void build_progress_start(Build *build);
/* Seconds that a unit is thought to take the compiler. */
double build_progress_cost(size_t c_len, int level);
/* Seconds until all that is queued is compiled, as it looks now. */
double build_progress_left(const Build *build);
/* Write where we are, if it is time for it.
 *
 * what   the unit that is ready (kept), or NULL if none is */
void build_progress_show(Build *build, const char *what);
/* What is done before or beside the compiling of units. */
void build_progress_say(Build *build, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Take the line away: others will write. */
void build_progress_hide(const Build *build);
/* "7 s", "2 min 5 s" */
const char *build_seconds_text(double seconds, char text[32]);

#endif
