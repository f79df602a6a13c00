/* Writing a cache.
 *
 * Unit files go first, each complete and synced under a name that no older
 * index uses for other bytes; the index goes last.  So the old cache is valid
 * until the new index is renamed over the old one, and whatever a dead build
 * leaves behind is recognised by its name and removed by the next one.
 * Equal input gives equal bytes: units and codes are sorted, nothing of time
 * or place is stored. */
#include "cache_format.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zstd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/strbuf.h"
#include "cache_file.h"

/* A temporary name (a process is never number 0). */
#define WRITE_WORK_NAME CACHE_TMP_PREFIX "0"

enum {
    /* Level 9: within 3% of the size of level 19 on units of this project,
     * at a tenth of the time; unpacking is equally fast. */
    WRITE_ZSTD_LEVEL = 9,
};

typedef struct WriteUnit {
    struct WriteUnit *next;
    const char *module;
    const char *source;
    const PyaotCacheCodeSpec *codes;
    CacheUnitEntry entry; /* text offsets are set at commit */
    bool is_added;
} WriteUnit;

/* A unit of the old cache, by one of its hashes. */
typedef struct {
    uint8_t hash[PYAOT_HASH_BYTES];
    uint32_t number;
} OldUnit;

struct PyaotCacheWriter {
    Arena arena;
    char *dir;
    int dir_fd;
    int lock_fd;
    PyaotCache *old;     /* NULL if there is no usable one */
    OldUnit *old_inputs; /* its units, sorted by input hash */
    uint32_t n_old;
    char abi[CACHE_ABI_BYTES];
    uint64_t abi_hash;
    uint32_t cpu_level;
    WriteUnit *units; /* newest first */
    uint32_t n_units;
    uint64_t n_codes, n_regions;
    bool is_committed;
    char *work_dir; /* NULL until asked for */
};

/* --- opening ------------------------------------------------------------- */

static PyaotStatus
write_make_dirs(const char *dir, char *err)
{
    PyaotStatus status = PYAOT_OK;
    char *path = strdup(dir);
    PYAOT_CHECK_ERR(path != NULL, err, PYAOT_E_NOMEM, "out of memory");
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0') {
            continue;
        }
        char saved = *p;
        *p = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST && saved == '\0') {
            PYAOT_CHECK_ERR(false, err, PYAOT_E_IO,
                            "cannot make folder %s: %s; choose another with "
                            "-o DIR",
                            dir, strerror(errno));
        }
        *p = saved;
        if (saved == '\0') {
            break;
        }
    }
out:
    free(path);
    return status;
}

/* Call fn for each entry of the directory whose name is of ours to judge. */
static void
write_each_name(int dir_fd, void (*fn)(void *arg, const char *name), void *arg)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (stream == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    for (struct dirent *item; (item = readdir(stream)) != NULL;) {
        fn(arg, item->d_name);
    }
    closedir(stream);
}

static bool
write_is_tmp_name(const char *name)
{
    size_t prefix = sizeof(CACHE_TMP_PREFIX) - 1;
    const char *digits = name + prefix;
    return strncmp(name, CACHE_TMP_PREFIX, prefix) == 0 && digits[0] != '\0'
           && digits[strspn(digits, "0123456789")] == '\0';
}

static void
write_remove_in(void *arg, const char *name)
{
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
        unlinkat(*(int *)arg, name, 0);
    }
}

/* Remove a file, or a folder that holds only files. */
static void
write_remove(int dir_fd, const char *name)
{
    if (unlinkat(dir_fd, name, 0) == 0 || errno != EISDIR) {
        return;
    }
    int fd = openat(dir_fd, name,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        write_each_name(fd, write_remove_in, &fd);
        close(fd);
        unlinkat(dir_fd, name, AT_REMOVEDIR);
    }
}

static void
write_remove_tmp(void *arg, const char *name)
{
    PyaotCacheWriter *writer = arg;
    if (write_is_tmp_name(name)) {
        write_remove(writer->dir_fd, name);
    }
}

