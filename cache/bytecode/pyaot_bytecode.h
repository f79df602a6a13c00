/* Canonical bytecode: the instructions of any minor of CPython in one form,
 * with decoded operands (canonical.def).  No opcode number, encoding of an
 * operand or size of an inline cache is known outside of this folder.
 *
 * Offsets are code units.  An instruction's offset is that of its first unit,
 * EXTENDED_ARG prefixes included, and names it everywhere; `unit` is that of
 * the instruction itself, which events of sys.monitoring and f_lasti name.
 *
 * Decoding reads units from anywhere: images, and live code, whose specialised
 * and instrumented instructions are the canonical ones they stand for. */
#ifndef PYAOT_BYTECODE_ROOM_H
#define PYAOT_BYTECODE_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "cache/base/arena.h"

typedef enum {
    BC_NONE = 0, /* no instruction */
#define CANONICAL(name, a, b, pops, pushes, jump_pushes, flags) BC_##name,
#include "canonical.def"
    BC_COUNT
} BcOp;

/* Operands of BINARY_OP, COMPARE_OP, RESUME, CONVERT_VALUE, CALL_INTRINSIC_1,
 * LOAD_COMMON_CONSTANT. */
typedef enum {
    BC_ADD,
    BC_AND,
    BC_FLOORDIV,
    BC_LSHIFT,
    BC_MATMUL,
    BC_MUL,
    BC_REM,
    BC_OR,
    BC_POW,
    BC_RSHIFT,
    BC_SUB,
    BC_TRUEDIV,
    BC_XOR,
    BC_OPERATOR_COUNT
} BcOperator;
typedef enum { BC_LT, BC_LE, BC_EQ, BC_NE, BC_GT, BC_GE } BcCompare;
typedef enum {
    BC_AT_START,
    BC_AFTER_YIELD,
    BC_AFTER_YIELD_FROM,
    BC_AFTER_AWAIT
} BcResume;
typedef enum { BC_TO_STR = 1, BC_TO_REPR, BC_TO_ASCII } BcConversion;
typedef enum { BC_INTRINSIC_OTHER, BC_ASYNC_GEN_WRAP } BcIntrinsic;
typedef enum { BC_ASSERTION_ERROR } BcCommon;

/* What stands in the code. */
typedef enum {
    BC_PLAIN,        /* as the compiler wrote it */
    BC_SPECIALISED,  /* for what it has met, or by an executor */
    BC_INSTRUMENTED, /* for tools */
} BcForm;

typedef struct {
    uint32_t off, unit, next; /* next: behind inline caches */
    uint32_t target;          /* of a jump: first unit, prefixes included */
    uint32_t side;            /* FOR_ITER: see canonical.def; else 0 */
    /* operands, see canonical.def; 0 where there is none */
    uint32_t a, b;
    uint32_t pops, pushes, jump_pushes;
    /* index in BcList.handlers + 1; 0: none covers it */
    uint32_t handler;
    uint8_t op;   /* BcOp */
    uint8_t form; /* BcForm */
    uint8_t raw;  /* for bc_name() */
    /* the references that it loads may be borrowed: they * live as long as the
     * local (from 3.14) */
    bool borrows;
    bool is_leader; /* starts a basic block */
    bool is_merge;  /* more than one way leads here */
    bool is_header; /* target of a backward jump */
} BcIns;

/* Where exceptions of the units from start on (end excluded) go. */
typedef struct {
    uint32_t start, end, target;
    uint32_t depth; /* entries of the stack that stay */
    bool lasti;     /* the place of the exception is pushed in front of it */
} BcHandler;

/* One minor's bytecode; opaque outside of this folder. */
typedef struct BcMinor BcMinor;
extern const BcMinor bc_minor_313, bc_minor_314;

/* The minor that code images with this ABI text hold; NULL: not known. */
const BcMinor *bc_minor(const char *abi);

/* Code to be decoded; the sizes are what operands are checked against. */
typedef struct {
    const BcMinor *minor;
    const uint8_t *code; /* 2 * n_units bytes */
    uint32_t n_units;
    const uint8_t *exctable;
    uint32_t exctable_len;
    uint32_t n_locals, n_names, n_consts;
} BcSource;

typedef struct {
    const BcMinor *minor;
    uint32_t n_units, n, n_handlers;
    BcIns *ins;
    /* unit -> index of the instruction starting there, or -1 */
    int32_t *at;
    BcHandler *handlers; /* by start, not overlapping */
} BcList;

/* The instruction whose first unit is at off, alone: handler, is_leader,
 * is_merge and is_header are not set, and that operands and targets fit is
 * not checked.  False: there is none that is known. */
bool bc_read(const BcMinor *minor, const uint8_t *code, uint32_t n_units,
             uint32_t off, BcIns *ins);

/* The unit of the instruction itself whose first unit, perhaps a prefix, is at
 * off. */
uint32_t bc_skip_prefix(const BcMinor *minor, const uint8_t *code,
                        uint32_t n_units, uint32_t off);

/* All instructions, everything set and checked; what out points to is the
 * arena's.  False: the bytecode is not understood, or there is no memory
 * (arena_status). */
bool bc_decode(const BcSource *source, Arena *arena, BcList *out);

/* The entry of an exception table at *at, which moves on; false at its end. */
bool bc_next_handler(const uint8_t *table, uint32_t len, uint32_t *at,
                     BcHandler *handler);
/* The one that covers a unit; false: none. */
bool bc_find_handler(const uint8_t *table, uint32_t len, uint32_t unit,
                     BcHandler *handler);
/* Depth of the stack where a handler begins: with the exception. */
static inline uint32_t
bc_handler_depth(const BcHandler *handler)
{
    return handler->depth + handler->lasti + 1;
}

/* Depth of the stack before each instruction; -1 where nothing leads to.
 * Returns how many contradictions there are: two depths for one place, or
 * one outside of 0 to stacksize. */
uint32_t bc_depths(const BcList *list, uint32_t stacksize, int32_t *depth,
                   Arena *scratch);

/* Does it jump to its target, at least sometimes? */
bool bc_jumps(const BcIns *ins);
/* Is what follows it not reached through it? */
bool bc_ends(const BcIns *ins);
/* May it raise an exception? */
bool bc_raises(const BcIns *ins);
/* Its name in the interpreter it comes from. */
const char *bc_name(const BcMinor *minor, const BcIns *ins);
/* The name of its row in canonical.def. */
const char *bc_canonical_name(uint8_t op);

#endif
