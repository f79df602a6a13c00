/* Writing to a profile database: one batch, one transaction, one short time
 * during which the file is open.  All counts add, so batches of several
 * processes, threads and machines may come in any order. */
#define PYAOT_PROFILE_DB_INTERNAL
#include "profile_db.h"
#include "profile_db_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_sql.h"

struct ProfileWriter {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *find_code;
    sqlite3_stmt *add_code;
    sqlite3_stmt *add_row;
    int failed_code; /* first failing SQLite result, or SQLITE_OK */
};

void
pyaot_profile_writer_abandon(ProfileWriter *writer)
{
    if (writer == NULL) {
        return;
    }
    sqlite3_finalize(writer->find_code);
    sqlite3_finalize(writer->add_code);
    sqlite3_finalize(writer->add_row);
    sqlite3_close(writer->db); /* rolls back */
    free(writer->path);
    free(writer);
}

static PyaotStatus
run_sql(ProfileWriter *writer, const char *sql, char *err)
{
    const int code = sqlite3_exec(writer->db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        return profile_sqlite_error(writer->db, code, writer->path, err);
    }
    return PYAOT_OK;
}

static PyaotStatus
create_schema(ProfileWriter *writer, char *err)
{
    char pragmas[128];
    snprintf(pragmas, sizeof(pragmas),
             "PRAGMA application_id = %d; PRAGMA user_version = %d",
             PYAOT_PROFILE_APPLICATION_ID, PYAOT_PROFILE_SCHEMA_VERSION);
    PyaotStatus status = run_sql(writer, pyaot_schema_sql, err);
    if (status == PYAOT_OK) {
        status = run_sql(writer, pragmas, err);
    }
    return status;
}

static PyaotStatus
prepare_all(ProfileWriter *writer, char *err)
{
    PyaotStatus status = PYAOT_OK;
    PYAOT_TRY(profile_prepare(writer->db, "SELECT id FROM code WHERE key = ?1",
                              &writer->find_code, writer->path, err));
    PYAOT_TRY(
        profile_prepare(writer->db,
                        "INSERT INTO code (key, filename, qualname, image) "
                        "VALUES (?1, ?2, ?3, ?4)",
                        &writer->add_code, writer->path, err));
    PYAOT_TRY(profile_prepare(
        writer->db,
        "INSERT INTO feedback (code_id, offset, kind, slot, what, count) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
        "ON CONFLICT DO UPDATE SET count = count + excluded.count",
        &writer->add_row, writer->path, err));
out:
    return status;
}

PyaotStatus
pyaot_profile_writer_open(const char *path, int busy_ms,
                          ProfileWriter **writer, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    bool is_new = false;
    ProfileWriter *opened = calloc(1, sizeof(*opened));
    PYAOT_CHECK_ERR(opened != NULL, err, PYAOT_E_NOMEM, "out of memory");
    opened->path = strdup(path);
    PYAOT_CHECK_ERR(opened->path != NULL, err, PYAOT_E_NOMEM, "out of memory");
    PYAOT_TRY(profile_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                           busy_ms, &opened->db, err));
    /* The journal makes a killed process harmless; waiting for the disk would
     * only guard against a power cut, and costs the application's exit. */
    PYAOT_TRY(
        run_sql(opened, "PRAGMA synchronous = OFF; BEGIN IMMEDIATE", err));
    PYAOT_TRY(profile_identify(opened->db, path, &is_new, err));
    if (is_new) {
        PYAOT_TRY(create_schema(opened, err));
    }
    PYAOT_TRY(prepare_all(opened, err));
    *writer = opened;
    opened = NULL;
out:
    pyaot_profile_writer_abandon(opened);
    return status;
}

static PyaotStatus
keep_failure(ProfileWriter *writer, int code)
{
    if (writer->failed_code == SQLITE_OK) {
        writer->failed_code = code;
    }
    return profile_sqlite_error(writer->db, code, writer->path, NULL);
}

