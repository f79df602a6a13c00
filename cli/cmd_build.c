/* pyaot build: plan, compile each unit with the system's compiler, write the
 * cache.
 *
 * The old cache stays valid until the new index is in place, so that a
 * failing compiler, a full disk, Ctrl-C and kill -9 lose nothing.  Compilers
 * run in parallel, each in its own process group, so that they end with us. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "profiler/profile_db.h"

enum {
    OPT_DUMP = CLI_LONG, OPT_ONLY, OPT_PYTHON, OPT_FORCE, OPT_STRESS,
    OPT_EVERYTHING, OPT_SOURCE,
};

enum {
    BUILD_MAX_JOBS = 256,
    BUILD_CPU_LEVEL = 2,            /* FLAGS in cli_compiler.c */
    BUILD_MAX_OBJECT_BYTES = 1 << 27,
    BUILD_MAX_MESSAGE_BYTES = 1 << 20,
    BUILD_MAX_HEADER_BYTES = 1 << 24,
    BUILD_BAR_CELLS = 24,
    BUILD_EVERYTHING_LEVEL = 0,     /* -O0: only to be right */
    BUILD_UNIT_SECONDS = 120,       /* processor time, --everything only */
};

static const CliOption OPTIONS[] = {
    {'i', "input", "DB", "the profile (default " CLI_DEFAULT_DB ")"},
    {'o', "output", "DIR", "the cache (default " CLI_DEFAULT_CACHE ")"},
    {'j', "jobs", "N", "compilers at a time (default: one per CPU)"},
    {'v', "verbose", NULL, "say what is done"},
    {OPT_FORCE, "force", NULL, "compile also what has not changed"},
    {OPT_DUMP, "dump", "PASSES",
     "print the IR after passes, by letter (all = each; C = the C text)"},
    {OPT_ONLY, "only", "NAME", "dump only this function (qualified name)"},
    {'O', "optimize", "LEVEL",
     "of the C compiler: 0 to 3 (default 2; with --everything 0)"},
    {OPT_SOURCE, "source", "END",
     "compile only code of source files whose path ends so"},
    {OPT_EVERYTHING, "everything", NULL,
     "for tests: compile all code that was recorded, however cold"},
    {OPT_STRESS, "stress", NULL,
     "for tests: guards fail at random when PYAOT_STRESS=SEED is set"},
    {OPT_PYTHON, "python", "PY",
     "interpreter whose headers to use (default: the profiled one)"},
    {0},
};

typedef struct {
    const char *db;
    const char *dir;
    CliDump dump;
    const char *python;
    int n_jobs;
    bool verbose;
    bool force;
    const char *source;     /* NULL: all */
    bool everything;
    CliFlags flags;
} BuildOptions;

typedef struct {
    pid_t pid;              /* 0 = free */
    uint32_t unit;
    double started;
} Job;

typedef struct {
    const BuildOptions *options;
    const CliPlan *plan;
    PyaotCacheWriter *writer;
    CliCompiler compiler;
    CliPaths paths;
    char *include;          /* folder of the interpreter's headers */
    const char *work_dir;
    uint32_t *queue;        /* units to compile */
    uint32_t n_queue;
    uint32_t n_started;
    uint32_t n_ended;
    uint32_t n_running;
    uint32_t n_done;        /* units in the new cache, reused ones too */
    uint32_t n_given_up;    /* took the compiler too long */
    Job jobs[BUILD_MAX_JOBS];
    uint8_t (*input_hashes)[PYAOT_HASH_BYTES];
    bool has_bar;
    char err[PYAOT_ERR_MAX];
} Build;

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t build_signal;

static void
build_on_signal(int number)
{
    build_signal = number;
}

static void
build_catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = build_on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;
        if (sigaction(numbers[i], NULL, &old) == 0
            && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
}

/* ---- progress ------------------------------------------------------------- */

