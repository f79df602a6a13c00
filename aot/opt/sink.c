/* Boxes that only exits want are made by the exits.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * A BOX_* used by nothing but SNAP_REF entries goes: the entries take the
 * unboxed value, which the exit boxes by its type.  (BITS of an entry that
 * is not a plain reference need an object; such a box stays.)  A box passed
 * to a block parameter stays: parameters of objects are uses. */
#include "pass.h"

#include "ir_graph.h"

static bool
is_box(const IrIns *ins)
{
    return ins->op == IR_BOX_I64 || ins->op == IR_BOX_F64
           || ins->op == IR_BOX_BOOL;
}

static void
note_use(void *self, IrRef ref)
{
    bool *used = self;
    used[ref] = true;
}

/* used[v]: v has a use that is no SNAP_REF. */
static void
find_uses(const IrFn *fn, bool *used)
{
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            IrIns plain = fn->ins[block->ins[i]];
            for (uint32_t k = 0; k < plain.n_args; k++) {
                used[plain.args[k]] = true;
            }
        }
        for (uint32_t s = 0; s < block->n_succ; s++) {
            for (uint32_t k = 0; k < block->succ[s].n_args; k++) {
                note_use(used, block->succ[s].args[k]);
            }
        }
    }
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        const IrSnap *snap = &fn->snaps[s];
        uint32_t n_vals = ir_snap_n_vals(snap);
        for (uint32_t i = 0; i < n_vals; i++) {
            const IrSnapVal *val = &snap->vals[i];
            if (val->kind != SNAP_REF) {
                used[val->a] = used[val->b] = used[val->c] = true;
            }
        }
    }
}

bool
pass_sink(IrFn *fn)
{
    bool changed = false;
    bool *used = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    if (used == NULL) {
        return false;
    }
    find_uses(fn, used);
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        IrSnap *snap = &fn->snaps[s];
        uint32_t n_vals = ir_snap_n_vals(snap);
        for (uint32_t i = 0; i < n_vals; i++) {
            IrSnapVal *val = &snap->vals[i];
            if (val->kind == SNAP_REF && !used[val->a]
                && is_box(&fn->ins[val->a])) {
                val->a = fn->ins[val->a].args[0];
                changed = true;
            }
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        IrBlock *block = &fn->blocks[b];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < block->n_ins; i++) {
            IrRef ref = block->ins[i];
            if (is_box(&fn->ins[ref]) && !used[ref]) {
                fn->ins[ref].op = IR_NOP;
                changed = true;
                continue;
            }
            block->ins[kept++] = ref;
        }
        block->n_ins = kept;
    }
    return changed;
}
