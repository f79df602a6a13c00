/* Block parameters that are not needed.
 *
 * Requires: SSA.  Keeps: SSA.  Breaks: nothing.
 *
 * A parameter all of whose incoming arguments are one value (or itself, or
 * parameters that turn out to be that value) is that value.  Found
 * optimistically: every parameter starts unknown and is lowered to the meet of
 * its arguments until nothing moves, which also resolves rings of parameters
 * of nested loops that a pessimistic fixpoint keeps.
 *
 * Then parameters of one block that always get equal arguments become one
 * (tags of dead locals, a value that is in a local and on the stack).
 *
 * The builder makes a parameter for every slot of a loop header, so this runs
 * first.  Parameters without uses are dce's. */
#include "pass.h"

#include <string.h>

#include "ir_graph.h"

/* What a value stands for as far as is known; 0 = nothing known yet. */
static IrRef
stands_for(const IrFn *fn, const IrRef *rep, IrRef ref)
{
    uint16_t op = fn->ins[ref].op;
    return op >= IR_BLOCK_I && op <= IR_BLOCK_O ? rep[ref] : ref;
}

static IrRef
meet_args(const IrFn *fn, const IrGraph *g, const IrRef *rep, uint32_t b,
          uint32_t k)
{
    IrRef param = fn->blocks[b].params[k];
    IrRef value = 0;
    for (uint32_t p = g->pred_at[b]; p < g->pred_at[b + 1]; p++) {
        IrPred pred = g->preds[p];
        IrRef arg = fn->blocks[pred.block].succ[pred.succ].args[k];
        IrRef known = stands_for(fn, rep, arg);
        if (known == 0) {
            continue;
        }
        if (value == 0) {
            value = known;
        }
        else if (value != known) {
            return param;
        }
    }
    return value;
}

static bool
find_trivial(const IrFn *fn, const IrGraph *g, IrRef *rep)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < g->n_order; i++) {
            uint32_t b = g->order[i];
            const IrBlock *block = &fn->blocks[b];
            for (uint32_t k = 0; k < block->n_params; k++) {
                IrRef param = block->params[k];
                if (rep[param] == param) {
                    continue;
                }
                IrRef value = meet_args(fn, g, rep, b, k);
                if (value != rep[param]) {
                    /* Lowered twice to different values: it is itself. */
                    rep[param] = rep[param] == 0 ? value : param;
                    changed = true;
                }
            }
        }
    }
    bool any = false;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t k = 0; k < block->n_params; k++) {
            IrRef param = block->params[k];
            if (rep[param] == param) {
                rep[param] = 0;
            }
            any |= rep[param] != 0;
        }
    }
    return any;
}

/* Does every edge pass the same for parameters j and k of b, up to what is
 * taken for equal so far? */
static bool
same_args(const IrFn *fn, const IrGraph *g, const IrRef *rep, uint32_t b,
          uint32_t j, uint32_t k)
{
    for (uint32_t p = g->pred_at[b]; p < g->pred_at[b + 1]; p++) {
        IrPred pred = g->preds[p];
        const IrRef *args = fn->blocks[pred.block].succ[pred.succ].args;
        if (stands_for(fn, rep, args[j]) != stands_for(fn, rep, args[k])) {
            return false;
        }
    }
    return true;
}

/* Parameters of a block that always get the same, also by way of each other,
 * are one: rep is the first of them.  Starts from "all alike that have one
 * type" and splits until every edge agrees. */
static bool
find_equal(const IrFn *fn, const IrGraph *g, IrRef *rep, IrRef *next)
{
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t k = 0; k < block->n_params; k++) {
            const IrIns *param = &fn->ins[block->params[k]];
            uint32_t j = 0;
            while (fn->ins[block->params[j]].type != param->type
                   || fn->ins[block->params[j]].cls != param->cls) {
                j++;
            }
            rep[block->params[k]] = block->params[j];
        }
    }
    bool changed = true, any = false;
    while (changed) {
        changed = false;
        any = false;
        for (uint32_t b = 0; b < fn->n_blocks; b++) {
            const IrBlock *block = &fn->blocks[b];
            for (uint32_t k = 0; k < block->n_params; k++) {
                uint32_t j = 0;
                while (rep[block->params[j]] != rep[block->params[k]]
                       || !same_args(fn, g, rep, b, j, k)) {
                    j++;
                }
                next[block->params[k]] = block->params[j];
                changed |= block->params[j] != rep[block->params[k]];
                any |= j != k;
            }
        }
        for (uint32_t b = 0; b < fn->n_blocks; b++) {
            const IrBlock *block = &fn->blocks[b];
            for (uint32_t k = 0; k < block->n_params; k++) {
                rep[block->params[k]] = next[block->params[k]];
            }
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t k = 0; k < block->n_params; k++) {
            if (rep[block->params[k]] == block->params[k]) {
                rep[block->params[k]] = 0;
            }
        }
    }
    return any;
}

/* Take out parameters with a replacement, and their arguments. */
static void
drop_params(IrFn *fn, const IrGraph *g, const IrRef *rep)
{
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        IrBlock *block = &fn->blocks[b];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < block->n_params; k++) {
            IrRef param = block->params[k];
            if (rep[param] != 0) {
                fn->ins[param].op = IR_NOP;
                continue;
            }
            for (uint32_t p = g->pred_at[b]; p < g->pred_at[b + 1]; p++) {
                IrPred pred = g->preds[p];
                IrRef *args = fn->blocks[pred.block].succ[pred.succ].args;
                args[kept] = args[k];
            }
            block->params[kept++] = param;
        }
        block->n_params = kept;
        for (uint32_t p = g->pred_at[b]; p < g->pred_at[b + 1]; p++) {
            IrPred pred = g->preds[p];
            fn->blocks[pred.block].succ[pred.succ].n_args = kept;
        }
    }
}

bool
pass_phi(IrFn *fn)
{
    bool changed = ir_drop_unreachable(fn);
    const IrGraph *g = ir_graph_new(fn);
    IrRef *rep = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    IrRef *next = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    if (g == NULL || rep == NULL || next == NULL) {
        return changed;
    }
    /* Again, because a parameter that became itself may be all of another's
     * arguments. */
    while (find_trivial(fn, g, rep)) {
        drop_params(fn, g, rep);
        ir_replace_uses(fn, rep);
        memset(rep, 0, fn->n_ins * sizeof(*rep));
        changed = true;
    }
    if (find_equal(fn, g, rep, next)) {
        drop_params(fn, g, rep);
        ir_replace_uses(fn, rep);
        changed = true;
    }
    return changed;
}