static void
build_show_bar(const Build *build, const char *what)
{
    if (!build->has_bar) {
        return;
    }
    uint32_t total = build->plan->n_units ? build->plan->n_units : 1;
    uint32_t full = BUILD_BAR_CELLS * build->n_done / total;
    char cells[BUILD_BAR_CELLS + 1];
    for (uint32_t i = 0; i < BUILD_BAR_CELLS; i++) {
        cells[i] = i < full ? '#' : '.';
    }
    cells[BUILD_BAR_CELLS] = '\0';
    fprintf(stderr, "\r[%s] %u/%u units  %.40s\x1b[K", cells, build->n_done,
            build->plan->n_units, what);
    fflush(stderr);
}

static void
build_hide_bar(const Build *build)
{
    if (build->has_bar) {
        fputs("\r\x1b[K", stderr);
        fflush(stderr);
    }
}

/* ---- one compiler ----------------------------------------------------------- */

static void
build_child(const Build *build, uint32_t unit)
{
    char **argv = build->compiler.argv;
    size_t n = build->compiler.n;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (chdir(build->work_dir) != 0) {
        _exit(126);
    }
    /* Relative names: the work folder's must not shape the object. */
    char *log = cli_text("u%u.log", unit);
    argv[n++] = (char *)"-o";
    argv[n++] = cli_text("u%u.so", unit);
    argv[n++] = cli_text("u%u.c", unit);
    argv[n++] = (char *)"-lm";
    argv[n] = NULL;
    int null = open("/dev/null", O_RDONLY);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (null < 0 || fd < 0) {
        _exit(126);
    }
    dup2(null, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (build->options->everything) {
        const struct rlimit limit = {BUILD_UNIT_SECONDS,
                                     BUILD_UNIT_SECONDS + 5};
        setrlimit(RLIMIT_CPU, &limit);
    }
    setenv("TMPDIR", build->work_dir, 1);
    setenv("LC_ALL", "C", 1);
    execv(argv[0], argv);
    _exit(127);
}

static PyaotStatus
build_start(Build *build, uint32_t unit)
{
    PyaotStatus status = PYAOT_OK;
    const CliUnit *plan = &build->plan->units[unit];
    char *path = cli_text("%s/u%u.c", build->work_dir, unit);
    PYAOT_CHECK_ERR(cli_write_file(path, plan->c_text, plan->c_len),
                    build->err, PYAOT_E_IO, "cannot write %s: %s; free some "
                    "space or choose another folder with -o DIR", path,
                    strerror(errno));
    Job *job = build->jobs;
    while (job->pid != 0) {
        job++;
    }
    if (build->options->verbose) {
        build_hide_bar(build);
        fprintf(stderr, "pyaot: compiling %s (%zu bytes of C)\n",
                plan->module, plan->c_len);
    }
    fflush(NULL);
    pid_t pid = fork();
    PYAOT_CHECK_ERR(pid >= 0, build->err, PYAOT_E_COMPILER,
                    "cannot start the compiler: %s", strerror(errno));
    if (pid == 0) {
        build_child(build, unit);
    }
    setpgid(pid, pid);
    *job = (Job){.pid = pid, .unit = unit, .started = cli_now()};
    build->n_running++;
out:
    free(path);
    return status;
}

static PyaotStatus
build_complain(Build *build, const CliUnit *unit, const char *log,
               int wait_status)
{
    StrBuf text;
    size_t len = 0;
    strbuf_init(&text, BUILD_MAX_MESSAGE_BYTES);
    char *said = cli_read_file(log, BUILD_MAX_MESSAGE_BYTES, &len);
    if (said != NULL) {
        strbuf_add(&text, said, len);
    }
    char how[48];
    if (WIFSIGNALED(wait_status)) {
        snprintf(how, sizeof(how), "was killed by signal %d",
                 WTERMSIG(wait_status));
    }
    else {
        snprintf(how, sizeof(how), "failed with status %d",
                 WEXITSTATUS(wait_status));
    }
    PyaotStatus status = pyaot_error(
        build->err, PYAOT_E_COMPILER, "the compiler %s %s on %s (%.140s); "
        "run pyaot doctor, or set CC to another", build->compiler.name, how,
        unit->module,
        cli_compiler_complaint(&text));
    free(said);
    strbuf_free(&text);
    return status;
}

static void
build_spec(const Build *build, uint32_t unit, PyaotCacheUnitSpec *spec)
{
    const CliUnit *plan = &build->plan->units[unit];
    *spec = (PyaotCacheUnitSpec){
        .module = plan->module, .source = plan->source, .codes = plan->codes,
        .n_codes = plan->n_codes,
    };
    memcpy(spec->input_hash, build->input_hashes[unit], PYAOT_HASH_BYTES);
}

/* A compiler has ended: take what it made into the cache.
 *
 * seconds   processor time that it took */
static PyaotStatus
build_end(Build *build, Job *job, int wait_status, double seconds)
{
    PyaotStatus status = PYAOT_OK;
    const CliUnit *unit = &build->plan->units[job->unit];
    char *c = cli_text("%s/u%u.c", build->work_dir, job->unit);
    char *so = cli_text("%s/u%u.so", build->work_dir, job->unit);
    char *log = cli_text("%s/u%u.log", build->work_dir, job->unit);
    char *object = NULL;
    size_t len = 0;
    PyaotCacheUnitSpec spec;
    job->pid = 0;
    build->n_running--;
    build->n_ended++;
    if (wait_status != 0 && build->options->everything
        && seconds >= BUILD_UNIT_SECONDS) {
        build->n_given_up++;
        fprintf(stderr, "pyaot: given up %s (%u code objects): the compiler "
                "took too long\n", unit->module, unit->n_codes);
        goto out;
    }
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
        status = build_complain(build, unit, log, wait_status);
        goto out;
    }
    object = cli_read_file(so, BUILD_MAX_OBJECT_BYTES, &len);
    PYAOT_CHECK_ERR(object != NULL && len > 0, build->err, PYAOT_E_COMPILER,
                    "the compiler %s made nothing of %s; set CC to another",
                    build->compiler.name, unit->module);
    build_spec(build, job->unit, &spec);
    PYAOT_TRY(pyaot_cache_writer_add_unit(build->writer, &spec,
                                          (const uint8_t *)object, len,
                                          build->err));
    build->n_done++;
    if (build->options->verbose) {
        build_hide_bar(build);
        fprintf(stderr, "pyaot: %s took %.2f s, %zu bytes\n", unit->module,
                cli_now() - job->started, len);
    }
    build_show_bar(build, unit->module);
out:
    unlink(c);
    unlink(so);
    unlink(log);
    free(object);
    free(log);
    free(so);
    free(c);
    return status;
}

