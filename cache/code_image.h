/* Code image: a code object as bytes, so that `pyaot build` needs neither
 * the source nor an interpreter.
 *
 * Bytes, all integers little-endian, nothing aligned:
 *
 *   header   8  magic "PYAOTIMG"
 *            4  u32 format version (PYAOT_IMAGE_VERSION)
 *            4  u32 length of the keyed part
 *            4  u32 length of the unkeyed part (the image ends after it)
 *           16  code key: XXH3-128 of the keyed part, canonical form
 *   keyed    str ABI text
 *            u32 argcount, posonlyargcount, kwonlyargcount, nlocalsplus,
 *                stacksize, flags
 *            u32 units, then 2 bytes each: bytecode without specialisation or
 *                instrumentation (what co_code shows)
 *            u32 count, constants
 *            u32 count, str each: names
 *            str each (nlocalsplus of them): names of locals, cells, frees
 *            nlocalsplus bytes: their kinds
 *            str exception table
 *            str qualified name
 *   unkeyed  str name, str file name, str module ("" unknown)
 *            u32 first line
 *            i32 each unit: its line, -1 none
 *
 *   str      u32 length, bytes (text: UTF-8, lone surrogates passed through)
 *   constant u8 kind (PyaotConstKind), then
 *            NONE TRUE FALSE ELLIPSIS  nothing
 *            INT      i64
 *            BIGINT   str: two's complement, little-endian, shortest
 *            FLOAT    u64 bits            COMPLEX  u64 u64 bits
 *            STR BYTES OTHER  str         (OTHER: the type's name)
 *            TUPLE    u32 count, constants
 *            FROZENSET u32 count, constants sorted by their bytes
 *            CODE     16 bytes key of the nested code object
 *
 * The parser trusts nothing: each length is checked, the key is recomputed. */
#ifndef PYAOT_CODE_IMAGE_H
#define PYAOT_CODE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "code_key.h"

#define PYAOT_IMAGE_MAGIC "PYAOTIMG"
#define PYAOT_IMAGE_MAGIC_BYTES 8
#define PYAOT_IMAGE_VERSION 1u
#define PYAOT_IMAGE_HEADER_BYTES 36
/* Deepest nesting of tuples in constants that is written or read. */
#define PYAOT_IMAGE_MAX_DEPTH 64

typedef enum {
    PYAOT_CONST_NONE,
    PYAOT_CONST_TRUE,
    PYAOT_CONST_FALSE,
    PYAOT_CONST_ELLIPSIS,
    PYAOT_CONST_INT,       /* i */
    PYAOT_CONST_BIGINT,    /* bytes, len: two's complement little-endian */
    PYAOT_CONST_FLOAT,     /* f */
    PYAOT_CONST_COMPLEX,   /* f real, imag */
    PYAOT_CONST_STR,       /* bytes, len: UTF-8, surrogatepass */
    PYAOT_CONST_BYTES,     /* bytes, len */
    PYAOT_CONST_TUPLE,     /* items, n_items */
    PYAOT_CONST_FROZENSET, /* items, n_items */
    PYAOT_CONST_CODE,      /* key */
    PYAOT_CONST_OTHER      /* bytes, len: name of the type */
} PyaotConstKind;

/* bytes is followed by a NUL that len does not count. */
typedef struct PyaotConst {
    PyaotConstKind kind;
    uint32_t len;
    int64_t i;
    double f;
    double imag;
    const char *bytes;
    const struct PyaotConst *items;
    uint32_t n_items;
    PyaotKey key;
} PyaotConst;

/* Bits of co_flags, as in the language's inspect module. */
#define PYAOT_CODE_OPTIMIZED 0x01
#define PYAOT_CODE_NEWLOCALS 0x02
#define PYAOT_CODE_VARARGS 0x04
#define PYAOT_CODE_VARKEYWORDS 0x08
#define PYAOT_CODE_GENERATOR 0x20
#define PYAOT_CODE_COROUTINE 0x80
#define PYAOT_CODE_ASYNC_GENERATOR 0x200

/* Kinds of localsplus entries, as in co_localspluskinds (bits). */
#define PYAOT_LOCAL_HIDDEN 0x10
#define PYAOT_LOCAL_LOCAL 0x20
#define PYAOT_LOCAL_CELL 0x40
#define PYAOT_LOCAL_FREE 0x80

typedef struct {
    PyaotKey key;
    const char *abi;
    uint32_t argcount, posonly, kwonly, nlocalsplus, stacksize, flags;
    uint32_t firstlineno;
    uint32_t n_units;
    const uint8_t *code; /* 2 * n_units bytes: op, arg */
    uint32_t n_consts;
    PyaotConst *consts;
    uint32_t n_names;
    const char **names;
    const char **localnames;   /* nlocalsplus */
    const uint8_t *localkinds; /* nlocalsplus */
    uint32_t exctable_len;
    const uint8_t *exctable;
    const int32_t *lines; /* per unit, -1 none */
    const char *qualname, *name, *filename;
    const char *module; /* "" if unknown */
} PyaotImage;

/* Parse an image.  Everything is copied into the arena; buf may go.
 *
 * Returns PYAOT_OK; PYAOT_E_VERSION for another format version;
 * PYAOT_E_FORMAT for anything else that is wrong (also a key that does not
 * match, and a name with a NUL inside); PYAOT_E_NOMEM, PYAOT_E_LIMIT. */
PyaotStatus pyaot_image_parse(const uint8_t *buf, size_t len, Arena *arena,
                              PyaotImage **out);

/* The filter of the code object the image was made of. */
uint64_t pyaot_image_filter(const PyaotImage *image);

#endif
