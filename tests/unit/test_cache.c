/* Unit tests of the cache: round trip, determinism, trust, incremental
 * builds, every byte flipped, every length cut, every write failing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache/base/fault.h"
#include "cache/pyaot_cache.h"

#define ABI "cpython-313-x86_64-linux-gnu"

typedef struct {
    char root[64];
    char dir[80];
} Fixture;

static int
setup(void **state)
{
    Fixture *f = calloc(1, sizeof(*f));
    /* In memory if possible: the writer syncs every file. */
    if (f != NULL) {
        snprintf(f->root, sizeof(f->root), "%s/pyaot-test-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    }
    if (f == NULL || mkdtemp(f->root) == NULL) {
        return -1;
    }
    snprintf(f->dir, sizeof(f->dir), "%s/a/cache", f->root);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", f->root);
    int rc = system(command);
    free(f);
    return rc;
}

static uint64_t
abi_hash(void)
{
    return pyaot_cache_abi_hash(ABI);
}

/* Three code objects per unit; two filters shared on purpose. */
static void
fill_codes(PyaotCacheCodeSpec codes[3], uint8_t seed)
{
    static const PyaotCacheRegion regions[] = {
        {.offset = 3, .kind = 4},
        {.kind = 1, .flags = PYAOT_CACHE_REGION_CALLED}};
    static const char *const names[] = {"f", "C.method", "<module>"};
    for (int i = 0; i < 3; i++) {
        memset(&codes[i], 0, sizeof(codes[i]));
        memset(codes[i].key, seed * 16 + i, sizeof(codes[i].key));
        codes[i].filter = i == 2 ? 42 : (uint64_t)(seed + 1) << (20 * i + 5);
        codes[i].qualname = names[i];
        codes[i].firstlineno = (uint32_t)(10 * i);
        codes[i].n_regions = (uint32_t)i;
        codes[i].regions = regions;
    }
}

static PyaotCacheUnitSpec
make_spec(PyaotCacheCodeSpec codes[3], uint8_t seed, const char *module)
{
    fill_codes(codes, seed);
    PyaotCacheUnitSpec spec = {
        .module = module,
        .source = "app.py",
        .codes = codes,
        .n_codes = 3,
    };
    memset(spec.input_hash, seed, sizeof(spec.input_hash));
    return spec;
}

/* An exit table without exits. */
static const uint8_t EXITS[32];

static size_t
make_object(uint8_t *so, uint8_t seed)
{
    size_t len = 600u + seed;
    for (size_t i = 0; i < len; i++) {
        so[i] = (uint8_t)((i * 7 + seed) % 61);
    }
    return len;
}

static PyaotStatus
write_units(const char *dir, int first_seed, int n_units,
            PyaotCacheWriteStats *stats, char *err)
{
    PyaotCacheWriter *writer = NULL;
    PyaotStatus status = pyaot_cache_writer_open(dir, ABI, abi_hash(), 1,
                                                 &writer, err);
    for (int i = 0; status == PYAOT_OK && i < n_units; i++) {
        /* Not in sorted order. */
        int seed = first_seed + n_units - 1 - i;
        char module[16];
        PyaotCacheCodeSpec codes[3];
        uint8_t so[1024];
        snprintf(module, sizeof(module), "mod%d", seed);
        PyaotCacheUnitSpec spec = make_spec(codes, (uint8_t)seed, module);
        if (pyaot_cache_writer_has(writer, spec.input_hash)) {
            status = pyaot_cache_writer_reuse_unit(writer, &spec, err);
        }
        else {
            size_t len = make_object(so, (uint8_t)seed);
            status = pyaot_cache_writer_add_unit(writer, &spec, so, len, EXITS,
                                                 sizeof(EXITS), err);
        }
    }
    if (status == PYAOT_OK) {
        status = pyaot_cache_writer_commit(writer, stats, err);
    }
    pyaot_cache_writer_close(writer);
    return status;
}

static void
write_ok(const char *dir, int first_seed, int n_units)
{
    char err[PYAOT_ERR_MAX] = "";
    PyaotStatus status = write_units(dir, first_seed, n_units, NULL, err);
    if (status != PYAOT_OK) {
        fail_msg("%s", err);
    }
}

static PyaotStatus
open_status(const char *dir)
{
    PyaotCache *cache = NULL;
    char err[PYAOT_ERR_MAX] = "";
    PyaotStatus status = pyaot_cache_open(dir, ABI, abi_hash(), &cache, err);
    assert_true((status == PYAOT_OK) == (cache != NULL));
    assert_true((status == PYAOT_OK) == (err[0] == '\0'));
    pyaot_cache_close(cache);
    return status;
}

static void
join(char *out, size_t size, const char *dir, const char *name)
{
    snprintf(out, size, "%s/%s", dir, name);
}

static uint8_t *
slurp(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *data = malloc(1 << 20);
    *len = fread(data, 1, 1 << 20, file);
    fclose(file);
    return data;
}

static void
spew(const char *path, const uint8_t *data, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    fclose(file);
}

static int
count_names(const char *dir, const char *prefix)
{
    int n = 0;
    DIR *stream = opendir(dir);
    assert_non_null(stream);
    for (struct dirent *item; (item = readdir(stream)) != NULL;) {
        n += strncmp(item->d_name, prefix, strlen(prefix)) == 0;
    }
    closedir(stream);
    return n;
}

/* The full name of the first unit file. */
static void
unit_path(const char *dir, char *out, size_t size)
{
    DIR *stream = opendir(dir);
    for (struct dirent *item; (item = readdir(stream)) != NULL;) {
        if (strncmp(item->d_name, "unit-", 5) == 0) {
            join(out, size, dir, item->d_name);
        }
    }
    closedir(stream);
}

static void
test_cache_round_trip(void **state)
{
    Fixture *f = *state;
    write_ok(f->dir, 1, 4);
    PyaotCache *cache = NULL;
    char err[PYAOT_ERR_MAX];
    assert_int_equal(pyaot_cache_open(f->dir, ABI, abi_hash(), &cache, err),
                     PYAOT_OK);
    PyaotCacheInfo info;
    pyaot_cache_info(cache, &info);
    assert_int_equal(info.n_units, 4);
    assert_int_equal(info.n_codes, 12);
    assert_string_equal(info.abi, ABI);
    for (uint32_t u = 0; u < 4; u++) {
        PyaotCacheUnitInfo unit;
        uint8_t expected[1024];
        uint8_t *so = NULL, *exits = NULL;
        size_t len = 0, exits_len = 0;
        pyaot_cache_unit_info(cache, u, &unit);
        /* Sorted by module: unit u has seed u + 1. */
        char module[16];
        snprintf(module, sizeof(module), "mod%u", u + 1);
        assert_string_equal(unit.module, module);
        assert_int_equal(unit.n_regions, 3);
        assert_int_equal(pyaot_cache_unit(cache, u, &so, &len, &exits,
                                          &exits_len, NULL, err),
                         PYAOT_OK);
        assert_int_equal(len, make_object(expected, (uint8_t)(u + 1)));
        assert_memory_equal(so, expected, len);
        assert_int_equal(exits_len, sizeof(EXITS));
        assert_memory_equal(exits, EXITS, exits_len);
        free(so);
        free(exits);
    }
    uint32_t n = 0;
    const PyaotCacheCode *codes = pyaot_cache_find_filter(cache, 42, &n);
    assert_int_equal(n, 4);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(codes[i].filter, 42);
        assert_int_equal(codes[i].unit, i);
        assert_string_equal(pyaot_cache_text(cache, codes[i].qualname),
                            "<module>");
    }
    for (int seed = 1; seed <= 4; seed++) {
        PyaotCacheCodeSpec specs[3];
        fill_codes(specs, (uint8_t)seed);
        for (int i = 0; i < 2; i++) {
            codes = pyaot_cache_find_filter(cache, specs[i].filter, &n);
            assert_true(n >= 1);
        }
    }
    assert_null(pyaot_cache_find_filter(cache, 43, &n));
    assert_int_equal(n, 0);
    assert_null(pyaot_cache_find_filter(cache, UINT64_MAX, &n));
    assert_null(pyaot_cache_find_filter(cache, 0, &n));
    pyaot_cache_close(cache);
    assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_OK);
}

