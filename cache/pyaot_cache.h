/* The cache of native code: open, find, read, write, verify.
 *
 * FORMAT.md specifies the bytes.  Readers trust nothing they read; writers
 * are atomic (a build that fails or dies leaves the old cache valid) and
 * deterministic.  No Python.h here.
 *
 * Every function that fails fills err (PYAOT_ERR_MAX bytes, may be NULL) with
 * one line for people and leaves its other results untouched. */
#ifndef PYAOT_CACHE_H
#define PYAOT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"

typedef struct PyaotCache PyaotCache;
typedef struct PyaotCacheWriter PyaotCacheWriter;

/* Where a compiled code object is entered, in place in the index (layout:
 * FORMAT.md): what must be known of a unit before it is needed. */
typedef struct {
    uint32_t offset;  /* code units */
    uint16_t n_stack; /* entries on the evaluation stack */
    uint8_t kind;     /* PyaotRegionKind of abi/pyaot_abi.h */
    uint8_t flags;    /* PyaotCacheRegionFlag */
    /* What the build expects; a process in which it is not so gives the region
     * up.  gain: of an entry, ns; of a loop sixteenths of the time that it
     * takes natively.  loss: of an entry that leaves at once (of a loop: by
     * entering it), ns. */
    uint16_t gain, loss;
} PyaotCacheRegion;

/* gain and loss where nothing is expected. */
#define PYAOT_CACHE_REGION_GAIN 25
#define PYAOT_CACHE_REGION_LOSS 75

typedef enum {
    /* a function's entry, without a frame */
    PYAOT_CACHE_REGION_CALLED = 1,
    PYAOT_CACHE_REGION_NATIVE_ONLY = 2, /* PyaotRegionDesc.called_only */
} PyaotCacheRegionFlag;

typedef enum {
    /* of a module that is frozen into the interpreter: as a rule it is older
     * than the loader */
    PYAOT_CACHE_CODE_FROZEN = 1,
} PyaotCacheCodeFlag;

/* One compiled code object, in place in the index (layout: FORMAT.md). */
typedef struct {
    uint64_t filter;
    uint8_t key[16];
    uint32_t unit;     /* < PyaotCacheInfo.n_units */
    uint32_t qualname; /* pyaot_cache_text() */
    uint32_t firstlineno;
    uint32_t n_regions;
    uint32_t first_region; /* pyaot_cache_regions() */
    uint32_t flags;        /* PyaotCacheCodeFlag */
} PyaotCacheCode;

typedef struct {
    const char *dir; /* absolute */
    const char *abi;
    const char *producer;
    uint64_t abi_hash;
    uint32_t cpu_level;
    uint32_t n_units;
    uint32_t n_codes;
    size_t index_bytes;
} PyaotCacheInfo;

typedef struct {
    const char *module;
    const char *source;
    uint8_t file_hash[PYAOT_HASH_BYTES];
    uint8_t input_hash[PYAOT_HASH_BYTES];
    uint64_t file_bytes;
    uint64_t object_bytes; /* of the shared object and the exit table */
    uint32_t n_codes;
    uint32_t n_regions;
} PyaotCacheUnitInfo;

/* The hash of everything native code relies on for this ABI text: the
 * interpreter's ABI and pyaot's own structures (FORMAT.md, "Validity"). */
uint64_t pyaot_cache_abi_hash(const char *abi);
/* The x86-64 level (1 to 4) of this machine. */
uint32_t pyaot_cache_cpu_level(void);

/* --- reading ------------------------------------------------------------- */

/* Open the cache in dir and check all of its index.
 *
 * abi         the ABI text it must be made for; NULL = any (for inspection;
 *             the CPU is not checked either then)
 * abi_hash    pyaot_cache_abi_hash(abi)
 *
 * Returns PYAOT_E_NOENT (no cache there), _E_TRUST (another user could have
 * written it; PYAOT_TRUST=any allows it), _E_FORMAT, _E_VERSION, _E_ABI,
 * _E_CPU, _E_IO, _E_NOMEM or _E_LIMIT.  Keeps no file open. */
PyaotStatus pyaot_cache_open(const char *dir, const char *abi,
                             uint64_t abi_hash, PyaotCache **out,
                             char err[PYAOT_ERR_MAX]);
/* NULL is allowed. */
void pyaot_cache_close(PyaotCache *cache);

/* The code objects with this filter: *n of them, next to each other, sorted
 * by key; NULL and 0 if none. Borrowed: until close. */
const PyaotCacheCode *pyaot_cache_find_filter(const PyaotCache *cache,
                                              uint64_t filter, uint32_t *n);
/* The code objects, sorted by filter.  Borrowed: until close. */
const PyaotCacheCode *pyaot_cache_codes(const PyaotCache *cache, uint32_t *n);
/* Its n_regions regions.  Borrowed: until close. */
const PyaotCacheRegion *pyaot_cache_regions(const PyaotCache *cache,
                                            const PyaotCacheCode *code);
