/* Compilers at work: each in its own process group, under a keeper.
 *
 * The keeper is a process of ours that starts the compiler and waits for it.
 * It is told by the kernel when the build dies, however that happens, and
 * takes the whole group with it: a compiler's driver would leave the compiler
 * proper to go on.
 *
 * No run takes the compiler more processor time than a limit.  What does is
 * tried again at the next lower level, and in the end left out of the cache.
 */
#include "build_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/exit_table.h"

enum {
    MAX_OBJECT_BYTES = 1 << 27,
    MAX_MESSAGE_BYTES = 1 << 20,
    /* how late progress and deadlines may be */
    TICK_MICROSECONDS = 250000,
    MAX_ARGUMENTS = 16, /* of a unit */
};

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t build_signal;

static void
on_signal(int number)
{
    build_signal = number;
}

/* wait4() shall return now and then. */
static void
on_tick(int number)
{
    (void)number;
}

void
build_catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;
        if (sigaction(numbers[i], NULL, &old) == 0
            && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
    action.sa_handler = on_tick;
    sigaction(SIGALRM, &action, NULL);
}

static void
tick(bool on)
{
    const struct timeval interval = {0, on ? TICK_MICROSECONDS : 0};
    const struct itimerval timer = {interval, interval};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static bool
is_out_of_time(const Build *build)
{
    return build->options->max_seconds > 0
           && cli_now() - build->progress.started
                  >= build->options->max_seconds;
}

/* --- one process --------------------------------------------------------- */

static void
on_end_of_build(int number)
{
    (void)number;
    kill(0, SIGKILL);
}

/* Start the compiler in the work folder; does not return. */
static void
become_compiler(const Build *build, char *const argv[], const char *log)
{
    int null = open("/dev/null", O_RDONLY);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (null < 0 || fd < 0) {
        _exit(126);
    }
    dup2(null, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    setenv("TMPDIR", build->work_dir, 1);
    setenv("LC_ALL", "C", 1);
    execv(argv[0], argv);
    _exit(127);
}

/* Be the keeper of a compiler; ends as the compiler does. */
static void
keep_compiler(const Build *build, char *const argv[], const char *log,
              pid_t parent)
{
    const rlim_t seconds = (rlim_t)build->options->unit_seconds;
    const struct rlimit limit = {seconds, seconds + 5}, no_core = {0, 0};
    const struct sigaction end = {.sa_handler = on_end_of_build};
    int status = 0;
    setpgid(0, 0);
    sigaction(SIGTERM, &end, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || chdir(build->work_dir) != 0) {
        _exit(126);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    pid_t pid = fork();
    if (pid < 0) {
        _exit(126);
    }
    if (pid == 0) {
        signal(SIGTERM, SIG_DFL);
        setrlimit(RLIMIT_CPU, &limit);
        become_compiler(build, argv, log);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 126);
}

/* -1: err is set */
static pid_t
start_process(Build *build, char *const argv[], const char *log)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        keep_compiler(build, argv, log, parent);
    }
    if (pid < 0) {
        pyaot_error(build->err, PYAOT_E_COMPILER,
                    "cannot start the compiler: %s", strerror(errno));
        return -1;
    }
    setpgid(pid, pid);
    return pid;
}

static void
kill_group(pid_t pid)
{
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static PyaotStatus
interrupted(Build *build)
{
    return pyaot_error(build->err, PYAOT_E_INTERRUPTED,
                       "interrupted; %s is as it was", build->options->dir);
}

PyaotStatus
build_run_command(Build *build, char *const argv[], const char *log,
                  int *wait_status)
{
    PyaotStatus status = PYAOT_OK;
    pid_t pid = start_process(build, argv, log);
    if (pid < 0) {
        return PYAOT_E_COMPILER;
    }
    tick(true);
    while (waitpid(pid, wait_status, 0) < 0) {
        if (build_signal != 0 || is_out_of_time(build)) {
            kill_group(pid);
            *wait_status = -1;
            status = build_signal != 0 ? interrupted(build) : PYAOT_E_LIMIT;
            break;
        }
    }
    tick(false);
    return status;
}

/* --- one unit ------------------------------------------------------------ */

static void
say_start(Build *build, const CliUnit *unit, int level)
{
    if (!build->options->verbose) {
        return;
    }
    build_progress_hide(build);
    fprintf(stderr, "pyaot: compiling %s: %s", unit->module,
            unit->codes[0].qualname);
    if (unit->n_codes > 1) {
        fprintf(stderr, " and %u more", unit->n_codes - 1);
    }
    fprintf(stderr,
            ", %.2f%% of all events, %u instructions, %zu bytes of C, "
            "at %s\n",
            100.0 * (double)unit->weight
                / (double)(build->weight ? build->weight : 1),
            unit->size, unit->c_len, cli_compiler_level(level));
}

static PyaotStatus
start_unit(Build *build, uint32_t unit)
{
    PyaotStatus status = PYAOT_OK;
    const CliUnit *plan = &build->plan->units[unit];
    BuildTask *task = &build->tasks[unit];
    size_t n = build->compiler.n;
    char *path = cli_text("%s/u%u.c", build->work_dir, unit), *operand = NULL;
    char **argv = calloc(n + MAX_ARGUMENTS, sizeof(*argv));
    /* Relative names: the work folder's must not shape the object. */
    char *c = cli_text("u%u.c", unit), *so = cli_text("u%u.so", unit),
         *log = cli_text("u%u.log", unit);
    PYAOT_CHECK_ERR(argv != NULL, build->err, PYAOT_E_NOMEM, "out of memory");
    PYAOT_CHECK_ERR(cli_write_file(path, plan->c_text, plan->c_len),
                    build->err, PYAOT_E_IO,
                    "cannot write %s: %s; free some "
                    "space or choose another folder with -o DIR",
                    path, strerror(errno));
    memcpy(argv, build->compiler.argv, n * sizeof(*argv));
    argv[n++] = (char *)cli_compiler_level(task->level);
    argv[n] = (char *)build_header_flag(build, task->level, &operand);
    task->has_header = argv[n] != NULL;
    if (task->has_header) {
        argv[n + 1] = operand;
        n += 2;
    }
    argv[n++] = (char *)"-o";
    argv[n++] = so;
    argv[n++] = c;
    argv[n++] = (char *)"-lm";
    argv[n] = NULL;
    say_start(build, plan, task->level);
    BuildJob *job = build->jobs;
    while (job->pid != 0) {
        job++;
    }
    pid_t pid = start_process(build, argv, log);
    if (pid < 0) {
        status = PYAOT_E_COMPILER;
        goto out;
    }
    *job = (BuildJob){.pid = pid, .unit = unit, .started = cli_now()};
    build->n_running++;
out:
    free(path);
    free(operand);
    free(argv);
    free(c);
    free(so);
    free(log);
    return status;
}

static PyaotStatus
complain(Build *build, const CliUnit *unit, const char *log, int wait_status)
{
    StrBuf text;
    size_t len = 0;
    strbuf_init(&text, MAX_MESSAGE_BYTES);
    char *said = cli_read_file(log, MAX_MESSAGE_BYTES, &len);
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
    PyaotStatus status = pyaot_error(build->err, PYAOT_E_COMPILER,
                                     "the compiler %s %s on %s (%.140s); "
                                     "run pyaot doctor, or set CC to another",
                                     build->compiler.name, how, unit->module,
                                     cli_compiler_complaint(&text));
    free(said);
    strbuf_free(&text);
    return status;
}

/* A unit took the compiler too long: once more with less effort, or not at
 * all.
 *
 * again   it is being compiled again */
static PyaotStatus
take_less(Build *build, uint32_t number, bool *again)
{
    const CliUnit *unit = &build->plan->units[number];
    BuildTask *task = &build->tasks[number];
    *again = task->level > 0;
    if (*again) {
        task->level = task->level > 1 ? 1 : 0;
        build_progress_say(build,
                           "%s takes the compiler too long; again at "
                           "%s",
                           unit->module, cli_compiler_level(task->level));
        return start_unit(build, number);
    }
    build->n_given_up++;
    build->n_ended++;
    build_progress_hide(build);
    fprintf(stderr,
            "pyaot: given up %s line %u, %s (%u code objects): the "
            "compiler took too long\n",
            unit->module, unit->codes[0].firstlineno, unit->codes[0].qualname,
            unit->n_codes);
    return PYAOT_OK;
}

static void
note_costs(Build *build, const BuildJob *job)
{
    const BuildTask *task = &build->tasks[job->unit];
    double took = cli_now() - job->started;
    build->progress.took += took;
    build->progress.cost += task->cost;
    if (build->options->verbose) {
        build_progress_hide(build);
        fprintf(stderr, "pyaot: %s took %.2f s\n",
                build->plan->units[job->unit].module, took);
    }
}

/* Take what a compiler has made into the cache. */
static PyaotStatus
keep_object(Build *build, uint32_t unit, const char *so)
{
    PyaotStatus status = PYAOT_OK;
    size_t len = 0;
    char *object = cli_read_file(so, MAX_OBJECT_BYTES, &len);
    PyaotCacheUnitSpec spec;
    StrBuf exits;
    strbuf_init(&exits, 0);
    PYAOT_CHECK_ERR(object != NULL && len > 0, build->err, PYAOT_E_COMPILER,
                    "the compiler %s made nothing of %s; set CC to another",
                    build->compiler.name, build->plan->units[unit].module);
    build_spec(build, unit, &spec);
    PYAOT_TRY(pyaot_exits_link((uint8_t *)object, &len, &exits, build->err));
    PYAOT_TRY(pyaot_cache_writer_add_unit(build->writer, &spec,
                                          (const uint8_t *)object, len,
                                          (const uint8_t *)exits.data,
                                          exits.len, build->err));
    build->tasks[unit].is_done = true;
    build->n_ended++;
    build->n_done++;
out:
    strbuf_free(&exits);
    free(object);
    return status;
}

/* Did it end because of its limit?  A driver says only that what it had
 * started was killed; times are counted in ticks. */
static bool
is_too_long(const Build *build, int wait_status, double seconds)
{
    return (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGXCPU)
           || seconds > 0.95 * build->options->unit_seconds;
}

/* A compiler has ended.
 *
 * seconds   processor time that it took */
static PyaotStatus
end_unit(Build *build, BuildJob *job, int wait_status, double seconds)
{
    PyaotStatus status = PYAOT_OK;
    const BuildJob ended = *job;
    const CliUnit *unit = &build->plan->units[ended.unit];
    BuildTask *task = &build->tasks[ended.unit];
    char *c = cli_text("%s/u%u.c", build->work_dir, ended.unit);
    char *so = cli_text("%s/u%u.so", build->work_dir, ended.unit);
    char *log = cli_text("%s/u%u.log", build->work_dir, ended.unit);
    bool again = false;
    job->pid = 0;
    build->n_running--;
    if (wait_status == 0) {
        note_costs(build, &ended);
        status = keep_object(build, ended.unit, so);
    }
    else if (is_too_long(build, wait_status, seconds)) {
        status = take_less(build, ended.unit, &again);
    }
    else if (task->has_header) {
        /* Its fault, or not: without it we shall know. */
        build_drop_header(build, task->level);
        again = true;
        status = start_unit(build, ended.unit);
    }
    else {
        status = complain(build, unit, log, wait_status);
    }
    if (!again) {
        unlink(c);
        unlink(so);
        unlink(log);
    }
    build_progress_show(build, unit->module);
    free(log);
    free(so);
    free(c);
    return status;
}

/* --- all of them --------------------------------------------------------- */

static void
kill_all(Build *build)
{
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        if (build->jobs[i].pid > 0) {
            kill_group(build->jobs[i].pid);
            build->jobs[i].pid = 0;
        }
    }
    build->n_running = 0;
}

static BuildJob *
find_job(Build *build, pid_t pid)
{
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        if (build->jobs[i].pid == pid) {
            return &build->jobs[i];
        }
    }
    return NULL;
}