static PyaotStatus
write_lock(PyaotCacheWriter *writer, char *err)
{
    PyaotStatus status = PYAOT_OK;
    writer->lock_fd = openat(writer->dir_fd, CACHE_LOCK_NAME,
                             O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    PYAOT_CHECK_ERR(writer->lock_fd >= 0, err, PYAOT_E_IO,
                    "cannot write to %s: %s; choose another folder with "
                    "-o DIR",
                    writer->dir, strerror(errno));
    PYAOT_CHECK_ERR(flock(writer->lock_fd, LOCK_EX | LOCK_NB) == 0, err,
                    PYAOT_E_BUSY,
                    "another build is writing to %s; wait for it to end",
                    writer->dir);
out:
    return status;
}

static int
write_compare_old(const void *left, const void *right)
{
    return memcmp(((const OldUnit *)left)->hash,
                  ((const OldUnit *)right)->hash, PYAOT_HASH_BYTES);
}

/* Without memory nothing of the old cache is found. */
static void
write_list_old(PyaotCacheWriter *writer)
{
    PyaotCacheInfo info;
    pyaot_cache_info(writer->old, &info);
    writer->old_inputs = ARENA_NEW_ARRAY(&writer->arena, OldUnit,
                                         info.n_units);
    if (writer->old_inputs == NULL) {
        return;
    }
    for (uint32_t i = 0; i < info.n_units; i++) {
        PyaotCacheUnitInfo unit;
        pyaot_cache_unit_info(writer->old, i, &unit);
        writer->old_inputs[i].number = i;
        memcpy(writer->old_inputs[i].hash, unit.input_hash, PYAOT_HASH_BYTES);
    }
    writer->n_old = info.n_units;
    qsort(writer->old_inputs, writer->n_old, sizeof(OldUnit),
          write_compare_old);
}

PyaotStatus
pyaot_cache_writer_open(const char *dir, const char *abi, uint64_t abi_hash,
                        uint32_t cpu_level, PyaotCacheWriter **out,
                        char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    PyaotCacheWriter *writer = NULL;
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        writer = calloc(1, sizeof(*writer));
    }
    PYAOT_CHECK_ERR(writer != NULL, err, PYAOT_E_NOMEM, "out of memory");
    arena_init(&writer->arena, 0);
    writer->dir_fd = -1;
    writer->lock_fd = -1;
    PYAOT_CHECK_ERR(dir[0] != '\0' && strlen(abi) < sizeof(writer->abi), err,
                    PYAOT_E_ARGUMENT,
                    "empty folder name or ABI text too "
                    "long");
    memcpy(writer->abi, abi, strlen(abi));
    writer->abi_hash = abi_hash;
    writer->cpu_level = cpu_level;
    writer->dir = arena_strdup(&writer->arena, dir);
    PYAOT_CHECK_ERR(writer->dir != NULL, err, PYAOT_E_NOMEM, "out of memory");
    PYAOT_TRY(write_make_dirs(dir, err));
    PYAOT_TRY(cache_dir_open(dir, &writer->dir_fd, err));
    PYAOT_TRY(write_lock(writer, err));
    write_each_name(writer->dir_fd, write_remove_tmp, writer);
    if (pyaot_cache_open(dir, writer->abi, abi_hash, &writer->old, NULL)
        != PYAOT_OK) {
        writer->old = NULL;
    }
    if (writer->old != NULL) {
        write_list_old(writer);
    }
    *out = writer;
    writer = NULL;
out:
    pyaot_cache_writer_close(writer);
    return status;
}

PyaotStatus
pyaot_cache_writer_work_dir(PyaotCacheWriter *writer, const char **path,
                            char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    if (writer->work_dir == NULL) {
        char *dir = realpath(writer->dir, NULL);
        PYAOT_CHECK_ERR(dir != NULL, err, PYAOT_E_IO, "cannot resolve %s: %s",
                        writer->dir, strerror(errno));
        writer->work_dir = arena_printf(&writer->arena, "%s/" WRITE_WORK_NAME,
                                        dir);
        free(dir);
        PYAOT_CHECK_ERR(writer->work_dir != NULL, err, PYAOT_E_NOMEM,
                        "out of memory");
        PYAOT_CHECK_ERR(mkdirat(writer->dir_fd, WRITE_WORK_NAME, 0700) == 0,
                        err, PYAOT_E_IO,
                        "cannot write to %s: %s; "
                        "choose another folder with -o DIR",
                        writer->dir, strerror(errno));
    }
    *path = writer->work_dir;
out:
    return status;
}

