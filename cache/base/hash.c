/* Hashes, from the header of libxxhash. */
#include "hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
pyaot_hash64(const void *data, size_t len)
{
    return XXH3_64bits(data, len);
}

void
pyaot_hash128(const void *data, size_t len, uint8_t hash[PYAOT_HASH_BYTES])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, len));
    for (int i = 0; i < PYAOT_HASH_BYTES; i++) {
        hash[i] = canonical.digest[i];
    }
}

void
pyaot_hash_hex(const uint8_t hash[PYAOT_HASH_BYTES],
               char hex[PYAOT_HASH_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < PYAOT_HASH_BYTES; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    hex[2 * PYAOT_HASH_BYTES] = '\0';
}
