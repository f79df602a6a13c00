/* Accesses to list elements, taken apart: length, bounds check, element.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * LIST_GET and the stores look at four things in memory.  The length and the
 * address of the elements seldom change, so gvn and hoist find them again or
 * move them in front of the loop once they are instructions of their own; a
 * store to the element that was just read needs no second check. */
#include "pass.h"

/* The checked index of an access, which gets its exit. */
static IrRef
add_index(IrFn *fn, uint32_t b, IrRef access)
{
    IrIns ins = fn->ins[access];
    IrRef length = ir_add(fn, b, IR_LIST_LEN, &ins.args[0], 1);
    IrRef args[2] = {length, ins.args[1]};
    IrRef index = ir_add(fn, b, IR_INDEX, args, 2);
    fn->ins[length].offset = ins.offset;
    fn->ins[index].offset = ins.offset;
    fn->ins[index].snap = ins.snap;
    if (ins.op == IR_LIST_GET) {
        ir_set_bounds(&fn->ins[index], ir_bounds(&ins));
    }
    return index;
}

static void
split_get(IrFn *fn, uint32_t b, IrRef ref)
{
    IrRef list = fn->ins[ref].args[0];
    IrRef index = ir_bounds(&fn->ins[ref]) == IR_IN_BOUNDS
                      ? fn->ins[ref].args[1]
                      : add_index(fn, b, ref);
    IrRef items = ir_add(fn, b, IR_LIST_ITEMS, &list, 1);
    IrIns *ins = &fn->ins[ref];
    fn->ins[items].offset = ins->offset;
    IrRef *args = ARENA_NEW_ARRAY(fn->arena, IrRef, 3);
    if (args == NULL) {
        return;
    }
    args[0] = list;
    args[1] = items;
    args[2] = index;
    ir_become(ins, IR_LIST_ITEM);
    ins->args = args;
    ins->n_args = 3;
    ins->snap = 0;
}

static void
split_set(IrFn *fn, uint32_t b, IrRef ref)
{
    IrRef list = fn->ins[ref].args[0];
    IrRef index = add_index(fn, b, ref);
    IrRef items = ir_add(fn, b, IR_LIST_ITEMS, &list, 1);
    IrRef args[2] = {items, index};
    IrRef cell = ir_add(fn, b, IR_LIST_CELL, args, 2);
    IrIns *ins = &fn->ins[ref];
    fn->ins[items].offset = ins->offset;
    fn->ins[cell].offset = ins->offset;
    ins->args[1] = cell;
    ir_set_is_cell(ins, 1);
}

bool
pass_split(IrFn *fn)
{
    enum { MOST_FOR_ONE = 5 };
    bool changed = false;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        IrBlock *block = &fn->blocks[b];
        const IrRef *old = block->ins;
        uint32_t n_old = block->n_ins;
        block->ins = ARENA_NEW_ARRAY(fn->arena, IrRef,
                                     (size_t)n_old * MOST_FOR_ONE);
        if (n_old == 0 || block->ins == NULL) {
            return changed;
        }
        block->n_ins = 0;
        block->cap_ins = n_old * MOST_FOR_ONE;
        for (uint32_t i = 0; i < n_old; i++) {
            IrRef ref = old[i];
            switch (fn->ins[ref].op) {
            case IR_LIST_GET:
                split_get(fn, b, ref);
                changed = true;
                break;
            case IR_LIST_SET:
            case IR_LIST_SET_F:
            case IR_LIST_SET_I:
                split_set(fn, b, ref);
                changed = true;
                break;
            default:
                break;
            }
            block->ins[block->n_ins++] = ref;
        }
    }
    return changed;
}
