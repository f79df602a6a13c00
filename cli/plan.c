/* The one place where the commands meet the compiler. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "profiler/profile_db.h"

#if defined(__has_include) && __has_include("aot/pyaot_aot.h")
#include "aot/pyaot_aot.h"
#define PLAN_HAS_AOT 1
#endif

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

#ifndef PLAN_HAS_AOT
PyaotStatus
cli_plan(const char *db, const char *dump, Arena *arena, CliPlan *plan,
         char err[PYAOT_ERR_MAX])
{
    ProfileCode *codes = NULL;
    uint32_t n_codes = 0;
    (void)dump;
    (void)plan;
    PyaotStatus status = pyaot_profile_load(db, arena, &codes, &n_codes, err);
    if (status != PYAOT_OK) {
        return status;
    }
    return pyaot_error(err, PYAOT_E_UNSUPPORTED, "no compiler in this build");
}

PyaotStatus
cli_plan_explain(const char *db, const char *file, uint32_t line, StrBuf *out,
                 char err[PYAOT_ERR_MAX])
{
    (void)db;
    (void)file;
    (void)line;
    (void)out;
    return pyaot_error(err, PYAOT_E_UNSUPPORTED, "no compiler in this build");
}
#endif
