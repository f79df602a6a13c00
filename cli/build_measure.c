/* pyaot build --measure: does the cache win?
 *
 * The recorded commands run as they were, plain and with the cache in turn,
 * the order swapped each time; what counts is processor time, with that of the
 * children they wait for, since other work on the machine disturbs it least.
 * A cache that does not win is replaced by an empty one, with which programs
 * run as without any. */
#include "build_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "profiler/profile_db.h"

struct BuildMeasure {
    ProfileCommand *commands; /* of each profile, the last */
    uint32_t n;
    int n_pairs;
    double *plain, *cached, *ratios; /* by pair */
    int status;   /* of the first run that did not end with 0 */
    bool differs; /* a command ended otherwise with the cache */
};

void
build_measure_free(BuildMeasure *measure)
{
    for (uint32_t i = 0; measure != NULL && i < measure->n; i++) {
        pyaot_profile_command_free(&measure->commands[i]);
    }
    if (measure != NULL) {
        free(measure->commands);
        free(measure->plain);
        free(measure->cached);
        free(measure->ratios);
    }
    free(measure);
}

/* Would the interpreter use a cache? */
static PyaotStatus
check_interpreter(const char *executable, char *err)
{
    PyaotStatus status = PYAOT_OK;
    CliPaths paths = {0};
    CliPython python = {0};
    char *why = NULL;
    PYAOT_CHECK_ERR(cli_paths_init(&paths), err, PYAOT_E_IO,
                    "cannot find my own folder");
    if (!cli_python_try(executable, true, &python, err)) {
        status = PYAOT_E_NOENT;
        goto out;
    }
    why = cli_hook_missing(&paths, &python);
    PYAOT_CHECK_ERR(why == NULL, err, PYAOT_E_UNSUPPORTED, "%s", why);
out:
    free(why);
    cli_python_free(&python);
    cli_paths_free(&paths);
    return status;
}

PyaotStatus
build_measure_prepare(const BuildOptions *options, BuildMeasure **out,
                      char *err)
{
    PyaotStatus status = PYAOT_OK;
    const size_t n = (size_t)options->n_pairs;
    BuildMeasure *measure = calloc(1, sizeof(*measure));
    PYAOT_CHECK_ERR(measure != NULL, err, PYAOT_E_NOMEM, "out of memory");
    measure->n_pairs = options->n_pairs;
    measure->commands = calloc(options->n_inputs, sizeof(*measure->commands));
    measure->plain = calloc(n, sizeof(double));
    measure->cached = calloc(n, sizeof(double));
    measure->ratios = calloc(n, sizeof(double));
    PYAOT_CHECK_ERR(measure->commands != NULL && measure->plain != NULL
                        && measure->cached != NULL && measure->ratios != NULL,
                    err, PYAOT_E_NOMEM, "out of memory");
    for (uint32_t i = 0; i < options->n_inputs; i++) {
        ProfileCommand *command = &measure->commands[i];
        PYAOT_TRY(pyaot_profile_command(options->inputs[i], command, err));
        measure->n++;
        PYAOT_CHECK_ERR(cli_is_dir(command->cwd), err, PYAOT_E_NOENT,
                        "the folder that the program was recorded in is gone "
                        "(%s); run pyaot profile again",
                        command->cwd);
        PYAOT_TRY(check_interpreter(command->executable, err));
    }
    *out = measure;
    measure = NULL;
out:
    build_measure_free(measure);
    return status;
}

/* --- runs ---------------------------------------------------------------- */

static void
run_child(const ProfileCommand *command, const char *cache)
{
    static const char *const unset[] = {"PYAOT", "PYAOT_CACHE", "PYAOT_STATS",
                                        "PYAOT_VERBOSE", "PYAOT_STRESS"};
    for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++) {
        unsetenv(unset[i]);
    }
    if (cache != NULL) {
        setenv("PYAOT_CACHE", cache, 1);
    }
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) {
        dup2(null, fd);
    }
    if (chdir(command->cwd) == 0) {
        execv(command->executable, command->argv);
    }
    _exit(127);
}

static double
seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + 1e-6 * (double)time->tv_usec;
}

/* Processor time of one run; the wait status in *status. */
static double
run_once(const ProfileCommand *command, const char *cache, int *status)
{
    struct rusage usage;
    memset(&usage, 0, sizeof(usage));
    *status = -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(command, cache);
    }
    while (pid > 0 && wait4(pid, status, 0, &usage) < 0 && errno == EINTR) {
    }
    return seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
}

