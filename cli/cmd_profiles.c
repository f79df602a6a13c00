/* pyaot report and pyaot merge: profile databases. */
#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiler/profile_db.h"

static const CliOption REPORT_OPTIONS[] = {
    {'i', "input", "DB", "the profile (default " CLI_DEFAULT_DB ")"},
    {'n', "count", "COUNT", "how many code objects (default 20; 0 = all)"},
    {'v', "verbose", NULL, "name functions that are no longer as recorded"},
    {0},
};

static const CliOption MERGE_OPTIONS[] = {
    {'o', "output", "DB", "database to add to; made if missing"},
    {0},
};

static void
report_codes(const ProfileCode *codes, uint32_t n_codes, uint32_t max)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < n_codes; i++) {
        total += codes[i].weight;
    }
    printf("%7s %12s %12s %12s %6s  %s\n", "share", "entries", "back-edges",
           "resumes", "sites", "code");
    for (uint32_t i = 0; i < n_codes && i < max; i++) {
        const ProfileCode *code = &codes[i];
        uint32_t n_sites = 0;
        for (uint32_t r = 0; r < code->n_rows; r++) {
            n_sites += r == 0
                       || code->rows[r].offset != code->rows[r - 1].offset;
        }
        double share = total ? 100.0 * (double)code->weight / (double)total
                             : 0;
        printf("%6.1f%% %12" PRIu64 " %12" PRIu64 " %12" PRIu64
               " %6u  %s (%s)\n",
               share, code->entries, code->back_edges, code->resumes, n_sites,
               code->qualname, code->filename);
    }
    if (n_codes > max) {
        printf("and %u more; -n 0 shows all\n", n_codes - max);
    }
}

int
cmd_report(int argc, char **argv)
{
    CliArgs args;
    const char *db = CLI_DEFAULT_DB;
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
        case CLI_OPERAND:
            return cli_usage(argv[0], "unexpected argument %s", args.value);
        default:
            return args.exit;
        }
    }
    Arena arena;
    ProfileCode *codes = NULL;
    ProfileTotals totals;
    uint32_t n_codes = 0;
    char err[PYAOT_ERR_MAX];
    arena_init(&arena, 0);
    int status = CLI_EXIT_OK;
    if (pyaot_profile_load(db, &arena, &codes, &n_codes, err) != PYAOT_OK
        || pyaot_profile_totals(db, &totals, err) != PYAOT_OK) {
        status = cli_fail("%s", err);
    }
    else {
        printf("%s: %" PRIu64 " runs, %.1f s, %" PRIu64
               " code objects, %" PRIu64 " sites, %" PRIu64 " samples\n",
               db, totals.runs, totals.seconds, totals.codes, totals.sites,
               totals.samples);
        cli_tell_stale(db, db, NULL, codes, n_codes, verbose);
        report_codes(codes, n_codes, max);
    }
    arena_free(&arena);
    return status;
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
