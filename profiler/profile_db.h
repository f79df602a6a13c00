/* The profile database: what the profiler saw, as rows of (code, offset,
 * kind, slot, what, count).  SCHEMA.md specifies the tables.  No Python.h:
 * the profiler module writes through it, aot and cli read through it.
 *
 * An offset is an index in 2-byte code units; an instruction with
 * EXTENDED_ARG prefixes is named by its first unit. */
#ifndef PYAOT_PROFILE_DB_H
#define PYAOT_PROFILE_DB_H

#include <stddef.h>
#include <stdint.h>

#include "cache/base/arena.h"
#include "cache/base/hash.h"
#include "cache/base/status.h"
#include "cache/code_key.h"

#define PYAOT_PROFILE_SCHEMA_VERSION 2
/* PRAGMA application_id of a profile database: "PyAO". */
#define PYAOT_PROFILE_APPLICATION_ID 0x5079414f

/* Larger source files are not looked at. */
#define PYAOT_PROFILE_SOURCE_MAX_BYTES ((size_t)16 << 20)

typedef enum {
    PROFILE_TYPE = 1, /* slot k: type of the k-th operand from the top */
    PROFILE_RESULT,   /* slot k: type of the k-th pushed value from top */
    PROFILE_ARG,      /* slot i: type of local i at function entry */
    PROFILE_BRANCH,   /* slot 0 fell through, 1 jumped (FOR_ITER: ended) */
    PROFILE_CALLEE,   /* slot 0: what was called */
    PROFILE_GLOBAL,   /* slot 0: what the name was bound to */
    PROFILE_LAYOUT,   /* slot 0: where the attribute was found */
    /* "entry", "back" or "resume": events, not samples; slot 0 counted one by
       one, slot 1 estimated */
    PROFILE_COUNT,
    PROFILE_KIND_END
} ProfileKind;

/* As many events of one counter are counted one by one; more is estimated, and
 * another in each recording. */
enum { PROFILE_EXACT_EVENTS = 1024 };

/* "TYPE", "RESULT", ...; "?" for anything else. */
const char *pyaot_profile_kind_name(uint8_t kind);

typedef struct {
    uint32_t offset;
    uint8_t kind; /* ProfileKind */
    uint8_t slot;
    const char *what;
    uint64_t count;
} ProfileRow;

typedef struct ProfileCode {
    PyaotKey key;
    const uint8_t *image; /* see cache/code_image.h */
    size_t image_len;
    const char *filename, *qualname;
    uint64_t entries;       /* sum of COUNT "entry" */
    uint64_t back_edges;    /* sum of COUNT "back" */
    uint64_t resumes;       /* sum of COUNT "resume" */
    uint64_t weight;        /* sum of the three, saturating */
    uint64_t exact;         /* what of it was counted one by one */
    uint64_t most;          /* the same, of the hottest counter alone */
    const ProfileRow *rows; /* by offset, kind, slot, count down, what */
    uint32_t n_rows;
} ProfileCode;

/* Read a whole database into memory.
 *
 * codes   arena-owned; heaviest first, then by key
 * err     one line for the user, with a way out (may be NULL)
 *
 * Returns PYAOT_OK; PYAOT_E_NOENT no such file; PYAOT_E_FORMAT empty, not
 * SQLite, not a profile, or damaged; PYAOT_E_VERSION another schema version;
 * PYAOT_E_BUSY locked by somebody for long; PYAOT_E_SQLITE anything else;
 * PYAOT_E_NOMEM, PYAOT_E_LIMIT.  A valid database without code objects gives
 * PYAOT_OK and *n_codes == 0. */
PyaotStatus pyaot_profile_load(const char *path, Arena *arena,
                               ProfileCode **codes, uint32_t *n_codes,
                               char err[PYAOT_ERR_MAX]);

/* How often code objects have run in all recordings so far: what was counted
 * one by one of the hottest counter of each.
 *
 * found   called for each with at least `least`, texts valid during the call
 *
 * Errors as pyaot_profile_load; nothing is found in a file that is not there.
 */
typedef void ProfileFound(void *self, const char *filename,
                          const char *qualname, uint64_t count);
PyaotStatus pyaot_profile_counts(const char *path, uint64_t least,
                                 ProfileFound *found, void *self,
                                 char err[PYAOT_ERR_MAX]);

