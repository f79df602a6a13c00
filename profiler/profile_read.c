/* Reading a profile database into memory. */
#define PYAOT_PROFILE_DB_INTERNAL
#include "profile_db.h"
#include "profile_db_int.h"

#include <stdlib.h>
#include <string.h>

/* Longest wait of a reader for a writer's commit. */
enum { READ_BUSY_MS = 10000 };

typedef struct {
    sqlite3 *db;
    const char *path;
    char *err;
    Arena *arena;
    ProfileCode *codes;
    int64_t *ids; /* malloc'ed; ids[i] is the id of codes[i] */
    uint32_t n_codes;
} Loader;

static PyaotStatus
open_for_reading(const char *path, sqlite3 **db, char *err)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3 *opened = NULL;
    bool is_new;
    /* Read-write if we may, so that a killed writer's journal is undone;
     * SQLite falls back to read-only. */
    PYAOT_TRY(
        profile_open(path, SQLITE_OPEN_READWRITE, READ_BUSY_MS, &opened, err));
    const int code = sqlite3_exec(opened, "BEGIN", NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        status = profile_sqlite_error(opened, code, path, err);
        goto out;
    }
    PYAOT_TRY(profile_identify(opened, path, &is_new, err));
    PYAOT_CHECK_ERR(!is_new, err, PYAOT_E_FORMAT,
                    "profile database %s is empty; run `pyaot profile` first",
                    path);
    *db = opened;
    opened = NULL;
out:
    sqlite3_close(opened);
    return status;
}

static PyaotStatus
query_count(Loader *load, const char *sql, uint32_t *count)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *statement = NULL;
    PYAOT_TRY(
        profile_prepare(load->db, sql, &statement, load->path, load->err));
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW) {
        status = profile_sqlite_error(load->db, code, load->path, load->err);
        goto out;
    }
    const int64_t value = sqlite3_column_int64(statement, 0);
    PYAOT_CHECK_ERR(value >= 0 && value <= INT32_MAX, load->err, PYAOT_E_LIMIT,
                    "profile database %s is too large", load->path);
    *count = (uint32_t)value;
out:
    sqlite3_finalize(statement);
    return status;
}

static const char *
copy_text(Loader *load, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return arena_strdup(load->arena, text != NULL ? text : "");
}

static PyaotStatus
load_codes(Loader *load)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *statement = NULL;
    uint32_t count = 0;
    PYAOT_TRY(query_count(load, "SELECT count(*) FROM code", &count));
    load->codes = ARENA_NEW_ARRAY(load->arena, ProfileCode, (size_t)count + 1);
    load->ids = calloc((size_t)count + 1, sizeof(*load->ids));
    PYAOT_CHECK_ERR(load->codes != NULL && load->ids != NULL, load->err,
                    PYAOT_E_NOMEM, "out of memory");
    PYAOT_TRY(profile_prepare(
        load->db,
        "SELECT id, key, image, filename, qualname FROM code ORDER BY id",
        &statement, load->path, load->err));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW
           && load->n_codes < count) {
        PYAOT_CHECK_ERR(sqlite3_column_bytes(statement, 1) == PYAOT_KEY_BYTES,
                        load->err, PYAOT_E_FORMAT,
                        "profile database %s is damaged (a code key of the "
                        "wrong length); remove it and run `pyaot profile` "
                        "again",
                        load->path);
        ProfileCode *c = &load->codes[load->n_codes];
        memcpy(c->key.bytes, sqlite3_column_blob(statement, 1),
               PYAOT_KEY_BYTES);
        c->image_len = (size_t)sqlite3_column_bytes(statement, 2);
        c->image = arena_memdup(load->arena, sqlite3_column_blob(statement, 2),
                                c->image_len);
        c->filename = copy_text(load, statement, 3);
        c->qualname = copy_text(load, statement, 4);
        load->ids[load->n_codes++] = sqlite3_column_int64(statement, 0);
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        status = profile_sqlite_error(load->db, code, load->path, load->err);
    }
out:
    sqlite3_finalize(statement);
    return status;
}

