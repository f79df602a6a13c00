/* The profile database: what is written can be read, counts add, and every
 * kind of bad file gives its own status and a message with a way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "profiler/profile_db.h"

static char folder[256];
static char path[300];
static char path2[300];

static int
make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/pyaot_profile_db_XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/a.db", folder);
    snprintf(path2, sizeof(path2), "%s/b.db", folder);
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(path2);
    return rmdir(folder);
}

static const uint8_t IMAGE[] = {'i', 'm', 0, 'g'};

static PyaotKey
key_of(uint8_t first)
{
    PyaotKey key = {{first, 2, 3}};
    return key;
}

/* One batch: code `first` with a few rows. */
static void
write_some(const char *to, uint8_t first, uint64_t count)
{
    char err[PYAOT_ERR_MAX] = "";
    ProfileWriter *writer = NULL;
    int64_t id = 0;
    const PyaotKey key = key_of(first);
    const ProfileRow rows[] = {
        {4, PROFILE_TYPE, 0, "int", count},
        {4, PROFILE_TYPE, 0, "float", 2 * count},
        {0, PROFILE_COUNT, 0, "entry", 10 * count},
        {9, PROFILE_COUNT, 0, "back", 100 * count},
        {4, PROFILE_BRANCH, 1, "", count},
    };
    const ProfileRun run = {.id = {first, (uint8_t)count},
                            .started = 5,
                            .seconds = 1.5,
                            .samples = 7,
                            .python = "3.13"};
    assert_int_equal(pyaot_profile_writer_open(to, 1000, &writer, err),
                     PYAOT_OK);
    assert_int_equal(pyaot_profile_writer_code(
                         writer, &key, IMAGE, sizeof(IMAGE), "f.py", "g", &id),
                     PYAOT_OK);
    assert_true(id > 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(pyaot_profile_writer_row(writer, id, &rows[i]),
                         PYAOT_OK);
    }
    assert_int_equal(pyaot_profile_writer_run(writer, &run), PYAOT_OK);
    assert_int_equal(pyaot_profile_writer_commit(writer, err), PYAOT_OK);
}

static void
check_loaded(const char *from, uint64_t count)
{
    char err[PYAOT_ERR_MAX] = "";
    Arena arena;
    ProfileCode *codes = NULL;
    uint32_t n_codes = 0;
    arena_init(&arena, 0);
    assert_int_equal(pyaot_profile_load(from, &arena, &codes, &n_codes, err),
                     PYAOT_OK);
    assert_int_equal(n_codes, 1);
    const ProfileCode *c = &codes[0];
    assert_int_equal(c->key.bytes[0], 1);
    assert_int_equal(c->image_len, sizeof(IMAGE));
    assert_memory_equal(c->image, IMAGE, sizeof(IMAGE));
    assert_string_equal(c->filename, "f.py");
    assert_string_equal(c->qualname, "g");
    assert_int_equal(c->entries, 10 * count);
    assert_int_equal(c->back_edges, 100 * count);
    assert_int_equal(c->weight, 110 * count);
    assert_int_equal(c->n_rows, 5);
    /* by offset, kind, slot, count down */
    assert_int_equal(c->rows[0].kind, PROFILE_COUNT);
    assert_string_equal(c->rows[1].what, "float");
    assert_int_equal(c->rows[1].count, 2 * count);
    assert_string_equal(c->rows[2].what, "int");
    assert_int_equal(c->rows[3].kind, PROFILE_BRANCH);
    assert_int_equal(c->rows[3].slot, 1);
    assert_int_equal(c->rows[4].offset, 9);
    arena_free(&arena);
}

static void
test_profile_db_round_trip(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    check_loaded(path, 3);
}

static void
test_profile_db_counts_add(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    write_some(path, 1, 4);
    check_loaded(path, 7);
    ProfileTotals totals;
    assert_int_equal(pyaot_profile_totals(path, &totals, NULL), PYAOT_OK);
    assert_int_equal(totals.runs, 2);
    assert_int_equal(totals.codes, 1);
    assert_int_equal(totals.sites, 1);
    assert_int_equal(totals.samples, 14);
}

static void
test_profile_db_merge_commutes(void **state)
{
    (void)state;
    char err[PYAOT_ERR_MAX] = "";
    write_some(path, 1, 3);
    write_some(path2, 1, 4);
    assert_int_equal(pyaot_profile_merge(path2, path, err), PYAOT_OK);
    check_loaded(path, 7);
    check_loaded(path2, 4);
    unlink(path);
    write_some(path, 1, 3);
    assert_int_equal(pyaot_profile_merge(path, path2, err), PYAOT_OK);
    check_loaded(path2, 7);
}

