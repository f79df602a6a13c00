/* pyaot build: plan, compile each unit with the system's compiler, write the
 * cache.
 *
 * The old cache stays valid until the new index is in place, so that a
 * failing compiler, a full disk, Ctrl-C and kill -9 lose nothing. */
#include "build_int.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_DUMP = CLI_LONG,
    OPT_ONLY,
    OPT_PYTHON,
    OPT_FORCE,
    OPT_STRESS,
    OPT_EVERYTHING,
    OPT_SOURCE,
    OPT_MAX_SECONDS,
    OPT_UNIT_SECONDS,
    OPT_MEASURE,
    OPT_PAIRS,
};

enum {
    /* Of processor time.  Units are cut so that they take a few at most; what
     * takes longer is one giant function, on which compilers are slow. */
    BUILD_UNIT_SECONDS = 60,
    BUILD_EVERYTHING_UNIT_SECONDS = 120,
    BUILD_MAX_SECONDS = 1000000,
    BUILD_PAIRS = 5,
    BUILD_MAX_PAIRS = 1000,
};

static const CliOption OPTIONS[] = {
    {'i', "input", "DB",
     "the profile (default " CLI_DEFAULT_DB "); several: for all of them"},
    {'o', "output", "DIR", "the cache (default " CLI_DEFAULT_CACHE ")"},
    {'j', "jobs", "N", "compilers at a time (default: one per CPU)"},
    {OPT_MAX_SECONDS, "max-seconds", "N",
     "stop after this time; what is hottest is compiled first, and what is "
     "ready is the cache"},
    {OPT_UNIT_SECONDS, "unit-seconds", "N",
     "processor time for one run of the compiler (default 60), then again "
     "with less effort"},
    {OPT_MEASURE, "measure", NULL,
     "then RUN THE RECORDED PROGRAM 12 TIMES, plain and with the cache in "
     "turn, in its folder and without input, and keep the cache only if it "
     "wins; not for programs that must not be run again"},
    {OPT_PAIRS, "pairs", "N",
     "for --measure: pairs of runs that count (default 5; one more goes "
     "first)"},
    {'v', "verbose", NULL, "say what is done"},
    {'q', "quiet", NULL, "print nothing but errors"},
    {OPT_FORCE, "force", NULL, "compile also what has not changed"},
    {OPT_DUMP, "dump", "PASSES",
     "print the IR after passes, by letter (all = each; C = the C text)"},
    {OPT_ONLY, "only", "NAME", "dump only this function (qualified name)"},
    {'O', "optimize", "LEVEL",
     "of the C compiler: 0 to 3 (default 2, less for what is cold; with "
     "--everything 0)"},
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
    uint8_t common[PYAOT_HASH_BYTES];
    if (plan->n_units > 0) {
        PYAOT_TRY(build_find_compiler(build));
        PYAOT_TRY(build_make_tasks(build, arena, common));
    }
    PYAOT_TRY(pyaot_cache_writer_open(build->options->dir, plan->abi,
                                      pyaot_cache_abi_hash(plan->abi),
                                      BUILD_CPU_LEVEL, &build->writer,
                                      build->err));
    build_catch_signals();
    build_note_lost(build);
    PYAOT_TRY(build_sort_units(build, arena));
    if (build->n_queue > 0) {
        build_progress_show(build, NULL);
        PYAOT_TRY(build_prepare_compiler(build));
        build_find_headers(build, common);
        build_progress_show(build, NULL);
        PYAOT_TRY(build_compile_queue(build));
    }
    PYAOT_TRY(pyaot_cache_writer_commit(build->writer, stats, build->err));
out:
    build_progress_hide(build);
    pyaot_cache_writer_close(build->writer);
    build_free_headers(build);
    cli_compiler_free(&build->compiler);
    cli_paths_free(&build->paths);
    free(build->include);
    return status;
}

/* What the time did not suffice for. */
static void
build_print_left_out(const Build *build)
{
    uint64_t left = 0;
    uint32_t n_left = build->plan->n_units - build->n_done - build->n_given_up;
    for (uint32_t i = 0; i < build->plan->n_units; i++) {
        left += build->tasks[i].is_done ? 0 : build->plan->units[i].weight;
    }
    if (build->n_given_up > 0) {
        printf("%-10s %8u  units that took the compiler too long\n",
               "given up", build->n_given_up);
    }
    if (n_left > 0) {
        printf("%-10s %8u  units with %.1f%% of all events; build again to "
               "go on\n",
               "left out", n_left,
               100.0 * (double)left
                   / (double)(build->weight ? build->weight : 1));
    }
}

static void
build_print_table(const Build *build, const PyaotCacheWriteStats *stats)
{
    const CliPlan *plan = build->plan;
    char size[32];
    printf("%-10s %8u  superblocks of %u code objects\n", "built",
           plan->n_superblocks, plan->n_codes);
    printf("%-10s %8u\n", "refused", plan->n_refused);
    for (uint32_t i = 0; i < plan->n_refusals; i++) {
        printf("%-10s %8u  %s\n", "", plan->refusals[i].count,
               plan->refusals[i].text);
    }
    printf("%-10s %8u  %u compiled, %u unchanged\n", "units", stats->n_units,
           stats->n_added, stats->n_reused);
    build_print_left_out(build);
    printf("%-10s %8.2f s\n", "time", cli_now() - build->progress.started);
    printf("%-10s %8s  in %s\n", "size",
           cli_size_text(stats->total_bytes, size), build->options->dir);
    if (plan->n_superblocks == 0) {
        printf("nothing was hot enough to compile; run longer or more often "
               "under pyaot profile\n");
    }
}

