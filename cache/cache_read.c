/* Reading a cache.  The index is read whole and checked whole when opened, so
 * that lookups need no checks; a unit file is read on first need.  No file
 * descriptor is kept: the application must not see its numbers shift. */
#include "cache_format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "cache_file.h"

struct PyaotCache {
    char *dir;     /* absolute: the application may chdir */
    uint8_t *data; /* the index */
    size_t len;
    const CacheIndexHeader *header;
    const CacheUnitEntry *units;
    const PyaotCacheCode *codes;
    const PyaotCacheRegion *regions;
    const uint32_t *directory;
    const char *strings;
};

static PyaotStatus
index_check_frame(const uint8_t *data, size_t len, const char *dir, char *err)
{
    PyaotStatus status = PYAOT_OK;
    CacheIndexHeader header;
    uint8_t hash[CACHE_HASH_BYTES];
    PYAOT_CHECK_ERR(len >= sizeof(header) + CACHE_HASH_BYTES, err,
                    PYAOT_E_FORMAT,
                    "the cache in %s is truncated; run pyaot build", dir);
    memcpy(&header, data, sizeof(header));
    PYAOT_CHECK_ERR(memcmp(header.magic, CACHE_INDEX_MAGIC, 8) == 0, err,
                    PYAOT_E_FORMAT,
                    "%s/" CACHE_INDEX_NAME " is not a cache index", dir);
    PYAOT_CHECK_ERR(header.version == CACHE_VERSION, err, PYAOT_E_VERSION,
                    "the cache in %s has format version %u, this pyaot reads "
                    "%u; run pyaot build",
                    dir, header.version, CACHE_VERSION);
    PYAOT_CHECK_ERR(header.file_bytes == len, err, PYAOT_E_FORMAT,
                    "the cache in %s is truncated; run pyaot build", dir);
    pyaot_hash128(data, len - CACHE_HASH_BYTES, hash);
    PYAOT_CHECK_ERR(memcmp(hash, data + len - CACHE_HASH_BYTES, sizeof(hash))
                        == 0,
                    err, PYAOT_E_FORMAT,
                    "the cache in %s is damaged (checksum); run pyaot build",
                    dir);
out:
    return status;
}

/* All parts lie one after the other and fill the file. */
static bool
index_parts_fit(const CacheIndexHeader *h, size_t len)
{
    if (h->header_bytes != CACHE_HEADER_BYTES
        || h->dir_bits < CACHE_MIN_DIR_BITS
        || h->dir_bits > CACHE_MAX_DIR_BITS) {
        return false;
    }
    /* 64-bit sums of 32-bit counts times small sizes cannot overflow. */
    uint64_t at = CACHE_HEADER_BYTES;
    bool ok = h->units_offset == at;
    at += (uint64_t)h->n_units * sizeof(CacheUnitEntry);
    ok = ok && h->codes_offset == at;
    at += (uint64_t)h->n_codes * sizeof(PyaotCacheCode);
    ok = ok && h->regions_offset == at;
    at += (uint64_t)h->n_regions * sizeof(PyaotCacheRegion);
    ok = ok && h->dir_offset == at;
    at += (((uint64_t)1 << h->dir_bits) + 1) * sizeof(uint32_t);
    ok = ok && h->strings_offset == at && h->strings_bytes >= 1;
    at += (uint64_t)h->strings_bytes + CACHE_HASH_BYTES;
    return ok && at == len;
}

/* The regions of the code objects follow each other, and are all regions. */
static bool
index_regions_fit(const PyaotCache *cache)
{
    const CacheIndexHeader *h = cache->header;
    uint32_t next = 0;
    for (uint32_t i = 0; i < h->n_codes; i++) {
        const PyaotCacheCode *code = &cache->codes[i];
        if (code->first_region != next
            || code->n_regions > h->n_regions - next) {
            return false;
        }
        next += code->n_regions;
    }
    return next == h->n_regions;
}

static bool
index_contents_fit(const PyaotCache *cache)
{
    const CacheIndexHeader *h = cache->header;
    if (cache->strings[h->strings_bytes - 1] != '\0'
        || memchr(h->abi, '\0', sizeof(h->abi)) == NULL
        || memchr(h->producer, '\0', sizeof(h->producer)) == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < h->n_units; i++) {
        const CacheUnitEntry *unit = &cache->units[i];
        if (unit->module >= h->strings_bytes
            || unit->source >= h->strings_bytes
            || unit->object_bytes > CACHE_MAX_UNIT_BYTES
            || unit->file_bytes > CACHE_MAX_UNIT_BYTES) {
            return false;
        }
    }
    uint32_t shift = 64 - h->dir_bits;
    uint32_t n_slots = (uint32_t)1 << h->dir_bits;
    uint32_t slot = 0;
    for (uint32_t i = 0; i < h->n_codes; i++) {
        const PyaotCacheCode *code = &cache->codes[i];
        if (code->unit >= h->n_units || code->qualname >= h->strings_bytes
            || (i > 0 && code[-1].filter > code->filter)) {
            return false;
        }
        for (; slot <= code->filter >> shift; slot++) {
            if (cache->directory[slot] != i) {
                return false;
            }
        }
    }
    for (; slot <= n_slots; slot++) {
        if (cache->directory[slot] != h->n_codes) {
            return false;
        }
    }
    return index_regions_fit(cache);
}

