/* Fuzz target: the cache reader.
 *
 * The input is an index, or a unit file when its first byte is 'u'; its
 * checksum is made right first, or the fuzzer would never pass it.
 *
 * With clang: -fsanitize=fuzzer,address -DPYAOT_LIBFUZZER.  Without, main()
 * below runs the target over the files named as arguments, or, with none,
 * over ROUNDS random changes (fixed seed) of a cache it writes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/cache_file.h"
#include "cache/exit_table.h"
#include "cache/pyaot_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROUNDS = 20000 };

static const char FUZZ_ABI[] = "cpython-313-x86_64-linux-gnu";

/* A folder in memory if there is one. */
static const char *
fuzz_dir(void)
{
    static char dir[64];
    if (dir[0] == '\0') {
        snprintf(dir, sizeof(dir), "%s/pyaot-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(dir) == NULL) {
            perror(dir);
            exit(1);
        }
    }
    return dir;
}

static void
fuzz_write(const char *name, const uint8_t *data, size_t size)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", fuzz_dir(), name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size) {
        perror(path);
        exit(1);
    }
    fclose(file);
}

static void
fuzz_walk(void)
{
    PyaotCache *cache = NULL;
    if (pyaot_cache_open(fuzz_dir(), NULL, 0, &cache, NULL) != PYAOT_OK) {
        return;
    }
    uint32_t n = 0;
    size_t text_bytes = 0;
    PyaotCacheInfo info;
    pyaot_cache_info(cache, &info);
    const PyaotCacheCode *codes = pyaot_cache_codes(cache, &n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t m = 0;
        if (pyaot_cache_find_filter(cache, codes[i].filter, &m) == NULL
            || m == 0 || m > n) {
            abort();
        }
        text_bytes += strlen(pyaot_cache_text(cache, codes[i].qualname));
        for (uint32_t r = 0; r < codes[i].n_regions; r++) {
            text_bytes += pyaot_cache_regions(cache, &codes[i])[r].kind;
        }
    }
    for (uint32_t u = 0; u < info.n_units; u++) {
        uint8_t *so = NULL, *exits = NULL;
        size_t len = 0, exits_len = 0;
        PyaotExitTable table;
        if (pyaot_cache_unit(cache, u, &so, &len, &exits, &exits_len, NULL,
                             NULL)
            == PYAOT_OK) {
            text_bytes += so[len - 1];
            if (pyaot_exit_table_open(exits, exits_len, &table)) {
                text_bytes += pyaot_exit_table_check(&table);
            }
            free(exits);
            free(so);
        }
    }
    pyaot_cache_close(cache);
    if (text_bytes == SIZE_MAX) {
        abort();
    }
}

static void
fuzz_unit(const uint8_t *data, size_t size)
{
    CacheUnitEntry entry = {.file_bytes = size};
    CacheIndexHeader index = {.cpu_level = 4};
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL || size < 512) {
        free(copy);
        return;
    }
    memcpy(copy, data, size);
    pyaot_hash128(copy, size - 16, copy + size - 16);
    memcpy(entry.file_hash, copy + size - 16, 16);
    memcpy(&entry.object_bytes, copy + 40, 8);
    memcpy(entry.input_hash, copy + 48, 16);
    memcpy(&index.abi_hash, copy + 24, 8);
    memcpy(index.abi, copy + 64, sizeof(index.abi));
    (void)cache_unit_check(copy, size, &entry, &index, "fuzz", NULL);
    free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 'u') {
        fuzz_unit(data + 1, size - 1);
        return 0;
    }
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    if (size >= 272) {
        uint64_t file_bytes = size;
        memcpy(copy + 16, &file_bytes, sizeof(file_bytes));
        pyaot_hash128(copy, size - 16, copy + size - 16);
    }
    fuzz_write(CACHE_INDEX_NAME, copy, size);
    fuzz_walk();
    free(copy);
    return 0;
}

#ifndef PYAOT_LIBFUZZER
static uint8_t *
fuzz_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    uint8_t *data = malloc(1 << 20);
    *size = data != NULL ? fread(data, 1, 1 << 20, file) : 0;
    fclose(file);
    return data;
}

static void
fuzz_seed_cache(void)
{
    PyaotCacheWriter *writer = NULL;
    char err[PYAOT_ERR_MAX] = "";
    uint8_t so[700], exits[32] = {0};
    static const PyaotCacheRegion regions[] = {{.offset = 3, .kind = 4},
                                               {.kind = 1}};
    PyaotCacheCodeSpec codes[4];
    memset(codes, 0, sizeof(codes));
    for (size_t i = 0; i < sizeof(so); i++) {
        so[i] = (uint8_t)(i % 31);
    }
    for (int i = 0; i < 4; i++) {
        codes[i].filter = (uint64_t)(i + 1) << 61;
        codes[i].qualname = i % 2 ? "f" : "C.m";
        codes[i].regions = regions;
        codes[i].n_regions = (uint32_t)i % 3;
    }
    PyaotCacheUnitSpec spec = {
        .module = "m",
        .source = "m.py",
        .codes = codes,
        .n_codes = 4,
    };
    PyaotStatus status = pyaot_cache_writer_open(
        fuzz_dir(), FUZZ_ABI, pyaot_cache_abi_hash(FUZZ_ABI), 1, &writer, err);
    for (uint8_t i = 0; status == PYAOT_OK && i < 2; i++) {
        spec.input_hash[0] = so[0] = i;
        status = pyaot_cache_writer_add_unit(writer, &spec, so, sizeof(so),
                                             exits, sizeof(exits), err);
    }
    if (status == PYAOT_OK) {
        status = pyaot_cache_writer_commit(writer, NULL, err);
    }
    pyaot_cache_writer_close(writer);
    if (status != PYAOT_OK) {
        fprintf(stderr, "%s\n", err);
        exit(1);
    }
}

static uint32_t
fuzz_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void
fuzz_mutations(void)
{
    static const uint8_t wild[] = {0, 1, 0x7f, 0x80, 0xff};
    uint32_t seed = 2463534242u;
    size_t size = 0;
    char path[128];
    fuzz_seed_cache();
    snprintf(path, sizeof(path), "%s/" CACHE_INDEX_NAME, fuzz_dir());
    uint8_t *data = fuzz_read(path, &size);
    uint8_t *copy = malloc(size);
    for (int round = 0; copy != NULL && round < ROUNDS; round++) {
        memcpy(copy, data, size);
        uint32_t n = 1 + fuzz_random(&seed) % 4;
        for (uint32_t i = 0; i < n; i++) {
            size_t at = 12 + fuzz_random(&seed) % (size - 12);
            copy[at] = fuzz_random(&seed) % 2
                           ? wild[fuzz_random(&seed) % sizeof(wild)]
                           : (uint8_t)fuzz_random(&seed);
        }
        size_t cut = fuzz_random(&seed) % 8 == 0 ? fuzz_random(&seed) % size
                                                 : size;
        LLVMFuzzerTestOneInput(copy, cut);
    }
    free(copy);
    free(data);
    fuzz_write(CACHE_INDEX_NAME, (const uint8_t *)"", 0);
    pyaot_cache_clear(fuzz_dir(), NULL);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t size = 0;
        uint8_t *data = fuzz_read(argv[i], &size);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    if (argc == 1) {
        fuzz_mutations();
    }
    return 0;
}
#endif