static void
test_profile_db_merge_into_new(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    assert_int_equal(pyaot_profile_merge(path, path2, NULL), PYAOT_OK);
    check_loaded(path2, 3);
}

static void
test_profile_db_abandoned_batch_leaves_nothing(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    ProfileWriter *writer = NULL;
    int64_t id = 0;
    const PyaotKey key = key_of(9);
    assert_int_equal(pyaot_profile_writer_open(path, 1000, &writer, NULL),
                     PYAOT_OK);
    assert_int_equal(pyaot_profile_writer_code(writer, &key, IMAGE, 4, "f",
                                               "q", &id),
                     PYAOT_OK);
    pyaot_profile_writer_abandon(writer);
    check_loaded(path, 3);
}

static void
test_profile_db_unknown_image_is_asked_for(void **state)
{
    (void)state;
    ProfileWriter *writer = NULL;
    int64_t id = 77;
    const PyaotKey key = key_of(9);
    assert_int_equal(pyaot_profile_writer_open(path, 1000, &writer, NULL),
                     PYAOT_OK);
    assert_int_equal(pyaot_profile_writer_code(writer, &key, NULL, 0, "f", "q",
                                               &id),
                     PYAOT_OK);
    assert_int_equal(id, 0);
    pyaot_profile_writer_abandon(writer);
}

/* --- bad files ----------------------------------------------------------- */

static void
write_file(const char *text, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

static void
expect(PyaotStatus reading, PyaotStatus writing, const char *words)
{
    char err[PYAOT_ERR_MAX] = "";
    Arena arena;
    ProfileCode *codes = (ProfileCode *)&arena; /* must stay untouched */
    uint32_t n_codes = 99;
    arena_init(&arena, 0);
    assert_int_equal(pyaot_profile_load(path, &arena, &codes, &n_codes, err),
                     reading);
    assert_ptr_equal(codes, &arena);
    assert_int_equal(n_codes, 99);
    assert_non_null(strstr(err, words));
    assert_non_null(strstr(err, path));
    assert_null(strchr(err, '\n'));
    arena_free(&arena);

    ProfileTotals totals;
    assert_int_equal(pyaot_profile_totals(path, &totals, NULL), reading);
    assert_int_equal(pyaot_profile_merge(path, path2, NULL), reading);

    ProfileWriter *writer = NULL;
    assert_int_equal(pyaot_profile_writer_open(path, 100, &writer, err),
                     writing);
    pyaot_profile_writer_abandon(writer);
}

static void
test_profile_db_missing(void **state)
{
    (void)state;
    expect(PYAOT_E_NOENT, PYAOT_OK, "run `pyaot profile` first");
}

static void
test_profile_db_empty(void **state)
{
    (void)state;
    write_file("", 0);
    expect(PYAOT_E_FORMAT, PYAOT_OK, "is empty");
}

static void
test_profile_db_not_sqlite(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof(text));
    write_file(text, sizeof(text));
    expect(PYAOT_E_FORMAT, PYAOT_E_FORMAT, "is not a profile database");
}

static void
test_profile_db_short_text(void **state)
{
    (void)state;
    write_file("hello\n", 6);
    expect(PYAOT_E_FORMAT, PYAOT_E_FORMAT, "is not a profile database");
}

static void
test_profile_db_folder(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path, 0777), 0);
    expect(PYAOT_E_FORMAT, PYAOT_E_FORMAT, "not a regular file");
    rmdir(path);
}

