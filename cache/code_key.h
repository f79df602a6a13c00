/* The identity of a code object: the join column of profile, cache and
 * loader.
 *
 * The key is XXH3-128 over the keyed part of the code image (code_image.h),
 * which begins with the ABI text.  It does not cover the file name, line
 * numbers or the module, so the same source gives the same key wherever it
 * lies.  The filter is a cheap 64-bit value over a few fields: unequal filters
 * mean unequal keys; equal filters ask for the key. */
#ifndef PYAOT_CODE_KEY_H
#define PYAOT_CODE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PYAOT_KEY_BYTES 16
#define PYAOT_KEY_HEX_BYTES 33

typedef struct {
    uint8_t bytes[PYAOT_KEY_BYTES];
} PyaotKey;

/* The fields a filter is made of. */
typedef struct {
    const char *qualname; /* UTF-8, no NUL needed */
    size_t qualname_len;  /* bytes */
    uint32_t n_units;     /* 2-byte code units */
    uint32_t argcount;
    uint32_t flags;
    uint32_t nlocalsplus;
    uint32_t stacksize;
} PyaotFilterFields;

/* Key of the keyed part of an image. */
PyaotKey pyaot_key_of_bytes(const void *keyed, size_t len);

/* The 128 bits of the product, folded. */
static inline uint64_t
pyaot_filter_mix(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Filter value.  For each code object that a program creates: so no hash of
 * the whole name, whose end tells nearly as much. */
static inline uint64_t
pyaot_filter_of_fields(const PyaotFilterFields *fields)
{
    uint64_t end = 0;
    if (fields->qualname_len >= sizeof(end)) {
        memcpy(&end, fields->qualname + fields->qualname_len - sizeof(end),
               sizeof(end));
    }
    else {
        memcpy(&end, fields->qualname, fields->qualname_len);
    }
    const uint64_t size = fields->n_units | (uint64_t)fields->stacksize << 32;
    const uint64_t form = fields->flags | (uint64_t)fields->argcount << 32
                          | (uint64_t)fields->nlocalsplus << 48;
    return pyaot_filter_mix(pyaot_filter_mix(end ^ 0x9E3779B97F4A7C15,
                                             size ^ 0xD1B54A32D192ED03)
                                ^ fields->qualname_len,
                            form ^ 0x8CB92BA72F3D8DD7);
}

bool pyaot_key_equal(const PyaotKey *a, const PyaotKey *b);
int pyaot_key_compare(const PyaotKey *a, const PyaotKey *b);
/* 32 lower-case digits and a NUL. */
void pyaot_key_hex(const PyaotKey *key, char hex[PYAOT_KEY_HEX_BYTES]);
/* False (key untouched) unless text begins with 32 lower-case digits. */
bool pyaot_key_from_hex(const char *text, PyaotKey *key);

#endif