static void
build_kill_all(Build *build)
{
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        if (build->jobs[i].pid > 0) {
            kill(-build->jobs[i].pid, SIGKILL);
            while (waitpid(build->jobs[i].pid, NULL, 0) < 0
                   && errno == EINTR) {
            }
            build->jobs[i].pid = 0;
        }
    }
    build->n_running = 0;
}

static Job *
build_find_job(Build *build, pid_t pid)
{
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        if (build->jobs[i].pid == pid) {
            return &build->jobs[i];
        }
    }
    return NULL;
}

static PyaotStatus
build_compile_queue(Build *build)
{
    PyaotStatus status = PYAOT_OK;
    uint32_t max = (uint32_t)build->options->n_jobs;
    while (build->n_ended < build->n_queue) {
        PYAOT_CHECK_ERR(build_signal == 0, build->err, PYAOT_E_INTERRUPTED,
                        "interrupted; %s is as it was",
                        build->options->dir);
        if (build->n_running < max && build->n_started < build->n_queue) {
            PYAOT_TRY(build_start(build, build->queue[build->n_started++]));
            continue;
        }
        int wait_status = 0;
        struct rusage used;
        pid_t pid = wait4(-1, &wait_status, 0, &used);
        if (pid < 0) {
            PYAOT_CHECK_ERR(errno == EINTR, build->err, PYAOT_E_INTERNAL,
                            "lost a compiler: %s", strerror(errno));
            continue;
        }
        Job *job = build_find_job(build, pid);
        if (job != NULL && build_signal == 0) {
            PYAOT_TRY(build_end(
                build, job, wait_status,
                (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
                    + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)
                          / 1e6));
        }
    }
    PYAOT_CHECK_ERR(build_signal == 0, build->err, PYAOT_E_INTERRUPTED,
                    "interrupted; %s is as it was", build->options->dir);
out:
    build_kill_all(build);
    return status;
}

