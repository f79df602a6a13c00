/* Growable byte buffer with a maximum. */
#include "strbuf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

enum { STRBUF_FIRST_BYTES = 256 };
static const size_t STRBUF_DEFAULT_MAX_BYTES = (size_t)256 << 20;

void
strbuf_init(StrBuf *buf, size_t max_bytes)
{
    memset(buf, 0, sizeof(*buf));
    buf->max_bytes = max_bytes ? max_bytes : STRBUF_DEFAULT_MAX_BYTES;
}

void
strbuf_free(StrBuf *buf)
{
    free(buf->data);
    strbuf_init(buf, buf->max_bytes);
}

void
strbuf_reset(StrBuf *buf)
{
    buf->len = 0;
    buf->status = PYAOT_OK;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

bool
strbuf_reserve(StrBuf *buf, size_t more)
{
    if (buf->status != PYAOT_OK) {
        return false;
    }
    if (more > buf->max_bytes || buf->len > buf->max_bytes - more) {
        buf->status = PYAOT_E_LIMIT;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap) {
        return true;
    }
    size_t cap = buf->cap ? buf->cap * 2 : STRBUF_FIRST_BYTES;
    if (cap < need) {
        cap = need;
    }
    char *data = NULL;
    if (!pyaot_fault(PYAOT_FAULT_ALLOC)) {
        data = realloc(buf->data, cap);
    }
    if (data == NULL) {
        buf->status = PYAOT_E_NOMEM;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

char *
strbuf_detach(StrBuf *buf, size_t *len)
{
    char *data = NULL;
    if (strbuf_reserve(buf, 0)) {
        data = buf->data;
        data[buf->len] = '\0';
        if (len != NULL) {
            *len = buf->len;
        }
        strbuf_init(buf, buf->max_bytes);
    }
    return data;
}

void
strbuf_add(StrBuf *buf, const void *data, size_t len)
{
    if (!strbuf_reserve(buf, len)) {
        return;
    }
    if (len != 0) {
        memcpy(buf->data + buf->len, data, len);
    }
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void
strbuf_adds(StrBuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}

void
strbuf_addc(StrBuf *buf, char c)
{
    strbuf_add(buf, &c, 1);
}

void
strbuf_vprintf(StrBuf *buf, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0) {
        buf->status = PYAOT_E_INTERNAL;
    }
    else if (strbuf_reserve(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void
strbuf_printf(StrBuf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    strbuf_vprintf(buf, fmt, args);
    va_end(args);
}

static void
strbuf_le(StrBuf *buf, uint64_t value, unsigned n_bytes)
{
    uint8_t bytes[8];
    assert(n_bytes <= sizeof(bytes));
    for (unsigned i = 0; i < n_bytes; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    strbuf_add(buf, bytes, n_bytes);
}

void
strbuf_u8(StrBuf *buf, uint8_t value)
{
    strbuf_le(buf, value, 1);
}

void
strbuf_u16(StrBuf *buf, uint16_t value)
{
    strbuf_le(buf, value, 2);
}

void
strbuf_u32(StrBuf *buf, uint32_t value)
{
    strbuf_le(buf, value, 4);
}

void
strbuf_u64(StrBuf *buf, uint64_t value)
{
    strbuf_le(buf, value, 8);
}

void
strbuf_json(StrBuf *buf, const char *text)
{
    strbuf_addc(buf, '"');
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\') {
            strbuf_addc(buf, '\\');
            strbuf_addc(buf, (char)*p);
        }
        else if (*p < 0x20 || *p == 0x7f) {
            strbuf_printf(buf, "\\u%04x", *p);
        }
        else {
            strbuf_addc(buf, (char)*p);
        }
    }
    strbuf_addc(buf, '"');
}