/* --- units --------------------------------------------------------------- */

/* Copy what the caller gave; the entry's file part is not set yet. */
static WriteUnit *
write_new_unit(PyaotCacheWriter *writer, const PyaotCacheUnitSpec *spec)
{
    Arena *arena = &writer->arena;
    WriteUnit *unit = ARENA_NEW(arena, WriteUnit);
    PyaotCacheCodeSpec *codes = ARENA_NEW_ARRAY(arena, PyaotCacheCodeSpec,
                                                spec->n_codes);
    if (unit == NULL || codes == NULL) {
        return NULL;
    }
    unit->module = arena_strdup(arena, spec->module);
    unit->source = arena_strdup(arena, spec->source);
    unit->entry.n_codes = spec->n_codes;
    memcpy(unit->entry.input_hash, spec->input_hash, PYAOT_HASH_BYTES);
    for (uint32_t i = 0; i < spec->n_codes; i++) {
        codes[i] = spec->codes[i];
        codes[i].qualname = arena_strdup(arena, spec->codes[i].qualname);
        PyaotCacheRegion *regions = ARENA_NEW_ARRAY(arena, PyaotCacheRegion,
                                                    codes[i].n_regions);
        if (regions != NULL && codes[i].n_regions > 0) {
            memcpy(regions, spec->codes[i].regions,
                   codes[i].n_regions * sizeof *regions);
        }
        codes[i].regions = regions;
        unit->entry.n_regions += spec->codes[i].n_regions;
    }
    unit->codes = codes;
    return arena_status(arena) == PYAOT_OK ? unit : NULL;
}

static void
write_link_unit(PyaotCacheWriter *writer, WriteUnit *unit)
{
    unit->next = writer->units;
    writer->units = unit;
    writer->n_units++;
    writer->n_codes += unit->entry.n_codes;
    writer->n_regions += unit->entry.n_regions;
}

/* The bytes of a unit file: header, one zstd frame, hash. */
static PyaotStatus
write_unit_bytes(const PyaotCacheWriter *writer, const WriteUnit *unit,
                 const uint8_t *all, size_t all_len, size_t exits_len,
                 StrBuf *buf, char *err)
{
    PyaotStatus status = PYAOT_OK;
    CacheUnitHeader header = {
        .version = CACHE_VERSION,
        .header_bytes = CACHE_HEADER_BYTES,
        .abi_hash = writer->abi_hash,
        .cpu_level = writer->cpu_level,
        .compression = CACHE_COMPRESSION_ZSTD,
        .object_bytes = all_len,
        .exits_bytes = exits_len,
    };
    memcpy(header.magic, CACHE_UNIT_MAGIC, sizeof(header.magic));
    memcpy(header.input_hash, unit->entry.input_hash, PYAOT_HASH_BYTES);
    memcpy(header.abi, writer->abi, sizeof(header.abi));
    strbuf_add(buf, &header, sizeof(header));
    size_t bound = ZSTD_compressBound(all_len);
    PYAOT_CHECK_ERR(strbuf_reserve(buf, bound), err, strbuf_status(buf),
                    "cannot pack unit %s: %s", unit->module,
                    pyaot_status_text(strbuf_status(buf)));
    size_t n = ZSTD_compress(buf->data + buf->len, bound, all, all_len,
                             WRITE_ZSTD_LEVEL);
    PYAOT_CHECK_ERR(!ZSTD_isError(n), err, PYAOT_E_NOMEM,
                    "cannot pack unit %s: %s", unit->module,
                    ZSTD_getErrorName(n));
    buf->len += n;
    uint64_t file_bytes = buf->len + CACHE_HASH_BYTES;
    memcpy(buf->data + offsetof(CacheUnitHeader, file_bytes), &file_bytes,
           sizeof(file_bytes));
    uint8_t hash[CACHE_HASH_BYTES];
    pyaot_hash128(buf->data, buf->len, hash);
    strbuf_add(buf, hash, sizeof(hash));
    PYAOT_CHECK_ERR(strbuf_status(buf) == PYAOT_OK, err, strbuf_status(buf),
                    "unit %s: %s", unit->module,
                    pyaot_status_text(strbuf_status(buf)));
out:
    return status;
}

