/* Images: what units unpack to, in files that processes map.
 *
 * A unit is unpacked once, by the build; so starting from the cache costs no
 * decompression, and all processes share the memory of its code.  An image
 * says nothing that the unit does not: one that is missing or damaged costs
 * the time of unpacking. */
#include "cache_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

/* The unit's hash, and that of all before. */
#define TAIL_BYTES ((size_t)2 * CACHE_HASH_BYTES)

PyaotStatus
cache_image_read(int dir_fd, const char *dir,
                 const uint8_t unit[CACHE_HASH_BYTES], size_t len,
                 uint8_t **payload, int *fd, char *err)
{
    PyaotStatus status = PYAOT_OK;
    char name[CACHE_IMAGE_NAME_BYTES];
    uint8_t hash[CACHE_HASH_BYTES];
    uint8_t *data = NULL;
    size_t all = 0;
    int image = -1;
    cache_image_name(unit, name);
    PYAOT_TRY(cache_file_load(dir_fd, dir, name, len + TAIL_BYTES, &data, &all,
                              &image, err));
    bool sound = all == len + TAIL_BYTES
                 && memcmp(data + len, unit, CACHE_HASH_BYTES) == 0;
    if (sound) {
        pyaot_hash128(data, len + CACHE_HASH_BYTES, hash);
        sound = memcmp(hash, data + len + CACHE_HASH_BYTES, sizeof(hash)) == 0;
    }
    PYAOT_CHECK_ERR(sound, err, PYAOT_E_FORMAT,
                    "%s/%s is damaged (checksum); run pyaot build", dir, name);
    *payload = data;
    *fd = image;
    return PYAOT_OK;
out:
    free(data);
    if (image >= 0) {
        close(image);
    }
    return status;
}

PyaotStatus
cache_image_write(int dir_fd, const char *dir,
                  const uint8_t unit[CACHE_HASH_BYTES], const uint8_t *payload,
                  size_t len, char *err)
{
    PyaotStatus status = PYAOT_OK;
    char name[CACHE_IMAGE_NAME_BYTES];
    uint8_t *data = NULL;
    cache_image_name(unit, name);
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        data = malloc(len + TAIL_BYTES);
    }
    PYAOT_CHECK_ERR(data != NULL, err, PYAOT_E_NOMEM, "out of memory");
    memcpy(data, payload, len);
    memcpy(data + len, unit, CACHE_HASH_BYTES);
    pyaot_hash128(data, len + CACHE_HASH_BYTES, data + len + CACHE_HASH_BYTES);
    PYAOT_TRY(
        cache_file_write(dir_fd, dir, name, data, len + TAIL_BYTES, err));
out:
    free(data);
    return status;
}
