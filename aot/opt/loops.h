/* Natural loops of a function, for hoist and what works on its loops. */
#ifndef PYAOT_LOOPS_H
#define PYAOT_LOOPS_H

#include "ir_graph.h"
#include "effects.h"

typedef struct {
    uint32_t header;
    uint32_t preheader, succ; /* the only way in; UINT32_MAX: none */
    uint32_t n_blocks;
    IrWord *body;
    MemSet writes; /* kinds of memory */
} Loop;

typedef struct {
    Loop *loop;
    uint32_t n;
} Loops;

/* False if memory ran out (sticky in the arena). */
bool loops_find(Loops *loops, IrFn *fn, const IrGraph *g);
/* Is the value made outside of the loop? */
bool loop_is_invariant(const IrFn *fn, const Loop *loop, IrRef ref);
/* The header's state (IrBlock.entry) seen from in front of the loop. */
IrSnapId loop_entry_state(IrFn *fn, const Loop *loop, uint8_t reason);
/* Put an instruction that is in no block at the end of the preheader. */
void loop_put_in_front(IrFn *fn, const Loop *loop, IrRef ref);

/* A variable in a cell that only the loop's own stores of numbers change stays
 * in a register, too (promote.c).  Part of hoist: needs its entry states. */
bool promote_cells(IrFn *fn, const IrGraph *g, const Loop *loop);

#endif