static double
cpu_seconds(const struct rusage *used)
{
    return (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec)
           + (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1e6;
}

PyaotStatus
build_compile_queue(Build *build)
{
    PyaotStatus status = PYAOT_OK;
    uint32_t max = (uint32_t)build->options->n_jobs;
    tick(true);
    while (build->n_ended < build->n_queue) {
        if (build_signal != 0) {
            status = interrupted(build);
            goto out;
        }
        if (is_out_of_time(build)) {
            build->is_out_of_time = true;
            goto out;
        }
        if (build->n_running < max && build->n_started < build->n_queue) {
            PYAOT_TRY(start_unit(build, build->queue[build->n_started++]));
            continue;
        }
        int wait_status = 0;
        struct rusage used;
        pid_t pid = wait4(-1, &wait_status, 0, &used);
        if (pid < 0) {
            PYAOT_CHECK_ERR(errno == EINTR, build->err, PYAOT_E_INTERNAL,
                            "lost a compiler: %s", strerror(errno));
            build_progress_show(build, NULL);
            continue;
        }
        BuildJob *job = find_job(build, pid);
        if (job != NULL && build_signal == 0) {
            PYAOT_TRY(end_unit(build, job, wait_status, cpu_seconds(&used)));
        }
        else if (job != NULL) {
            job->pid = 0;
        }
    }
    if (build_signal != 0) {
        status = interrupted(build);
    }
out:
    tick(false);
    kill_all(build);
    return status;
}
