/* Growable byte buffer with a maximum; the content is always followed by a
 * NUL, so it serves as text too.
 *
 * Failure is sticky as in the arena: further appends do nothing,
 * strbuf_status() tells why. */
#ifndef PYAOT_BASE_STRBUF_H
#define PYAOT_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

typedef struct StrBuf {
    char *data; /* NULL until the first append; then NUL-ended */
    size_t len;
    size_t cap;
    size_t max_bytes;
    PyaotStatus status; /* sticky */
} StrBuf;

/* max_bytes   most bytes it may hold; 0 = 256 MiB */
void strbuf_init(StrBuf *buf, size_t max_bytes);
void strbuf_free(StrBuf *buf);
/* Empty it, keep the memory, clear a failure. */
void strbuf_reset(StrBuf *buf);
/* Make room for more bytes after len; false on failure. */
bool strbuf_reserve(StrBuf *buf, size_t more);
/* Take the malloc'ed content away (never NULL unless failed); the buffer is
 * empty afterwards.  The caller frees it.  NULL if the buffer has failed. */
char *strbuf_detach(StrBuf *buf, size_t *len);

void strbuf_add(StrBuf *buf, const void *data, size_t len);
void strbuf_adds(StrBuf *buf, const char *text);
void strbuf_addc(StrBuf *buf, char c);
void strbuf_printf(StrBuf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(StrBuf *buf, const char *fmt, va_list args);
/* Fixed-width little-endian integers. */
void strbuf_u8(StrBuf *buf, uint8_t value);
void strbuf_u16(StrBuf *buf, uint16_t value);
void strbuf_u32(StrBuf *buf, uint32_t value);
void strbuf_u64(StrBuf *buf, uint64_t value);
/* Text as a JSON string, quotes included. */
void strbuf_json(StrBuf *buf, const char *text);

/* The content as a C string; "" if empty. */
static inline const char *
strbuf_text(const StrBuf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

static inline PyaotStatus
strbuf_status(const StrBuf *buf)
{
    return buf->status;
}

#endif