/* ---- the whole ------------------------------------------------------------------ */

/* The first of the folders that needs no interpreter to ask: the profiled
 * interpreter's, the one pyaot was built with, the system's; malloc'ed. */
static char *
build_known_include(const char *db, const char *abi)
{
    char *places[] = {
        pyaot_profile_meta(db, "python_include"),
        cli_text("%s", PYAOT_PYTHON_INCLUDE),
        cli_text("/usr/include/python3.%u", cli_abi_minor(abi)),
        cli_text("/usr/local/include/python3.%u", cli_abi_minor(abi)),
    };
    char *found = NULL;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (found == NULL && places[i] != NULL
            && cli_headers_minor(places[i]) == cli_abi_minor(abi)) {
            found = places[i];
        }
        else {
            free(places[i]);
        }
    }
    return found;
}

/* The include folder to compile with, malloc'ed; NULL: err says why not. */
static char *
build_find_include(const BuildOptions *options, const char *abi, char *err)
{
    CliPython python;
    char said[PYAOT_ERR_MAX] = "";
    char *include = NULL;
    if (options->python == NULL) {
        include = build_known_include(options->db, abi);
        if (include != NULL) {
            return include;
        }
    }
    if (!cli_python_try(options->python, true, &python, said)) {
        if (options->python != NULL) {
            pyaot_error(err, PYAOT_E_NOENT, "%s", said);
            return NULL;
        }
        pyaot_error(err, PYAOT_E_NOENT,
                    "no headers of CPython 3.%u here; install them (Debian: "
                    "apt-get install python3-dev), or name an interpreter "
                    "with --python PY", cli_abi_minor(abi));
        return NULL;
    }
    if (strcmp(python.abi, abi) != 0) {
        pyaot_error(err, PYAOT_E_ABI,
                    "the profile is of %s, %s is %s; name another with "
                    "--python PY", abi, python.executable, python.abi);
    }
    else if (!cli_has_headers(python.include)) {
        pyaot_error(err, PYAOT_E_NOENT,
                    "the headers of Python %s are not installed (no %s/"
                    "Python.h); Debian: apt-get install python3-dev",
                    python.version, python.include);
    }
    else {
        include = cli_text("%s", python.include);
    }
    cli_python_free(&python);
    return include;
}

/* path is stolen */
static void
build_add_header(StrBuf *text, char *path)
{
    size_t len = 0;
    char *content = cli_read_file(path, BUILD_MAX_HEADER_BYTES, &len);
    strbuf_add(text, content != NULL ? content : "", len);
    free(content);
    free(path);
}

/* Append what shapes every unit: flags, the compiler and its version, the
 * interpreter's version, the operations that units include. */
static void
build_add_common_inputs(const Build *build, StrBuf *text)
{
    static const char *const ours[] = {
        "pyaot_abi.h", "abi.def", "pyaot_native.h", "pyaot_native_scan.h",
        "pyaot_native_delegate.h", "pyaot_native_dict.h", "math.def",
        "pyaot_layout.h", "pyaot_layout_313.h", "layout_313.def",
    };
    cli_compiler_flags_text(text, &build->options->flags);
    cli_compiler_identity(&build->compiler, text);
    strbuf_u64(text, pyaot_cache_abi_hash(build->plan->abi));
    build_add_header(text, cli_text("%s/patchlevel.h", build->include));
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        build_add_header(text, cli_text("%s/include/%s", build->paths.share,
                                        ours[i]));
    }
}

