/* Bytecode of one code image, decoded: instructions, blocks, liveness.
 * Offsets are code units; an instruction's offset is that of its first unit,
 * EXTENDED_ARG prefixes included, and names it everywhere. */
#ifndef PYAOT_BYTECODE_H
#define PYAOT_BYTECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "code_image.h"

typedef enum {
#define BYTECODE(name, number, caches) BC_##name = number,
#include "bytecode_313.def"
#undef BYTECODE
} Bytecode;

typedef struct {
    uint32_t off, next; /* units; next includes inline caches */
    uint32_t target;    /* of a jump; FOR_ITER: where an exhausted loop goes on */
    uint32_t arg;
    uint8_t op;
    bool is_leader;     /* starts a basic block */
    bool is_merge;      /* more than one way leads here */
    bool is_header;     /* target of a backward jump */
} BcIns;

typedef struct {
    const PyaotImage *image;
    uint32_t n;
    BcIns *ins;
    int32_t *at;        /* unit -> index of the instruction starting there, or -1 */
    uint8_t *live;      /* n rows of nlocalsplus: bytecode_is_live, bytecode_is_bound */
    uint8_t *in_try;    /* per instruction: 1 if an exception handler covers it */
} BcCode;

/* Decode an image.  NULL if the bytecode is not understood. */
BcCode *bytecode_decode(const PyaotImage *image, Arena *arena);
const BcIns *bytecode_at(const BcCode *code, uint32_t off);
/* Is the local read later, before a write? */
bool bytecode_is_live(const BcCode *code, uint32_t off, uint32_t local);
/* Is it certainly bound there?  False if nothing tells. */
bool bytecode_is_bound(const BcCode *code, uint32_t off, uint32_t local);
const char *bytecode_name(uint8_t op);
bool bytecode_ends_block(uint8_t op);
/* Does the code store to this local, or delete it? */
bool bytecode_rebinds(const BcCode *code, uint32_t local);

#endif
