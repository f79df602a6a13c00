/* Opening a profile database and telling users what is wrong with one. */
#define PYAOT_PROFILE_DB_INTERNAL
#include "profile_db.h"
#include "profile_db_int.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
pyaot_profile_kind_name(uint8_t kind)
{
    static const char *const names[] = {
        [PROFILE_TYPE] = "TYPE",     [PROFILE_RESULT] = "RESULT",
        [PROFILE_ARG] = "ARG",       [PROFILE_BRANCH] = "BRANCH",
        [PROFILE_CALLEE] = "CALLEE", [PROFILE_GLOBAL] = "GLOBAL",
        [PROFILE_LAYOUT] = "LAYOUT", [PROFILE_COUNT] = "COUNT",
    };
    if (kind == 0 || kind >= PROFILE_KIND_END) {
        return "?";
    }
    return names[kind];
}

PyaotStatus
profile_sqlite_error(sqlite3 *db, int code, const char *path, char *err)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return pyaot_error(err, PYAOT_E_NOMEM, "out of memory");
    case SQLITE_NOTADB:
        return pyaot_error(err, PYAOT_E_FORMAT,
                           "%s is not a profile database; name another one "
                           "or remove it and run `pyaot profile`",
                           path);
    case SQLITE_CORRUPT:
        return pyaot_error(err, PYAOT_E_FORMAT,
                           "profile database %s is damaged; remove it and "
                           "run `pyaot profile` again",
                           path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return pyaot_error(err, PYAOT_E_BUSY,
                           "profile database %s is in use by another "
                           "process; try again when it has ended",
                           path);
    case SQLITE_FULL:
        return pyaot_error(err, PYAOT_E_IO,
                           "no space left for profile database %s; free some "
                           "or choose another place with -o",
                           path);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        if (access(path, F_OK) != 0) {
            return pyaot_error(err, PYAOT_E_IO,
                               "cannot make profile database %s; choose "
                               "another place with -o",
                               path);
        }
        return pyaot_error(err, PYAOT_E_IO,
                           "cannot open profile database %s (%s); name one "
                           "that you may read and write",
                           path,
                           db != NULL ? sqlite3_errmsg(db)
                                      : sqlite3_errstr(code));
    default:
        return pyaot_error(err, PYAOT_E_SQLITE,
                           "profile database %s: %s; if it stays so, remove "
                           "it and run `pyaot profile` again",
                           path,
                           db != NULL ? sqlite3_errmsg(db)
                                      : sqlite3_errstr(code));
    }
}

PyaotStatus
profile_open(const char *path, int flags, int busy_ms, sqlite3 **db, char *err)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3 *opened = NULL;
    struct stat info;

    if (stat(path, &info) != 0) {
        PYAOT_CHECK_ERR(flags & SQLITE_OPEN_CREATE, err,
                        errno == ENOENT ? PYAOT_E_NOENT : PYAOT_E_IO,
                        "cannot open profile database %s: %s; run `pyaot "
                        "profile` first",
                        path, strerror(errno));
    }
    else {
        PYAOT_CHECK_ERR(S_ISREG(info.st_mode), err, PYAOT_E_FORMAT,
                        "%s is not a regular file, so no profile "
                        "database; name another one",
                        path);
        PYAOT_CHECK_ERR(info.st_size > 0 || (flags & SQLITE_OPEN_CREATE), err,
                        PYAOT_E_FORMAT,
                        "profile database %s is empty; run `pyaot profile` "
                        "first",
                        path);
    }
    const int code = sqlite3_open_v2(path, &opened,
                                     flags | SQLITE_OPEN_FULLMUTEX, NULL);
    if (code != SQLITE_OK) {
        status = profile_sqlite_error(opened, code, path, err);
        goto out;
    }
    sqlite3_busy_timeout(opened, busy_ms);
    *db = opened;
    opened = NULL;
out:
    sqlite3_close(opened);
    return status;
}

PyaotStatus
profile_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement,
                const char *path, char *err)
{
    const int code = sqlite3_prepare_v2(db, sql, -1, statement, NULL);
    if (code != SQLITE_OK) {
        return profile_sqlite_error(db, code, path, err);
    }
    return PYAOT_OK;
}

static PyaotStatus
query_int(sqlite3 *db, const char *sql, int64_t *value, const char *path,
          char *err)
{
    PyaotStatus status = PYAOT_OK;
    sqlite3_stmt *statement = NULL;
    PYAOT_TRY(profile_prepare(db, sql, &statement, path, err));
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW) {
        status = profile_sqlite_error(db, code, path, err);
        goto out;
    }
    *value = sqlite3_column_int64(statement, 0);
out:
    sqlite3_finalize(statement);
    return status;
}

PyaotStatus
profile_identify(sqlite3 *db, const char *path, bool *is_new, char *err)
{
    PyaotStatus status = PYAOT_OK;
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    PYAOT_TRY(query_int(db, "PRAGMA application_id", &application, path, err));
    PYAOT_TRY(query_int(db, "PRAGMA user_version", &version, path, err));
    PYAOT_TRY(query_int(db, "SELECT count(*) FROM sqlite_master", &tables,
                        path, err));
    if (application == 0 && version == 0 && tables == 0) {
        *is_new = true;
        goto out;
    }
    PYAOT_CHECK_ERR(application == PYAOT_PROFILE_APPLICATION_ID, err,
                    PYAOT_E_FORMAT,
                    "%s is an SQLite database, but not a pyaot profile; name "
                    "another one",
                    path);
    PYAOT_CHECK_ERR(version == PYAOT_PROFILE_SCHEMA_VERSION, err,
                    PYAOT_E_VERSION,
                    "profile database %s has schema version %lld, this pyaot "
                    "needs %d; record it again with `pyaot profile`",
                    path, (long long)version, PYAOT_PROFILE_SCHEMA_VERSION);
    *is_new = false;
out:
    return status;
}
