/* Files of the cache: trust, reading whole, writing atomically. */
#ifndef PYAOT_CACHE_FILE_H
#define PYAOT_CACHE_FILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/status.h"
#include "cache_format.h"

/* Open a directory for openat(); checks that it is one and that it is
 * trusted.  PYAOT_E_NOENT, _E_TRUST, _E_IO. */
PyaotStatus cache_dir_open(const char *dir, int *fd, char *err);

/* Is a file or directory beyond the reach of other users? */
PyaotStatus cache_trust(const struct stat *st, const char *dir,
                        const char *name, char *err);

/* Read a whole regular, trusted file.
 * data        malloc'ed: the caller frees it */
PyaotStatus cache_file_read(int dir_fd, const char *dir, const char *name,
                            size_t max_bytes, uint8_t **data, size_t *len,
                            char *err);

/* The same; it stays open, at its end, in *fd. */
PyaotStatus cache_file_load(int dir_fd, const char *dir, const char *name,
                            size_t max_bytes, uint8_t **data, size_t *len,
                            int *fd, char *err);

/* Write a file under a temporary name, sync it, rename it to name, sync the
 * directory.  On failure nothing of it remains. */
PyaotStatus cache_file_write(int dir_fd, const char *dir, const char *name,
                             const uint8_t *data, size_t len, char *err);

/* "image-<hex>.pyaot", of the unit with this hash; is this such a name? */
void cache_image_name(const uint8_t hash[CACHE_HASH_BYTES],
                      char name[CACHE_IMAGE_NAME_BYTES]);
bool cache_is_image_name(const char *name);
/* "unit-<hex>.pyaot" */
void cache_unit_name(const uint8_t hash[CACHE_HASH_BYTES],
                     char name[CACHE_UNIT_NAME_BYTES]);
/* Is this such a name? */
bool cache_is_unit_name(const char *name);

/* Check size and hash of a unit file's bytes, and that its header agrees with
 * what the index says of it. */
PyaotStatus cache_unit_check(const uint8_t *data, size_t len,
                             const CacheUnitEntry *entry,
                             const CacheIndexHeader *index, const char *name,
                             char *err);

/* The image of a unit, which unpacks to len bytes: these, malloc'ed, and *fd
 * open on it.  PYAOT_E_NOENT: it has none; else as cache_file_read. */
PyaotStatus cache_image_read(int dir_fd, const char *dir,
                             const uint8_t unit[CACHE_HASH_BYTES], size_t len,
                             uint8_t **payload, int *fd, char *err);
/* Is the image of a unit, which must be sound, what the unit unpacks to?
 * PYAOT_E_NOENT: it has none. */
PyaotStatus cache_image_check(const PyaotCache *cache, uint32_t unit,
                              char *err);
PyaotStatus cache_image_write(int dir_fd, const char *dir,
                              const uint8_t unit[CACHE_HASH_BYTES],
                              const uint8_t *payload, size_t len, char *err);

/* Unpack a zstd frame of which exactly out_len bytes come; name: for err. */
PyaotStatus cache_unpack(const uint8_t *payload, size_t len, uint8_t *out,
                         size_t out_len, const char *name, char *err);

#endif
