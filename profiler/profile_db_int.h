/* Shared by the reader and the writer of the profile database. */
#ifndef PYAOT_PROFILE_DB_INT_H
#define PYAOT_PROFILE_DB_INT_H

#ifndef PYAOT_PROFILE_DB_INTERNAL
#error "private to profiler/profile_*.c"
#endif

#include <sqlite3.h>
#include <stdbool.h>

#include "profile_db.h"

/* Open an existing file and say what it is.
 *
 * flags    SQLITE_OPEN_...
 * is_new   true: no table yet and no identity (also an empty file) */
PyaotStatus profile_open(const char *path, int flags, int busy_ms,
                         sqlite3 **db, char *err);
PyaotStatus profile_identify(sqlite3 *db, const char *path, bool *is_new,
                             char *err);
/* The status and the message for a failed SQLite call. */
PyaotStatus profile_sqlite_error(sqlite3 *db, int code, const char *path,
                                 char *err);
PyaotStatus profile_prepare(sqlite3 *db, const char *sql,
                            sqlite3_stmt **statement, const char *path,
                            char *err);

#endif
