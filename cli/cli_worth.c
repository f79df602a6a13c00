/* Is it worth it?  What the recorded runs took, and what they would take with
 * the cache, by the compiler's estimate. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/profile_db.h"

/* What a start with a cache costs: the loader, then each code object that it
 * recognises. */
static const double START_SECONDS = 0.001;
static const double CODE_SECONDS = 0.00002;
/* Less than this share is not worth it: estimates are no better. */
static const double LEAST_SHARE = 0.03;

bool
cli_worth_sum(const char *db, const CliPlan *plan, CliWorthSum *sum)
{
    ProfileTotals totals;
    double ns = 0;
    char err[PYAOT_ERR_MAX];
    memset(sum, 0, sizeof(*sum));
    if (pyaot_profile_totals(db, &totals, err) != PYAOT_OK
        || totals.cpu_seconds <= 0) {
        return false;
    }
    for (uint32_t i = 0; i < plan->n_profiled; i++) {
        ns += plan->worth[i].run_ns;
    }
    sum->runs = totals.runs;
    sum->run_seconds = totals.cpu_seconds;
    /* The compiler's nanoseconds are those of another machine. */
    sum->second = 1e-9
                  * (totals.turn_ns > 0 ? totals.turn_ns / plan->turn_ns : 1);
    if (ns * sum->second > sum->run_seconds) {
        sum->second = sum->run_seconds / ns;
    }
    for (uint32_t i = 0; i < plan->n_profiled; i++) {
        const CliWorth *worth = &plan->worth[i];
        sum->covered_seconds += worth->covered_ns * sum->second;
        sum->saved_seconds += (worth->covered_ns - worth->native_ns)
                              * sum->second;
    }
    sum->start_seconds = (double)sum->runs
                         * (START_SECONDS + CODE_SECONDS * plan->n_codes);
    return true;
}

/* "3.2 ms", "1.24 s" */
static const char *
seconds_text(double seconds, char text[32])
{
    snprintf(text, 32, seconds < 0.1 ? "%.1f ms" : "%.2f s",
             seconds < 0.1 ? 1000 * seconds : seconds);
    return text;
}

void
cli_worth_print(const char *db, const CliPlan *plan)
{
    CliWorthSum sum;
    if (plan->n_superblocks == 0 || !cli_worth_sum(db, plan, &sum)) {
        return; /* that has been said, or nothing is known */
    }
    const double saved = sum.saved_seconds - sum.start_seconds;
    const char *runs = sum.runs == 1 ? "the recorded run"
                                     : "the recorded runs";
    char some[32], all[32];
    seconds_text(sum.run_seconds, all);
    if (saved < LEAST_SHARE * sum.run_seconds) {
        printf("%-10s %8s  not worth it, by estimate: what is compiled is %s "
               "of the %s of %s\n",
               "expected", "", seconds_text(sum.covered_seconds, some), all,
               runs);
        printf("%-10s %8s  run without a cache; pyaot report says where the "
               "time goes, pyaot build --measure tries it\n",
               "", "");
        return;
    }
    printf("%-10s %8s  less than the %s of %s, by estimate: %.1f times as "
           "fast\n",
           "expected", seconds_text(saved, some), all, runs,
           sum.run_seconds / (sum.run_seconds - saved));
}

/* --- where the time goes ------------------------------------------------- */

enum { MAX_REASONS = 32 };

typedef struct {
    const char *why;
    double seconds;
} Reason;

static int
compare_reasons(const void *a, const void *b)
{
    const double x = ((const Reason *)a)->seconds;
    const double y = ((const Reason *)b)->seconds;
    return (x < y) - (x > y);
}

static void
add_reason(Reason reasons[MAX_REASONS], const char *why, double seconds)
{
    for (int i = 0; i < MAX_REASONS; i++) {
        if (reasons[i].why == NULL || strcmp(reasons[i].why, why) == 0) {
            reasons[i].why = why;
            reasons[i].seconds += seconds;
            return;
        }
    }
}

static int
compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, PYAOT_KEY_BYTES);
}

/* The keys of a cache's code objects, in order; malloc'ed, NULL if there is no
 * cache. */
static PyaotKey *
keys_of_cache(const char *dir, uint32_t *n)
{
    PyaotCache *cache = NULL;
    char err[PYAOT_ERR_MAX];
    *n = 0;
    if (pyaot_cache_open(dir, NULL, 0, &cache, err) != PYAOT_OK) {
        return NULL;
    }
    const PyaotCacheCode *codes = pyaot_cache_codes(cache, n);
    PyaotKey *keys = calloc((size_t)*n + 1, sizeof(*keys));
    for (uint32_t i = 0; keys != NULL && i < *n; i++) {
        memcpy(keys[i].bytes, codes[i].key, PYAOT_KEY_BYTES);
    }
    pyaot_cache_close(cache);
    if (keys != NULL) {
        qsort(keys, *n, sizeof(*keys), compare_keys);
    }
    return keys;
}

static void
print_share(double seconds, const CliWorthSum *sum, const char *what,
            const char *why)
{
    printf("%7.1f%%  %s%s\n", 100 * seconds / sum->run_seconds, what, why);
}

void
cli_worth_report(const CliPlan *plan, const CliWorthSum *sum, const char *dir)
{
    Reason reasons[MAX_REASONS] = {0};
    uint32_t n_keys = 0;
    PyaotKey *keys = keys_of_cache(dir, &n_keys);
    double native = 0, planned = 0, known = 0;
    for (uint32_t i = 0; i < plan->n_profiled; i++) {
        const CliWorth *worth = &plan->worth[i];
        const double covered = worth->covered_ns * sum->second;
        const double rest = worth->run_ns * sum->second - covered;
        const bool has = keys != NULL
                         && bsearch(&plan->codes[i].key, keys, n_keys,
                                    sizeof(*keys), compare_keys)
                                != NULL;
        *(has ? &native : &planned) += covered;
        known += covered + rest;
        if (rest > 0) {
            add_reason(reasons, worth->why[0] ? worth->why : "in part only",
                       rest);
        }
    }
    free(keys);
    char all[32];
    printf("%s of processor time, by estimate:\n",
           seconds_text(sum->run_seconds, all));
    if (n_keys > 0) {
        print_share(native, sum, "native with ", dir);
    }
    if (planned > 0 || n_keys == 0) {
        print_share(planned, sum, "native after pyaot build", "");
    }
    qsort(reasons, MAX_REASONS, sizeof(*reasons), compare_reasons);
    for (int i = 0; i < MAX_REASONS && reasons[i].why != NULL; i++) {
        const bool is_cold = strcmp(reasons[i].why, plan->cold) == 0;
        print_share(reasons[i].seconds, sum,
                    is_cold ? "could be native, recorded for longer: "
                            : "interpreted: ",
                    reasons[i].why);
    }
    print_share(sum->run_seconds > known ? sum->run_seconds - known : 0, sum,
                "C code, start-up, and what was too cold to be recorded", "");
}
