/* Control-flow facts; dominators by iteration over reverse postorder (Cooper,
 * Harvey, Kennedy: simple, and quick on graphs of this size). */
#include "ir_graph.h"

#include <string.h>

static bool
order_blocks(IrGraph *g, const IrFn *fn)
{
    typedef struct {
        uint32_t block, next;
    } Step;
    Step *stack = ARENA_NEW_ARRAY(fn->arena, Step, fn->n_blocks);
    if (stack == NULL) {
        return false;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        g->number[b] = UINT32_MAX;
    }
    uint32_t depth = 0;
    uint32_t left = fn->n_blocks;
    stack[depth++] = (Step){0, 0};
    g->number[0] = 0;
    while (depth > 0) {
        Step *step = &stack[depth - 1];
        const IrBlock *block = &fn->blocks[step->block];
        if (step->next < block->n_succ) {
            /* Second successor first: the first one comes next in order. */
            uint32_t to = block->succ[block->n_succ - 1 - step->next++].to;
            if (g->number[to] == UINT32_MAX) {
                g->number[to] = 0;
                stack[depth++] = (Step){to, 0};
            }
        }
        else {
            g->order[--left] = step->block;
            depth--;
        }
    }
    g->n_order = fn->n_blocks - left;
    memmove(g->order, g->order + left, g->n_order * sizeof(*g->order));
    for (uint32_t i = 0; i < g->n_order; i++) {
        g->number[g->order[i]] = i;
    }
    return true;
}

static bool
find_preds(IrGraph *g, const IrFn *fn)
{
    for (uint32_t i = 0; i < g->n_order; i++) {
        const IrBlock *block = &fn->blocks[g->order[i]];
        for (uint32_t s = 0; s < block->n_succ; s++) {
            g->pred_at[block->succ[s].to + 1]++;
        }
    }
    for (uint32_t b = 0; b < g->n_blocks; b++) {
        g->pred_at[b + 1] += g->pred_at[b];
    }
    uint32_t n = g->pred_at[g->n_blocks];
    uint32_t *fill = ARENA_NEW_ARRAY(fn->arena, uint32_t, g->n_blocks);
    g->preds = ARENA_NEW_ARRAY(fn->arena, IrPred, n);
    if (fill == NULL || g->preds == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < g->n_order; i++) {
        uint32_t b = g->order[i];
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t s = 0; s < block->n_succ; s++) {
            uint32_t to = block->succ[s].to;
            g->preds[g->pred_at[to] + fill[to]++] = (IrPred){b, s};
        }
    }
    return true;
}

static uint32_t
common_dominator(const IrGraph *g, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (g->number[a] > g->number[b]) {
            a = g->idom[a];
        }
        while (g->number[b] > g->number[a]) {
            b = g->idom[b];
        }
    }
    return a;
}

static void
find_dominators(IrGraph *g)
{
    for (uint32_t b = 0; b < g->n_blocks; b++) {
        g->idom[b] = UINT32_MAX;
    }
    g->idom[0] = 0;
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 1; i < g->n_order; i++) {
            uint32_t b = g->order[i];
            uint32_t dom = UINT32_MAX;
            for (uint32_t p = g->pred_at[b]; p < g->pred_at[b + 1]; p++) {
                uint32_t from = g->preds[p].block;
                if (g->idom[from] != UINT32_MAX) {
                    dom = dom == UINT32_MAX ? from
                                            : common_dominator(g, dom, from);
                }
            }
            if (g->idom[b] != dom) {
                g->idom[b] = dom;
                changed = true;
            }
        }
    }
}

/* Number the dominator tree: sizes bottom-up, then intervals top-down. */
static bool
number_dominators(IrGraph *g, Arena *arena)
{
    uint32_t *size = ARENA_NEW_ARRAY(arena, uint32_t, g->n_blocks);
    uint32_t *used = ARENA_NEW_ARRAY(arena, uint32_t, g->n_blocks);
    if (size == NULL || used == NULL) {
        return false;
    }
    for (uint32_t i = g->n_order; i-- > 0;) {
        uint32_t b = g->order[i];
        size[b]++;
        if (i > 0) {
            size[g->idom[b]] += size[b];
        }
    }
    for (uint32_t i = 0; i < g->n_order; i++) {
        uint32_t b = g->order[i];
        if (i > 0) {
            uint32_t up = g->idom[b];
            g->dom_in[b] = g->dom_in[up] + 1 + used[up];
            used[up] += size[b];
        }
        g->dom_out[b] = g->dom_in[b] + size[b] - 1;
    }
    return true;
}