static void
test_cache_empty_is_valid(void **state)
{
    Fixture *f = *state;
    write_ok(f->dir, 1, 0);
    PyaotCache *cache = NULL;
    uint32_t n = 7;
    assert_int_equal(pyaot_cache_open(f->dir, ABI, abi_hash(), &cache, NULL),
                     PYAOT_OK);
    assert_null(pyaot_cache_find_filter(cache, UINT64_MAX, &n));
    assert_int_equal(n, 0);
    pyaot_cache_close(cache);
}

static void
test_cache_is_deterministic(void **state)
{
    Fixture *f = *state;
    char other[80], a[400], b[400];
    size_t len_a, len_b;
    snprintf(other, sizeof(other), "%s/other", f->root);
    write_ok(f->dir, 1, 3);
    write_ok(other, 2, 2); /* another history, the same end */
    write_ok(other, 1, 3);
    join(a, sizeof(a), f->dir, "index.pyaot");
    join(b, sizeof(b), other, "index.pyaot");
    uint8_t *bytes_a = slurp(a, &len_a);
    uint8_t *bytes_b = slurp(b, &len_b);
    assert_int_equal(len_a, len_b);
    assert_memory_equal(bytes_a, bytes_b, len_a);
    free(bytes_a);
    free(bytes_b);
}