static PyaotStatus
index_check_target(const CacheIndexHeader *h, const char *dir, const char *abi,
                   uint64_t abi_hash, char *err)
{
    PyaotStatus status = PYAOT_OK;
    if (abi == NULL) {
        return PYAOT_OK;
    }
    PYAOT_CHECK_ERR(strncmp(h->abi, abi, sizeof(h->abi)) == 0, err,
                    PYAOT_E_ABI, "the cache in %s is made for %s, this is %s",
                    dir, h->abi, abi);
    PYAOT_CHECK_ERR(h->abi_hash == abi_hash, err, PYAOT_E_ABI,
                    "the cache in %s is made by another build of pyaot; "
                    "run pyaot build",
                    dir);
    uint32_t level = pyaot_cache_cpu_level();
    PYAOT_CHECK_ERR(h->cpu_level >= 1 && h->cpu_level <= level, err,
                    PYAOT_E_CPU,
                    "the cache in %s needs an x86-64-v%u CPU, this is "
                    "x86-64-v%u; run pyaot build here",
                    dir, h->cpu_level, level);
out:
    return status;
}

PyaotStatus
pyaot_cache_open(const char *dir, const char *abi, uint64_t abi_hash,
                 PyaotCache **out, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    int dir_fd = -1;
    PyaotCache *cache = NULL;
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        cache = calloc(1, sizeof(*cache));
    }
    PYAOT_CHECK_ERR(cache != NULL, err, PYAOT_E_NOMEM, "out of memory");
    PYAOT_TRY(cache_dir_open(dir, &dir_fd, err));
    cache->dir = realpath(dir, NULL);
    PYAOT_CHECK_ERR(cache->dir != NULL, err, PYAOT_E_IO,
                    "cannot resolve %s: %s", dir, strerror(errno));
    status = cache_file_read(dir_fd, dir, CACHE_INDEX_NAME,
                             CACHE_MAX_INDEX_BYTES, &cache->data, &cache->len,
                             err);
    if (status == PYAOT_E_NOENT) {
        pyaot_error(err, status, "no cache in %s; run pyaot build", dir);
    }
    if (status != PYAOT_OK) {
        goto out;
    }
    PYAOT_TRY(index_check_frame(cache->data, cache->len, dir, err));
    cache->header = (const CacheIndexHeader *)cache->data;
    PYAOT_CHECK_ERR(index_parts_fit(cache->header, cache->len), err,
                    PYAOT_E_FORMAT,
                    "the cache in %s is malformed; run pyaot "
                    "build",
                    dir);
    cache->units = (const void *)(cache->data + cache->header->units_offset);
    cache->codes = (const void *)(cache->data + cache->header->codes_offset);
    cache->regions = (const void *)(cache->data
                                    + cache->header->regions_offset);
    cache->directory = (const void *)(cache->data + cache->header->dir_offset);
    cache->strings = (const char *)cache->data + cache->header->strings_offset;
    PYAOT_CHECK_ERR(index_contents_fit(cache), err, PYAOT_E_FORMAT,
                    "the cache in %s is malformed; run pyaot build", dir);
    PYAOT_TRY(index_check_target(cache->header, dir, abi, abi_hash, err));
    *out = cache;
    cache = NULL;
out:
    if (dir_fd >= 0) {
        close(dir_fd);
    }
    pyaot_cache_close(cache);
    return status;
}

void
pyaot_cache_close(PyaotCache *cache)
{
    if (cache != NULL) {
        free(cache->dir);
        free(cache->data);
        free(cache);
    }
}

const PyaotCacheCode *
pyaot_cache_find_filter(const PyaotCache *cache, uint64_t filter, uint32_t *n)
{
    uint32_t slot = (uint32_t)(filter >> (64 - cache->header->dir_bits));
    uint32_t first = cache->directory[slot];
    uint32_t end = cache->directory[slot + 1];
    while (first < end && cache->codes[first].filter < filter) {
        first++;
    }
    uint32_t last = first;
    while (last < end && cache->codes[last].filter == filter) {
        last++;
    }
    *n = last - first;
    return first < last ? &cache->codes[first] : NULL;
}

const PyaotCacheCode *
pyaot_cache_codes(const PyaotCache *cache, uint32_t *n)
{
    *n = cache->header->n_codes;
    return cache->codes;
}

const PyaotCacheRegion *
pyaot_cache_regions(const PyaotCache *cache, const PyaotCacheCode *code)
{
    return cache->regions + code->first_region;
}

const char *
pyaot_cache_text(const PyaotCache *cache, uint32_t offset)
{
    return offset < cache->header->strings_bytes ? cache->strings + offset
                                                 : "";
}

void
pyaot_cache_info(const PyaotCache *cache, PyaotCacheInfo *info)
{
    const CacheIndexHeader *h = cache->header;
    *info = (PyaotCacheInfo){
        .dir = cache->dir,
        .abi = h->abi,
        .producer = h->producer,
        .abi_hash = h->abi_hash,
        .cpu_level = h->cpu_level,
        .n_units = h->n_units,
        .n_codes = h->n_codes,
        .index_bytes = cache->len,
    };
}