/* Totals of a database, for reports. */
typedef struct {
    uint64_t runs;
    uint64_t codes;
    uint64_t sites;   /* distinct (code, offset) with feedback */
    uint64_t samples; /* instruction samples of all runs */
    double seconds;   /* recorded time of all runs */
    double cpu_seconds;
    double turn_ns; /* of the reference loop, on average; 0 unknown */
} ProfileTotals;

/* The value of a remark (table meta), malloc'ed; NULL if there is none, or no
 * readable database. */
char *pyaot_profile_meta(const char *path, const char *name);

PyaotStatus pyaot_profile_totals(const char *path, ProfileTotals *totals,
                                 char err[PYAOT_ERR_MAX]);

/* What the files that code objects came from held when they were recorded:
 * called for each file and content, files in order, texts valid during the
 * call.  Errors as pyaot_profile_load. */
typedef void ProfileSource(void *self, const char *filename,
                           const uint8_t hash[PYAOT_HASH_BYTES]);
PyaotStatus pyaot_profile_sources(const char *path, ProfileSource *found,
                                  void *self, char err[PYAOT_ERR_MAX]);

/* How a recorded program was started. */
typedef struct {
    char *executable; /* the interpreter */
    char *cwd;
    char **argv; /* executable, then its arguments; NULL-ended */
    size_t argc;
    double cpu_seconds;
} ProfileCommand;

/* The last recording that can be repeated; PYAOT_E_PROFILE if there is none.
 * Other errors as pyaot_profile_load. */
PyaotStatus pyaot_profile_command(const char *path, ProfileCommand *command,
                                  char err[PYAOT_ERR_MAX]);
void pyaot_profile_command_free(ProfileCommand *command);

/* Writing.  A batch is one transaction: open, add, commit or abandon.  The
 * file is open only in between, so nothing is left to a forked child or to
 * an application that closes all descriptors.  Counts add to what is there. */
typedef struct ProfileWriter ProfileWriter;

typedef struct {
    uint8_t id[16];     /* random, one per process and recording */
    int64_t started;    /* seconds since 1970 */
    double seconds;     /* since then */
    double cpu_seconds; /* the same of the processor */
    double turn_ns;     /* of the reference loop */
    uint64_t samples;   /* all so far: replaces the run's earlier value */
    const char *python; /* version text */
    const char *executable, *cwd;
    const char *argv; /* arguments, each with its NUL */
    size_t argv_len;  /* 0: not to be repeated */
} ProfileRun;

/* Open for writing and begin a transaction; creates the database if there is
 * none (also in an empty file).  Errors as pyaot_profile_load.
 *
 * busy_ms   longest wait for another writer, milliseconds */
PyaotStatus pyaot_profile_writer_open(const char *path, int busy_ms,
                                      ProfileWriter **writer,
                                      char err[PYAOT_ERR_MAX]);
/* Make sure the code object is there; *code_id names it in this batch.
 * image may be NULL if an earlier batch of this process has stored it; if it
 * has vanished since (somebody deleted the file), *code_id is 0. */
PyaotStatus pyaot_profile_writer_code(ProfileWriter *writer,
                                      const PyaotKey *key,
                                      const uint8_t *image, size_t image_len,
                                      const char *filename,
                                      const char *qualname, int64_t *code_id);
PyaotStatus pyaot_profile_writer_row(ProfileWriter *writer, int64_t code_id,
                                     const ProfileRow *row);
PyaotStatus pyaot_profile_writer_run(ProfileWriter *writer,
                                     const ProfileRun *run);
/* The file's content, when its code was recorded. */
PyaotStatus pyaot_profile_writer_source(ProfileWriter *writer,
                                        const char *filename,
                                        const uint8_t hash[PYAOT_HASH_BYTES]);
/* Set a remark; the last one stays. */
PyaotStatus pyaot_profile_writer_meta(ProfileWriter *writer, const char *name,
                                      const char *value);
/* Commit and close; on failure nothing of the batch is stored.  The writer
 * is gone either way. */
PyaotStatus pyaot_profile_writer_commit(ProfileWriter *writer,
                                        char err[PYAOT_ERR_MAX]);
/* Roll back and close; NULL is fine. */
void pyaot_profile_writer_abandon(ProfileWriter *writer);

/* Add everything in one database to another. */
PyaotStatus pyaot_profile_merge(const char *from, const char *into,
                                char err[PYAOT_ERR_MAX]);

#endif
