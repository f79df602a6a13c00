/* Loop-invariant guards, loads and computations move in front of the loop.
 *
 * Requires: SSA, no counts, the entry states of loop headers (IrBlock.entry;
 * a loop without one gets nothing that can exit hoisted).  Keeps: SSA.
 * Breaks: entry states are forgotten, so it runs once.
 *
 * A guard may move if it is done in every round anyway (its block dominates
 * all back-edges) and its operands do not change in the loop.  In front of
 * the loop it exits to the interpreter at the loop's header, in the state of
 * the header with the parameters replaced by what comes in; nothing has
 * happened yet there, so that is always right.  (Peeling the first round was
 * not chosen: it doubles the code, and the builder's versions peel already
 * where types change.)
 *
 * Then promote.c keeps variables of cells in registers.
 *
 * What cannot exit moves too, if it is safe to do although the loop might not
 * come to it: an operation that trusts its operand's class needs a guard of
 * that class in front of the loop. */
#include "pass.h"

#include <string.h>

#include "identity.h"
#include "loops.h"

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    const bool *shown;
    Loops loops;
    bool changed;
} Hoist;

/* Does the edge start another round of the loop at header?
 *
 * A loop of the program whose outer loop was peeled is entered anew from
 * blocks that its own header dominates.  Those edges are rounds of the outer
 * loop: in the bytecode they do not jump backward. */
static bool
is_round(const Hoist *h, uint32_t header, uint32_t from)
{
    const IrBlock *block = &h->fn->blocks[from];
    return ir_graph_dominates(h->g, header, from)
           && h->fn->ins[block->ins[block->n_ins - 1]].offset
                  > h->fn->blocks[header].offset;
}

/* A loop that is entered from several places gets a block in front. */
static void
add_preheader(Hoist *h, uint32_t header)
{
    IrFn *fn = h->fn;
    uint32_t n = 0, n_rounds = 0;
    for (uint32_t p = h->g->pred_at[header]; p < h->g->pred_at[header + 1];
         p++) {
        bool round = is_round(h, header, h->g->preds[p].block);
        n_rounds += round;
        n += !round;
    }
    if (n < 2 || n_rounds == 0) {
        return;
    }
    uint32_t front = ir_block_new(fn, fn->blocks[header].offset);
    if (front == 0) {
        return;
    }
    uint32_t n_params = fn->blocks[header].n_params;
    IrRef *args = ARENA_NEW_ARRAY(fn->arena, IrRef, n_params);
    for (uint32_t k = 0; k < n_params && args != NULL; k++) {
        IrRef param = fn->blocks[header].params[k];
        args[k] = ir_param_add(fn, front, (IrType)fn->ins[param].type);
        fn->ins[args[k]].cls = fn->ins[param].cls;
    }
    for (uint32_t p = h->g->pred_at[header]; p < h->g->pred_at[header + 1];
         p++) {
        IrPred pred = h->g->preds[p];
        if (!is_round(h, header, pred.block)) {
            fn->blocks[pred.block].succ[pred.succ].to = front;
        }
    }
    IrRef jump = ir_add(fn, front, IR_JUMP, NULL, 0);
    fn->ins[jump].offset = fn->blocks[header].offset;
    fn->blocks[front].succ[0] = (IrEdge){header, n_params, args};
    fn->blocks[front].n_succ = 1;
    h->changed = true;
}

static void
add_preheaders(Hoist *h)
{
    uint32_t n_blocks = h->fn->n_blocks;
    for (uint32_t b = 1; b < n_blocks; b++) {
        bool is_loop = false;
        for (uint32_t p = h->g->pred_at[b]; p < h->g->pred_at[b + 1]; p++) {
            is_loop |= ir_graph_dominates(h->g, b, h->g->preds[p].block);
        }
        if (is_loop && h->fn->blocks[b].entry != 0) {
            add_preheader(h, b);
        }
    }
}

/* --- what may move ------------------------------------------------------- */

static bool
is_every_round(const Hoist *h, const Loop *loop, uint32_t b)
{
    for (uint32_t p = h->g->pred_at[loop->header];
         p < h->g->pred_at[loop->header + 1]; p++) {
        uint32_t from = h->g->preds[p].block;
        if (ir_set_has(loop->body, from)
            && !ir_graph_dominates(h->g, b, from)) {
            return false;
        }
    }
    return true;
}

/* The class without which reading the operand is not safe. */
static IrClass
trusted_class(const IrIns *ins)
{
    switch (ins->op) {
    case IR_LIST_LEN:
    case IR_LIST_GET:
    case IR_LIST_ITEMS:
    case IR_LIST_ITEM:
        return IR_CLASS_LIST;
    case IR_TUPLE_LEN:
    case IR_TUPLE_GET:
        return IR_CLASS_TUPLE;
    case IR_RANGE_GET:
        return IR_CLASS_RANGE;
    case IR_SLICE_GET:
        return IR_CLASS_SLICE;
    case IR_DICT_GET:  /* of a key that is an object the class is another: */
    case IR_DICT_PEEK: /* these stay */
    case IR_DICT_NUMBER:
    case IR_DICT_HAS:
        return IR_CLASS_DICT;
    case IR_SET_HAS:
        return IR_CLASS_SET;
    case IR_STR_HAS:
    case IR_STR_LEN:
    case IR_STR_ORD:
    case IR_STR_ORD_AT:
    case IR_STR_EQ:
        return IR_CLASS_STR;
    case IR_BYTES_LEN: /* or bytearray: imm */
    case IR_SIZED_LEN:
    case IR_ITER_MORE:
        return ir_class(ins);
    case IR_BYTES_GET:
        return IR_CLASS_BYTES;
    case IR_BYTEARR_GET:
        return IR_CLASS_BYTEARRAY;
    case IR_COMPLEX_RE:
    case IR_COMPLEX_IM:
        return IR_CLASS_COMPLEX;
    case IR_MODULE_ATTR:
        return IR_CLASS_MODULE;
    default:
        return IR_CLASS_ANY;
    }
}