/* A hash of everything that shapes a unit's object. */
static PyaotStatus
build_hash_inputs(Build *build, Arena *arena)
{
    PyaotStatus status = PYAOT_OK;
    StrBuf text;
    uint8_t common[PYAOT_HASH_BYTES];
    strbuf_init(&text, 0);
    build_add_common_inputs(build, &text);
    pyaot_hash128(strbuf_text(&text), text.len, common);
    build->input_hashes = arena_calloc(arena, build->plan->n_units,
                                       PYAOT_HASH_BYTES);
    for (uint32_t i = 0; i < build->plan->n_units; i++) {
        const CliUnit *unit = &build->plan->units[i];
        strbuf_reset(&text);
        strbuf_add(&text, common, sizeof(common));
        strbuf_add(&text, unit->module, strlen(unit->module) + 1);
        strbuf_add(&text, unit->source, strlen(unit->source) + 1);
        strbuf_add(&text, unit->c_text, unit->c_len);
        PYAOT_CHECK_ERR(strbuf_status(&text) == PYAOT_OK
                            && build->input_hashes != NULL,
                        build->err, PYAOT_E_NOMEM, "out of memory");
        pyaot_hash128(text.data, text.len, build->input_hashes[i]);
    }
out:
    strbuf_free(&text);
    return status;
}

/* Reuse what has not changed, queue the rest. */
static PyaotStatus
build_sort_units(Build *build, Arena *arena)
{
    PyaotStatus status = PYAOT_OK;
    build->queue = ARENA_NEW_ARRAY(arena, uint32_t, build->plan->n_units);
    PYAOT_CHECK_ERR(build->queue != NULL, build->err, PYAOT_E_NOMEM,
                    "out of memory");
    for (uint32_t i = 0; i < build->plan->n_units; i++) {
        PyaotCacheUnitSpec spec;
        build_spec(build, i, &spec);
        PyaotStatus reused = PYAOT_E_NOENT;
        if (!build->options->force) {
            reused = pyaot_cache_writer_reuse_unit(build->writer, &spec,
                                                   build->err);
        }
        if (reused == PYAOT_OK) {
            build->n_done++;
        }
        else {
            build->queue[build->n_queue++] = i;
        }
    }
out:
    return status;
}

/* The compiler, without flags yet, and the headers. */
static PyaotStatus
build_find_compiler(Build *build)
{
    PyaotStatus status = PYAOT_OK;
    PYAOT_CHECK_ERR(cli_compiler_find(&build->compiler, build->err), NULL,
                    PYAOT_E_COMPILER, "no compiler");
    build->include = build_find_include(build->options, build->plan->abi,
                                        build->err);
    PYAOT_CHECK_ERR(build->include != NULL, NULL, PYAOT_E_NOENT,
                    "no headers");
    PYAOT_CHECK_ERR(cli_paths_init(&build->paths), build->err, PYAOT_E_IO,
                    "cannot find my own folder");
out:
    return status;
}

static PyaotStatus
build_prepare_compiler(Build *build)
{
    cli_compiler_add_flags(&build->compiler, build->include,
                           build->paths.share, &build->options->flags);
    if (build->options->verbose) {
        fputs("pyaot:", stderr);
        for (size_t i = 0; i < build->compiler.n; i++) {
            fprintf(stderr, " %s", build->compiler.argv[i]);
        }
        fputc('\n', stderr);
    }
    return pyaot_cache_writer_work_dir(build->writer, &build->work_dir,
                                       build->err);
}

static PyaotStatus
build_all(Build *build, Arena *arena, PyaotCacheWriteStats *stats)
{
    PyaotStatus status = PYAOT_OK;
    const CliPlan *plan = build->plan;
    if (plan->n_units > 0) {
        PYAOT_TRY(build_find_compiler(build));
        PYAOT_TRY(build_hash_inputs(build, arena));
    }
    PYAOT_TRY(pyaot_cache_writer_open(build->options->dir, plan->abi,
                                      pyaot_cache_abi_hash(plan->abi),
                                      BUILD_CPU_LEVEL, &build->writer,
                                      build->err));
    build_catch_signals();
    PYAOT_TRY(build_sort_units(build, arena));
    if (build->n_queue > 0) {
        PYAOT_TRY(build_prepare_compiler(build));
        build_show_bar(build, "");
        PYAOT_TRY(build_compile_queue(build));
    }
    PYAOT_TRY(pyaot_cache_writer_commit(build->writer, stats, build->err));
out:
    build_hide_bar(build);
    pyaot_cache_writer_close(build->writer);
    cli_compiler_free(&build->compiler);
    cli_paths_free(&build->paths);
    free(build->include);
    return status;
}

