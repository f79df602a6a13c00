/* The one place where the commands meet the compiler. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "profiler/profile_db.h"

#include "aot/pyaot_aot.h"

char *
cli_profile_include(const char *db)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *query = NULL;
    char *include = NULL;
    if (sqlite3_open_v2(db, &handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
        && sqlite3_prepare_v2(handle, "SELECT value FROM meta "
                              "WHERE name = 'python_include'", -1, &query,
                              NULL) == SQLITE_OK
        && sqlite3_step(query) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(query, 0);
        if (text != NULL && text[0] == '/') {
            include = cli_text("%s", text);
        }
    }
    sqlite3_finalize(query);
    sqlite3_close(handle);
    return include;
}

static PyaotStatus
copy_plan(const AotPlan *from, Arena *arena, CliPlan *plan)
{
    plan->abi = from->abi;
    plan->n_units = from->n_units;
    plan->n_codes = from->n_codes;
    plan->n_superblocks = from->n_superblocks;
    plan->n_refused = from->n_refused;
    plan->n_refusals = from->n_refusals;
    plan->units = ARENA_NEW_ARRAY(arena, CliUnit, from->n_units + 1);
    plan->refusals = ARENA_NEW_ARRAY(arena, CliRefusal, from->n_refusals + 1);
    if (plan->units == NULL || plan->refusals == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < from->n_refusals; i++) {
        plan->refusals[i] =
            (CliRefusal){from->refusals[i].text, from->refusals[i].count};
    }
    for (uint32_t i = 0; i < from->n_units; i++) {
        const AotUnit *u = &from->units[i];
        PyaotCacheCodeSpec *codes =
            ARENA_NEW_ARRAY(arena, PyaotCacheCodeSpec, u->n_codes + 1);
        if (codes == NULL) {
            return PYAOT_E_NOMEM;
        }
        for (uint32_t k = 0; k < u->n_codes; k++) {
            memcpy(codes[k].key, u->codes[k].key.bytes, sizeof codes[k].key);
            codes[k].filter = u->codes[k].filter;
            codes[k].qualname = u->codes[k].qualname;
            codes[k].firstlineno = u->codes[k].firstlineno;
            codes[k].n_regions = u->codes[k].n_regions;
        }
        plan->units[i] = (CliUnit){.module = u->module, .source = u->source,
                                   .c_text = u->c_text, .c_len = u->c_len,
                                   .codes = codes, .n_codes = u->n_codes};
    }
    return PYAOT_OK;
}

PyaotStatus
cli_plan(const char *db, const char *dump, Arena *arena, CliPlan *plan,
         char err[PYAOT_ERR_MAX])
{
    ProfileCode *codes = NULL;
    uint32_t n_codes = 0;
    AotPlan made;
    StrBuf text;
    PyaotStatus status = pyaot_profile_load(db, arena, &codes, &n_codes, err);
    if (status != PYAOT_OK) {
        return status;
    }
    strbuf_init(&text, 0);
    AotOptions options = {.dump = dump != NULL ? &text : NULL,
                          .dump_passes = dump != NULL && strcmp(dump, "all") == 0
                                             ? NULL : dump};
    status = pyaot_aot_plan(codes, n_codes, &options, arena, &made, err);
    fputs(strbuf_text(&text), stdout);
    strbuf_free(&text);
    return status == PYAOT_OK ? copy_plan(&made, arena, plan) : status;
}

PyaotStatus
cli_plan_explain(const char *db, const char *file, uint32_t line, StrBuf *out,
                 char err[PYAOT_ERR_MAX])
{
    ProfileCode *codes = NULL;
    uint32_t n_codes = 0;
    AotPlan made;
    Arena arena;
    arena_init(&arena, 0);
    PyaotStatus status = pyaot_profile_load(db, &arena, &codes, &n_codes, err);
    if (status == PYAOT_OK) {
        AotOptions options = {.explain = out, .file = file, .line = line};
        status = pyaot_aot_plan(codes, n_codes, &options, &arena, &made, err);
    }
    arena_free(&arena);
    return status;
}
