/* How far a build is, and how long it will take.
 *
 * From the first moment: what a unit takes is estimated from its size and
 * level, and the estimate is corrected by what units have really taken on this
 * machine.  On a terminal it is one line that is written again and again;
 * elsewhere a line now and then, if the build takes long enough for somebody
 * to wonder. */
#include "build_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    BAR_CELLS = 24,
    NAME_CHARS = 40,
    FIRST_LINE_SECONDS = 2, /* without a terminal */
    LINE_SECONDS = 10,
};

/* Found with gcc 12 and clang 14 on units of this project; only a beginning,
 * since machines differ by more than that. */
#define UNIT_SECONDS 0.08
static const double MICROSECONDS_PER_BYTE[CLI_LEVELS] = {1.2, 4, 7, 9};
/* So many seconds' worth of units until what is found counts as much as that.
 */
#define PRIOR_SECONDS 0.1

void
build_progress_start(Build *build)
{
    build->progress.started = build->progress.told = cli_now();
    build->progress.has_bar = !build->options->quiet
                              && isatty(STDERR_FILENO) == 1;
}

double
build_progress_cost(size_t c_len, int level)
{
    return UNIT_SECONDS + (double)c_len * MICROSECONDS_PER_BYTE[level] / 1e6;
}

static double
unit_left(const Build *build, uint32_t unit, double factor, double now)
{
    double left = build->tasks[unit].cost * factor;
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        if (build->jobs[i].pid != 0 && build->jobs[i].unit == unit) {
            /* One that is late already may go on for a while. */
            double late = (now - build->jobs[i].started) / 4;
            left -= now - build->jobs[i].started;
            left = left < late ? late : left;
        }
    }
    return left;
}

/* How many times longer than thought units take here: those that are ready,
 * and those that are late already. */
static double
slowness(const Build *build, double now)
{
    double took = build->progress.took + PRIOR_SECONDS;
    double cost = build->progress.cost + PRIOR_SECONDS;
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        const BuildJob *job = &build->jobs[i];
        double thought = job->pid != 0 ? build->tasks[job->unit].cost : 0;
        if (job->pid != 0 && now - job->started > thought) {
            took += now - job->started;
            cost += thought;
        }
    }
    return took / cost;
}

double
build_progress_left(const Build *build)
{
    double now = cli_now(), sum = 0, most = 0;
    const double factor = slowness(build, now);
    for (uint32_t i = 0; i < build->n_queue; i++) {
        double left = 0;
        if (i >= build->n_started) {
            left = build->tasks[build->queue[i]].cost * factor;
        }
        sum += left;
        most = left > most ? left : most;
    }
    for (int i = 0; i < BUILD_MAX_JOBS; i++) {
        if (build->jobs[i].pid != 0) {
            double left = unit_left(build, build->jobs[i].unit, factor, now);
            sum += left;
            most = left > most ? left : most;
        }
    }
    sum /= build->options->n_jobs;
    return sum > most ? sum : most;
}

const char *
build_seconds_text(double seconds, char text[32])
{
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole < 100) {
        snprintf(text, 32, "%lu s", whole);
    }
    else if (whole < 3600) {
        snprintf(text, 32, "%lu min %lu s", whole / 60, whole % 60);
    }
    else {
        snprintf(text, 32, "%lu h %lu min", whole / 3600, whole / 60 % 60);
    }
    return text;
}

static void
show_bar(const Build *build, const char *left, const char *what)
{
    uint32_t total = build->plan->n_units ? build->plan->n_units : 1;
    uint32_t full = BAR_CELLS * build->n_done / total;
    char cells[BAR_CELLS + 1];
    for (uint32_t i = 0; i < BAR_CELLS; i++) {
        cells[i] = i < full ? '#' : '.';
    }
    cells[BAR_CELLS] = '\0';
    fprintf(stderr, "\r[%s] %u/%u units, about %s left  %.*s\x1b[K", cells,
            build->n_done, build->plan->n_units, left, NAME_CHARS, what);
    fflush(stderr);
}

void
build_progress_show(Build *build, const char *what)
{
    BuildProgress *progress = &build->progress;
    char text[32];
    double now = cli_now(), left = build_progress_left(build);
    if (build->options->quiet) {
        return;
    }
    progress->what = what != NULL ? what : progress->what;
    build_seconds_text(left, text);
    if (progress->has_bar) {
        show_bar(build, text, progress->what != NULL ? progress->what : "");
        return;
    }
    bool is_first = progress->told == progress->started;
    if (now - progress->told < (is_first ? FIRST_LINE_SECONDS : LINE_SECONDS)
        || left < FIRST_LINE_SECONDS) {
        return;
    }
    progress->told = now;
    fprintf(stderr, "pyaot: %u of %u units, about %s left\n", build->n_done,
            build->plan->n_units, text);
}

void
build_progress_say(Build *build, const char *fmt, ...)
{
    va_list args;
    if (!build->progress.has_bar && !build->options->verbose) {
        return;
    }
    build_progress_hide(build);
    fputs(build->progress.has_bar ? "" : "pyaot: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    if (!build->progress.has_bar || build->options->verbose) {
        fputc('\n', stderr);
    }
    fflush(stderr);
}

void
build_progress_hide(const Build *build)
{
    if (build->progress.has_bar) {
        fputs("\r\x1b[K", stderr);
        fflush(stderr);
    }
}