static uint64_t
add_saturating(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void
count_events(ProfileCode *c, const ProfileRow *row)
{
    if (row->kind != PROFILE_COUNT) {
        return;
    }
    uint64_t *sum = strcmp(row->what, "back") == 0     ? &c->back_edges
                    : strcmp(row->what, "resume") == 0 ? &c->resumes
                                                       : &c->entries;
    *sum = add_saturating(*sum, row->count);
    c->weight = add_saturating(c->weight, row->count);
    if (row->slot == 0) {
        c->exact = add_saturating(c->exact, row->count);
        c->most = row->count > c->most ? row->count : c->most;
    }
}

/* One row of the result into *row; false if it makes no sense (skip it). */
static bool
read_row(Loader *load, sqlite3_stmt *statement, const ProfileRow *previous,
         ProfileRow *row)
{
    const int64_t offset = sqlite3_column_int64(statement, 1);
    const int64_t kind = sqlite3_column_int64(statement, 2);
    const int64_t slot = sqlite3_column_int64(statement, 3);
    const char *what = (const char *)sqlite3_column_text(statement, 4);
    const int64_t count = sqlite3_column_int64(statement, 5);
    if (offset < 0 || offset > INT32_MAX || kind < 1
        || kind >= PROFILE_KIND_END || slot < 0 || slot > UINT8_MAX
        || what == NULL || count <= 0) {
        return false;
    }
    row->offset = (uint32_t)offset;
    row->kind = (uint8_t)kind;
    row->slot = (uint8_t)slot;
    row->count = (uint64_t)count;
    if (previous != NULL && strcmp(previous->what, what) == 0) {
        row->what = previous->what;
    }
    else {
        row->what = arena_strdup(load->arena, what);
    }
    return row->what != NULL;
}

static PyaotStatus
load_rows(Loader *load)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *statement = NULL;
    uint32_t count = 0;
    PYAOT_TRY(query_count(load, "SELECT count(*) FROM feedback", &count));
    ProfileRow *rows = ARENA_NEW_ARRAY(load->arena, ProfileRow,
                                       (size_t)count + 1);
    PYAOT_CHECK_ERR(rows != NULL, load->err, PYAOT_E_NOMEM, "out of memory");
    PYAOT_TRY(profile_prepare(
        load->db,
        "SELECT code_id, offset, kind, slot, what, count FROM feedback "
        "ORDER BY code_id, offset, kind, slot, count DESC, what",
        &statement, load->path, load->err));
    uint32_t at = 0;
    uint32_t n = 0;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && n < count) {
        const int64_t id = sqlite3_column_int64(statement, 0);
        while (at < load->n_codes && load->ids[at] < id) {
            at++;
        }
        if (at == load->n_codes || load->ids[at] != id
            || !read_row(load, statement, n > 0 ? &rows[n - 1] : NULL,
                         &rows[n])) {
            continue;
        }
        ProfileCode *c = &load->codes[at];
        if (c->n_rows == 0) {
            c->rows = &rows[n];
        }
        c->n_rows++;
        count_events(c, &rows[n]);
        n++;
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        status = profile_sqlite_error(load->db, code, load->path, load->err);
        goto out;
    }
    status = arena_status(load->arena);
out:
    sqlite3_finalize(statement);
    return status;
}

static int
compare_codes(const void *a, const void *b)
{
    const ProfileCode *x = a;
    const ProfileCode *y = b;
    if (x->weight != y->weight) {
        return x->weight < y->weight ? 1 : -1;
    }
    return pyaot_key_compare(&x->key, &y->key);
}

PyaotStatus
pyaot_profile_load(const char *path, Arena *arena, ProfileCode **codes,
                   uint32_t *n_codes, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    Loader load = {.path = path, .err = err, .arena = arena};
    PYAOT_TRY(open_for_reading(path, &load.db, err));
    PYAOT_TRY(load_codes(&load));
    PYAOT_TRY(load_rows(&load));
    PYAOT_CHECK_ERR(arena_status(arena) == PYAOT_OK, err, arena_status(arena),
                    "profile database %s: %s", path,
                    pyaot_status_text(arena_status(arena)));
    qsort(load.codes, load.n_codes, sizeof(*load.codes), compare_codes);
    *codes = load.codes;
    *n_codes = load.n_codes;
out:
    free(load.ids);
    sqlite3_close(load.db);
    return status;
}

PyaotStatus
pyaot_profile_counts(const char *path, uint64_t least, ProfileFound *found,
                     void *self, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    PYAOT_TRY(open_for_reading(path, &db, err));
    PYAOT_TRY(
        profile_prepare(db,
                        "SELECT c.filename, c.qualname, max(f.count) FROM "
                        "code c JOIN feedback f"
                        " ON f.code_id = c.id AND f.kind = 8 AND f.slot = 0"
                        " GROUP BY c.id HAVING max(f.count) >= ?1",
                        &statement, path, err));
    sqlite3_bind_int64(statement, 1, (int64_t)least);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *filename = (const char *)sqlite3_column_text(statement, 0);
        const char *qualname = (const char *)sqlite3_column_text(statement, 1);
        if (filename != NULL && qualname != NULL) {
            found(self, filename, qualname,
                  (uint64_t)sqlite3_column_int64(statement, 2));
        }
    }
    if (code != SQLITE_DONE) {
        status = profile_sqlite_error(db, code, path, err);
    }
out:
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}

