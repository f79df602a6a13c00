#include "code_key.h"

#include <string.h>

#include "base/hash.h"

_Static_assert(PYAOT_KEY_BYTES == PYAOT_HASH_BYTES, "key is a 128-bit hash");

PyaotKey
pyaot_key_of_bytes(const void *keyed, size_t len)
{
    PyaotKey key;
    pyaot_hash128(keyed, len, key.bytes);
    return key;
}

/* The 128 bits of the product, folded. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* For each code object that a program creates: so not a hash of the whole name, whose end tells
 * nearly as much. */
uint64_t
pyaot_filter_of_fields(const PyaotFilterFields *fields)
{
    uint64_t end = 0;
    const size_t n = fields->qualname_len < sizeof(end) ? fields->qualname_len
                                                        : sizeof(end);
    memcpy(&end, fields->qualname + fields->qualname_len - n, n);
    const uint64_t size = fields->n_units | (uint64_t)fields->stacksize << 32;
    const uint64_t form = fields->flags | (uint64_t)fields->argcount << 32
                          | (uint64_t)fields->nlocalsplus << 48;
    return mix(mix(end ^ 0x9E3779B97F4A7C15, size ^ 0xD1B54A32D192ED03)
                   ^ fields->qualname_len,
               form ^ 0x8CB92BA72F3D8DD7);
}

bool
pyaot_key_equal(const PyaotKey *a, const PyaotKey *b)
{
    return memcmp(a->bytes, b->bytes, PYAOT_KEY_BYTES) == 0;
}

int
pyaot_key_compare(const PyaotKey *a, const PyaotKey *b)
{
    return memcmp(a->bytes, b->bytes, PYAOT_KEY_BYTES);
}

void
pyaot_key_hex(const PyaotKey *key, char hex[PYAOT_KEY_HEX_BYTES])
{
    pyaot_hash_hex(key->bytes, hex);
}

static int
hex_digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return -1;
}

bool
pyaot_key_from_hex(const char *text, PyaotKey *key)
{
    PyaotKey result;
    for (int i = 0; i < PYAOT_KEY_BYTES; i++) {
        const int high = hex_digit_value(text[2 * i]);
        if (high < 0) {
            return false;
        }
        const int low = hex_digit_value(text[2 * i + 1]);
        if (low < 0) {
            return false;
        }
        result.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *key = result;
    return true;
}
