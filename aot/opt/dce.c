/* Dead code: what nothing observable depends on.
 *
 * Requires: SSA, no reference counts.  Keeps: SSA.  Breaks: nothing.
 *
 * Marks from instructions with effects (writes, guards, calls, terminators)
 * through operands, snapshots and the arguments of needed block parameters;
 * everything unmarked goes.  Marking, not use counting, so that a loop
 * variable that only feeds itself dies.
 *
 * A guard stays even if its result is unused: the exit is how Python's own
 * behaviour (an exception, another type's method) is reached.  The exception
 * are those that only tell "does not fit in 64 bits" or "no memory" (flag U):
 * if nobody wants the result, nobody wants to know. */
#include "pass.h"

#include <string.h>

#include "effects.h"
#include "ir_graph.h"

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    bool *live; /* by IrRef */
    IrRef *work;
    uint32_t n_work;
} Dce;

static bool
is_removable(const IrFn *fn, const IrIns *ins)
{
    if (ins->type == IR_VOID || ins->op == IR_NOP) {
        return false;
    }
    if (ins->op == IR_PARAM_OWN || ins->op == IR_STACK_IN
        || ins->op == IR_TAKEN_O) {
        return false; /* own what they take */
    }
    const IrEffects effects = ir_effects(fn, ins);
    return !ir_acts(&effects) && (!effects.leaves || effects.leaves_unread);
}

static void
mark(void *self, IrRef ref)
{
    Dce *dce = self;
    if (ref != 0 && !dce->live[ref]) {
        dce->live[ref] = true;
        dce->work[dce->n_work++] = ref;
    }
}

static void
mark_operands(Dce *dce, IrRef ref)
{
    const IrIns *ins = &dce->fn->ins[ref];
    for (uint32_t i = 0; i < ins->n_args; i++) {
        mark(dce, ins->args[i]);
    }
    ir_each_snap_use(dce->fn, ins->snap, mark, dce);
    ir_each_snap_use(dce->fn, ins->raise, mark, dce);
}

/* A needed parameter needs its arguments. */
static void
mark_incoming(Dce *dce, IrRef param)
{
    const IrFn *fn = dce->fn;
    uint32_t b = fn->ins[param].block;
    const IrBlock *block = &fn->blocks[b];
    uint32_t k = 0;
    while (block->params[k] != param) {
        k++;
    }
    for (uint32_t p = dce->g->pred_at[b]; p < dce->g->pred_at[b + 1]; p++) {
        IrPred pred = dce->g->preds[p];
        mark(dce, fn->blocks[pred.block].succ[pred.succ].args[k]);
    }
}

static void
mark_all(Dce *dce)
{
    const IrFn *fn = dce->fn;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        ir_each_snap_use(fn, block->entry, mark, dce);
        for (uint32_t i = 0; i < block->n_ins; i++) {
            if (!is_removable(fn, &fn->ins[block->ins[i]])) {
                mark(dce, block->ins[i]);
            }
        }
    }
    while (dce->n_work > 0) {
        IrRef ref = dce->work[--dce->n_work];
        uint16_t op = fn->ins[ref].op;
        if (op >= IR_BLOCK_I && op <= IR_BLOCK_O) {
            mark_incoming(dce, ref);
        }
        else {
            mark_operands(dce, ref);
        }
    }
}

static bool
sweep_params(Dce *dce, uint32_t b)
{
    IrFn *fn = dce->fn;
    IrBlock *block = &fn->blocks[b];
    uint32_t kept = 0;
    for (uint32_t k = 0; k < block->n_params; k++) {
        if (!dce->live[block->params[k]]) {
            fn->ins[block->params[k]].op = IR_NOP;
            continue;
        }
        for (uint32_t p = dce->g->pred_at[b]; p < dce->g->pred_at[b + 1];
             p++) {
            IrPred pred = dce->g->preds[p];
            IrRef *args = fn->blocks[pred.block].succ[pred.succ].args;
            args[kept] = args[k];
        }
        block->params[kept++] = block->params[k];
    }
    bool changed = kept != block->n_params;
    block->n_params = kept;
    for (uint32_t p = dce->g->pred_at[b]; p < dce->g->pred_at[b + 1]; p++) {
        IrPred pred = dce->g->preds[p];
        fn->blocks[pred.block].succ[pred.succ].n_args = kept;
    }
    return changed;
}

static bool
sweep_ins(Dce *dce, uint32_t b)
{
    IrFn *fn = dce->fn;
    IrBlock *block = &fn->blocks[b];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->n_ins; i++) {
        IrRef ref = block->ins[i];
        if (dce->live[ref] && fn->ins[ref].op != IR_NOP) {
            block->ins[kept++] = ref;
        }
        else {
            fn->ins[ref].op = IR_NOP;
        }
    }
    bool changed = kept != block->n_ins;
    block->n_ins = kept;
    return changed;
}

/* Renumber the snapshots that are still used; forget what SNAP_MEM knew
 * about values that are gone. */
static void
sweep_snaps(IrFn *fn)
{
    IrSnapId *now = ARENA_NEW_ARRAY(fn->arena, IrSnapId, fn->n_snaps);
    if (now == NULL) {
        return;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        now[fn->blocks[b].entry] = 1;
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
            now[ins->snap] = 1;
            now[ins->raise] = 1;
        }
    }
    now[0] = 0;
    uint32_t n = 1;
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        if (now[s]) {
            fn->snaps[n] = fn->snaps[s];
            now[s] = n++;
        }
    }
    fn->n_snaps = n;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        fn->blocks[b].entry = now[fn->blocks[b].entry];
    }
    for (IrRef ref = 1; ref < fn->n_ins; ref++) {
        fn->ins[ref].snap = now[fn->ins[ref].snap];
        fn->ins[ref].raise = now[fn->ins[ref].raise];
    }
    for (IrSnapId s = 1; s < n; s++) {
        IrSnap *snap = &fn->snaps[s];
        uint32_t n_vals = ir_snap_n_vals(snap);
        for (uint32_t i = 0; i < n_vals; i++) {
            IrSnapVal *val = &snap->vals[i];
            if (val->kind == SNAP_MEM && fn->ins[val->a].op == IR_NOP) {
                val->a = 0;
            }
        }
    }
}

bool
pass_dce(IrFn *fn)
{
    bool changed = ir_drop_unreachable(fn);
    Dce dce = {.fn = fn};
    dce.g = ir_graph_new(fn);
    dce.live = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    dce.work = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    if (dce.g == NULL || dce.live == NULL || dce.work == NULL) {
        return changed;
    }
    mark_all(&dce);
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        changed |= sweep_params(&dce, b);
        changed |= sweep_ins(&dce, b);
    }
    sweep_snaps(fn);
    return changed;
}