static void
run_sql(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void
test_profile_db_other_sqlite(void **state)
{
    (void)state;
    run_sql("CREATE TABLE t (x)");
    expect(PYAOT_E_FORMAT, PYAOT_E_FORMAT, "not a pyaot profile");
}

static void
test_profile_db_other_version(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    run_sql("PRAGMA user_version = 99");
    expect(PYAOT_E_VERSION, PYAOT_E_VERSION, "schema version 99");
}

static void
test_profile_db_truncated(void **state)
{
    (void)state;
    for (uint8_t i = 1; i < 200; i++) {
        write_some(path, i, i);
    }
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    for (off_t len = info.st_size / 2; len > 4096; len /= 2) {
        assert_int_equal(truncate(path, len), 0);
        char err[PYAOT_ERR_MAX] = "";
        Arena arena;
        ProfileCode *codes = NULL;
        uint32_t n_codes = 0;
        arena_init(&arena, 0);
        assert_int_equal(pyaot_profile_load(path, &arena, &codes, &n_codes,
                                            err),
                         PYAOT_E_FORMAT);
        assert_non_null(strstr(err, "damaged"));
        assert_non_null(strstr(err, "pyaot profile"));
        arena_free(&arena);
    }
}

static void
test_profile_db_any_flipped_byte(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    write_some(path, 2, 3);
    FILE *file = fopen(path, "rb");
    static char good[1 << 16];
    const size_t len = fread(good, 1, sizeof(good), file);
    fclose(file);
    assert_true(len > 1000 && len < sizeof(good));
    for (size_t at = 0; at < len; at += 7) {
        good[at] ^= 0x41;
        write_file(good, len);
        good[at] ^= 0x41;
        Arena arena;
        ProfileCode *codes = NULL;
        uint32_t n_codes = 0;
        arena_init(&arena, 0);
        /* Any status will do; no crash, no endless loop. */
        pyaot_profile_load(path, &arena, &codes, &n_codes, NULL);
        arena_free(&arena);
    }
}

static void
test_profile_db_senseless_rows_are_skipped(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    run_sql("INSERT INTO feedback VALUES (1, -4, 1, 0, 'int', 5),"
            "(1, 4, 77, 0, 'int', 5), (1, 4, 1, 999, 'int', 5),"
            "(1, 4, 1, 3, 'int', -5), (55, 4, 1, 3, 'int', 5)");
    check_loaded(path, 3);
}

static void
test_profile_db_busy(void **state)
{
    (void)state;
    write_some(path, 1, 3);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    ProfileWriter *writer = NULL;
    char err[PYAOT_ERR_MAX] = "";
    assert_int_equal(pyaot_profile_writer_open(path, 50, &writer, err),
                     PYAOT_E_BUSY);
    assert_null(writer);
    assert_non_null(strstr(err, "in use"));
    sqlite3_close(db);
    write_some(path, 1, 4);
    check_loaded(path, 7);
}

static void
write_remark(const char *db, const char *name, const char *value)
{
    ProfileWriter *writer = NULL;
    assert_int_equal(pyaot_profile_writer_open(db, 100, &writer, NULL),
                     PYAOT_OK);
    assert_int_equal(pyaot_profile_writer_meta(writer, name, value), PYAOT_OK);
    assert_int_equal(pyaot_profile_writer_commit(writer, NULL), PYAOT_OK);
}

static void
check_remark(const char *db, const char *name, const char *value)
{
    char *found = pyaot_profile_meta(db, name);
    if (value == NULL) {
        assert_null(found);
    }
    else {
        assert_non_null(found);
        assert_string_equal(found, value);
    }
    free(found);
}

static void
test_profile_db_remarks(void **state)
{
    (void)state;
    check_remark(path, "a", NULL);
    write_remark(path, "a", "1");
    write_remark(path, "a", "2");
    write_remark(path2, "a", "3");
    write_remark(path2, "b", "4");
    check_remark(path, "a", "2");
    check_remark(path, "b", NULL);
    assert_int_equal(pyaot_profile_merge(path2, path, NULL), PYAOT_OK);
    check_remark(path, "a", "2");
    check_remark(path, "b", "4");
}

static void
test_profile_db_kind_names(void **state)
{
    (void)state;
    assert_string_equal(pyaot_profile_kind_name(PROFILE_TYPE), "TYPE");
    assert_string_equal(pyaot_profile_kind_name(PROFILE_COUNT), "COUNT");
    assert_string_equal(pyaot_profile_kind_name(0), "?");
    assert_string_equal(pyaot_profile_kind_name(200), "?");
}

#define CASE(function)                                                        \
    cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_profile_db_round_trip),
        CASE(test_profile_db_counts_add),
        CASE(test_profile_db_merge_commutes),
        CASE(test_profile_db_merge_into_new),
        CASE(test_profile_db_abandoned_batch_leaves_nothing),
        CASE(test_profile_db_unknown_image_is_asked_for),
        CASE(test_profile_db_missing),
        CASE(test_profile_db_empty),
        CASE(test_profile_db_not_sqlite),
        CASE(test_profile_db_short_text),
        CASE(test_profile_db_folder),
        CASE(test_profile_db_other_sqlite),
        CASE(test_profile_db_other_version),
        CASE(test_profile_db_truncated),
        CASE(test_profile_db_any_flipped_byte),
        CASE(test_profile_db_senseless_rows_are_skipped),
        CASE(test_profile_db_busy),
        CASE(test_profile_db_remarks),
        CASE(test_profile_db_kind_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
