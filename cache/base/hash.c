/* Hashes, from the header of libxxhash. */
#include "hash.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

bool
pyaot_hash_file(const char *path, size_t max_bytes,
                uint8_t hash[PYAOT_HASH_BYTES])
{
    struct stat st;
    char *bytes = NULL;
    size_t len = 0;
    ssize_t n = 0;
    /* Opening a pipe would wait for its other end. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
              && (uint64_t)st.st_size <= max_bytes;
    if (ok) {
        bytes = malloc((size_t)st.st_size + 1);
        ok = bytes != NULL;
    }
    while (ok && len < (size_t)st.st_size
           && (n = read(fd, bytes + len, (size_t)st.st_size - len)) > 0) {
        len += (size_t)n;
    }
    if (fd >= 0) {
        close(fd);
    }
    ok = ok && len == (size_t)st.st_size;
    if (ok) {
        pyaot_hash128(bytes, len, hash);
    }
    free(bytes);
    return ok;
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
