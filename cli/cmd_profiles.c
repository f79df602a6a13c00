/* pyaot report and pyaot merge: profile databases. */
#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiler/profile_db.h"

enum { OPT_CACHE = CLI_LONG };

static const CliOption REPORT_OPTIONS[] = {
    {'i', "input", "DB", "the profile (default " CLI_DEFAULT_DB ")"},
    {'n', "count", "COUNT", "how many code objects (default 20; 0 = all)"},
    {OPT_CACHE, "cache", "DIR",
     "the cache to compare with (default " CLI_DEFAULT_CACHE ")"},
    {'v', "verbose", NULL, "name functions that are no longer as recorded"},
    {0},
};

static const CliOption MERGE_OPTIONS[] = {
    {'o', "output", "DB", "database to add to; made if missing"},
    {0},
};

/* By the time it took, longest first. */
static int
compare_times(const void *a, const void *b, void *arg)
{
    const CliPlan *plan = arg;
    const double x = plan->worth[*(const uint32_t *)a].run_ns;
    const double y = plan->worth[*(const uint32_t *)b].run_ns;
    return (x < y) - (x > y);
}

static void
report_code(const CliPlan *plan, uint32_t at, const CliWorthSum *sum)
{
    const ProfileCode *code = &plan->codes[at];
    const CliWorth *worth = &plan->worth[at];
    uint32_t n_sites = 0;
    for (uint32_t r = 0; r < code->n_rows; r++) {
        n_sites += r == 0 || code->rows[r].offset != code->rows[r - 1].offset;
    }
    const double seconds = worth->run_ns * sum->second;
    printf("%6.1f%% %6.0f%% %12" PRIu64 " %12" PRIu64 " %12" PRIu64
           " %6u  %s (%s)\n",
           sum->run_seconds > 0 ? 100 * seconds / sum->run_seconds : 0,
           worth->run_ns > 0 ? 100 * worth->covered_ns / worth->run_ns : 0,
           code->entries, code->back_edges, code->resumes, n_sites,
           code->qualname, code->filename);
}

static void
report_codes(const CliPlan *plan, const CliWorthSum *sum, uint32_t max,
             Arena *arena)
{
    const uint32_t n = plan->n_profiled;
    uint32_t *order = ARENA_NEW_ARRAY(arena, uint32_t, n + 1);
    if (order == NULL) {
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
    }
    qsort_r(order, n, sizeof(*order), compare_times, (void *)plan);
    printf("%7s %7s %12s %12s %12s %6s  %s\n", "time", "native", "entries",
           "back-edges", "resumes", "sites", "code");
    for (uint32_t i = 0; i < n && i < max; i++) {
        report_code(plan, order[i], sum);
    }
    if (n > max) {
        printf("and %u more; -n 0 shows all\n", n - max);
    }
}

static int
report(const char *db, const char *dir, uint32_t max, bool verbose)
{
    Arena arena;
    CliPlan plan = {0};
    CliWorthSum sum = {0};
    ProfileTotals totals;
    char err[PYAOT_ERR_MAX];
    arena_init(&arena, CLI_PLAN_MAX_BYTES);
    int status = CLI_EXIT_OK;
    if (pyaot_profile_totals(db, &totals, err) != PYAOT_OK
        || cli_plan(db, cli_everything(), NULL, &(CliDump){0}, &arena, &plan,
                    err)
               != PYAOT_OK) {
        status = cli_fail("%s", err);
    }
    else {
        printf("%s: %" PRIu64 " runs, %.1f s, %" PRIu64
               " code objects, %" PRIu64 " sites, %" PRIu64 " samples\n",
               db, totals.runs, totals.seconds, totals.codes, totals.sites,
               totals.samples);
        cli_tell_stale(db, db, NULL, plan.codes, plan.n_profiled, verbose);
        if (cli_worth_sum(db, &plan, &sum)) {
            cli_worth_report(&plan, &sum, dir);
        }
        report_codes(&plan, &sum, max, &arena);
    }
    arena_free(&arena);
    return status;
}

int
cmd_report(int argc, char **argv)
{
    CliArgs args;
    const char *db = CLI_DEFAULT_DB;
    const char *dir = CLI_DEFAULT_CACHE;
    uint32_t max = 20;
    bool verbose = false;
    int id;
    cli_args_init(&args, argc, argv, REPORT_OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        char *end = NULL;
        switch (id) {
        case 'i':
            db = args.value;
            break;
        case 'n':
            max = (uint32_t)strtoul(args.value, &end, 10);
            if (end == args.value || *end != '\0') {
                return cli_usage(argv[0], "-n needs a number, not %s",
                                 args.value);
            }
            max = max ? max : UINT32_MAX;
            break;
        case 'v':
            verbose = true;
            break;
        case OPT_CACHE:
            dir = args.value;
            break;
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default:
            return args.exit;
        }
    }
    return report(db, dir, max, verbose);
}

int
cmd_merge(int argc, char **argv)
{
    CliArgs args;
    const char *into = NULL;
    const char **from = calloc((size_t)argc, sizeof(*from));
    char err[PYAOT_ERR_MAX];
    size_t n = 0;
    int id;
    if (from == NULL) {
        return cli_fail("out of memory");
    }
    cli_args_init(&args, argc, argv, MERGE_OPTIONS);
    while ((id = cli_args_next(&args)) != CLI_END) {
        switch (id) {
        case 'o':
            into = args.value;
            break;
        case CLI_OPERAND:
            from[n++] = args.value;
            break;
        default:
            free(from);
            return args.exit;
        }
    }
    int status = CLI_EXIT_OK;
    if (n == 0 || into == NULL) {
        status = cli_usage("merge", n == 0 ? "no database given"
                                           : "no output given (-o DB)");
    }
    for (size_t i = 0; i < n && status == CLI_EXIT_OK; i++) {
        char *a = realpath(from[i], NULL);
        char *b = realpath(into, NULL);
        if (a != NULL && b != NULL && strcmp(a, b) == 0) {
            status = cli_fail("%s is input and output; name another output "
                              "with -o DB",
                              from[i]);
        }
        free(a);
        free(b);
    }
    for (size_t i = 0; i < n && status == CLI_EXIT_OK; i++) {
        if (pyaot_profile_merge(from[i], into, err) != PYAOT_OK) {
            status = cli_fail("%s", err);
        }
    }
    if (status == CLI_EXIT_OK) {
        printf("%s: %zu profile%s added\n", into, n, n == 1 ? "" : "s");
    }
    free(from);
    return status;
}
