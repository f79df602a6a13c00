/* The pipeline for a whole profile. */
#include "driver_int.h"

#include <string.h>

static PyaotStatus
sum_refusals(Driver *d, AotPlan *plan)
{
    plan->refusals = ARENA_NEW_ARRAY(d->arena, AotRefusal, BAIL_COUNT);
    if (plan->refusals == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t k = 1; k < BAIL_COUNT; k++) {
        if (d->refused[k] == 0) {
            continue;
        }
        uint32_t at = plan->n_refusals++;
        for (; at > 0 && plan->refusals[at - 1].count < d->refused[k]; at--) {
            plan->refusals[at] = plan->refusals[at - 1];
        }
        plan->refusals[at] = (AotRefusal){bail_text[k], d->refused[k]};
        plan->n_refused += d->refused[k];
    }
    plan->n_superblocks = d->n_superblocks;
    return PYAOT_OK;
}

PyaotStatus
pyaot_aot_plan(const ProfileCode *codes, uint32_t n_codes,
               const AotOptions *options, Arena *arena, AotPlan *plan,
               char err[PYAOT_ERR_MAX])
{
    static const AotOptions defaults;
    Driver d = {.arena = arena,
                .options = options != NULL ? options : &defaults};
    memset(plan, 0, sizeof *plan);
    PyaotStatus s = choose_codes(&d, codes, n_codes, plan, err);
    if (s != PYAOT_OK) {
        return s;
    }
    s = find_callers(&d, codes, n_codes);
    if (s != PYAOT_OK) {
        return s;
    }
    settle_call_modes(&d);
    for (uint32_t i = 0; i < d.n && s == PYAOT_OK; i++) {
        s = build_regions(&d, &d.codes[i]);
    }
    if (s == PYAOT_OK) {
        drop_unpaid_entries(&d);
    }
    if (s == PYAOT_OK) {
        s = find_worth(&d, codes, n_codes, plan);
    }
    if (s == PYAOT_OK && d.options->explain != NULL) {
        explain_codes(&d, codes, n_codes, plan->worth);
    }
    if (s == PYAOT_OK) {
        s = emit_units(&d, plan);
    }
    return s == PYAOT_OK ? sum_refusals(&d, plan) : s;
}
