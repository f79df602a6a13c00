/* A number passed unboxed has no object of its own any more.  That shows only
 * where the number is boxed again: an exit or the boxed entry can give back
 * the caller's object, anything else cannot. */
#include "params.h"

static uint64_t
param_bit(const IrIns *ins)
{
    bool is_param = ins->op == IR_PARAM_I || ins->op == IR_PARAM_F;
    return is_param && ir_param(ins) < 64 ? (uint64_t)1 << ir_param(ins) : 0;
}

/* The operand that becomes a number object, or 0. */
static IrRef
boxed_operand(const IrIns *ins)
{
    switch (ins->op) {
    case IR_BOX_I64:
    case IR_BOX_F64:
        return ins->args[0];
    case IR_ATTR_SET_F:
    case IR_ATTR_SET_I:
    case IR_CELL_SET_F:
    case IR_CELL_SET_I:
        return ins->args[1];
    case IR_LIST_SET_F:
    case IR_LIST_SET_I:
        return ins->args[2];
    default:
        return 0;
    }
}

/* Operands [first, end) that the instruction may give back as they are. */
static void
passed_on(const IrIns *ins, uint32_t *first, uint32_t *end)
{
    switch (ins->op) {
    case IR_SELECT_I:
        *first = 1;
        *end = 3;
        return;
    case IR_IADD_IF:
    case IR_ISUB_IF:
        *first = 0;
        *end = 1;
        return;
    default:
        *first = *end = 0;
        return;
    }
}

ParamUse
params_use(IrFn *fn)
{
    ParamUse use = {0, 0};
    uint64_t *may = ARENA_NEW_ARRAY(fn->arena, uint64_t, fn->n_ins + 1);
    if (may == NULL) {
        return use;
    }
    for (IrRef r = 1; r < fn->n_ins; r++) {
        may[r] = param_bit(&fn->ins[r]);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (IrRef r = 1; r < fn->n_ins; r++) {
            uint32_t first, end;
            passed_on(&fn->ins[r], &first, &end);
            for (uint32_t i = first; i < end; i++) {
                uint64_t from = may[fn->ins[r].args[i]];
                changed |= (may[r] | from) != may[r];
                may[r] |= from;
            }
        }
        for (uint32_t b = 0; b < fn->n_blocks; b++) {
            for (uint32_t s = 0; s < fn->blocks[b].n_succ; s++) {
                const IrEdge *edge = &fn->blocks[b].succ[s];
                for (uint32_t i = 0; i < edge->n_args; i++) {
                    uint64_t *to = &may[fn->blocks[edge->to].params[i]];
                    if ((*to | may[edge->args[i]]) != *to) {
                        *to |= may[edge->args[i]];
                        changed = true;
                    }
                }
            }
        }
    }
    /* a tuple's element stays what it is */
    for (IrSnapId s = 1; s < fn->n_snaps; s++) {
        const IrSnap *snap = &fn->snaps[s];
        for (uint32_t i = ir_snap_n_slots(snap); i < ir_snap_n_vals(snap);
             i++) {
            use.boxed |= may[snap->vals[i].a];
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
            use.boxed |= may[boxed_operand(ins)];
            if (ins->op == IR_RETURN && fn->ins[ins->args[0]].type != IR_OBJ) {
                use.returned |= may[ins->args[0]];
                ir_set_returned(ins, (uint32_t)may[ins->args[0]]);
            }
        }
    }
    return use;
}