PyaotStatus
pyaot_profile_totals(const char *path, ProfileTotals *totals,
                     char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    PYAOT_TRY(open_for_reading(path, &db, err));
    PYAOT_TRY(profile_prepare(
        db,
        "SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM code),"
        " (SELECT count(*) FROM (SELECT DISTINCT code_id, offset"
        "   FROM feedback WHERE kind <> 8)),"
        " (SELECT total(samples) FROM run), (SELECT total(seconds) FROM run),"
        " (SELECT total(cpu_seconds) FROM run),"
        " (SELECT coalesce(avg(turn_ns), 0) FROM run WHERE turn_ns > 0)",
        &statement, path, err));
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW) {
        status = profile_sqlite_error(db, code, path, err);
        goto out;
    }
    totals->runs = (uint64_t)sqlite3_column_int64(statement, 0);
    totals->codes = (uint64_t)sqlite3_column_int64(statement, 1);
    totals->sites = (uint64_t)sqlite3_column_int64(statement, 2);
    totals->samples = (uint64_t)sqlite3_column_int64(statement, 3);
    totals->seconds = sqlite3_column_double(statement, 4);
    totals->cpu_seconds = sqlite3_column_double(statement, 5);
    totals->turn_ns = sqlite3_column_double(statement, 6);
out:
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}

char *
pyaot_profile_meta(const char *path, const char *name)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    char *value = NULL;
    if (open_for_reading(path, &db, NULL) == PYAOT_OK
        && profile_prepare(db, "SELECT value FROM meta WHERE name = ?1",
                           &query, path, NULL)
               == PYAOT_OK
        && sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC) == SQLITE_OK
        && sqlite3_step(query) == SQLITE_ROW
        && sqlite3_column_type(query, 0) == SQLITE_TEXT) {
        value = strdup((const char *)sqlite3_column_text(query, 0));
    }
    sqlite3_finalize(query);
    sqlite3_close(db);
    return value;
}

PyaotStatus
pyaot_profile_sources(const char *path, ProfileSource *found, void *self,
                      char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    PYAOT_TRY(open_for_reading(path, &db, err));
    PYAOT_TRY(profile_prepare(
        db, "SELECT filename, hash FROM source ORDER BY filename, hash",
        &statement, path, err));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *filename = (const char *)sqlite3_column_text(statement, 0);
        const void *hash = sqlite3_column_blob(statement, 1);
        if (filename != NULL && hash != NULL
            && sqlite3_column_bytes(statement, 1) == PYAOT_HASH_BYTES) {
            found(self, filename, hash);
        }
    }
    if (code != SQLITE_DONE) {
        status = profile_sqlite_error(db, code, path, err);
    }
out:
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return status;
}

/* The arguments behind the executable; false if memory is gone. */
static bool
split_argv(ProfileCommand *command, const char *bytes, size_t len)
{
    size_t n = 0, at = 1;
    for (size_t i = 0; i < len; i++) {
        n += bytes[i] == '\0';
    }
    command->argv = calloc(n + 2, sizeof(*command->argv));
    if (command->argv == NULL) {
        return false;
    }
    command->argv[0] = command->executable;
    command->argc = n + 1;
    while (at <= n) {
        command->argv[at] = strdup(bytes);
        if (command->argv[at++] == NULL) {
            return false;
        }
        bytes += strlen(bytes) + 1;
    }
    return true;
}

void
pyaot_profile_command_free(ProfileCommand *command)
{
    for (size_t i = 1; i < command->argc; i++) {
        free(command->argv[i]);
    }
    free(command->argv);
    free(command->executable);
    free(command->cwd);
    memset(command, 0, sizeof(*command));
}

PyaotStatus
pyaot_profile_command(const char *path, ProfileCommand *command,
                      char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    memset(command, 0, sizeof(*command));
    PYAOT_TRY(open_for_reading(path, &db, err));
    PYAOT_TRY(profile_prepare(
        db,
        "SELECT executable, cwd, argv, cpu_seconds FROM run"
        " WHERE length(argv) > 0 AND executable <> '' AND cwd <> ''"
        " ORDER BY started DESC, id LIMIT 1",
        &query, path, err));
    const int code = sqlite3_step(query);
    PYAOT_CHECK_ERR(code != SQLITE_DONE, err, PYAOT_E_PROFILE,
                    "%s does not say how the program was started; run pyaot "
                    "profile again",
                    path);
    if (code != SQLITE_ROW) {
        status = profile_sqlite_error(db, code, path, err);
        goto out;
    }
    const char *argv = sqlite3_column_blob(query, 2);
    const size_t len = (size_t)sqlite3_column_bytes(query, 2);
    PYAOT_CHECK_ERR(argv != NULL && argv[len - 1] == '\0', err, PYAOT_E_FORMAT,
                    "profile database %s is damaged (arguments without an "
                    "end); remove it and run `pyaot profile` again",
                    path);
    command->executable = strdup((const char *)sqlite3_column_text(query, 0));
    command->cwd = strdup((const char *)sqlite3_column_text(query, 1));
    command->cpu_seconds = sqlite3_column_double(query, 3);
    PYAOT_CHECK_ERR(command->executable != NULL && command->cwd != NULL
                        && split_argv(command, argv, len),
                    err, PYAOT_E_NOMEM, "out of memory");
out:
    sqlite3_finalize(query);
    sqlite3_close(db);
    if (status != PYAOT_OK) {
        pyaot_profile_command_free(command);
    }
    return status;
}
