/* Memory as gvn and hoist see it: a few kinds that do not overlap. */
#ifndef PYAOT_MEMORY_H
#define PYAOT_MEMORY_H

#include "ir.h"

enum {
    MEM_ITEMS,  /* elements of lists */
    MEM_LENGTH, /* lengths of lists */
    MEM_BYTES,  /* contents of bytearrays */
    MEM_LOCALS, /* the frame's locals */
    MEM_REST,   /* attributes, globals, types, dicts */
    MEM_KINDS,
    MEM_NONE = MEM_KINDS,
    MEM_ALL = (1 << MEM_KINDS) - 1,
};

/* Kinds an instruction may write, as bits. */
uint8_t memory_writes(const IrIns *ins);
/* The kind whose content its result depends on; MEM_NONE: on its operands
 * only. */
uint32_t memory_read(const IrIns *ins);

#endif