static void
test_cache_rebuild_reuses_and_sweeps(void **state)
{
    Fixture *f = *state;
    char err[PYAOT_ERR_MAX], path[400];
    PyaotCacheWriteStats stats;
    write_ok(f->dir, 1, 3);
    join(path, sizeof(path), f->dir, ".tmp-123");
    spew(path, (const uint8_t *)"x", 1);
    join(path, sizeof(path), f->dir, "keep.txt");
    spew(path, (const uint8_t *)"x", 1);
    assert_int_equal(write_units(f->dir, 2, 3, &stats, err), PYAOT_OK);
    assert_int_equal(stats.n_units, 3);
    assert_int_equal(stats.n_reused, 2);
    assert_int_equal(stats.n_added, 1);
    assert_int_equal(stats.n_removed, 1);
    assert_int_equal(count_names(f->dir, "unit-"), 3);
    assert_int_equal(count_names(f->dir, ".tmp-"), 0);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_OK);
}

static void
test_cache_damaged_unit_is_not_reused(void **state)
{
    Fixture *f = *state;
    char err[PYAOT_ERR_MAX], path[400] = "";
    PyaotCacheWriteStats stats;
    write_ok(f->dir, 1, 1);
    unit_path(f->dir, path, sizeof(path));
    spew(path, (const uint8_t *)"short", 5);
    assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_E_FORMAT);
    assert_int_equal(write_units(f->dir, 1, 1, &stats, err), PYAOT_OK);
    assert_int_equal(stats.n_added, 1);
    assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_OK);
}

static void
test_cache_uncommitted_build_changes_nothing(void **state)
{
    Fixture *f = *state;
    PyaotCacheWriter *writer = NULL, *second = NULL;
    PyaotCacheCodeSpec codes[3];
    uint8_t so[1024];
    char err[PYAOT_ERR_MAX];
    write_ok(f->dir, 1, 1);
    assert_int_equal(pyaot_cache_writer_open(f->dir, ABI, abi_hash(), 1,
                                             &writer, err),
                     PYAOT_OK);
    PyaotCacheUnitSpec spec = make_spec(codes, 9, "new");
    size_t len = make_object(so, 9);
    assert_int_equal(pyaot_cache_writer_add_unit(writer, &spec, so, len, EXITS,
                                                 sizeof(EXITS), err),
                     PYAOT_OK);
    assert_int_equal(count_names(f->dir, "unit-"), 2);
    /* Two builds do not interleave. */
    assert_int_equal(pyaot_cache_writer_open(f->dir, ABI, abi_hash(), 1,
                                             &second, err),
                     PYAOT_E_BUSY);
    pyaot_cache_writer_close(writer);
    assert_int_equal(count_names(f->dir, "unit-"), 1);
    assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_OK);
}