PyaotStatus
pyaot_cache_writer_add_unit(PyaotCacheWriter *writer,
                            const PyaotCacheUnitSpec *spec, const uint8_t *so,
                            size_t len, const uint8_t *exits, size_t exits_len,
                            char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    StrBuf buf;
    char name[CACHE_UNIT_NAME_BYTES];
    uint8_t *all = NULL;
    size_t all_len = len + exits_len;
    strbuf_init(&buf, CACHE_MAX_UNIT_BYTES);
    PYAOT_CHECK_ERR(len > 0 && len <= CACHE_MAX_UNIT_BYTES / 4
                        && exits_len <= CACHE_MAX_UNIT_BYTES / 4,
                    err, PYAOT_E_LIMIT, "unit %s is empty or too large",
                    spec->module);
    WriteUnit *unit = write_new_unit(writer, spec);
    PYAOT_CHECK_ERR(unit != NULL, err, PYAOT_E_NOMEM, "out of memory");
    all = malloc(all_len);
    PYAOT_CHECK_ERR(all != NULL, err, PYAOT_E_NOMEM, "out of memory");
    memcpy(all, so, len);
    if (exits_len > 0) {
        memcpy(all + len, exits, exits_len);
    }
    PYAOT_TRY(
        write_unit_bytes(writer, unit, all, all_len, exits_len, &buf, err));
    unit->entry.file_bytes = buf.len;
    unit->entry.object_bytes = all_len;
    memcpy(unit->entry.file_hash, buf.data + buf.len - CACHE_HASH_BYTES,
           CACHE_HASH_BYTES);
    cache_unit_name(unit->entry.file_hash, name);
    PYAOT_TRY(cache_file_write(writer->dir_fd, writer->dir, name,
                               (const uint8_t *)buf.data, buf.len, err));
    unit->is_added = true;
    write_link_unit(writer, unit);
    PYAOT_TRY(cache_image_write(writer->dir_fd, writer->dir,
                                unit->entry.file_hash, all, all_len, err));
out:
    free(all);
    strbuf_free(&buf);
    return status;
}

/* Find a unit of the old cache by input hash; its number, or -1. */
static int64_t
write_find_old(const PyaotCacheWriter *writer,
               const uint8_t input_hash[PYAOT_HASH_BYTES],
               PyaotCacheUnitInfo *info)
{
    OldUnit key = {.number = 0};
    memcpy(key.hash, input_hash, PYAOT_HASH_BYTES);
    const OldUnit *found = writer->n_old == 0
                               ? NULL
                               : bsearch(&key, writer->old_inputs,
                                         writer->n_old, sizeof(OldUnit),
                                         write_compare_old);
    if (found == NULL) {
        return -1;
    }
    pyaot_cache_unit_info(writer->old, found->number, info);
    return found->number;
}

static bool
write_old_is_sound(const PyaotCacheWriter *writer, uint32_t unit)
{
    uint8_t *so = NULL, *exits = NULL;
    size_t len = 0, exits_len = 0;
    PyaotStatus status = pyaot_cache_unit(writer->old, unit, &so, &len, &exits,
                                          &exits_len, NULL, NULL);
    free(so);
    free(exits);
    return status == PYAOT_OK;
}

/* Make the image of an old unit, which is sound, if it has no good one. */
static PyaotStatus
write_old_image(const PyaotCacheWriter *writer, uint32_t unit,
                const PyaotCacheUnitInfo *info, char *err)
{
    PyaotStatus status = PYAOT_OK;
    uint8_t *so = NULL, *exits = NULL;
    size_t len = 0, exits_len = 0;
    if (cache_image_check(writer->old, unit, NULL) == PYAOT_OK) {
        return PYAOT_OK;
    }
    PYAOT_TRY(pyaot_cache_unit(writer->old, unit, &so, &len, &exits,
                               &exits_len, NULL, err));
    PYAOT_TRY(cache_image_write(writer->dir_fd, writer->dir, info->file_hash,
                                so, len + exits_len, err));
out:
    free(so);
    free(exits);
    return status;
}