/* One pair of runs of all commands. */
static void
run_pair(BuildMeasure *measure, const char *cache, int number, double *plain,
         double *cached)
{
    *plain = *cached = 0;
    for (uint32_t i = 0; i < measure->n; i++) {
        int status[2];
        double seconds[2];
        for (int k = 0; k < 2; k++) {
            const int with = (k + number) & 1;
            seconds[with] = run_once(&measure->commands[i],
                                     with ? cache : NULL, &status[with]);
        }
        *plain += seconds[0];
        *cached += seconds[1];
        measure->status = status[0] != 0 ? status[0] : measure->status;
        measure->differs |= status[0] != status[1];
    }
}

static int
compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the sorted values, share of the way from the least to the most. */
static double
quantile(const double *sorted, int n, double share)
{
    const double at = share * (n - 1);
    const int low = (int)at;
    const int high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/* --- the verdict --------------------------------------------------------- */

static PyaotStatus
make_empty(const Build *build, char *err)
{
    PyaotStatus status = PYAOT_OK;
    PyaotCacheWriter *writer = NULL;
    const char *abi = build->plan->abi;
    PYAOT_TRY(pyaot_cache_writer_open(build->options->dir, abi,
                                      pyaot_cache_abi_hash(abi),
                                      BUILD_CPU_LEVEL, &writer, err));
    PYAOT_TRY(pyaot_cache_writer_commit(writer, NULL, err));
out:
    pyaot_cache_writer_close(writer);
    return status;
}

static void
print_verdict(const Build *build, const BuildMeasure *measure, bool wins)
{
    const int n = measure->n_pairs;
    const double ratio = quantile(measure->ratios, n, 0.5);
    if (measure->differs) {
        printf("%-10s %8s  the program ends otherwise with the cache, or in "
               "each run: nothing to compare\n",
               "measured", "");
    }
    else {
        printf("%-10s %8.2f  times as fast (%.2f to %.2f): %.3f s plain, "
               "%.3f s with the cache, medians of %d pairs of runs\n",
               "measured", ratio, quantile(measure->ratios, n, 0.25),
               quantile(measure->ratios, n, 0.75),
               quantile(measure->plain, n, 0.5),
               quantile(measure->cached, n, 0.5), n);
    }
    if (measure->status != 0 && !measure->differs) {
        printf("%-10s %8s  the program did not end with status 0\n", "", "");
    }
    if (!wins) {
        printf("%-10s %8s  the cache does not win: %s is empty now, programs "
               "run as without it\n",
               "", "", build->options->dir);
    }
}

PyaotStatus
build_measure_run(Build *build, BuildMeasure *measure)
{
    PyaotStatus status = PYAOT_OK;
    const int n = measure->n_pairs;
    double plain, cached;
    char *cache = realpath(build->options->dir, NULL);
    PYAOT_CHECK_ERR(cache != NULL, build->err, PYAOT_E_IO,
                    "cannot find %s; build again", build->options->dir);
    signal(SIGINT, SIG_DFL); /* the cache is there: nothing to put in order */
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    run_pair(measure, cache, 0, &plain, &cached); /* files get warm */
    for (int i = 0; i < n && !measure->differs; i++) {
        build_progress_say(build, "measuring, pair %d of %d", i + 1, n);
        run_pair(measure, cache, i, &measure->plain[i], &measure->cached[i]);
        measure->ratios[i] = measure->cached[i] > 0
                                 ? measure->plain[i] / measure->cached[i]
                                 : 1;
    }
    build_progress_hide(build);
    qsort(measure->ratios, (size_t)n, sizeof(double), compare_doubles);
    qsort(measure->plain, (size_t)n, sizeof(double), compare_doubles);
    qsort(measure->cached, (size_t)n, sizeof(double), compare_doubles);
    /* In three pairs out of four it must have been faster. */
    const bool wins = !measure->differs
                      && quantile(measure->ratios, n, 0.25) > 1;
    if (!wins) {
        PYAOT_TRY(make_empty(build, build->err));
    }
    if (!build->options->quiet) {
        print_verdict(build, measure, wins);
    }
out:
    free(cache);
    return status;
}
