/* What an instruction does beside giving its result: one record, made from its
 * row in ops.def, which all passes read.
 *
 * Memory is a few kinds.  They do not overlap, except that an element at an
 * unknown index may be any.  Attributes of different names are different
 * memory: the loader refuses a __slots__ member under another name. */
#ifndef PYAOT_IR_EFFECTS_H
#define PYAOT_IR_EFFECTS_H

#include "ir.h"

enum {
    MEM_ITEMS,  /* elements of lists, at an index that is not known */
    MEM_ITEM_0, /* elements of lists at index 0, 1, ... */
    MEM_ITEM_LAST = MEM_ITEM_0 + 15, /* and at all higher known ones */
    MEM_LENGTH, /* lengths of lists, and where their elements are */
    MEM_BYTES,  /* contents of bytearrays */
    MEM_LOCALS, /* the frame's locals */
    MEM_ATTR_0, /* attributes, by the index of their name */
    MEM_ATTR_LAST = MEM_ATTR_0 + 7,
    MEM_CELL_0, /* globals kept in cells, by their slot */
    MEM_CELL_LAST = MEM_CELL_0 + 15,
    MEM_DEREFS, /* cells of closures, which may be the same ones */
    MEM_DICTS,  /* contents and lengths of dicts and sets */
    MEM_ITERS,  /* where iterators stand that are moved on in place */
    MEM_REST,   /* globals, types */
    MEM_KINDS,
    MEM_NONE = MEM_KINDS,
};

typedef uint64_t MemSet; /* of kinds, as bits */

static inline MemSet
mem_bit(uint32_t kind)
{
    return (MemSet)1 << kind;
}

static const MemSet MEM_ALL = ((MemSet)1 << MEM_KINDS) - 1;
static const MemSet MEM_ALL_ITEMS = ((MemSet)1 << (MEM_ITEM_LAST + 1)) - 1;

/* What a release can free: nothing, objects of simple classes (their deaths
 * run no Python code), any that nobody sees die. */
typedef enum { FREES_NOTHING, FREES_SIMPLE, FREES_ANY } IrFrees;

typedef struct {
    MemSet writes; /* kinds it may write */
    /* the kind that its result depends on; MEM_NONE: on its operands only */
    uint8_t reads;
    uint8_t frees; /* IrFrees, beside what the refcount pass tells it to */
    bool leaves;   /* may take its exit, before it has done anything */
    bool leaves_unread; /* ... which nobody needs if the result is unused */
    bool raises;        /* may leave with an exception */
    bool runs_code;     /* any Python code may run */
    bool ends;          /* a terminator */
    bool is_pure;       /* equal operands give equal results */
    bool is_new;        /* the result is a new reference */
    bool is_static;     /* the result lives as long as the activation */
    bool steals;        /* may keep the reference of its last object operand */
} IrEffects;

IrEffects ir_effects(const IrFn *fn, const IrIns *ins);

/* Does it do anything that can be seen, beside its result and its exit? */
static inline bool
ir_acts(const IrEffects *effects)
{
    return effects->writes != 0 || effects->frees != FREES_NOTHING
           || effects->runs_code || effects->raises || effects->ends;
}

/* The kind of memory that a CELL_* is about. */
uint32_t ir_cell_kind(const IrIns *ins);

#endif
