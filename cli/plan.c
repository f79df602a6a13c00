/* The one place where the commands meet the compiler. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aot/pyaot_aot.h"
#include "profiler/profile_db.h"

enum { DUMP_MAX_BYTES = 1 << 30 };

/* By place, not by weight: the compiler numbers functions in this order, and
 * a new profile must not renumber what is as it was. */
static int
compare_places(const void *a, const void *b)
{
    const ProfileCode *x = a;
    const ProfileCode *y = b;
    int order = strcmp(x->filename, y->filename);
    if (order == 0) {
        order = strcmp(x->qualname, y->qualname);
    }
    return order ? order : memcmp(&x->key, &y->key, sizeof(x->key));
}

/* Keep the code objects of one source; returns how many they are. */
static uint32_t
keep_source(ProfileCode *codes, uint32_t n_codes, const char *end)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n_codes; i++) {
        size_t n = strlen(codes[i].filename), m = strlen(end);
        if (n >= m && strcmp(codes[i].filename + n - m, end) == 0) {
            codes[kept++] = codes[i];
        }
    }
    return kept;
}

/* Nothing was recorded that is worth compiling: a plan of nothing, for the
 * interpreter that was recorded. */
static PyaotStatus
plan_nothing(const char *db, Arena *arena, AotPlan *aot, char *err)
{
    PyaotStatus status = PYAOT_OK;
    char *abi = pyaot_profile_meta(db, "python_abi");
    memset(aot, 0, sizeof(*aot));
    PYAOT_CHECK_ERR(abi != NULL, err, PYAOT_E_PROFILE,
                    "%s holds no recorded code; run pyaot profile again", db);
    aot->abi = arena_strdup(arena, abi);
    status = arena_status(arena);
out:
    free(abi);
    return status;
}

typedef struct {
    const ProfileCode *codes;
    uint32_t n;
} Recorded;

/* Load the profile and run the compiler over it. */
static PyaotStatus
plan_run(const char *db, const AotOptions *options, const char *source,
         Arena *arena, AotPlan *aot, Recorded *recorded, char *err)
{
    PyaotStatus status = PYAOT_OK;
    ProfileCode *codes = NULL;
    uint32_t n_codes = 0;
    err[0] = '\0';
    PYAOT_TRY(pyaot_profile_load(db, arena, &codes, &n_codes, err));
    if (source != NULL) {
        n_codes = keep_source(codes, n_codes, source);
    }
    *recorded = (Recorded){codes, n_codes};
    if (n_codes == 0 && options->explain == NULL && source == NULL) {
        return plan_nothing(db, arena, aot, err);
    }
    PYAOT_CHECK_ERR(
        n_codes > 0, err, PYAOT_E_PROFILE,
        "%s holds no recorded code%s%s; run longer under pyaot profile", db,
        source != NULL ? " of " : ": nothing was hot",
        source != NULL ? source : "");
    if (options->explain == NULL) {
        qsort(codes, n_codes, sizeof(*codes), compare_places);
    }
    status = pyaot_aot_plan(codes, n_codes, options, arena, aot, err);
    if (status != PYAOT_OK && err[0] == '\0') {
        pyaot_error(err, status, "cannot compile %s: %s", db,
                    pyaot_status_text(status));
    }
    if (status != PYAOT_OK) {
        goto out;
    }
    PYAOT_CHECK_ERR(aot->abi != NULL, err, PYAOT_E_PROFILE,
                    "%s holds no code this pyaot understands; run pyaot "
                    "profile again",
                    db);
out:
    return status;
}