bool
pyaot_cache_writer_has(const PyaotCacheWriter *writer,
                       const uint8_t input_hash[PYAOT_HASH_BYTES])
{
    PyaotCacheUnitInfo info;
    int64_t unit = write_find_old(writer, input_hash, &info);
    return unit >= 0 && write_old_is_sound(writer, (uint32_t)unit);
}

PyaotStatus
pyaot_cache_writer_reuse_unit(PyaotCacheWriter *writer,
                              const PyaotCacheUnitSpec *spec,
                              char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    PyaotCacheUnitInfo info;
    int64_t number = write_find_old(writer, spec->input_hash, &info);
    PYAOT_CHECK_ERR(number >= 0
                        && write_old_is_sound(writer, (uint32_t)number),
                    err, PYAOT_E_NOENT, "the old cache has no sound unit %s",
                    spec->module);
    PYAOT_TRY(write_old_image(writer, (uint32_t)number, &info, err));
    WriteUnit *unit = write_new_unit(writer, spec);
    PYAOT_CHECK_ERR(unit != NULL, err, PYAOT_E_NOMEM, "out of memory");
    unit->entry.file_bytes = info.file_bytes;
    unit->entry.object_bytes = info.object_bytes;
    memcpy(unit->entry.file_hash, info.file_hash, PYAOT_HASH_BYTES);
    write_link_unit(writer, unit);
out:
    return status;
}

/* --- the index ----------------------------------------------------------- */

/* Texts, each stored once.  Slots hold offset + 1; 0 = free. */
typedef struct {
    StrBuf buf;
    uint32_t *slots;
    uint32_t mask;
} TextPool;

static uint32_t
text_pool_add(TextPool *pool, const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || strbuf_status(&pool->buf) != PYAOT_OK) {
        return 0;
    }
    uint32_t at = (uint32_t)pyaot_hash64(text, len) & pool->mask;
    while (pool->slots[at] != 0) {
        uint32_t offset = pool->slots[at] - 1;
        if (strcmp(pool->buf.data + offset, text) == 0) {
            return offset;
        }
        at = (at + 1) & pool->mask;
    }
    uint32_t offset = (uint32_t)pool->buf.len;
    pool->slots[at] = offset + 1;
    strbuf_add(&pool->buf, text, len + 1);
    return offset;
}

static bool
text_pool_init(TextPool *pool, Arena *arena, uint64_t n_texts)
{
    uint64_t n_slots = 16;
    while (n_slots < 2 * n_texts) {
        n_slots *= 2;
    }
    pool->slots = ARENA_NEW_ARRAY(arena, uint32_t, n_slots);
    pool->mask = (uint32_t)(n_slots - 1);
    strbuf_init(&pool->buf, CACHE_MAX_INDEX_BYTES / 2);
    strbuf_u8(&pool->buf, 0);
    return pool->slots != NULL;
}

static int
write_compare_units(const void *left, const void *right)
{
    const WriteUnit *a = *(WriteUnit *const *)left;
    const WriteUnit *b = *(WriteUnit *const *)right;
    int order = strcmp(a->module, b->module);
    if (order == 0) {
        order = strcmp(a->source, b->source);
    }
    if (order == 0) {
        order = memcmp(a->entry.input_hash, b->entry.input_hash,
                       PYAOT_HASH_BYTES);
    }
    return order;
}

typedef struct {
    PyaotCacheCode code;
    const char *qualname;
    const PyaotCacheRegion *regions;
} WriteCode;

static int
write_compare_codes(const void *left, const void *right)
{
    const PyaotCacheCode *a = &((const WriteCode *)left)->code;
    const PyaotCacheCode *b = &((const WriteCode *)right)->code;
    if (a->filter != b->filter) {
        return a->filter < b->filter ? -1 : 1;
    }
    int order = memcmp(a->key, b->key, sizeof(a->key));
    if (order == 0) {
        order = a->unit < b->unit ? -1 : a->unit > b->unit;
    }
    return order;
}