static void
test_cache_missing_is_named(void **state)
{
    Fixture *f = *state;
    assert_int_equal(open_status(f->dir), PYAOT_E_NOENT);
    assert_int_equal(open_status(f->root), PYAOT_E_NOENT);
}

static void
test_cache_other_target_is_refused(void **state)
{
    Fixture *f = *state;
    PyaotCache *cache = NULL;
    PyaotCacheWriter *writer = NULL;
    char err[PYAOT_ERR_MAX];
    write_ok(f->dir, 1, 1);
    assert_int_equal(pyaot_cache_open(f->dir, "cpython-314", abi_hash(),
                                      &cache, err),
                     PYAOT_E_ABI);
    assert_int_equal(pyaot_cache_open(f->dir, ABI, abi_hash() + 1, &cache,
                                      err),
                     PYAOT_E_ABI);
    assert_int_equal(pyaot_cache_open(f->dir, NULL, 0, &cache, err), PYAOT_OK);
    pyaot_cache_close(cache);
    assert_int_equal(pyaot_cache_writer_open(f->dir, ABI, abi_hash(), 5,
                                             &writer, err),
                     PYAOT_OK);
    assert_int_equal(pyaot_cache_writer_commit(writer, NULL, err), PYAOT_OK);
    pyaot_cache_writer_close(writer);
    assert_int_equal(open_status(f->dir), PYAOT_E_CPU);
}

static void
test_cache_writable_by_others_is_refused(void **state)
{
    Fixture *f = *state;
    char path[400] = "";
    PyaotCache *cache = NULL;
    uint8_t *so = NULL, *exits = NULL;
    size_t len = 0, exits_len = 0;
    write_ok(f->dir, 1, 1);
    chmod(f->dir, 0777);
    assert_int_equal(open_status(f->dir), PYAOT_E_TRUST);
    setenv("PYAOT_TRUST", "any", 1);
    assert_int_equal(open_status(f->dir), PYAOT_OK);
    unsetenv("PYAOT_TRUST");
    chmod(f->dir, 0755);
    assert_int_equal(open_status(f->dir), PYAOT_OK);
    join(path, sizeof(path), f->dir, "index.pyaot");
    chmod(path, 0664);
    assert_int_equal(open_status(f->dir), PYAOT_E_TRUST);
    chmod(path, 0644);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_int_equal(open_status(f->dir), PYAOT_E_TRUST);
        assert_int_equal(chown(path, 0, 0), 0);
    }
    unit_path(f->dir, path, sizeof(path));
    chmod(path, 0646);
    assert_int_equal(pyaot_cache_open(f->dir, ABI, abi_hash(), &cache, NULL),
                     PYAOT_OK);
    assert_int_equal(pyaot_cache_unit(cache, 0, &so, &len, &exits, &exits_len,
                                      NULL, NULL),
                     PYAOT_E_TRUST);
    pyaot_cache_close(cache);
}

static void
test_cache_odd_files_are_refused(void **state)
{
    Fixture *f = *state;
    char path[400], target[400];
    write_ok(f->dir, 1, 1);
    join(path, sizeof(path), f->dir, "index.pyaot");
    join(target, sizeof(target), f->dir, "moved");
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink("moved", path), 0);
    assert_int_equal(open_status(f->dir), PYAOT_E_IO);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(open_status(f->dir), PYAOT_E_FORMAT);
    unlink(path);
    mkdir(path, 0700);
    assert_int_equal(open_status(f->dir), PYAOT_E_FORMAT);
}

