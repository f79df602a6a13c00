/* Files of the cache: trust, reading whole, writing atomically.
 *
 * Files are read, not mapped: a file cut short by somebody else while mapped
 * would kill the process with SIGBUS. */
#include "cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/env.h"
#include "base/fault.h"

PyaotStatus
cache_trust(const struct stat *st, const char *dir, const char *name,
            char *err)
{
    const char *slash = name[0] != '\0' ? "/" : "";
    bool owned = st->st_uid == 0 || st->st_uid == geteuid();
    bool closed = (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if ((owned && closed) || pyaot_env_read().trust_any) {
        return PYAOT_OK;
    }
    if (!owned) {
        return pyaot_error(err, PYAOT_E_TRUST,
                           "%s%s%s belongs to another user (uid %u); "
                           "rebuild it, or set PYAOT_TRUST=any",
                           dir, slash, name, (unsigned)st->st_uid);
    }
    return pyaot_error(err, PYAOT_E_TRUST,
                       "%s%s%s is writable by others (mode %03o); "
                       "run chmod go-w on it, or set PYAOT_TRUST=any",
                       dir, slash, name, (unsigned)st->st_mode & 07777);
}

PyaotStatus
cache_dir_open(const char *dir, int *out_fd, char *err)
{
    PyaotStatus status = PYAOT_OK;
    struct stat st;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return pyaot_error(err, PYAOT_E_NOENT,
                           "there is no cache folder %s; "
                           "run pyaot build",
                           dir);
    }
    if (fd < 0 && errno == ENOTDIR) {
        return pyaot_error(err, PYAOT_E_IO,
                           "%s is not a folder; name "
                           "another for the cache",
                           dir);
    }
    if (fd < 0) {
        return pyaot_error(err, PYAOT_E_IO,
                           "cannot open cache folder %s: %s; "
                           "name one that you may read",
                           dir, strerror(errno));
    }
    PYAOT_CHECK_ERR(fstat(fd, &st) == 0, err, PYAOT_E_IO,
                    "cannot examine cache folder %s: %s", dir,
                    strerror(errno));
    PYAOT_TRY(cache_trust(&st, dir, "", err));
    *out_fd = fd;
    return PYAOT_OK;
out:
    close(fd);
    return status;
}

static PyaotStatus
cache_read_all(int fd, uint8_t *data, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = read(fd, data + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            if (n == 0) {
                errno = 0;
            }
            return PYAOT_E_IO;
        }
        done += (size_t)n;
    }
    return PYAOT_OK;
}

PyaotStatus
cache_file_read(int dir_fd, const char *dir, const char *name,
                size_t max_bytes, uint8_t **out_data, size_t *out_len,
                char *err)
{
    int fd = -1;
    PyaotStatus status = cache_file_load(dir_fd, dir, name, max_bytes,
                                         out_data, out_len, &fd, err);
    if (status == PYAOT_OK) {
        close(fd);
    }
    return status;
}

PyaotStatus
cache_file_load(int dir_fd, const char *dir, const char *name,
                size_t max_bytes, uint8_t **out_data, size_t *out_len,
                int *out_fd, char *err)
{
    PyaotStatus status = PYAOT_OK;
    uint8_t *data = NULL;
    struct stat st;
    /* O_NONBLOCK: a FIFO under this name must not hang us. */
    int fd = openat(dir_fd, name,
                    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        PyaotStatus code = errno == ENOENT ? PYAOT_E_NOENT : PYAOT_E_IO;
        return pyaot_error(err, code,
                           "cannot open %s/%s: %s; run pyaot "
                           "build",
                           dir, name, strerror(errno));
    }
    PYAOT_CHECK_ERR(fstat(fd, &st) == 0, err, PYAOT_E_IO,
                    "cannot examine %s/%s: %s", dir, name, strerror(errno));
    PYAOT_CHECK_ERR(S_ISREG(st.st_mode), err, PYAOT_E_FORMAT,
                    "%s/%s is not a regular file", dir, name);
    PYAOT_TRY(cache_trust(&st, dir, name, err));
    PYAOT_CHECK_ERR(st.st_size >= 0 && (size_t)st.st_size <= max_bytes, err,
                    PYAOT_E_LIMIT, "%s/%s is too large", dir, name);
    size_t len = (size_t)st.st_size;
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        data = malloc(len ? len : 1);
    }
    PYAOT_CHECK_ERR(data != NULL, err, PYAOT_E_NOMEM,
                    "out of memory reading %s/%s", dir, name);
    PYAOT_CHECK_ERR(cache_read_all(fd, data, len) == PYAOT_OK, err, PYAOT_E_IO,
                    "cannot read %s/%s: %s", dir, name,
                    errno ? strerror(errno) : "it became shorter");
    *out_data = data;
    *out_len = len;
    *out_fd = fd;
    return PYAOT_OK;
out:
    free(data);
    close(fd);
    return status;
}

