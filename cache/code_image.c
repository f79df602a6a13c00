/* Parser of code images; the format is specified in code_image.h.  The
 * writer is pycode/pycode.c: only it sees live code objects. */
#include "code_image.h"

#include <string.h>

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    Arena *arena;
    bool failed;
} Reader;

static size_t
reader_left(const Reader *r)
{
    return (size_t)(r->end - r->at);
}

static const uint8_t *
reader_take(Reader *r, size_t len)
{
    if (r->failed || reader_left(r) < len) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *p = r->at;
    r->at += len;
    return p;
}

static uint8_t
reader_u8(Reader *r)
{
    const uint8_t *p = reader_take(r, 1);
    return p != NULL ? p[0] : 0;
}

static uint32_t
reader_u32(Reader *r)
{
    const uint8_t *p = reader_take(r, 4);
    if (p == NULL) {
        return 0;
    }
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
           | (uint32_t)p[3] << 24;
}

static uint64_t
reader_u64(Reader *r)
{
    const uint64_t low = reader_u32(r);
    return low | (uint64_t)reader_u32(r) << 32;
}

static double
reader_double(Reader *r)
{
    const uint64_t bits = reader_u64(r);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* A count of things that take at least min_bytes each. */
static uint32_t
reader_count(Reader *r, size_t min_bytes)
{
    const uint32_t count = reader_u32(r);
    if (r->failed || count > reader_left(r) / min_bytes) {
        r->failed = true;
        return 0;
    }
    return count;
}

/* A copy with a NUL after it that len does not count. */
static const char *
reader_blob(Reader *r, uint32_t *len)
{
    const uint32_t n = reader_count(r, 1);
    const uint8_t *p = reader_take(r, n);
    char *copy = arena_alloc(r->arena, (size_t)n + 1);
    if (p == NULL || copy == NULL) {
        r->failed = true;
        *len = 0;
        return "";
    }
    memcpy(copy, p, n);
    *len = n;
    return copy;
}

static const char *
reader_text(Reader *r)
{
    uint32_t len;
    const char *text = reader_blob(r, &len);
    if (!r->failed && strlen(text) != len) {
        r->failed = true;
    }
    return text;
}

static const char **
reader_texts(Reader *r, uint32_t count)
{
    const char **texts = ARENA_NEW_ARRAY(r->arena, const char *,
                                         (size_t)count + 1);
    if (texts == NULL) {
        r->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        texts[i] = reader_text(r);
    }
    return texts;
}

static void reader_const(Reader *r, PyaotConst *c, int depth);

static void
reader_items(Reader *r, PyaotConst *c, int depth)
{
    const uint32_t count = reader_count(r, 1);
    if (r->failed || depth >= PYAOT_IMAGE_MAX_DEPTH) {
        r->failed = true;
        return;
    }
    PyaotConst *items = ARENA_NEW_ARRAY(r->arena, PyaotConst,
                                        (size_t)count + 1);
    if (items == NULL) {
        r->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        reader_const(r, &items[i], depth + 1);
    }
    c->items = items;
    c->n_items = count;
}

static void
reader_const(Reader *r, PyaotConst *c, int depth)
{
    const uint8_t kind = reader_u8(r);
    if (r->failed || kind > PYAOT_CONST_OTHER) {
        r->failed = true;
        return;
    }
    c->kind = (PyaotConstKind)kind;
    switch (c->kind) {
    case PYAOT_CONST_NONE:
    case PYAOT_CONST_TRUE:
    case PYAOT_CONST_FALSE:
    case PYAOT_CONST_ELLIPSIS:
        break;
    case PYAOT_CONST_INT:
        c->i = (int64_t)reader_u64(r);
        break;
    case PYAOT_CONST_FLOAT:
        c->f = reader_double(r);
        break;
    case PYAOT_CONST_COMPLEX:
        c->f = reader_double(r);
        c->imag = reader_double(r);
        break;
    case PYAOT_CONST_BIGINT:
    case PYAOT_CONST_STR:
    case PYAOT_CONST_BYTES:
    case PYAOT_CONST_OTHER:
        c->bytes = reader_blob(r, &c->len);
        break;
    case PYAOT_CONST_TUPLE:
    case PYAOT_CONST_FROZENSET:
        reader_items(r, c, depth);
        break;
    case PYAOT_CONST_CODE: {
        const uint8_t *p = reader_take(r, PYAOT_KEY_BYTES);
        if (p != NULL) {
            memcpy(c->key.bytes, p, PYAOT_KEY_BYTES);
        }
        break;
    }
    }
}

static const uint8_t *
reader_copy(Reader *r, size_t len)
{
    const uint8_t *p = reader_take(r, len);
    if (p == NULL) {
        return NULL;
    }
    const uint8_t *copy = arena_memdup(r->arena, p, len);
    if (copy == NULL) {
        r->failed = true;
    }
    return copy;
}

static void
reader_keyed(Reader *r, PyaotImage *image)
{
    image->abi = reader_text(r);
    image->argcount = reader_u32(r);
    image->posonly = reader_u32(r);
    image->kwonly = reader_u32(r);
    image->nlocalsplus = reader_u32(r);
    image->stacksize = reader_u32(r);
    image->flags = reader_u32(r);
    image->n_units = reader_count(r, 2);
    image->code = reader_copy(r, 2 * (size_t)image->n_units);
    image->n_consts = reader_count(r, 1);
    image->consts = ARENA_NEW_ARRAY(r->arena, PyaotConst,
                                    (size_t)image->n_consts + 1);
    if (image->consts == NULL) {
        r->failed = true;
        return;
    }
    for (uint32_t i = 0; i < image->n_consts && !r->failed; i++) {
        reader_const(r, &image->consts[i], 0);
    }
    image->n_names = reader_count(r, 4);
    image->names = reader_texts(r, image->n_names);
    if (image->nlocalsplus > reader_left(r) / 5) {
        r->failed = true;
        return;
    }
    image->localnames = reader_texts(r, image->nlocalsplus);
    image->localkinds = reader_copy(r, image->nlocalsplus);
    image->exctable = (const uint8_t *)reader_blob(r, &image->exctable_len);
    image->qualname = reader_text(r);
}

static void
reader_unkeyed(Reader *r, PyaotImage *image)
{
    image->name = reader_text(r);
    image->filename = reader_text(r);
    image->module = reader_text(r);
    image->firstlineno = reader_u32(r);
    if (r->failed || reader_left(r) != 4 * (size_t)image->n_units) {
        r->failed = true;
        return;
    }
    int32_t *lines = ARENA_NEW_ARRAY(r->arena, int32_t,
                                     (size_t)image->n_units + 1);
    if (lines == NULL) {
        r->failed = true;
        return;
    }
    for (uint32_t i = 0; i < image->n_units; i++) {
        lines[i] = (int32_t)reader_u32(r);
    }
    image->lines = lines;
}

/* What the rest of pyaot relies on. */
static bool
image_is_sane(const PyaotImage *image)
{
    return image->n_units > 0 && image->posonly <= image->argcount
           && (uint64_t)image->argcount + image->kwonly <= image->nlocalsplus;
}

PyaotStatus
pyaot_image_parse(const uint8_t *buf, size_t len, Arena *arena,
                  PyaotImage **out)
{
    PyaotStatus status = PYAOT_OK;
    Reader r = {.at = buf, .end = buf + len, .arena = arena};
    PyaotImage *image = ARENA_NEW(arena, PyaotImage);
    PYAOT_CHECK(image != NULL, arena_status(arena), "no memory for an image");

    const uint8_t *magic = reader_take(&r, PYAOT_IMAGE_MAGIC_BYTES);
    PYAOT_CHECK(
        magic != NULL
            && memcmp(magic, PYAOT_IMAGE_MAGIC, PYAOT_IMAGE_MAGIC_BYTES) == 0,
        PYAOT_E_FORMAT, "not a code image");
    const uint32_t version = reader_u32(&r);
    PYAOT_CHECK(!r.failed, PYAOT_E_FORMAT, "code image ends in its header");
    PYAOT_CHECK(version == PYAOT_IMAGE_VERSION, PYAOT_E_VERSION,
                "code image of version %u, not %u", version,
                PYAOT_IMAGE_VERSION);
    const uint32_t keyed_len = reader_u32(&r);
    const uint32_t unkeyed_len = reader_u32(&r);
    const uint8_t *stored_key = reader_take(&r, PYAOT_KEY_BYTES);
    PYAOT_CHECK(!r.failed
                    && reader_left(&r) == (uint64_t)keyed_len + unkeyed_len,
                PYAOT_E_FORMAT, "code image of the wrong length");

    image->key = pyaot_key_of_bytes(r.at, keyed_len);
    PYAOT_CHECK(memcmp(image->key.bytes, stored_key, PYAOT_KEY_BYTES) == 0,
                PYAOT_E_FORMAT, "code image does not match its key");

    const uint8_t *image_end = r.end;
    r.end = r.at + keyed_len;
    reader_keyed(&r, image);
    const bool keyed_ok = !r.failed && r.at == r.end;
    r.end = image_end;
    if (keyed_ok) {
        reader_unkeyed(&r, image);
    }
    PYAOT_TRY(arena_status(arena));
    PYAOT_CHECK(keyed_ok && !r.failed && r.at == r.end && image_is_sane(image),
                PYAOT_E_FORMAT, "code image is damaged");
    *out = image;
out:
    return status;
}

uint64_t
pyaot_image_filter(const PyaotImage *image)
{
    const PyaotFilterFields fields = {
        .qualname = image->qualname,
        .qualname_len = strlen(image->qualname),
        .n_units = image->n_units,
        .argcount = image->argcount,
        .flags = image->flags,
        .nlocalsplus = image->nlocalsplus,
        .stacksize = image->stacksize,
    };
    return pyaot_filter_of_fields(&fields);
}
