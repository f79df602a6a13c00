/* Control-flow facts of one function: order, predecessors, dominators,
 * liveness.  Valid until a block or edge changes; arena-owned. */
#ifndef PYAOT_IR_GRAPH_H
#define PYAOT_IR_GRAPH_H

#include "ir.h"

typedef struct {
    uint32_t block, succ;
} IrPred;

typedef struct {
    uint32_t n_blocks; /* of the function, reachable or not */
    uint32_t n_order;
    uint32_t *order; /* reachable blocks, reverse postorder */
    /* block -> place in order, UINT32_MAX: unreachable */
    uint32_t *number;
    uint32_t *pred_at; /* block -> first of its preds; [n_blocks] = end */
    IrPred *preds;     /* from reachable blocks only */
    uint32_t *idom;    /* block -> block; the entry's is itself */
    uint32_t *dom_in, *dom_out; /* nested intervals of the dominator tree */
} IrGraph;

/* NULL if memory ran out (sticky in the arena). */
IrGraph *ir_graph_new(const IrFn *fn);

static inline bool
ir_graph_reachable(const IrGraph *g, uint32_t block)
{
    return g->number[block] != UINT32_MAX;
}

/* Both reachable; a block dominates itself. */
static inline bool
ir_graph_dominates(const IrGraph *g, uint32_t a, uint32_t b)
{
    return g->dom_in[a] <= g->dom_in[b] && g->dom_out[b] <= g->dom_out[a];
}

/* Drop blocks that the entry does not reach and renumber the rest (their
 * order stays).  Returns true if any was dropped. */
bool ir_drop_unreachable(IrFn *fn);

/* Call visit for each value that instruction ref reads: operands, then the
 * arguments of its edges if it is a terminator, then what its snapshots
 * rebuild (SNAP_MEM reads nothing). */
typedef void (*IrUseFn)(void *self, IrRef used);
void ir_each_use(const IrFn *fn, IrRef ref, IrUseFn visit, void *self);
void ir_each_snap_use(const IrFn *fn, IrSnapId id, IrUseFn visit, void *self);

/* Sets of small integers. */
typedef uint64_t IrWord;
static inline uint32_t
ir_set_words(uint32_t n)
{
    return (n + 63) / 64;
}
static inline bool
ir_set_has(const IrWord *set, uint32_t i)
{
    return (set[i / 64] >> (i % 64)) & 1;
}
static inline void
ir_set_add(IrWord *set, uint32_t i)
{
    set[i / 64] |= (IrWord)1 << (i % 64);
}
static inline void
ir_set_remove(IrWord *set, uint32_t i)
{
    set[i / 64] &= ~((IrWord)1 << (i % 64));
}

#endif
