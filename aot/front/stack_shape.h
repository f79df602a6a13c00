/* What lies on the evaluation stack before an instruction. */
#ifndef PYAOT_STACK_SHAPE_H
#define PYAOT_STACK_SHAPE_H

#include "bytecode.h"

typedef struct {
    int32_t depth;           /* -1: not known, or not reached */
    const bool *may_be_null; /* of each entry; all others are objects */
} StackShape;

/* False: it cannot be told.  Arena-owned. */
bool stack_shape_at(const BcCode *code, uint32_t off, Arena *arena,
                    StackShape *shape);

#endif