static PyaotStatus
plan_convert(const AotPlan *aot, const Recorded *recorded, Arena *arena,
             CliPlan *plan)
{
    *plan = (CliPlan){
        .abi = aot->abi,
        .codes = recorded->codes,
        .n_profiled = recorded->n,
        .worth = ARENA_NEW_ARRAY(arena, CliWorth, recorded->n + 1),
        .turn_ns = pyaot_aot_turn_ns(),
        .cold = pyaot_aot_cold(),
        .n_units = aot->n_units,
        .n_codes = aot->n_codes,
        .n_superblocks = aot->n_superblocks,
        .n_refused = aot->n_refused,
        .n_refusals = aot->n_refusals,
        .units = ARENA_NEW_ARRAY(arena, CliUnit, aot->n_units),
        .refusals = ARENA_NEW_ARRAY(arena, CliRefusal, aot->n_refusals),
    };
    for (uint32_t i = 0; plan->refusals && i < aot->n_refusals; i++) {
        plan->refusals[i].text = aot->refusals[i].text;
        plan->refusals[i].count = aot->refusals[i].count;
    }
    for (uint32_t i = 0; plan->worth && aot->worth && i < recorded->n; i++) {
        const AotWorth *from = &aot->worth[i];
        plan->worth[i] = (CliWorth){from->run_ns, from->covered_ns,
                                    from->native_ns, from->why};
    }
    for (uint32_t u = 0; plan->units && u < aot->n_units; u++) {
        const AotUnit *from = &aot->units[u];
        PyaotCacheCodeSpec *codes = ARENA_NEW_ARRAY(arena, PyaotCacheCodeSpec,
                                                    from->n_codes);
        if (codes == NULL) {
            break;
        }
        for (uint32_t i = 0; i < from->n_codes; i++) {
            const AotCode *code = &from->codes[i];
            memcpy(codes[i].key, code->key.bytes, sizeof(codes[i].key));
            codes[i].filter = code->filter;
            codes[i].qualname = code->qualname;
            codes[i].firstlineno = code->firstlineno;
            codes[i].n_regions = code->n_regions;
            codes[i].regions = code->regions;
        }
        plan->units[u] = (CliUnit){
            .module = from->module,
            .source = from->source,
            .c_text = from->c_text,
            .c_len = from->c_len,
            .codes = codes,
            .n_codes = from->n_codes,
            .weight = from->weight,
            .is_hot = from->is_hot,
            .size = from->size,
            .largest = from->largest,
        };
    }
    return arena_status(arena);
}

bool
cli_everything(void)
{
    const char *value = getenv("PYAOT_EVERYTHING");
    return value != NULL && strcmp(value, "1") == 0;
}

PyaotStatus
cli_plan(const char *db, bool everything, const char *source,
         const CliDump *dump, Arena *arena, CliPlan *plan,
         char err[PYAOT_ERR_MAX])
{
    AotPlan aot;
    Recorded recorded;
    StrBuf text;
    AotOptions options = {.everything = everything, .only = dump->only};
    bool dump_c = dump->what != NULL && strcmp(dump->what, "C") == 0;
    strbuf_init(&text, DUMP_MAX_BYTES);
    if (dump->what != NULL && !dump_c) {
        options.dump = &text;
        options.dump_passes = strcmp(dump->what, "all") == 0 ? NULL
                                                             : dump->what;
    }
    PyaotStatus status = plan_run(db, &options, source, arena, &aot, &recorded,
                                  err);
    if (status == PYAOT_OK) {
        status = plan_convert(&aot, &recorded, arena, plan);
    }
    fwrite(strbuf_text(&text), 1, text.len, stdout);
    if (strbuf_status(&text) != PYAOT_OK) {
        cli_fail("the dump is cut short: %s",
                 pyaot_status_text(strbuf_status(&text)));
    }
    strbuf_free(&text);
    for (uint32_t u = 0; status == PYAOT_OK && dump_c && u < plan->n_units;
         u++) {
        fwrite(plan->units[u].c_text, 1, plan->units[u].c_len, stdout);
    }
    return status;
}

PyaotStatus
cli_plan_explain(const char *db, const char *place, uint32_t line, bool detail,
                 StrBuf *out, char err[PYAOT_ERR_MAX])
{
    Arena arena;
    AotPlan aot;
    Recorded recorded;
    AotOptions options = {.everything = cli_everything(),
                          .explain = out,
                          .place = place,
                          .line = line,
                          .detail = detail};
    arena_init(&arena, CLI_PLAN_MAX_BYTES);
    PyaotStatus status = plan_run(db, &options, NULL, &arena, &aot, &recorded,
                                  err);
    arena_free(&arena);
    return status;
}
