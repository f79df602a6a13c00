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
