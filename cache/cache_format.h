/* On-disk structures of the cache; FORMAT.md is the specification.
 *
 * The structures are read in place: x86-64 is little-endian and every field
 * is naturally aligned. */
#ifndef PYAOT_CACHE_FORMAT_H
#define PYAOT_CACHE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "pyaot_cache.h"

#define CACHE_INDEX_NAME "index.pyaot"
#define CACHE_INDEX_MAGIC "PYAOTIDX"
#define CACHE_UNIT_MAGIC "PYAOTUNI"
#define CACHE_UNIT_PREFIX "unit-"
#define CACHE_IMAGE_PREFIX "image-"
#define CACHE_SUFFIX ".pyaot"
#define CACHE_LOCK_NAME ".lock"
#define CACHE_TMP_PREFIX ".tmp-"

enum {
    CACHE_VERSION = 5,
    CACHE_HEADER_BYTES = 256,
    CACHE_HASH_BYTES = 16,
    CACHE_ABI_BYTES = 64,
    CACHE_PRODUCER_BYTES = 32,
    CACHE_COMPRESSION_ZSTD = 1,
    CACHE_MAX_INDEX_BYTES = 1 << 30,
    CACHE_MAX_UNIT_BYTES = 1 << 28,
    CACHE_MIN_DIR_BITS = 1,
    CACHE_MAX_DIR_BITS = 24,
    /* prefix, 32 hex digits, suffix, NUL */
    CACHE_UNIT_NAME_BYTES = 5 + 32 + 6 + 1,
    CACHE_IMAGE_NAME_BYTES = CACHE_UNIT_NAME_BYTES + 1,
};

typedef struct {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t file_bytes;
    uint64_t abi_hash;
    uint32_t cpu_level;
    uint32_t n_units;
    uint32_t n_codes;
    uint32_t dir_bits;
    uint32_t units_offset;
    uint32_t codes_offset;
    uint32_t dir_offset;
    uint32_t strings_offset;
    uint32_t strings_bytes;
    uint32_t n_regions;
    char abi[CACHE_ABI_BYTES];
    char producer[CACHE_PRODUCER_BYTES];
    uint32_t regions_offset;
    uint8_t reserved[84];
} CacheIndexHeader;

typedef struct {
    uint8_t file_hash[16];
    uint8_t input_hash[16];
    uint64_t file_bytes;
    uint64_t object_bytes;
    uint32_t module;
    uint32_t source;
    uint32_t n_codes;
    uint32_t n_regions;
} CacheUnitEntry;

typedef struct {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t file_bytes;
    uint64_t abi_hash;
    uint32_t cpu_level;
    uint32_t compression;
    uint64_t object_bytes;
    uint8_t input_hash[16];
    char abi[CACHE_ABI_BYTES];
    uint64_t exits_bytes;
    uint8_t reserved[120];
} CacheUnitHeader;

_Static_assert(sizeof(CacheIndexHeader) == CACHE_HEADER_BYTES, "header");
_Static_assert(offsetof(CacheIndexHeader, cpu_level) == 32, "header");
_Static_assert(offsetof(CacheIndexHeader, strings_bytes) == 64, "header");
_Static_assert(offsetof(CacheIndexHeader, abi) == 72, "header");
_Static_assert(offsetof(CacheIndexHeader, producer) == 136, "header");
_Static_assert(offsetof(CacheIndexHeader, regions_offset) == 168, "header");
_Static_assert(sizeof(CacheUnitHeader) == CACHE_HEADER_BYTES, "unit header");
_Static_assert(offsetof(CacheUnitHeader, input_hash) == 48, "unit header");
_Static_assert(offsetof(CacheUnitHeader, abi) == 64, "unit header");
_Static_assert(offsetof(CacheUnitHeader, exits_bytes) == 128, "unit header");
_Static_assert(sizeof(CacheUnitEntry) == 64, "unit");
_Static_assert(offsetof(CacheUnitEntry, module) == 48, "unit");
_Static_assert(sizeof(PyaotCacheCode) == 48, "code");
_Static_assert(offsetof(PyaotCacheCode, key) == 8, "code");
_Static_assert(offsetof(PyaotCacheCode, unit) == 24, "code");
_Static_assert(offsetof(PyaotCacheCode, n_regions) == 36, "code");
_Static_assert(offsetof(PyaotCacheCode, first_region) == 40, "code");
_Static_assert(sizeof(PyaotCacheRegion) == 12, "region");
_Static_assert(offsetof(PyaotCacheRegion, kind) == 6, "region");
_Static_assert(offsetof(PyaotCacheRegion, gain) == 8, "region");
_Static_assert(sizeof(CACHE_UNIT_PREFIX) - 1 + 32 + sizeof(CACHE_SUFFIX)
                   == CACHE_UNIT_NAME_BYTES,
               "unit name");

#endif