void
pyaot_cache_unit_info(const PyaotCache *cache, uint32_t unit,
                      PyaotCacheUnitInfo *info)
{
    const CacheUnitEntry *entry = &cache->units[unit];
    *info = (PyaotCacheUnitInfo){
        .module = pyaot_cache_text(cache, entry->module),
        .source = pyaot_cache_text(cache, entry->source),
        .file_bytes = entry->file_bytes,
        .object_bytes = entry->object_bytes,
        .n_codes = entry->n_codes,
        .n_regions = entry->n_regions,
    };
    memcpy(info->file_hash, entry->file_hash, PYAOT_HASH_BYTES);
    memcpy(info->input_hash, entry->input_hash, PYAOT_HASH_BYTES);
}

static PyaotStatus
unit_decompress(const uint8_t *data, size_t len, size_t all_bytes,
                const char *name, uint8_t **payload, char *err)
{
    PyaotStatus status = PYAOT_OK;
    uint8_t *all = NULL;
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        all = malloc(all_bytes);
    }
    PYAOT_CHECK_ERR(all != NULL, err, PYAOT_E_NOMEM,
                    "out of memory unpacking %s", name);
    PYAOT_TRY(cache_unpack(data + CACHE_HEADER_BYTES,
                           len - CACHE_HEADER_BYTES - CACHE_HASH_BYTES, all,
                           all_bytes, name, err));
    *payload = all;
    all = NULL;
out:
    free(all);
    return status;
}

PyaotStatus
pyaot_cache_unit(const PyaotCache *cache, uint32_t unit, uint8_t **so,
                 size_t *so_len, uint8_t **exits, size_t *exits_len,
                 int *image, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    int dir_fd = -1, image_fd = -1;
    uint8_t *data = NULL, *payload = NULL, *table = NULL;
    size_t len = 0;
    char name[CACHE_UNIT_NAME_BYTES];
    char shown[PYAOT_ERR_MAX];
    CacheUnitHeader header;
    PYAOT_CHECK_ERR(unit < cache->header->n_units, err, PYAOT_E_ARGUMENT,
                    "no unit %u", unit);
    const CacheUnitEntry *entry = &cache->units[unit];
    size_t all_len = (size_t)entry->object_bytes;
    cache_unit_name(entry->file_hash, name);
    PYAOT_TRY(cache_dir_open(cache->dir, &dir_fd, err));
    PYAOT_TRY(cache_file_read(dir_fd, cache->dir, name, CACHE_MAX_UNIT_BYTES,
                              &data, &len, err));
    snprintf(shown, sizeof(shown), "%s/%s", cache->dir, name);
    PYAOT_TRY(cache_unit_check(data, len, entry, cache->header, shown, err));
    memcpy(&header, data, sizeof(header));
    if (image == NULL
        || cache_image_read(dir_fd, cache->dir, entry->file_hash, all_len,
                            &payload, &image_fd, NULL)
               != PYAOT_OK) {
        PYAOT_TRY(unit_decompress(data, len, all_len, shown, &payload, err));
    }
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        table = malloc((size_t)header.exits_bytes + 1);
    }
    PYAOT_CHECK_ERR(table != NULL, err, PYAOT_E_NOMEM,
                    "out of memory unpacking %s", shown);
    *so_len = all_len - (size_t)header.exits_bytes;
    *exits_len = (size_t)header.exits_bytes;
    memcpy(table, payload + *so_len, *exits_len);
    *so = payload;
    *exits = table;
    if (image != NULL) {
        *image = image_fd;
    }
    payload = NULL;
    image_fd = -1;
out:
    free(payload);
    free(data);
    if (image_fd >= 0) {
        close(image_fd);
    }
    if (dir_fd >= 0) {
        close(dir_fd);
    }
    return status;
}

PyaotStatus
cache_image_check(const PyaotCache *cache, uint32_t unit, char *err)
{
    PyaotStatus status = PYAOT_OK;
    const CacheUnitEntry *entry = &cache->units[unit];
    uint8_t *so = NULL, *exits = NULL, *copy = NULL;
    size_t len = 0, exits_len = 0;
    int dir_fd = -1, fd = -1;
    PYAOT_TRY(pyaot_cache_unit(cache, unit, &so, &len, &exits, &exits_len,
                               NULL, err));
    len += exits_len;
    PYAOT_TRY(cache_dir_open(cache->dir, &dir_fd, err));
    status = cache_image_read(dir_fd, cache->dir, entry->file_hash, len, &copy,
                              &fd, err);
    if (status != PYAOT_OK) {
        goto out;
    }
    close(fd);
    PYAOT_CHECK_ERR(memcmp(so, copy, len) == 0, err, PYAOT_E_FORMAT,
                    "an image in %s is not of its unit; run pyaot build",
                    cache->dir);
out:
    free(so);
    free(exits);
    free(copy);
    if (dir_fd >= 0) {
        close(dir_fd);
    }
    return status;
}