/* Every byte of a file, changed in two ways; then every shorter length. */
static void
damage_file(const char *dir, const char *path)
{
    size_t len = 0;
    uint8_t *bytes = slurp(path, &len);
    for (size_t i = 0; i < len; i++) {
        uint8_t saved = bytes[i];
        const uint8_t masks[] = {0x01, 0xff};
        for (size_t m = 0; m < sizeof(masks); m++) {
            bytes[i] = saved ^ masks[m];
            spew(path, bytes, len);
            if (pyaot_cache_verify(dir, NULL, NULL) == PYAOT_OK) {
                fail_msg("byte %zu of %s changed unseen", i, path);
            }
        }
        bytes[i] = saved;
    }
    for (size_t cut = 0; cut < len; cut++) {
        spew(path, bytes, cut);
        if (pyaot_cache_verify(dir, NULL, NULL) == PYAOT_OK) {
            fail_msg("%s cut to %zu bytes unseen", path, cut);
        }
    }
    bytes[len] = 0;
    spew(path, bytes, len + 1);
    assert_int_not_equal(pyaot_cache_verify(dir, NULL, NULL), PYAOT_OK);
    spew(path, bytes, len);
    assert_int_equal(pyaot_cache_verify(dir, NULL, NULL), PYAOT_OK);
    free(bytes);
}

static void
test_cache_every_changed_byte_is_seen(void **state)
{
    Fixture *f = *state;
    char path[400];
    write_ok(f->dir, 1, 1);
    join(path, sizeof(path), f->dir, "index.pyaot");
    damage_file(f->dir, path);
    unit_path(f->dir, path, sizeof(path));
    damage_file(f->dir, path);
}

/* A changed index whose checksum was made right again must still not lead
 * outside the file (run under the sanitisers this is the real test). */
static void
test_cache_wild_numbers_are_harmless(void **state)
{
    Fixture *f = *state;
    char path[400];
    size_t len = 0;
    write_ok(f->dir, 1, 2);
    join(path, sizeof(path), f->dir, "index.pyaot");
    uint8_t *bytes = slurp(path, &len);
    const uint32_t wild[] = {0, 1, 0x7fffffff, 0xffffffff, 0x10000};
    for (size_t at = 12; at + 20 <= len; at += 4) {
        uint32_t saved;
        memcpy(&saved, bytes + at, 4);
        for (size_t w = 0; w < sizeof(wild) / sizeof(wild[0]); w++) {
            memcpy(bytes + at, &wild[w], 4);
            pyaot_hash128(bytes, len - 16, bytes + len - 16);
            spew(path, bytes, len);
            PyaotCache *cache = NULL;
            if (pyaot_cache_open(f->dir, NULL, 0, &cache, NULL) == PYAOT_OK) {
                uint32_t n = 0;
                const PyaotCacheCode *codes = pyaot_cache_codes(cache, &n);
                for (uint32_t i = 0; i < n; i++) {
                    uint32_t m = 0;
                    assert_true(
                        pyaot_cache_find_filter(cache, codes[i].filter, &m)
                        != NULL);
                    assert_non_null(
                        pyaot_cache_text(cache, codes[i].qualname));
                    for (uint32_t k = 0; k < codes[i].n_regions; k++) {
                        (void)*(const volatile uint8_t *)&pyaot_cache_regions(
                            cache, &codes[i])[k]
                            .kind;
                    }
                }
                uint8_t *so = NULL, *exits = NULL;
                size_t so_len = 0, exits_len = 0;
                if (pyaot_cache_unit(cache, 0, &so, &so_len, &exits,
                                     &exits_len, NULL, NULL)
                    == PYAOT_OK) {
                    free(exits);
                    free(so);
                }
                pyaot_cache_close(cache);
            }
        }
        memcpy(bytes + at, &saved, 4);
    }
    free(bytes);
}

static void
test_cache_clear_removes_only_its_own(void **state)
{
    Fixture *f = *state;
    char path[400], err[PYAOT_ERR_MAX];
    write_ok(f->dir, 1, 2);
    join(path, sizeof(path), f->dir, "mine.txt");
    spew(path, (const uint8_t *)"x", 1);
    assert_int_equal(pyaot_cache_clear(f->dir, err), PYAOT_OK);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(count_names(f->dir, ""), 3); /* . .. mine.txt */
    unlink(path);
    write_ok(f->dir, 1, 2);
    assert_int_equal(pyaot_cache_clear(f->dir, err), PYAOT_OK);
    assert_int_not_equal(access(f->dir, F_OK), 0);
}