static int
build_run(BuildOptions *options)
{
    Arena arena;
    CliPlan plan = {0};
    PyaotCacheWriteStats stats = {0};
    Build *build = calloc(1, sizeof(*build));
    if (build == NULL) {
        return cli_fail("out of memory");
    }
    arena_init(&arena, CLI_PLAN_MAX_BYTES);
    build->options = options;
    build->plan = &plan;
    build_progress_start(build);
    build_progress_say(build, "planning");
    PyaotStatus status = build_open_inputs(options, build->err);
    BuildMeasure *measure = NULL;
    if (status == PYAOT_OK && options->measure) {
        status = build_measure_prepare(options, &measure, build->err);
    }
    if (status == PYAOT_OK) {
        status = cli_plan(options->db, options->everything, options->source,
                          &options->dump, &arena, &plan, build->err);
    }
    if (status == PYAOT_OK) {
        status = build_all(build, &arena, &stats);
    }
    int exit_status = CLI_EXIT_OK;
    if (status == PYAOT_OK && !options->quiet) {
        build_print_table(build, &stats);
        cli_worth_print(options->db, &plan);
        cli_tell_stale(options->db, options->shown, options->python,
                       plan.codes, plan.n_profiled, options->verbose);
    }
    if (status == PYAOT_OK) {
        build_tell_lost(build);
    }
    if (status == PYAOT_OK && measure != NULL && plan.n_superblocks > 0) {
        fflush(stdout);
        status = build_measure_run(build, measure);
    }
    build_measure_free(measure);
    build_close_inputs(options, build->err);
    if (status != PYAOT_OK) {
        exit_status = cli_fail("%s", build->err[0]
                                         ? build->err
                                         : pyaot_status_text(status));
        if (status == PYAOT_E_INTERRUPTED) {
            exit_status = CLI_EXIT_INTERRUPTED;
        }
    }
    arena_free(&arena);
    free(build);
    return exit_status;
}

static int
build_cpu_count(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > BUILD_MAX_JOBS ? BUILD_MAX_JOBS : n;
}

/* The value of an option that is a number; false after saying what is wrong.
 */
static bool
build_number(const char *command, const char *option, const char *text,
             int max, int *value)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > max) {
        cli_usage(command, "%s needs a number from 1 to %d, not %s", option,
                  max, text);
        return false;
    }
    *value = (int)number;
    return true;
}

/* 0, or an exit status; *run: nothing is left to say. */
static int
build_read_options(int argc, char **argv, BuildOptions *options, bool *run)
{
    CliArgs args;
    int id, seconds = 0;
    cli_args_init(&args, argc, argv, OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        bool ok = true;
        switch (id) {
        case 'i':
            options->inputs[options->n_inputs++] = args.value;
            break;
        case 'o':
            options->dir = args.value;
            break;
        case 'v':
            options->verbose = true;
            break;
        case 'q':
            options->quiet = true;
            break;
        case OPT_FORCE:
            options->force = true;
            break;
        case OPT_STRESS:
            options->flags.stress = true;
            break;
        case OPT_SOURCE:
            options->source = args.value;
            break;
        case OPT_EVERYTHING:
            options->everything = true;
            break;
        case 'O':
            if (args.value[0] < '0' || args.value[0] > '3'
                || args.value[1] != '\0') {
                return cli_usage(argv[0], "-O needs 0, 1, 2 or 3, not %s",
                                 args.value);
            }
            options->level = args.value[0] - '0';
            break;
        case OPT_DUMP:
            options->dump.what = args.value;
            break;
        case OPT_ONLY:
            options->dump.only = args.value;
            break;
        case OPT_PYTHON:
            options->python = args.value;
            break;
        case 'j':
            ok = build_number(argv[0], "-j", args.value, BUILD_MAX_JOBS,
                              &options->n_jobs);
            break;
        case OPT_MEASURE:
            options->measure = true;
            break;
        case OPT_PAIRS:
            ok = build_number(argv[0], "--pairs", args.value, BUILD_MAX_PAIRS,
                              &options->n_pairs);
            break;
        case OPT_MAX_SECONDS:
            ok = build_number(argv[0], "--max-seconds", args.value,
                              BUILD_MAX_SECONDS, &seconds);
            options->max_seconds = seconds;
            break;
        case OPT_UNIT_SECONDS:
            ok = build_number(argv[0], "--unit-seconds", args.value,
                              BUILD_MAX_SECONDS, &options->unit_seconds);
            break;
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default:
            return args.exit;
        }
        if (!ok) {
            return CLI_EXIT_USAGE;
        }
    }
    if (options->unit_seconds == 0) {
        options->unit_seconds = options->everything
                                    ? BUILD_EVERYTHING_UNIT_SECONDS
                                    : BUILD_UNIT_SECONDS;
    }
    *run = true;
    return CLI_EXIT_OK;
}

int
cmd_build(int argc, char **argv)
{
    bool run = false;
    BuildOptions options = {
        .inputs = calloc((size_t)argc + 1, sizeof(*options.inputs)),
        .dir = CLI_DEFAULT_CACHE,
        .level = -1,
        .n_jobs = build_cpu_count(),
        .n_pairs = BUILD_PAIRS,
        .everything = cli_everything(),
    };
    if (options.inputs == NULL) {
        return cli_fail("out of memory");
    }
    int status = build_read_options(argc, argv, &options, &run);
    if (run) {
        status = build_run(&options);
    }
    free(options.inputs);
    return status;
}
