/* The C backend: IR functions of one unit -> one translation unit of C that
 * follows cache/abi/pyaot_abi.h. */
#ifndef PYAOT_C_EMIT_H
#define PYAOT_C_EMIT_H

#include "build.h"
#include "cache/pyaot_cache.h"
#include "strbuf.h"

/* One row of a code object's exit table. */
typedef struct {
    uint32_t offset, resume;
    uint16_t n_stack;
    uint8_t kind, reason;
} ExitRow;

typedef struct {
    IrFn *fn;
    uint32_t code_index; /* names its C functions: f<code>_<region> */
    uint32_t region_index;
} EmitRegion;

typedef struct {
    uint32_t index; /* in its unit, from 1 */
    const PyaotImage *image;
    const SlotTable *slots;
    EmitRegion *regions;
    uint32_t n_regions;
    ExitRow *exits; /* filled while emitting */
    uint32_t n_exits, cap_exits;
} EmitCode;

typedef struct {
    const char *module; /* for the head comment */
    EmitCode *codes;
    uint32_t n_codes;
    const CalleeInfo *callees; /* by code index: which are in this unit */
    /* per code index: index of the code in this unit, or 0 */
    const uint32_t *number;
    Arena *arena;
} EmitUnit;

/* How the cache's index and the unit describe a region. */
PyaotCacheRegion c_emit_region(const IrFn *fn);
/* Append the whole C text.  Failure sticks in out and in the arena. */
void c_emit_unit(const EmitUnit *unit, StrBuf *out);
#endif