static void
test_cache_output_that_cannot_be_is_named(void **state)
{
    Fixture *f = *state;
    char path[400], err[PYAOT_ERR_MAX] = "";
    join(path, sizeof(path), f->root, "file");
    spew(path, (const uint8_t *)"x", 1);
    assert_int_equal(write_units(path, 1, 1, NULL, err), PYAOT_E_IO);
    assert_true(strlen(err) > 10);
    strcat(path, "/below");
    assert_int_equal(write_units(path, 1, 1, NULL, err), PYAOT_E_IO);
    assert_int_equal(write_units("/proc/pyaot", 1, 1, NULL, err), PYAOT_E_IO);
}

#ifdef PYAOT_FAULT
/* The n-th write fails, for all n: the old cache stays valid, nothing of the
 * new one remains, and the next build works. */
static void
test_cache_every_failing_write_is_survived(void **state)
{
    Fixture *f = *state;
    char err[PYAOT_ERR_MAX];
    PyaotStatus status = PYAOT_E_IO;
    unsigned long nth = 0;
    write_ok(f->dir, 1, 2);
    while (status != PYAOT_OK) {
        pyaot_fault_arm(PYAOT_FAULT_WRITE, ++nth);
        status = write_units(f->dir, 5, 3, NULL, err);
        pyaot_fault_arm(PYAOT_FAULT_WRITE, 0);
        assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_OK);
        assert_int_equal(count_names(f->dir, ".tmp-"), 0);
        assert_int_equal(count_names(f->dir, "unit-"),
                         status == PYAOT_OK ? 3 : 2);
    }
    assert_true(nth > 12);
}

static void
test_cache_every_failing_allocation_is_survived(void **state)
{
    Fixture *f = *state;
    char err[PYAOT_ERR_MAX];
    PyaotStatus status = PYAOT_E_NOMEM;
    write_ok(f->dir, 1, 2);
    for (unsigned long nth = 1; status != PYAOT_OK; nth++) {
        pyaot_fault_arm(PYAOT_FAULT_ALLOC, nth);
        status = write_units(f->dir, 5, 3, NULL, err);
        pyaot_fault_arm(PYAOT_FAULT_ALLOC, 0);
        assert_int_equal(pyaot_cache_verify(f->dir, NULL, NULL), PYAOT_OK);
    }
    status = PYAOT_E_NOMEM;
    for (unsigned long nth = 1; status != PYAOT_OK; nth++) {
        pyaot_fault_arm(PYAOT_FAULT_ALLOC, nth);
        status = pyaot_cache_verify(f->dir, NULL, NULL);
        pyaot_fault_arm(PYAOT_FAULT_ALLOC, 0);
        assert_true(status == PYAOT_OK || status == PYAOT_E_NOMEM);
    }
}
#endif

#define CACHE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    umask(022);
    unsetenv("PYAOT_TRUST");
    const struct CMUnitTest tests[] = {
        CACHE_TEST(test_cache_round_trip),
        CACHE_TEST(test_cache_empty_is_valid),
        CACHE_TEST(test_cache_is_deterministic),
        CACHE_TEST(test_cache_rebuild_reuses_and_sweeps),
        CACHE_TEST(test_cache_damaged_unit_is_not_reused),
        CACHE_TEST(test_cache_uncommitted_build_changes_nothing),
        CACHE_TEST(test_cache_missing_is_named),
        CACHE_TEST(test_cache_other_target_is_refused),
        CACHE_TEST(test_cache_writable_by_others_is_refused),
        CACHE_TEST(test_cache_odd_files_are_refused),
        CACHE_TEST(test_cache_every_changed_byte_is_seen),
        CACHE_TEST(test_cache_wild_numbers_are_harmless),
        CACHE_TEST(test_cache_clear_removes_only_its_own),
        CACHE_TEST(test_cache_output_that_cannot_be_is_named),
#ifdef PYAOT_FAULT
        CACHE_TEST(test_cache_every_failing_write_is_survived),
        CACHE_TEST(test_cache_every_failing_allocation_is_survived),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
