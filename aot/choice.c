/* Which code objects are worth compiling. */
#include "driver_int.h"

#include <string.h>

/* Large code needs more executions to repay its compilation and loading:
 * events for each code unit below which it stays interpreted. */
#define MIN_WEIGHT_PER_UNIT 2
/* Of large programs, where all that is hot is more bytecode than this, a code
 * object with less than one in so many of all events stays interpreted: it
 * could not make the program measurably faster.  Here alone estimates decide,
 * which differ between profiles of one program. */
#define MAX_HOT_UNITS 30000
#define MIN_WEIGHT_SHARE 500
/* Where more than so much bytecode is hot, the C compiler does its best only
 * for code objects with one in so many of all events: that makes them a tenth
 * faster at most, and takes twice the time.  Estimates count here, so near
 * this share recordings of one program may differ in it. */
#define MAX_BEST_UNITS 4000
#define BEST_WEIGHT_SHARE 100

/* What was counted one by one decides: that is the same in each profile of a
 * deterministic program. */
static bool
is_light(const ProfileCode *profile, uint32_t n_units)
{
    return profile->exact < MIN_WEIGHT_PER_UNIT * (uint64_t)n_units
           && profile->most < PROFILE_EXACT_EVENTS;
}

bool
choice_is_frozen(const char *filename)
{
    return strncmp(filename, "<frozen ", 8) == 0;
}

/* The import system itself has done much of its work before a loader can be
 * there, and what is left mostly asks the file system. */
static bool
is_import(const char *filename)
{
    return strncmp(filename, "<frozen importlib.", 18) == 0;
}

bool
choice_is_cold(const Driver *d, const ProfileCode *profile)
{
    return !d->options->everything && profile->entries < MIN_ENTRIES
           && profile->back_edges < MIN_BACK_EDGES
           && profile->resumes < MIN_RESUMES;
}

bool
choice_is_lukewarm(const Driver *d, const ProfileCode *profile)
{
    return profile->most < PROFILE_EXACT_EVENTS
           || (d->n_units > MAX_BEST_UNITS
               && profile->weight < d->total_weight / BEST_WEIGHT_SHARE);
}

/* Too much is hot to compile it all: leave out what matters least. */
static void
drop_small_shares(Driver *d)
{
    if (d->options->everything || d->n_units <= MAX_HOT_UNITS) {
        return;
    }
    uint32_t kept = 0;
    d->n_units = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        if (d->codes[i].profile->weight < d->total_weight / MIN_WEIGHT_SHARE) {
            d->refused[BAIL_COLD]++;
        }
        else {
            d->n_units += d->codes[i].image->n_units;
            d->codes[kept++] = d->codes[i];
        }
    }
    d->n = kept;
}

PyaotStatus
choose_codes(Driver *d, const ProfileCode *codes, uint32_t n, AotPlan *plan,
             char *err)
{
    d->codes = ARENA_NEW_ARRAY(d->arena, Code, n + 1);
    d->callees = ARENA_NEW_ARRAY(d->arena, CalleeInfo, n + 1);
    if (d->codes == NULL || d->callees == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        d->total_weight += codes[i].weight;
    }
    for (uint32_t i = 0; i < n; i++) {
        Code *c = &d->codes[d->n];
        bool everything = d->options->everything;
        if (!everything
            && (choice_is_cold(d, &codes[i])
                || is_import(codes[i].filename))) {
            d->refused[BAIL_COLD]++;
            continue;
        }
        PyaotStatus s = pyaot_image_parse(codes[i].image, codes[i].image_len,
                                          d->arena, &c->image);
        if (s == PYAOT_E_NOMEM || s == PYAOT_E_LIMIT) {
            return s;
        }
        if (s == PYAOT_OK) {
            c->bc = bytecode_decode(c->image, d->arena);
        }
        if (s != PYAOT_OK || c->bc == NULL) {
            d->refused[BAIL_INVALID]++;
            memset(c, 0, sizeof *c);
            continue;
        }
        if (plan->abi == NULL) {
            plan->abi = c->image->abi;
        }
        else if (strcmp(plan->abi, c->image->abi) != 0) {
            return pyaot_error(err, PYAOT_E_ABI,
                               "the profile mixes %s and %s; "
                               "record one interpreter to a database",
                               plan->abi, c->image->abi);
        }
        if (!everything && is_light(&codes[i], c->image->n_units)) {
            d->refused[BAIL_COLD]++;
            memset(c, 0, sizeof *c);
            continue;
        }
        c->profile = &codes[i];
        choose_signature(d, c);
        d->n_units += c->image->n_units;
        d->n++;
    }
    drop_small_shares(d);
    for (uint32_t i = 0; i < n && plan->abi == NULL; i++) {
        PyaotImage *image; /* nothing hot: still say for which interpreter */
        if (pyaot_image_parse(codes[i].image, codes[i].image_len, d->arena,
                              &image)
            == PYAOT_OK) {
            plan->abi = image->abi;
        }
    }
    return PYAOT_OK;
}
