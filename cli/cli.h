/* What the commands share.  A command parses its arguments, calls the public
 * headers of the other rooms, prints, and returns the exit status. */
#ifndef PYAOT_CLI_H
#define PYAOT_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cache/base/arena.h"
#include "cache/base/status.h"
#include "cache/base/strbuf.h"
#include "cache/pyaot_cache.h"

enum {
    CLI_EXIT_OK = 0,
    CLI_EXIT_FAILED = 1, /* said why in one line on stderr */
    CLI_EXIT_USAGE = 2,
    CLI_EXIT_INTERRUPTED = 130,
};

#define CLI_DEFAULT_DB "./pyaot.db"
#define CLI_DEFAULT_CACHE "./cache"

/* --- messages ------------------------------------------------------------ */

/* "pyaot: " and one line on stderr; returns CLI_EXIT_FAILED. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same with a pointer to the command's help; returns CLI_EXIT_USAGE. */
int cli_usage(const char *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "1.2 MB" */
const char *cli_size_text(uint64_t bytes, char text[32]);
/* Seconds since some fixed moment. */
double cli_now(void);

/* --- options ------------------------------------------------------------- */

typedef struct {
    int id;            /* the letter, or CLI_LONG + n; 0 ends the table */
    const char *name;  /* long name, or NULL */
    const char *value; /* name of its value in the help, or NULL */
    const char *help;
} CliOption;

enum {
    CLI_LONG = 256,   /* ids of options without a letter start here */
    CLI_END = 0,      /* no more arguments */
    CLI_OPERAND = -1, /* args->value is an operand */
    CLI_DONE = -2,    /* help printed, or error said: see args->exit */
};

typedef struct {
    const char *command;
    const CliOption *options;
    int argc;
    char **argv;
    int next;           /* index of the next argument */
    bool only_operands; /* "--" was seen */
    const char *value;
    int exit;
} CliArgs;

/* argv[0] is the command's name. */
void cli_args_init(CliArgs *args, int argc, char **argv,
                   const CliOption *options);
/* The id of the next option, CLI_OPERAND, CLI_END or CLI_DONE. */
int cli_args_next(CliArgs *args);
/* The program to run and its arguments, from what cli_args_next just returned
 * ('m', 'c', CLI_OPERAND or CLI_END) to the end: "-m", MODULE, ... or "-c",
 * CODE, ... or SCRIPT, ...; NULL-ended, the caller frees the array. */
char **cli_args_program(CliArgs *args, int id, int *n);

/* --- where pyaot's own files are ----------------------------------------- */

typedef struct {
    char *prefix; /* bin/pyaot is below it */
    char *lib;    /* <prefix>/lib/pyaot */
    char *share;  /* <prefix>/share/pyaot */
} CliPaths;

/* Found relative to the running executable; false after saying why not. */
bool cli_paths_init(CliPaths *paths);
void cli_paths_free(CliPaths *paths);

/* --- processes ----------------------------------------------------------- */

/* Full path of a program: itself if it has a slash, else from PATH; malloc'ed,
 * NULL if there is none. */
char *cli_find_program(const char *name);
/* Run argv (argv[0] a full path), stdin from /dev/null, take its stdout and
 * stderr (either may be NULL = /dev/null).  The exit status, 128 + signal, or
 * -1 if it cannot be started. */
int cli_run(char *const argv[], StrBuf *out, StrBuf *err);
/* The same in another environment: settings are "NAME=VALUE", or "NAME" to
 * unset it; NULL-ended. */
int cli_run_with(char *const settings[], char *const argv[], StrBuf *out,
                 StrBuf *err);
/* Split a command with arguments (CC="ccache gcc") at spaces; NULL-ended,
 * malloc'ed in one block with its texts.  extra: free cells before the NULL.
 */
char **cli_split_command(const char *command, size_t extra, size_t *n);

bool cli_is_file(const char *path);
bool cli_is_dir(const char *path);
/* printf into a new string; ends the process if memory is gone. */
char *cli_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Write a file under a temporary name, then rename it.  False with errno. */
bool cli_write_file(const char *path, const char *text, size_t len);
/* Read a whole file of at most max bytes, NUL added; NULL with errno. */
char *cli_read_file(const char *path, size_t max, size_t *len);

/* --- the interpreter ----------------------------------------------------- */

typedef struct {
    char *command;       /* the program that was named: perhaps a wrapper */
    char *executable;    /* the interpreter itself */
    char *version;       /* "3.13.5" */
    char *abi;           /* "cpython-313-x86_64-linux-gnu" */
    char *tag;           /* "cp313" */
    char *include;       /* folder of Python.h; "" if unknown */
    char *site_packages; /* where enable writes */
    char *prefix;
    bool is_venv;
    bool reads_pth; /* at each start, others' .pth files */
} CliPython;

/* Find and examine the interpreter: named (may be NULL), else $PYTHON, else
 * the first of python3 and python3.13 on PATH that is new enough.
 *
 * full   also ask for include, site_packages, prefix (slower)
 *
 * False after saying what is wrong: none there, too old, free-threaded,
 * not CPython, not supported by this pyaot. */
bool cli_python_find(const char *named, bool full, CliPython *python);
/* As cli_python_find, but gives the complaint back instead of printing it. */
bool cli_python_try(const char *named, bool full, CliPython *python,
                    char err[PYAOT_ERR_MAX]);
/* As cli_python_find, without running it: true if the program's file, links
 * followed, is called python3.N with a supported N.  Sets only executable, tag
 * and version ("3.N"); who starts it must check again. */
bool cli_python_guess(const char *named, CliPython *python);
void cli_python_free(CliPython *python);
/* The lines behind the line "pyaot facts" of what an interpreter printed (may
 * be NULL), split in place; how many, at most max. */
size_t cli_split_facts(char *text, char *facts[], size_t max);
/* Replace this process by python with these arguments (NULL-ended, without
 * argv[0]).  Only returns, CLI_EXIT_FAILED, if that fails. */
int cli_python_exec(const CliPython *python, char *const args[]);

/* Check what cli_args_program gave: there must be one, and a script must be
 * readable.  0, or an exit status after saying what is wrong. */
int cli_check_program(const char *command, char **program, int n);

/* --- the compiler (cli_compiler.c) --------------------------------------- */

enum { CLI_COMPILER_OWNED = 4, CLI_LEVELS = 4 };

/* As its --version says. */
typedef enum {
    CLI_COMPILER_OTHER,
    CLI_COMPILER_GCC,
    CLI_COMPILER_CLANG,
} CliCompilerKind;

typedef struct {
    /* command and flags; n cells used, room for more */
    char **argv;
    size_t n;
    char *owned[CLI_COMPILER_OWNED]; /* texts to free with it */
    size_t n_owned;
    const char *name;     /* as the user gave it */
    CliCompilerKind kind; /* once cli_compiler_identity() has asked */
} CliCompiler;

/* What may be asked of it. */
typedef struct {
    bool stress;
} CliFlags;

/* Find the C compiler: $CC, else cc, gcc, clang.  False: err says so. */
bool cli_compiler_find(CliCompiler *compiler, char err[PYAOT_ERR_MAX]);
/* "-O2" for 2, of CLI_LEVELS. */
const char *cli_compiler_level(int level);
/* Add the flags every unit is compiled with, but for the level. */
void cli_compiler_add_flags(CliCompiler *compiler, const char *python_include,
                            const char *share, const CliFlags *flags);
void cli_compiler_free(CliCompiler *compiler);
/* Append what the compiler says of itself: part of a unit's input.  Before
 * flags are added. */
void cli_compiler_identity(CliCompiler *compiler, StrBuf *out);
/* Append the flags that shape the code: part of a unit's input. */
void cli_compiler_flags_text(StrBuf *out, const CliFlags *flags);
/* The first line of a compiler's output that says "error", else the first
 * line; never NULL. */
const char *cli_compiler_complaint(StrBuf *output);
/* Does this folder have what native code includes? */
bool cli_has_headers(const char *python_include);
/* The minor version of the headers there; 0 if there are none. */
uint32_t cli_headers_minor(const char *python_include);
/* "cpython-313-x86_64-linux-gnu" -> 13; 0 if it is none. */
uint32_t cli_abi_minor(const char *abi);

/* --- what is no longer as recorded (cli_stale.c) ------------------------- */

struct ProfileCode;

/* Say in a line or two, in a table's form, how many recorded functions no
 * longer exist in their source; nothing if all do, or if that cannot be known.
 *
 * shown    the profile's name for people
 * python   interpreter to ask, or NULL: the recorded one
 * codes    all that was recorded
 * verbose  name each, on stderr */
void cli_tell_stale(const char *db, const char *shown, const char *python,
                    const struct ProfileCode *codes, uint32_t n_codes,
                    bool verbose);

/* --- what to compile (plan.c) -------------------------------------------- */

typedef struct {
    const char *module;
    const char *source;
    const char *c_text;
    size_t c_len;
    const PyaotCacheCodeSpec *codes;
    uint32_t n_codes;
    uint64_t weight;  /* recorded events */
    bool is_hot;      /* worth the compiler's best */
    uint32_t size;    /* IR instructions */
    uint32_t largest; /* of its largest function */
} CliUnit;

typedef struct {
    const char *text;
    uint32_t count;
} CliRefusal;

/* Of a code object in the recorded runs, in nanoseconds of the compiler's. */
typedef struct {
    double run_ns;     /* what it took, without what it called */
    double covered_ns; /* of that, what is compiled */
    double native_ns;  /* what that takes then */
    const char *why;   /* the rest is not */
} CliWorth;

typedef struct {
    const char *abi;
    const struct ProfileCode *codes; /* all that was recorded */
    CliWorth *worth;                 /* of each */
    uint32_t n_profiled;
    double turn_ns;   /* of the profile's reference loop, in these */
    const char *cold; /* CliWorth.why of what did not run often enough */
    CliUnit *units;
    uint32_t n_units;
    uint32_t n_codes;
    uint32_t n_superblocks;
    uint32_t n_refused;
    CliRefusal *refusals; /* by count, most first */
    uint32_t n_refusals;
} CliPlan;

typedef struct {
    /* "all", "C", or letters of passes; NULL: nothing */
    const char *what;
    const char *only; /* only this qualified name, or NULL */
} CliDump;

/* PYAOT_EVERYTHING=1 in the environment: --everything, for those who do not
 * write the command line. */
bool cli_everything(void);

/* Most memory a plan may take. */
#define CLI_PLAN_MAX_BYTES ((size_t)8 << 30)

/* Load a profile and decide what to compile; prints the dump on stdout.
 * everything   all that can be, whatever its heat
 * source       only code of files whose path ends so; NULL: all */
PyaotStatus cli_plan(const char *db, bool everything, const char *source,
                     const CliDump *dump, Arena *arena, CliPlan *plan,
                     char err[PYAOT_ERR_MAX]);
/* Append what was, or would be, compiled of a file or function (NULL: all), or
 * at a line of the file (0: any).
 * detail   in the compiler's words */
PyaotStatus cli_plan_explain(const char *db, const char *place, uint32_t line,
                             bool detail, StrBuf *out,
                             char err[PYAOT_ERR_MAX]);

/* --- is it worth it (cli_worth.c) ---------------------------------------- */

/* Of all recorded runs, processor time. */
typedef struct {
    uint64_t runs;
    double run_seconds;
    double covered_seconds; /* compiled */
    double saved_seconds;
    double start_seconds; /* what starting with a cache costs */
    double second;        /* of a nanosecond of CliWorth */
} CliWorthSum;

/* False if the profile does not say how long it took. */
bool cli_worth_sum(const char *db, const CliPlan *plan, CliWorthSum *sum);
/* Say what the cache is expected to gain. */
void cli_worth_print(const char *db, const CliPlan *plan);
/* Say what share of the time is native or could be, and why the rest is not.
 * dir  a cache, if it is there */
void cli_worth_report(const CliPlan *plan, const CliWorthSum *sum,
                      const char *dir);

/* --- the hook (cli_hook.c) ----------------------------------------------- */

/* The file by which it is started, in python's site-packages: one of a few
 * kinds, in order of preference. */
typedef enum {
    CLI_HOOK_SITECUSTOMIZE,
    CLI_HOOK_APPORT,
    CLI_HOOK_PTH,
    CLI_HOOK_KINDS, /* none */
} CliHookKind;

typedef enum {
    CLI_HOOK_NONE,
    CLI_HOOK_OTHER, /* another pyaot's, an older one's, in part */
    CLI_HOOK_OURS,
} CliHookState;

/* Is the hook of this pyaot there?  Looks at files only. */
CliHookState cli_hook_state(const CliPaths *paths, const CliPython *python,
                            CliHookKind *kind);
/* Its file; malloc'ed. */
char *cli_hook_path(const CliPython *python, CliHookKind kind);
/* Really start the interpreter, in this environment: NULL if the hook runs,
 * else what is wrong, with a way out; malloc'ed. */
char *cli_hook_complaint(const CliPython *python, CliHookKind kind);
/* Is it there, and does it run?  NULL, or why not, with a way out; malloc'ed.
 */
char *cli_hook_missing(const CliPaths *paths, const CliPython *python);
/* The same of the program that was named: does it start the interpreter so
 * that hook or environment do not count? */
char *cli_hook_ignored(const CliPython *python);
/* Write and remove its files; an exit status, after saying what is wrong. */
int cli_hook_enable(const CliPaths *paths, const CliPython *python,
                    CliHookKind *kind);
int cli_hook_disable(const CliPython *python, bool *removed);

/* --- commands ------------------------------------------------------------ */

#define COMMAND(name, operands, summary) int cmd_##name(int argc, char **argv);
#include "cmds.def"

/* Help of one command on stdout. */
void cli_print_help(const char *command, const CliOption *options);

#endif