static PyaotStatus
insert_code(ProfileWriter *writer, const PyaotKey *key, const uint8_t *image,
            size_t image_len, const char *filename, const char *qualname)
{
    sqlite3_stmt *add = writer->add_code;
    sqlite3_bind_blob(add, 1, key->bytes, PYAOT_KEY_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(add, 2, filename, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 3, qualname, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(add, 4, image, image_len, SQLITE_STATIC);
    const int code = sqlite3_step(add);
    sqlite3_reset(add);
    return code == SQLITE_DONE ? PYAOT_OK : keep_failure(writer, code);
}

PyaotStatus
pyaot_profile_writer_code(ProfileWriter *writer, const PyaotKey *key,
                          const uint8_t *image, size_t image_len,
                          const char *filename, const char *qualname,
                          int64_t *code_id)
{
    sqlite3_stmt *find = writer->find_code;
    sqlite3_bind_blob(find, 1, key->bytes, PYAOT_KEY_BYTES, SQLITE_STATIC);
    const int code = sqlite3_step(find);
    if (code == SQLITE_ROW) {
        *code_id = sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
        return PYAOT_OK;
    }
    sqlite3_reset(find);
    if (code != SQLITE_DONE) {
        return keep_failure(writer, code);
    }
    if (image == NULL) {
        *code_id = 0;
        return PYAOT_OK;
    }
    const PyaotStatus status = insert_code(writer, key, image, image_len,
                                           filename, qualname);
    if (status == PYAOT_OK) {
        *code_id = sqlite3_last_insert_rowid(writer->db);
    }
    return status;
}

PyaotStatus
pyaot_profile_writer_row(ProfileWriter *writer, int64_t code_id,
                         const ProfileRow *row)
{
    sqlite3_stmt *add = writer->add_row;
    const uint64_t count = row->count > INT64_MAX ? INT64_MAX : row->count;
    sqlite3_bind_int64(add, 1, code_id);
    sqlite3_bind_int64(add, 2, row->offset);
    sqlite3_bind_int64(add, 3, row->kind);
    sqlite3_bind_int64(add, 4, row->slot);
    sqlite3_bind_text(add, 5, row->what, -1, SQLITE_STATIC);
    sqlite3_bind_int64(add, 6, (int64_t)count);
    const int code = sqlite3_step(add);
    sqlite3_reset(add);
    return code == SQLITE_DONE ? PYAOT_OK : keep_failure(writer, code);
}

static void
bind_known(sqlite3_stmt *statement, int at, const char *text)
{
    sqlite3_bind_text(statement, at, text != NULL ? text : "", -1,
                      SQLITE_STATIC);
}

PyaotStatus
pyaot_profile_writer_run(ProfileWriter *writer, const ProfileRun *run)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *add = NULL;
    PYAOT_TRY(profile_prepare(
        writer->db,
        "INSERT INTO run (id, started, seconds, samples, python,"
        " cpu_seconds, executable, cwd, argv, turn_ns) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT DO UPDATE SET seconds = excluded.seconds,"
        " samples = excluded.samples, cpu_seconds = excluded.cpu_seconds",
        &add, writer->path, NULL));
    sqlite3_bind_blob(add, 1, run->id, sizeof(run->id), SQLITE_STATIC);
    sqlite3_bind_int64(add, 2, run->started);
    sqlite3_bind_double(add, 3, run->seconds);
    sqlite3_bind_int64(add, 4, (int64_t)run->samples);
    sqlite3_bind_text(add, 5, run->python, -1, SQLITE_STATIC);
    sqlite3_bind_double(add, 6, run->cpu_seconds);
    bind_known(add, 7, run->executable);
    bind_known(add, 8, run->cwd);
    sqlite3_bind_blob(add, 9, run->argv_len ? run->argv : "",
                      (int)run->argv_len, SQLITE_STATIC);
    sqlite3_bind_double(add, 10, run->turn_ns);
    const int code = sqlite3_step(add);
    if (code != SQLITE_DONE) {
        status = keep_failure(writer, code);
    }
out:
    sqlite3_finalize(add);
    return status;
}

PyaotStatus
pyaot_profile_writer_source(ProfileWriter *writer, const char *filename,
                            const uint8_t hash[PYAOT_HASH_BYTES])
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *add = NULL;
    PYAOT_TRY(profile_prepare(writer->db,
                              "INSERT OR IGNORE INTO source (filename, hash) "
                              "VALUES (?1, ?2)",
                              &add, writer->path, NULL));
    sqlite3_bind_text(add, 1, filename, -1, SQLITE_STATIC);
    sqlite3_bind_blob(add, 2, hash, PYAOT_HASH_BYTES, SQLITE_STATIC);
    const int code = sqlite3_step(add);
    if (code != SQLITE_DONE) {
        status = keep_failure(writer, code);
    }
out:
    sqlite3_finalize(add);
    return status;
}

