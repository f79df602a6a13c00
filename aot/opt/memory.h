/* Memory as gvn and hoist see it: a few kinds.  They do not overlap, except
 * that an element at an unknown index may be any.  Attributes of different
 * names are different memory: the loader refuses a __slots__ member under
 * another name. */
#ifndef PYAOT_MEMORY_H
#define PYAOT_MEMORY_H

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

/* Kinds an instruction may write. */
MemSet memory_writes(const IrFn *fn, const IrIns *ins);
/* The kind whose content its result depends on; MEM_NONE: on its operands
 * only. */
uint32_t memory_read(const IrFn *fn, const IrIns *ins);
/* Of the cell that a CELL_* is about; by the slot of a global, -1: a closure's. */
uint32_t memory_cell_kind(const IrIns *ins);

#endif
