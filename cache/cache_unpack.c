/* Unpacking units.
 *
 * libzstd is loaded with the first unit: whoever starts with a cache and needs
 * nothing of it does not pay for another library. */
#include "cache_file.h"

#include <dlfcn.h>
#include <zstd.h>

typedef struct {
    __typeof__(ZSTD_getFrameContentSize) *content_size;
    __typeof__(ZSTD_decompress) *decompress;
    __typeof__(ZSTD_isError) *is_error;
} Zstd;

/* NULL if it is not there.  It stays loaded. */
static const Zstd *
zstd_load(void)
{
    static Zstd zstd;
    if (zstd.is_error != NULL) {
        return &zstd;
    }
    void *handle = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return NULL;
    }
    *(void **)&zstd.content_size = dlsym(handle, "ZSTD_getFrameContentSize");
    *(void **)&zstd.decompress = dlsym(handle, "ZSTD_decompress");
    void *is_error = dlsym(handle, "ZSTD_isError");
    if (zstd.content_size == NULL || zstd.decompress == NULL
        || is_error == NULL) {
        return NULL;
    }
    *(void **)&zstd.is_error = is_error;
    return &zstd;
}

PyaotStatus
cache_unpack(const uint8_t *payload, size_t len, uint8_t *out, size_t out_len,
             const char *name, char *err)
{
    PyaotStatus status = PYAOT_OK;
    const Zstd *zstd = zstd_load();
    PYAOT_CHECK_ERR(zstd != NULL, err, PYAOT_E_IO,
                    "cannot unpack %s: libzstd.so.1 cannot be loaded; "
                    "install it",
                    name);
    PYAOT_CHECK_ERR(zstd->content_size(payload, len) == out_len, err,
                    PYAOT_E_FORMAT, "%s does not unpack; run pyaot build",
                    name);
    size_t n = zstd->decompress(out, out_len, payload, len);
    PYAOT_CHECK_ERR(!zstd->is_error(n) && n == out_len, err, PYAOT_E_FORMAT,
                    "%s does not unpack; run pyaot build", name);
out:
    return status;
}