PyaotStatus
pyaot_profile_writer_meta(ProfileWriter *writer, const char *name,
                          const char *value)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *add = NULL;
    PYAOT_TRY(
        profile_prepare(writer->db,
                        "INSERT INTO meta (name, value) VALUES (?1, ?2) "
                        "ON CONFLICT DO UPDATE SET value = excluded.value",
                        &add, writer->path, NULL));
    sqlite3_bind_text(add, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 2, value, -1, SQLITE_STATIC);
    const int code = sqlite3_step(add);
    if (code != SQLITE_DONE) {
        status = keep_failure(writer, code);
    }
out:
    sqlite3_finalize(add);
    return status;
}

PyaotStatus
pyaot_profile_writer_commit(ProfileWriter *writer, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    if (writer->failed_code != SQLITE_OK) {
        status = profile_sqlite_error(NULL, writer->failed_code, writer->path,
                                      err);
        goto out;
    }
    status = run_sql(writer, "COMMIT", err);
out:
    pyaot_profile_writer_abandon(writer);
    return status;
}

PyaotStatus
pyaot_profile_merge(const char *from, const char *into,
                    char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    ProfileWriter *writer = NULL;
    sqlite3_stmt *attach = NULL;
    sqlite3 *source = NULL;
    bool is_new = false;

    PYAOT_TRY(profile_open(from, SQLITE_OPEN_READWRITE, 10000, &source, err));
    PYAOT_TRY(profile_identify(source, from, &is_new, err));
    PYAOT_CHECK_ERR(!is_new, err, PYAOT_E_FORMAT,
                    "profile database %s is empty; run `pyaot profile` first",
                    from);
    PYAOT_TRY(pyaot_profile_writer_open(into, 10000, &writer, err));
    /* A database cannot be attached inside a transaction. */
    PYAOT_TRY(run_sql(writer, "COMMIT", err));
    PYAOT_TRY(
        profile_prepare(writer->db, "ATTACH ?1 AS other", &attach, into, err));
    sqlite3_bind_text(attach, 1, from, -1, SQLITE_STATIC);
    const int code = sqlite3_step(attach);
    if (code != SQLITE_DONE) {
        status = profile_sqlite_error(writer->db, code, from, err);
        goto out;
    }
    PYAOT_TRY(run_sql(
        writer,
        "BEGIN IMMEDIATE;"
        "INSERT OR IGNORE INTO meta SELECT * FROM other.meta;"
        "INSERT OR IGNORE INTO run SELECT * FROM other.run;"
        "INSERT OR IGNORE INTO main.source SELECT * FROM other.source;"
        "INSERT OR IGNORE INTO code (key, filename, qualname, image)"
        " SELECT key, filename, qualname, image FROM other.code"
        " ORDER BY id;"
        "INSERT INTO feedback (code_id, offset, kind, slot, what, count)"
        " SELECT c.id, f.offset, f.kind, f.slot, f.what, f.count"
        " FROM other.feedback f JOIN other.code s ON s.id = f.code_id"
        " JOIN main.code c ON c.key = s.key WHERE true"
        " ON CONFLICT DO UPDATE SET count = count + excluded.count;"
        "COMMIT",
        err));
out:
    sqlite3_finalize(attach);
    pyaot_profile_writer_abandon(writer);
    sqlite3_close(source);
    return status;
}