/* A text of the index; "" if offset is wild. */
const char *pyaot_cache_text(const PyaotCache *cache, uint32_t offset);
void pyaot_cache_info(const PyaotCache *cache, PyaotCacheInfo *info);
/* unit must be < n_units. */
void pyaot_cache_unit_info(const PyaotCache *cache, uint32_t unit,
                           PyaotCacheUnitInfo *info);

/* Read, verify and decompress one unit.
 *
 * so          the shared object, malloc'ed: the caller frees it
 *             (in its memory the exit table follows)
 * exits       its exit table (exit_table.h), the same
 * image       a descriptor that the caller closes, of a file that begins with
 *             the same bytes, to be mapped; -1 if there is none.  NULL: not
 *             wanted, the unit is unpacked
 *
 * Fails as pyaot_cache_open does; PYAOT_E_NOENT also when a newer build has
 * replaced the unit. */
PyaotStatus pyaot_cache_unit(const PyaotCache *cache, uint32_t unit,
                             uint8_t **so, size_t *len, uint8_t **exits,
                             size_t *exits_len, int *image,
                             char err[PYAOT_ERR_MAX]);

/* --- verifying ----------------------------------------------------------- */

typedef void (*PyaotCacheProblemFn)(void *arg, PyaotStatus status,
                                    const char *text);

/* Check the index and every unit of the cache in dir to the last byte.
 *
 * problem     called for each thing that is wrong (may be NULL)
 *
 * Returns PYAOT_OK or the status of the first problem. */
PyaotStatus pyaot_cache_verify(const char *dir, PyaotCacheProblemFn problem,
                               void *arg);

/* --- writing ------------------------------------------------------------- */

typedef struct {
    uint8_t key[16];
    uint64_t filter;
    const char *qualname;
    uint32_t firstlineno;
    uint32_t flags; /* PyaotCacheCodeFlag */
    uint32_t n_regions;
    const PyaotCacheRegion *regions;
} PyaotCacheCodeSpec;

typedef struct {
    const char *module;
    const char *source;
    uint8_t input_hash[PYAOT_HASH_BYTES]; /* of all that went into it */
    const PyaotCacheCodeSpec *codes;
    uint32_t n_codes;
} PyaotCacheUnitSpec;

typedef struct {
    uint32_t n_units;
    uint32_t n_added;
    uint32_t n_reused;
    uint32_t n_removed;   /* unit files of older builds */
    uint64_t total_bytes; /* of index and units */
} PyaotCacheWriteStats;

/* Start a build into dir (made if missing, parents too).  Takes the lock,
 * removes what a dead build left.
 *
 * Returns PYAOT_E_BUSY if another build holds the lock, _E_TRUST if others may
 * write to dir, _E_IO if it cannot be written. */
PyaotStatus pyaot_cache_writer_open(const char *dir, const char *abi,
                                    uint64_t abi_hash, uint32_t cpu_level,
                                    PyaotCacheWriter **out,
                                    char err[PYAOT_ERR_MAX]);
/* A folder for intermediate files, removed with all that is in it when the
 * writer is closed, or by the next build.  It lies in the cache's folder.
 *
 * path        absolute; borrowed: until close */
PyaotStatus pyaot_cache_writer_work_dir(PyaotCacheWriter *writer,
                                        const char **path,
                                        char err[PYAOT_ERR_MAX]);
/* Would pyaot_cache_writer_reuse_unit succeed? */
bool pyaot_cache_writer_has(const PyaotCacheWriter *writer,
                            const uint8_t input_hash[PYAOT_HASH_BYTES]);
/* Add a unit: compress and write its file.  Texts and codes are copied. */
PyaotStatus pyaot_cache_writer_add_unit(PyaotCacheWriter *writer,
                                        const PyaotCacheUnitSpec *spec,
                                        const uint8_t *so, size_t len,
                                        const uint8_t *exits, size_t exits_len,
                                        char err[PYAOT_ERR_MAX]);
/* Take a unit over from the cache that is there, by its input hash.
 * PYAOT_E_NOENT if it has none such in good state: build it instead. */
PyaotStatus pyaot_cache_writer_reuse_unit(PyaotCacheWriter *writer,
                                          const PyaotCacheUnitSpec *spec,
                                          char err[PYAOT_ERR_MAX]);
/* Write the index, which makes the new cache the valid one, then remove unit
 * files no longer named.  stats may be NULL. */
PyaotStatus pyaot_cache_writer_commit(PyaotCacheWriter *writer,
                                      PyaotCacheWriteStats *stats,
                                      char err[PYAOT_ERR_MAX]);
/* Free the writer; without a commit the old cache stays valid and what was
 * added is removed.  NULL is allowed. */
void pyaot_cache_writer_close(PyaotCacheWriter *writer);

/* Remove index, units, lock and leftovers, and dir itself if then empty. */
PyaotStatus pyaot_cache_clear(const char *dir, char err[PYAOT_ERR_MAX]);

#endif
