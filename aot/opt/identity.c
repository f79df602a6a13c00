/* Identity of numbers: see identity.h. */
#include "identity.h"

const bool *
identity_shown(const IrFn *fn)
{
    bool *shown = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    if (shown == NULL) {
        return NULL;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t s = 0; s < block->n_succ; s++) {
            for (uint32_t k = 0; k < block->succ[s].n_args; k++) {
                shown[block->succ[s].args[k]] = true;
            }
        }
    }
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        const IrSnap *snap = &fn->snaps[s];
        uint32_t n_vals = ir_snap_n_vals(snap);
        for (uint32_t i = 0; i < n_vals; i++) {
            const IrIns *ins = &fn->ins[snap->vals[i].a];
            shown[snap->vals[i].a] = true;
            if (ins->op == IR_BOX_I64 || ins->op == IR_BOX_F64) {
                /* by an exit that makes the object */
                shown[ins->args[0]] = true;
            }
        }
    }
    return shown;
}

bool
identity_matters(const IrIns *ins, bool shown)
{
    if (ins->type != IR_I64 && ins->type != IR_F64) {
        return false;
    }
    switch (ins->op) {
    case IR_CONST_I64:
    case IR_CONST_F64:
    case IR_PARAM_I:
    case IR_PARAM_F:
    case IR_UNBOX_I64:
    case IR_UNBOX_F64:
    case IR_BITS_F64:
        return false;
    default:
        return shown;
    }
}