static WriteUnit **
write_sorted_units(PyaotCacheWriter *writer)
{
    WriteUnit **units = ARENA_NEW_ARRAY(&writer->arena, WriteUnit *,
                                        writer->n_units);
    if (units != NULL) {
        uint32_t n = 0;
        for (WriteUnit *unit = writer->units; unit; unit = unit->next) {
            units[n++] = unit;
        }
        qsort(units, n, sizeof(*units), write_compare_units);
    }
    return units;
}

static WriteCode *
write_sorted_codes(PyaotCacheWriter *writer, WriteUnit **units)
{
    WriteCode *codes = ARENA_NEW_ARRAY(&writer->arena, WriteCode,
                                       writer->n_codes);
    if (codes == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (uint32_t u = 0; u < writer->n_units; u++) {
        for (uint32_t i = 0; i < units[u]->entry.n_codes; i++) {
            const PyaotCacheCodeSpec *spec = &units[u]->codes[i];
            WriteCode *code = &codes[n++];
            code->qualname = spec->qualname;
            code->code.filter = spec->filter;
            memcpy(code->code.key, spec->key, sizeof(spec->key));
            code->code.unit = u;
            code->code.firstlineno = spec->firstlineno;
            code->code.flags = spec->flags;
            code->code.n_regions = spec->n_regions;
            code->regions = spec->regions;
        }
    }
    qsort(codes, n, sizeof(*codes), write_compare_codes);
    uint32_t first = 0;
    for (size_t i = 0; i < n; i++) {
        codes[i].code.first_region = first;
        first += codes[i].code.n_regions;
    }
    return codes;
}

static uint32_t
write_dir_bits(uint64_t n_codes)
{
    uint32_t bits = CACHE_MIN_DIR_BITS;
    while (bits < CACHE_MAX_DIR_BITS && ((uint64_t)1 << bits) < n_codes) {
        bits++;
    }
    return bits;
}

static void
write_directory(StrBuf *buf, const WriteCode *codes, uint32_t n_codes,
                uint32_t bits)
{
    uint64_t slot = 0;
    for (uint32_t i = 0; i < n_codes; i++) {
        for (; slot <= codes[i].code.filter >> (64 - bits); slot++) {
            strbuf_u32(buf, i);
        }
    }
    for (; slot <= (uint64_t)1 << bits; slot++) {
        strbuf_u32(buf, n_codes);
    }
}

static void
write_header(PyaotCacheWriter *writer, StrBuf *buf, uint32_t bits,
             size_t strings_bytes)
{
    CacheIndexHeader h = {
        .version = CACHE_VERSION,
        .header_bytes = CACHE_HEADER_BYTES,
        .abi_hash = writer->abi_hash,
        .cpu_level = writer->cpu_level,
        .n_units = writer->n_units,
        .n_codes = (uint32_t)writer->n_codes,
        .dir_bits = bits,
        .units_offset = CACHE_HEADER_BYTES,
        .strings_bytes = (uint32_t)strings_bytes,
        .n_regions = (uint32_t)writer->n_regions,
        .producer = "pyaot " PYAOT_VERSION,
    };
    memcpy(h.magic, CACHE_INDEX_MAGIC, sizeof(h.magic));
    memcpy(h.abi, writer->abi, sizeof(h.abi));
    size_t at = CACHE_HEADER_BYTES + writer->n_units * sizeof(CacheUnitEntry);
    h.codes_offset = (uint32_t)at;
    at += writer->n_codes * sizeof(PyaotCacheCode);
    h.regions_offset = (uint32_t)at;
    at += writer->n_regions * sizeof(PyaotCacheRegion);
    h.dir_offset = (uint32_t)at;
    at += (((size_t)1 << bits) + 1) * sizeof(uint32_t);
    h.strings_offset = (uint32_t)at;
    h.file_bytes = at + strings_bytes + CACHE_HASH_BYTES;
    strbuf_add(buf, &h, sizeof(h));
}

static PyaotStatus
write_index_bytes(PyaotCacheWriter *writer, StrBuf *buf, char *err)
{
    PyaotStatus status = PYAOT_OK;
    TextPool pool = {0};
    uint8_t hash[CACHE_HASH_BYTES];
    Arena *arena = &writer->arena;
    PYAOT_CHECK_ERR(writer->n_codes < CACHE_MAX_INDEX_BYTES / 128
                        && writer->n_regions < CACHE_MAX_INDEX_BYTES / 32,
                    err, PYAOT_E_LIMIT, "too many code objects for one cache");
    WriteUnit **units = write_sorted_units(writer);
    WriteCode *codes = units != NULL ? write_sorted_codes(writer, units)
                                     : NULL;
    PYAOT_CHECK_ERR(codes != NULL
                        && text_pool_init(&pool, arena,
                                          2 * (uint64_t)writer->n_units
                                              + writer->n_codes),
                    err, PYAOT_E_NOMEM, "out of memory");
    for (uint32_t u = 0; u < writer->n_units; u++) {
        units[u]->entry.module = text_pool_add(&pool, units[u]->module);
        units[u]->entry.source = text_pool_add(&pool, units[u]->source);
    }
    for (uint64_t i = 0; i < writer->n_codes; i++) {
        codes[i].code.qualname = text_pool_add(&pool, codes[i].qualname);
    }
    uint32_t bits = write_dir_bits(writer->n_codes);
    write_header(writer, buf, bits, pool.buf.len);
    for (uint32_t u = 0; u < writer->n_units; u++) {
        strbuf_add(buf, &units[u]->entry, sizeof(units[u]->entry));
    }
    for (uint64_t i = 0; i < writer->n_codes; i++) {
        strbuf_add(buf, &codes[i].code, sizeof(codes[i].code));
    }
    for (uint64_t i = 0; i < writer->n_codes; i++) {
        strbuf_add(buf, codes[i].regions,
                   codes[i].code.n_regions * sizeof(PyaotCacheRegion));
    }
    write_directory(buf, codes, (uint32_t)writer->n_codes, bits);
    strbuf_add(buf, pool.buf.data, pool.buf.len);
    PYAOT_CHECK_ERR(strbuf_status(buf) == PYAOT_OK
                        && strbuf_status(&pool.buf) == PYAOT_OK,
                    err, PYAOT_E_NOMEM, "out of memory");
    pyaot_hash128(buf->data, buf->len, hash);
    strbuf_add(buf, hash, sizeof(hash));
    PYAOT_CHECK_ERR(strbuf_status(buf) == PYAOT_OK, err, PYAOT_E_NOMEM,
                    "out of memory");
out:
    strbuf_free(&pool.buf);
    return status;
}

/* --- commit, clean up ---------------------------------------------------- */

/* Of a unit or an image. */
typedef char WriteName[CACHE_IMAGE_NAME_BYTES];

typedef struct {
    int dir_fd;
    WriteName *used; /* sorted */
    uint32_t n_used;
    uint32_t n_removed;
} WriteSweep;

static int
write_compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void
write_sweep_unit(void *arg, const char *name)
{
    WriteSweep *sweep = arg;
    bool is_unit = cache_is_unit_name(name);
    if ((is_unit || cache_is_image_name(name))
        && bsearch(name, sweep->used, sweep->n_used, sizeof(WriteName),
                   write_compare_names)
               == NULL
        && unlinkat(sweep->dir_fd, name, 0) == 0) {
        sweep->n_removed += is_unit;
    }
}

/* Remove unit files that the new index does not name; returns how many. */
static uint32_t
write_sweep(PyaotCacheWriter *writer)
{
    WriteSweep sweep = {
        .dir_fd = writer->dir_fd,
        .used = ARENA_NEW_ARRAY(&writer->arena, WriteName,
                                2 * writer->n_units),
    };
    if (sweep.used == NULL) {
        return 0; /* the next build will */
    }
    for (WriteUnit *unit = writer->units; unit; unit = unit->next) {
        cache_unit_name(unit->entry.file_hash, sweep.used[sweep.n_used++]);
        cache_image_name(unit->entry.file_hash, sweep.used[sweep.n_used++]);
    }
    qsort(sweep.used, sweep.n_used, sizeof(WriteName), write_compare_names);
    write_each_name(writer->dir_fd, write_sweep_unit, &sweep);
    return sweep.n_removed;
}

PyaotStatus
pyaot_cache_writer_commit(PyaotCacheWriter *writer,
                          PyaotCacheWriteStats *stats, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    StrBuf buf;
    strbuf_init(&buf, CACHE_MAX_INDEX_BYTES);
    PYAOT_TRY(write_index_bytes(writer, &buf, err));
    PYAOT_TRY(cache_file_write(writer->dir_fd, writer->dir, CACHE_INDEX_NAME,
                               (const uint8_t *)buf.data, buf.len, err));
    writer->is_committed = true;
    uint32_t n_removed = write_sweep(writer);
    if (stats != NULL) {
        *stats = (PyaotCacheWriteStats){
            .n_units = writer->n_units,
            .n_removed = n_removed,
            .total_bytes = buf.len,
        };
        for (WriteUnit *unit = writer->units; unit; unit = unit->next) {
            stats->n_added += unit->is_added;
            stats->n_reused += !unit->is_added;
            stats->total_bytes += unit->entry.file_bytes;
        }
    }
out:
    strbuf_free(&buf);
    return status;
}

/* Does the old index name this file? */
static bool
write_old_names(const PyaotCacheWriter *writer,
                const uint8_t file_hash[CACHE_HASH_BYTES])
{
    PyaotCacheInfo old;
    if (writer->old == NULL) {
        return false;
    }
    pyaot_cache_info(writer->old, &old);
    for (uint32_t i = 0; i < old.n_units; i++) {
        PyaotCacheUnitInfo info;
        pyaot_cache_unit_info(writer->old, i, &info);
        if (memcmp(info.file_hash, file_hash, CACHE_HASH_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

void
pyaot_cache_writer_close(PyaotCacheWriter *writer)
{
    if (writer == NULL) {
        return;
    }
    for (WriteUnit *unit = writer->units; unit; unit = unit->next) {
        if (!writer->is_committed && unit->is_added
            && !write_old_names(writer, unit->entry.file_hash)) {
            char name[CACHE_IMAGE_NAME_BYTES];
            cache_unit_name(unit->entry.file_hash, name);
            unlinkat(writer->dir_fd, name, 0);
            cache_image_name(unit->entry.file_hash, name);
            unlinkat(writer->dir_fd, name, 0);
        }
    }
    if (writer->work_dir != NULL) {
        write_remove(writer->dir_fd, WRITE_WORK_NAME);
    }
    pyaot_cache_close(writer->old);
    if (writer->lock_fd >= 0) {
        close(writer->lock_fd);
    }
    if (writer->dir_fd >= 0) {
        close(writer->dir_fd);
    }
    arena_free(&writer->arena);
    free(writer);
}

static void
write_clear_name(void *arg, const char *name)
{
    PyaotCacheWriter *writer = arg;
    if (cache_is_unit_name(name) || cache_is_image_name(name)
        || write_is_tmp_name(name)) {
        write_remove(writer->dir_fd, name);
    }
}

PyaotStatus
pyaot_cache_clear(const char *dir, char err[PYAOT_ERR_MAX])
{
    PyaotStatus status = PYAOT_OK;
    PyaotCacheWriter writer = {.dir_fd = -1, .lock_fd = -1};
    writer.dir = strdup(dir);
    PYAOT_CHECK_ERR(writer.dir != NULL, err, PYAOT_E_NOMEM, "out of memory");
    PYAOT_TRY(cache_dir_open(dir, &writer.dir_fd, err));
    PYAOT_TRY(write_lock(&writer, err));
    /* The index first: without it the units are nothing. */
    if (unlinkat(writer.dir_fd, CACHE_INDEX_NAME, 0) != 0) {
        PYAOT_CHECK_ERR(errno == ENOENT, err, PYAOT_E_IO,
                        "cannot remove %s/" CACHE_INDEX_NAME ": %s; the owner "
                        "of the folder can",
                        dir, strerror(errno));
    }
    write_each_name(writer.dir_fd, write_clear_name, &writer);
    unlinkat(writer.dir_fd, CACHE_LOCK_NAME, 0);
    (void)rmdir(dir); /* stays if it holds other things */
out:
    if (writer.lock_fd >= 0) {
        close(writer.lock_fd);
    }
    if (writer.dir_fd >= 0) {
        close(writer.dir_fd);
    }
    free(writer.dir);
    return status;
}
