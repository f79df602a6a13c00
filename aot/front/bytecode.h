/* Bytecode of one code image, in canonical form, and what aot asks of it:
 * liveness of locals. */
#ifndef PYAOT_BYTECODE_H
#define PYAOT_BYTECODE_H

#include "cache/bytecode/pyaot_bytecode.h"
#include "code_image.h"

typedef struct {
    const PyaotImage *image;
    BcList list;
    uint32_t n; /* as in list */
    const BcIns *ins;
    const int32_t *at;
    /* n rows of nlocalsplus: bytecode_is_live, bytecode_is_bound */
    uint8_t *live;
} BcCode;

/* Decode an image.  NULL if the bytecode is not understood. */
BcCode *bytecode_decode(const PyaotImage *image, Arena *arena);
const BcIns *bytecode_at(const BcCode *code, uint32_t off);
/* Is the local read later, before a write? */
bool bytecode_is_live(const BcCode *code, uint32_t off, uint32_t local);
/* Is it certainly bound there?  False if nothing tells. */
bool bytecode_is_bound(const BcCode *code, uint32_t off, uint32_t local);
/* Does the code store to this local, or delete it? */
bool bytecode_rebinds(const BcCode *code, uint32_t local);

#endif
