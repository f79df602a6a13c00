/* Variables in cells stay in registers through loops.
 *
 * Part of hoist, whose loops and entry states it needs.  A global or a
 * closure's variable is in memory that all may see, so every store goes there;
 * but while a loop runs whose only stores to it are of numbers, and which runs
 * no other code, its loads need not: the number is what was stored last, or
 * what is found in front of the loop.  (The objects that exits want are still
 * loaded; stores stay.)  The variable becomes a parameter of the header and of
 * all blocks in the loop where ways meet; phi throws out those that need not
 * be. */
#include "loops.h"

#include <string.h>

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    const Loop *loop;
    IrRef cell;
    uint32_t kind; /* of memory */
    uint16_t set, unbox;
    IrType type;
    IrRef *out;    /* by block: the number at its end */
    IrRef *number; /* by CELL_GET: what it finds */
    IrRef *rep;
} Promote;

static const IrIns *
ins_at(const Promote *p, uint32_t b, uint32_t i)
{
    return &p->fn->ins[p->fn->blocks[b].ins[i]];
}

static bool
is_set(const Promote *p, const IrIns *ins)
{
    return ins->op == p->set && ins->args[0] == p->cell;
}

static bool
is_get(const Promote *p, IrRef ref)
{
    const IrIns *ins = &p->fn->ins[ref];
    return ins->op == IR_CELL_GET && ins->args[0] == p->cell
           && ir_set_has(p->loop->body, ins->block);
}

static bool
is_unbox(const Promote *p, const IrIns *ins)
{
    return ins->op == p->unbox && is_get(p, ins->args[0]);
}

/* Do only these stores change it, and does anybody load it as a number? */
static bool
is_worth(const Promote *p)
{
    bool wanted = false;
    for (uint32_t b = 0; b < p->fn->n_blocks; b++) {
        if (!ir_set_has(p->loop->body, b)) {
            continue;
        }
        for (uint32_t i = 0; i < p->fn->blocks[b].n_ins; i++) {
            const IrIns *ins = ins_at(p, b, i);
            if ((ir_effects(p->fn, ins).writes & mem_bit(p->kind)) != 0
                && !is_set(p, ins)) {
                return false;
            }
            wanted |= is_unbox(p, ins);
        }
    }
    return wanted;
}

static bool
is_merge(const Promote *p, uint32_t b)
{
    return b == p->loop->header || p->g->pred_at[b + 1] - p->g->pred_at[b] > 1;
}

/* The number as it is in front of the loop. */
static IrRef
load_in_front(Promote *p, int64_t imm)
{
    IrFn *fn = p->fn;
    IrRef get = ir_add(fn, UINT32_MAX, IR_CELL_GET, &p->cell, 1);
    IrRef number = ir_add(fn, UINT32_MAX, (IrOp)p->unbox, &get, 1);
    IrSnapId snap = loop_entry_state(fn, p->loop, 0);
    ir_set_slot(&fn->ins[get], imm);
    fn->ins[get].snap = imm < 0 ? snap : 0;
    fn->ins[number].snap = snap;
    fn->ins[get].offset = fn->ins[number].offset = fn->snaps[snap].offset;
    loop_put_in_front(fn, p->loop, get);
    loop_put_in_front(fn, p->loop, number);
    return number;
}

static void
walk_block(Promote *p, uint32_t b)
{
    IrFn *fn = p->fn;
    IrRef now = is_merge(p, b) ? ir_param_add(fn, b, p->type)
                               : p->out[p->g->preds[p->g->pred_at[b]].block];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
        IrRef ref = fn->blocks[b].ins[i];
        IrIns *ins = &fn->ins[ref];
        if (is_get(p, ref)) {
            p->number[ref] = now;
        }
        else if (is_unbox(p, ins)) {
            p->rep[ref] = p->number[ins->args[0]];
            ins->op = IR_NOP;
            continue;
        }
        else if (is_set(p, ins)) {
            now = ins->args[1];
        }
        fn->blocks[b].ins[kept++] = ref;
    }
    fn->blocks[b].n_ins = kept;
    p->out[b] = now;
}

static void
pass_on(IrFn *fn, IrEdge *edge, IrRef value)
{
    IrRef *args = ARENA_NEW_ARRAY(fn->arena, IrRef, (size_t)edge->n_args + 1);
    if (args != NULL) {
        if (edge->n_args > 0) {
            memcpy(args, edge->args, edge->n_args * sizeof(*args));
        }
        args[edge->n_args++] = value;
        edge->args = args;
    }
}

static void
promote(Promote *p, int64_t imm)
{
    IrFn *fn = p->fn;
    size_t room = (size_t)fn->n_ins + fn->n_blocks + 8;
    p->out = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_blocks);
    p->number = ARENA_NEW_ARRAY(fn->arena, IrRef, room);
    p->rep = ARENA_NEW_ARRAY(fn->arena, IrRef, room);
    if (p->out == NULL || p->number == NULL || p->rep == NULL) {
        return;
    }
    IrRef first = load_in_front(p, imm);
    for (uint32_t i = 0; i < p->g->n_order; i++) {
        if (ir_set_has(p->loop->body, p->g->order[i])) {
            walk_block(p, p->g->order[i]);
        }
    }
    pass_on(fn, &fn->blocks[p->loop->preheader].succ[p->loop->succ], first);
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t s = 0;
             ir_set_has(p->loop->body, b) && s < fn->blocks[b].n_succ; s++) {
            IrEdge *edge = &fn->blocks[b].succ[s];
            if (ir_set_has(p->loop->body, edge->to) && is_merge(p, edge->to)) {
                pass_on(fn, edge, p->out[b]);
            }
        }
    }
    ir_replace_uses(fn, p->rep);
}

bool
promote_cells(IrFn *fn, const IrGraph *g, const Loop *loop)
{
    bool changed = false;
    uint32_t n_ins = fn->n_ins;
    if (fn->blocks[loop->header].entry == 0) {
        return false;
    }
    for (IrRef ref = 1; ref < n_ins; ref++) {
        IrIns ins = fn->ins[ref];
        if ((ins.op != IR_CELL_SET_I && ins.op != IR_CELL_SET_F)
            || !ir_set_has(loop->body, ins.block)
            || !loop_is_invariant(fn, loop, ins.args[0])) {
            continue;
        }
        bool is_int = ins.op == IR_CELL_SET_I;
        Promote p = {.fn = fn,
                     .g = g,
                     .loop = loop,
                     .cell = ins.args[0],
                     .set = ins.op,
                     .type = is_int ? IR_I64 : IR_F64,
                     .unbox = is_int ? IR_UNBOX_I64 : IR_UNBOX_F64};
        p.kind = ir_cell_kind(&ins);
        if (is_worth(&p)) {
            promote(
                &p,
                ir_slot(
                    &ins)); /* there is no load left to be worth it again */
            changed = true;
        }
    }
    return changed;
}