static bool
cache_write_all(int fd, const uint8_t *data, size_t len)
{
    size_t done = 0;
    while (done < len) {
        if (pyaot_fault(PYAOT_FAULT_WRITE)) {
            return false;
        }
        ssize_t n = write(fd, data + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            if (n == 0) {
                errno = EIO;
            }
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

PyaotStatus
cache_file_write(int dir_fd, const char *dir, const char *name,
                 const uint8_t *data, size_t len, char *err)
{
    PyaotStatus status = PYAOT_OK;
    char tmp[64];
    snprintf(tmp, sizeof(tmp), CACHE_TMP_PREFIX "%ld", (long)getpid());
    unlinkat(dir_fd, tmp, 0);
    int fd = -1;
    if (!pyaot_fault(PYAOT_FAULT_WRITE)) {
        fd = openat(dir_fd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                    0644);
    }
    if (fd < 0) {
        return pyaot_error(err, PYAOT_E_IO,
                           "cannot write to %s: %s; free "
                           "some space or choose another folder",
                           dir, strerror(errno));
    }
    bool ok = cache_write_all(fd, data, len) && !pyaot_fault(PYAOT_FAULT_WRITE)
              && fsync(fd) == 0;
    int saved_errno = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        saved_errno = errno;
    }
    PYAOT_CHECK_ERR(ok, err, PYAOT_E_IO,
                    "cannot write %s/%s: %s; free some "
                    "space or choose another folder",
                    dir, name, strerror(saved_errno));
    PYAOT_CHECK_ERR(!pyaot_fault(PYAOT_FAULT_WRITE)
                        && renameat(dir_fd, tmp, dir_fd, name) == 0,
                    err, PYAOT_E_IO, "cannot rename to %s/%s: %s", dir, name,
                    strerror(errno));
    /* Some file systems cannot sync a directory: the data itself is safe. */
    (void)fsync(dir_fd);
    return PYAOT_OK;
out:
    unlinkat(dir_fd, tmp, 0);
    return status;
}

void
cache_unit_name(const uint8_t hash[CACHE_HASH_BYTES],
                char name[CACHE_UNIT_NAME_BYTES])
{
    char hex[PYAOT_HASH_HEX_BYTES];
    pyaot_hash_hex(hash, hex);
    snprintf(name, CACHE_UNIT_NAME_BYTES, "%s%s%s", CACHE_UNIT_PREFIX, hex,
             CACHE_SUFFIX);
}

void
cache_image_name(const uint8_t hash[CACHE_HASH_BYTES],
                 char name[CACHE_IMAGE_NAME_BYTES])
{
    char hex[PYAOT_HASH_HEX_BYTES];
    pyaot_hash_hex(hash, hex);
    snprintf(name, CACHE_IMAGE_NAME_BYTES, "%s%s%s", CACHE_IMAGE_PREFIX, hex,
             CACHE_SUFFIX);
}

/* Is it prefix, a hash, suffix? */
static bool
is_name_with(const char *name, const char *prefix)
{
    if (strncmp(name, prefix, strlen(prefix)) != 0) {
        return false;
    }
    const char *hex = name + strlen(prefix);
    return strspn(hex, "0123456789abcdef") == 2 * CACHE_HASH_BYTES
           && strcmp(hex + 2 * CACHE_HASH_BYTES, CACHE_SUFFIX) == 0;
}

bool
cache_is_unit_name(const char *name)
{
    return is_name_with(name, CACHE_UNIT_PREFIX);
}

bool
cache_is_image_name(const char *name)
{
    return is_name_with(name, CACHE_IMAGE_PREFIX);
}

PyaotStatus
cache_unit_check(const uint8_t *data, size_t len, const CacheUnitEntry *entry,
                 const CacheIndexHeader *index, const char *name, char *err)
{
    PyaotStatus status = PYAOT_OK;
    CacheUnitHeader header;
    uint8_t hash[CACHE_HASH_BYTES];
    PYAOT_CHECK_ERR(len > sizeof(header) + CACHE_HASH_BYTES, err,
                    PYAOT_E_FORMAT, "%s is truncated; run pyaot build", name);
    memcpy(&header, data, sizeof(header));
    PYAOT_CHECK_ERR(memcmp(header.magic, CACHE_UNIT_MAGIC, 8) == 0, err,
                    PYAOT_E_FORMAT, "%s is not a unit file", name);
    PYAOT_CHECK_ERR(header.version == CACHE_VERSION, err, PYAOT_E_VERSION,
                    "%s has format version %u, this pyaot reads %u", name,
                    header.version, CACHE_VERSION);
    PYAOT_CHECK_ERR(header.file_bytes == len && entry->file_bytes == len, err,
                    PYAOT_E_FORMAT, "%s has the wrong size; run pyaot build",
                    name);
    pyaot_hash128(data, len - CACHE_HASH_BYTES, hash);
    PYAOT_CHECK_ERR(memcmp(hash, data + len - CACHE_HASH_BYTES, sizeof(hash))
                            == 0
                        && memcmp(hash, entry->file_hash, sizeof(hash)) == 0,
                    err, PYAOT_E_FORMAT,
                    "%s is damaged (checksum); run pyaot build", name);
    PYAOT_CHECK_ERR(header.header_bytes == CACHE_HEADER_BYTES
                        && header.compression == CACHE_COMPRESSION_ZSTD
                        && header.object_bytes == entry->object_bytes
                        && header.object_bytes != 0
                        && header.object_bytes <= CACHE_MAX_UNIT_BYTES
                        && header.exits_bytes < header.object_bytes
                        && memcmp(header.input_hash, entry->input_hash, 16)
                               == 0,
                    err, PYAOT_E_FORMAT,
                    "%s does not fit its index; run pyaot build", name);
    PYAOT_CHECK_ERR(header.abi_hash == index->abi_hash
                        && memcmp(header.abi, index->abi, CACHE_ABI_BYTES)
                               == 0,
                    err, PYAOT_E_ABI, "%s is made for another ABI", name);
    PYAOT_CHECK_ERR(header.cpu_level <= index->cpu_level, err, PYAOT_E_CPU,
                    "%s needs a higher CPU level than its index says", name);
out:
    return status;
}