/* Is the value of the class whenever the end of block b is reached? */
static bool
is_class_at(const Hoist *h, IrRef ref, IrClass cls, uint32_t b)
{
    const IrFn *fn = h->fn;
    if (fn->ins[ref].cls == cls) {
        return true;
    }
    for (;;) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            const IrIns *ins = &fn->ins[block->ins[i]];
            if (ins->op == IR_GUARD_CLASS && ir_class(ins) == cls
                && ins->args[0] == ref) {
                return true;
            }
        }
        if (b == 0) {
            return false;
        }
        b = h->g->idom[b];
    }
}

static bool
is_movable_op(const IrFn *fn, const IrIns *ins)
{
    const IrEffects effects = ir_effects(fn, ins);
    if (ir_acts(&effects) || effects.is_new) {
        return false;
    }
    switch (ins->op) {
    case IR_GUARD:
    case IR_GUARD_NOT:
    case IR_GUARD_CLASS:
    case IR_GUARD_TYPE:
    case IR_GUARD_SAME:
        return true;
    case IR_PARAM_I:
    case IR_PARAM_F:
    case IR_PARAM_B:
    case IR_PARAM_O:
    case IR_PARAM_OWN:
        return false;
    case IR_LIST_GET: /* imm 1: a branch before it tells that it is inside */
    case IR_TUPLE_GET:
        return ir_bounds(ins) == IR_ANY_INDEX;
    case IR_LIST_ITEM: /* the same */
        return fn->ins[ins->args[2]].op == IR_INDEX;
    default:
        return effects.is_pure || effects.reads != MEM_NONE;
    }
}

static bool
may_move(const Hoist *h, const Loop *loop, IrRef ref)
{
    const IrIns *ins = &h->fn->ins[ref];
    if (!is_movable_op(h->fn, ins) || identity_matters(ins, h->shown[ref])) {
        return false;
    }
    for (uint32_t i = 0; i < ins->n_args; i++) {
        if (!loop_is_invariant(h->fn, loop, ins->args[i])) {
            return false;
        }
    }
    const IrEffects effects = ir_effects(h->fn, ins);
    if (effects.reads != MEM_NONE && (loop->writes & mem_bit(effects.reads))) {
        return false;
    }
    if (effects.leaves
        && (h->fn->blocks[loop->header].entry == 0
            || !is_every_round(h, loop, ins->block))) {
        return false;
    }
    IrClass cls = trusted_class(ins);
    for (uint32_t i = 0; cls != IR_CLASS_ANY && i < ins->n_args; i++) {
        if (h->fn->ins[ins->args[i]].type == IR_OBJ
            && !is_class_at(h, ins->args[i], cls, loop->preheader)) {
            return false;
        }
    }
    return true;
}

/* --- moving -------------------------------------------------------------- */

static void
move(Hoist *h, const Loop *loop, IrRef ref)
{
    IrFn *fn = h->fn;
    IR_ASSERT(ir_set_has(loop->body, fn->ins[ref].block));
    IR_ASSERT(fn->ins[ref].snap == 0 || fn->blocks[loop->header].entry != 0);
    loop_put_in_front(fn, loop, ref);
    IrIns *ins = &fn->ins[ref];
    if (ins->snap != 0) {
        IrSnapId snap = loop_entry_state(fn, loop,
                                         fn->snaps[ins->snap].reason);
        ins->snap = snap;
        ins->offset = fn->snaps[snap].offset;
    }
    h->changed = true;
}

static void
hoist_loop(Hoist *h, const Loop *loop)
{
    IrFn *fn = h->fn;
    IR_ASSERT(!ir_set_has(loop->body, loop->preheader));
    IR_ASSERT(ir_graph_dominates(h->g, loop->preheader, loop->header));
    for (uint32_t i = 0; i < h->g->n_order; i++) {
        uint32_t b = h->g->order[i];
        if (!ir_set_has(loop->body, b)) {
            continue;
        }
        uint32_t kept = 0;
        for (uint32_t k = 0; k < fn->blocks[b].n_ins; k++) {
            IrRef ref = fn->blocks[b].ins[k];
            if (may_move(h, loop, ref)) {
                move(h, loop, ref);
            }
            if (fn->ins[ref].block == b) {
                fn->blocks[b].ins[kept++] = ref;
            }
        }
        fn->blocks[b].n_ins = kept;
    }
}

bool
pass_hoist(IrFn *fn)
{
    Hoist h = {.fn = fn};
    ir_drop_unreachable(fn);
    h.g = ir_graph_new(fn);
    if (h.g == NULL) {
        return false;
    }
    add_preheaders(&h);
    h.g = ir_graph_new(fn);
    h.shown = identity_shown(fn);
    if (h.g == NULL || h.shown == NULL || !loops_find(&h.loops, fn, h.g)) {
        return h.changed;
    }
    /* Inner loops first: what leaves them may leave the outer ones too. */
    for (uint32_t size = 1; size <= fn->n_blocks; size++) {
        for (uint32_t i = 0; i < h.loops.n; i++) {
            const Loop *loop = &h.loops.loop[i];
            if (loop->n_blocks == size && loop->preheader != UINT32_MAX) {
                hoist_loop(&h, loop);
                h.changed |= promote_cells(fn, h.g, loop);
            }
        }
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        fn->blocks[b].entry = 0;
    }
    return h.changed;
}
