/* Natural loops: see loops.h. */
#include "loops.h"

#include <string.h>

static Loop *
loop_of(Loops *loops, IrFn *fn, uint32_t header)
{
    for (uint32_t i = 0; i < loops->n; i++) {
        if (loops->loop[i].header == header) {
            return &loops->loop[i];
        }
    }
    Loop *loop = &loops->loop[loops->n];
    loop->header = header;
    loop->body = ARENA_NEW_ARRAY(fn->arena, IrWord,
                                 ir_set_words(fn->n_blocks));
    if (loop->body == NULL) {
        return NULL;
    }
    ir_set_add(loop->body, header);
    loop->n_blocks = 1;
    loops->n++;
    return loop;
}

/* Everything that reaches the latch without passing the header. */
static void
add_latch(const IrGraph *g, Loop *loop, uint32_t latch, uint32_t *work)
{
    uint32_t n = 0;
    if (!ir_set_has(loop->body, latch)) {
        ir_set_add(loop->body, latch);
        loop->n_blocks++;
        work[n++] = latch;
    }
    while (n > 0) {
        uint32_t b = work[--n];
        for (uint32_t p = g->pred_at[b]; p < g->pred_at[b + 1]; p++) {
            uint32_t from = g->preds[p].block;
            if (!ir_set_has(loop->body, from)) {
                ir_set_add(loop->body, from);
                loop->n_blocks++;
                work[n++] = from;
            }
        }
    }
}

static void
describe(IrFn *fn, const IrGraph *g, Loop *loop)
{
    uint32_t n_ways = 0;
    loop->preheader = UINT32_MAX;
    for (uint32_t p = g->pred_at[loop->header];
         p < g->pred_at[loop->header + 1]; p++) {
        IrPred pred = g->preds[p];
        if (!ir_set_has(loop->body, pred.block)) {
            loop->preheader = pred.block;
            loop->succ = pred.succ;
            n_ways++;
        }
    }
    IR_ASSERT(n_ways > 0); /* else nobody enters it */
    if (n_ways != 1 || fn->blocks[loop->preheader].n_succ != 1) {
        loop->preheader = UINT32_MAX;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; ir_set_has(loop->body, b) && i < block->n_ins;
             i++) {
            loop->writes |= ir_effects(fn, &fn->ins[block->ins[i]]).writes;
        }
    }
}

bool
loops_find(Loops *loops, IrFn *fn, const IrGraph *g)
{
    uint32_t *work = ARENA_NEW_ARRAY(fn->arena, uint32_t, fn->n_blocks);
    loops->n = 0;
    loops->loop = ARENA_NEW_ARRAY(fn->arena, Loop, fn->n_blocks);
    if (work == NULL || loops->loop == NULL) {
        return false;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
            uint32_t to = fn->blocks[b].succ[s].to;
            if (ir_graph_dominates(g, to, b)) {
                Loop *loop = loop_of(loops, fn, to);
                if (loop == NULL) {
                    return false;
                }
                add_latch(g, loop, b, work);
            }
        }
    }
    for (uint32_t i = 0; i < loops->n; i++) {
        describe(fn, g, &loops->loop[i]);
    }
    return true;
}

bool
loop_is_invariant(const IrFn *fn, const Loop *loop, IrRef ref)
{
    return !ir_set_has(loop->body, fn->ins[ref].block);
}

static IrRef
incoming(const IrFn *fn, const Loop *loop, IrRef ref)
{
    const IrBlock *header = &fn->blocks[loop->header];
    const IrEdge *edge = &fn->blocks[loop->preheader].succ[loop->succ];
    for (uint32_t k = 0; k < edge->n_args; k++) {
        if (header->params[k] == ref) {
            return edge->args[k];
        }
    }
    return ref;
}

IrSnapId
loop_entry_state(IrFn *fn, const Loop *loop, uint8_t reason)
{
    IR_ASSERT(fn->blocks[loop->header].entry != 0);
    IrSnap from = fn->snaps[fn->blocks[loop->header].entry];
    IrSnapId id = ir_snap_new(fn, from.offset, from.n_locals, from.n_stack,
                              from.n_parts);
    IrSnap *snap = &fn->snaps[id];
    if (id == 0) {
        return 0;
    }
    snap->kind = from.kind;
    snap->reason = reason;
    uint32_t n_vals = ir_snap_n_vals(&from);
    for (uint32_t i = 0; i < n_vals; i++) {
        IrSnapVal val = from.vals[i];
        val.a = incoming(fn, loop, val.a);
        val.b = incoming(fn, loop, val.b);
        val.c = incoming(fn, loop, val.c);
        snap->vals[i] = val;
    }
    return id;
}

void
loop_put_in_front(IrFn *fn, const Loop *loop, IrRef ref)
{
    IrBlock *to = &fn->blocks[loop->preheader];
    if (to->n_ins == to->cap_ins) {
        uint32_t cap = to->n_ins * 2 + 8;
        IrRef *more = ARENA_NEW_ARRAY(fn->arena, IrRef, cap);
        if (more == NULL) {
            return;
        }
        memcpy(more, to->ins, to->n_ins * sizeof(*more));
        to->ins = more;
        to->cap_ins = cap;
    }
    IrRef jump = to->ins[to->n_ins - 1];
    IR_ASSERT(fn->ins[jump].op == IR_JUMP
              && fn->ins[ref].block != loop->preheader);
    to->ins[to->n_ins - 1] = ref;
    to->ins[to->n_ins++] = jump;
    fn->ins[ref].block = loop->preheader;
}