static void
build_print_table(const CliPlan *plan, const PyaotCacheWriteStats *stats,
                  const char *dir, double seconds)
{
    char size[32];
    printf("%-10s %8u  superblocks of %u code objects\n", "built",
           plan->n_superblocks, plan->n_codes);
    printf("%-10s %8u\n", "refused", plan->n_refused);
    for (uint32_t i = 0; i < plan->n_refusals; i++) {
        printf("%-10s %8u  %s\n", "", plan->refusals[i].count,
               plan->refusals[i].text);
    }
    printf("%-10s %8u  %u compiled, %u unchanged\n", "units",
           stats->n_units, stats->n_added, stats->n_reused);
    printf("%-10s %8.2f s\n", "time", seconds);
    printf("%-10s %8s  in %s\n", "size",
           cli_size_text(stats->total_bytes, size), dir);
    if (plan->n_superblocks == 0) {
        printf("nothing was hot enough to compile; run longer under pyaot "
               "profile\n");
    }
}

static int
build_run(const BuildOptions *options)
{
    Arena arena;
    CliPlan plan = {0};
    PyaotCacheWriteStats stats = {0};
    double started = cli_now();
    Build *build = calloc(1, sizeof(*build));
    if (build == NULL) {
        return cli_fail("out of memory");
    }
    arena_init(&arena, CLI_PLAN_MAX_BYTES);
    build->options = options;
    build->plan = &plan;
    build->has_bar = isatty(STDERR_FILENO) == 1;
    PyaotStatus status = cli_plan(options->db, options->everything,
                                  options->source, &options->dump, &arena,
                                  &plan, build->err);
    if (status == PYAOT_OK) {
        status = build_all(build, &arena, &stats);
    }
    int exit_status = CLI_EXIT_OK;
    if (status != PYAOT_OK) {
        exit_status = cli_fail("%s", build->err[0]
                                         ? build->err
                                         : pyaot_status_text(status));
        if (status == PYAOT_E_INTERRUPTED) {
            exit_status = CLI_EXIT_INTERRUPTED;
        }
    }
    else {
        build_print_table(&plan, &stats, options->dir, cli_now() - started);
    }
    arena_free(&arena);
    free(build);
    return exit_status;
}

static int
build_cpu_count(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
                                                         : 1;
    return n < 1 ? 1 : n > BUILD_MAX_JOBS ? BUILD_MAX_JOBS : n;
}

int
cmd_build(int argc, char **argv)
{
    CliArgs args;
    BuildOptions options = {
        .db = CLI_DEFAULT_DB, .dir = CLI_DEFAULT_CACHE,
        .n_jobs = build_cpu_count(), .everything = cli_everything(),
    };
    int level = -1;
    int id;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        char *end = NULL;
        switch (id) {
        case 'i': options.db = args.value; break;
        case 'o': options.dir = args.value; break;
        case 'v': options.verbose = true; break;
        case OPT_FORCE: options.force = true; break;
        case OPT_STRESS: options.flags.stress = true; break;
        case OPT_SOURCE: options.source = args.value; break;
        case OPT_EVERYTHING: options.everything = true; break;
        case 'O':
            if (args.value[0] < '0' || args.value[0] > '3'
                || args.value[1] != '\0') {
                return cli_usage(argv[0], "-O needs 0, 1, 2 or 3, not %s",
                                 args.value);
            }
            level = args.value[0] - '0';
            break;
        case OPT_DUMP: options.dump.what = args.value; break;
        case OPT_ONLY: options.dump.only = args.value; break;
        case OPT_PYTHON: options.python = args.value; break;
        case 'j':
            options.n_jobs = (int)strtol(args.value, &end, 10);
            if (end == args.value || *end != '\0' || options.n_jobs < 1
                || options.n_jobs > BUILD_MAX_JOBS) {
                return cli_usage(argv[0], "-j needs a number from 1 to %d, "
                                 "not %s", BUILD_MAX_JOBS, args.value);
            }
            break;
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default: return args.exit;
        }
    }
    options.flags.level = level >= 0           ? level
                          : options.everything ? BUILD_EVERYTHING_LEVEL
                                               : CLI_BEST_LEVEL;
    return build_run(&options);
}
