/* Hashes: XXH3, 64 and 128 bits.  128-bit hashes are kept in canonical form,
 * most significant byte first, as xxh128sum prints them. */
#ifndef PYAOT_BASE_HASH_H
#define PYAOT_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PYAOT_HASH_BYTES 16
#define PYAOT_HASH_HEX_BYTES 33

uint64_t pyaot_hash64(const void *data, size_t len);
void pyaot_hash128(const void *data, size_t len,
                   uint8_t hash[PYAOT_HASH_BYTES]);
/* Of a plain file's bytes; false if there is none, or a larger one. */
bool pyaot_hash_file(const char *path, size_t max_bytes,
                     uint8_t hash[PYAOT_HASH_BYTES]);
/* 32 lower-case digits and a NUL. */
void pyaot_hash_hex(const uint8_t hash[PYAOT_HASH_BYTES],
                    char hex[PYAOT_HASH_HEX_BYTES]);

#endif