IrGraph *
ir_graph_new(const IrFn *fn)
{
    Arena *arena = fn->arena;
    IrGraph *g = ARENA_NEW(arena, IrGraph);
    if (g == NULL || fn->n_blocks == 0) {
        return NULL;
    }
    g->n_blocks = fn->n_blocks;
    g->order = ARENA_NEW_ARRAY(arena, uint32_t, fn->n_blocks);
    g->number = ARENA_NEW_ARRAY(arena, uint32_t, fn->n_blocks);
    g->pred_at = ARENA_NEW_ARRAY(arena, uint32_t, (size_t)fn->n_blocks + 1);
    g->idom = ARENA_NEW_ARRAY(arena, uint32_t, fn->n_blocks);
    g->dom_in = ARENA_NEW_ARRAY(arena, uint32_t, fn->n_blocks);
    g->dom_out = ARENA_NEW_ARRAY(arena, uint32_t, fn->n_blocks);
    if (arena_status(arena) != PYAOT_OK || !order_blocks(g, fn)
        || !find_preds(g, fn)) {
        return NULL;
    }
    find_dominators(g);
    return number_dominators(g, arena) ? g : NULL;
}

bool
ir_drop_unreachable(IrFn *fn)
{
    const IrGraph *g = ir_graph_new(fn);
    if (g == NULL || g->n_order == fn->n_blocks) {
        return false;
    }
    uint32_t *now = ARENA_NEW_ARRAY(fn->arena, uint32_t, fn->n_blocks);
    if (now == NULL) {
        return false;
    }
    uint32_t n = 0;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        IrBlock block = fn->blocks[b];
        bool keep = ir_graph_reachable(g, b);
        for (uint32_t i = 0; i < block.n_params + block.n_ins; i++) {
            IrRef ref = i < block.n_params ? block.params[i]
                                           : block.ins[i - block.n_params];
            if (keep) {
                fn->ins[ref].block = n;
            }
            else {
                fn->ins[ref] = (IrIns){.op = IR_NOP};
            }
        }
        if (keep) {
            now[b] = n;
            fn->blocks[n++] = block;
        }
    }
    fn->n_blocks = n;
    for (uint32_t b = 0; b < n; b++) {
        for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
            IrEdge *edge = &fn->blocks[b].succ[s];
            edge->to = now[edge->to];
        }
    }
    return true;
}

void
ir_each_snap_use(const IrFn *fn, IrSnapId id, IrUseFn visit, void *self)
{
    if (id == 0) {
        return;
    }
    const IrSnap *snap = &fn->snaps[id];
    uint32_t n_vals = ir_snap_n_vals(snap);
    for (uint32_t i = 0; i < n_vals; i++) {
        const IrSnapVal *val = &snap->vals[i];
        if (val->kind == SNAP_MEM) {
            continue;
        }
        const IrRef refs[3] = {val->a, val->b, val->c};
        uint32_t n = ir_snap_refs(val);
        for (uint32_t k = 0; k < n; k++) {
            visit(self, refs[k]);
        }
    }
}

void
ir_each_use(const IrFn *fn, IrRef ref, IrUseFn visit, void *self)
{
    const IrIns *ins = &fn->ins[ref];
    for (uint32_t i = 0; i < ins->n_args; i++) {
        visit(self, ins->args[i]);
    }
    if (ir_ops[ins->op].flags & IRF_TERM) {
        const IrBlock *block = &fn->blocks[ins->block];
        for (uint32_t s = 0; s < block->n_succ; s++) {
            for (uint32_t i = 0; i < block->succ[s].n_args; i++) {
                visit(self, block->succ[s].args[i]);
            }
        }
    }
    ir_each_snap_use(fn, ins->snap, visit, self);
    ir_each_snap_use(fn, ins->raise, visit, self);
}
