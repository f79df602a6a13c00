/* The verifier of reference counts: run after the refcount pass.
 *
 * It follows, on every path, how many references native code holds to each
 * value, and knows nothing of how the pass came to its decisions:
 *
 * - an operation whose result is owned, an owned parameter and an INCREF make
 *   one; a DECREF, a DROP, a steal, a hand-over to a new container, to a
 * callee or over an edge, and a return use one up;
 * - no reference is used that is not there, and none is left at a return;
 * - all ways to a block bring the same references (the arguments of its owned
 *   parameters renamed);
 * - an exit gives back just those that are held when it is taken;
 * - a value without a reference is not used behind something that may have
 *   freed it: arbitrary code, or the release of an object of a class that may
 *   own it, unless it is one that outlives the activation, or a local of the
 *   frame holds it and the frame was looked at since (FRAME_CHECK).
 *
 * Memory that a release could change needs no rule: an object whose death
 * could be seen dies behind an exit, and what else dies was out of reach of
 * all reads (loader/death.c). */
#include "pass.h"

#include <stdio.h>
#include <string.h>

#include "refcount_int.h"

typedef struct {
    Rc rc;
    uint8_t *held; /* by index: references */
    uint8_t *in;   /* [block][index]: what comes in; NONE: not reached */
    IrWord *stale; /* by index: may have been freed, unless held */
    /* by index: held by a local that other code may have written */
    IrWord *unsure;
    IrWord *stale_in, *unsure_in; /* [block] */
    IrRef *mem;
    bool *reached;
    char *err;
    uint32_t block;
    IrRef at;
    bool failed;
} Check;

static void
fault(Check *c, const char *what, IrRef value)
{
    if (!c->failed) {
        pyaot_error(c->err, PYAOT_E_INTERNAL, "b%u v%u: %s v%u", c->block,
                    c->at, what, value);
    }
    c->failed = true;
}

static uint32_t
index_of(const Check *c, IrRef value)
{
    return c->rc.index[value];
}

static void
gain(Check *c, IrRef value)
{
    uint32_t index = index_of(c, value);
    if (index != 0) {
        c->held[index - 1]++;
    }
}

static void
spend(Check *c, IrRef value, const char *what)
{
    uint32_t index = index_of(c, value);
    if (index == 0) {
        return;
    }
    if (c->held[index - 1] == 0) {
        fault(c, what, value);
        return;
    }
    c->held[index - 1]--;
}

/* --- uses ---------------------------------------------------------------- */

static bool
outlives(const Check *c, uint32_t index)
{
    return c->rc.kind[index] == RC_STATIC;
}

static void
note_use(void *self, IrRef value)
{
    Check *c = self;
    uint32_t index = index_of(c, value);
    if (index != 0 && c->held[index - 1] == 0 && !outlives(c, index - 1)
        && (ir_set_has(c->stale, index - 1)
            || ir_set_has(c->unsure, index - 1))) {
        fault(c, "may have been freed:", value);
    }
}

/* While other code runs nothing but a reference keeps an operand alive. */
static void
note_operand(Check *c, IrRef value)
{
    uint32_t index = index_of(c, value);
    if (index != 0 && c->held[index - 1] == 0 && !outlives(c, index - 1)) {
        fault(c, "not held while other code runs:", value);
    }
}

/* All that nobody holds may be gone.
 *
 * writes  what ran may have written the frame's locals: what they held is
 *         unsure until the frame has been looked at */
static void
make_stale(Check *c, IrFrees frees, bool writes, uint32_t passed)
{
    for (uint32_t i = 0; i < c->rc.n && frees != FREES_NOTHING; i++) {
        IrClass cls = rc_class_at(&c->rc, i, c->block, passed);
        bool simple = cls != IR_CLASS_ANY && ir_class_is_simple[cls];
        if (c->held[i] != 0
            || (frees == FREES_SIMPLE && cls != IR_CLASS_ANY && !simple)) {
            continue;
        }
        if (!rc_is_held(&c->rc, c->mem, c->rc.objs[i])) {
            ir_set_add(c->stale, i);
        }
        else if (writes) {
            ir_set_add(c->unsure, i);
        }
    }
}

/* --- exits --------------------------------------------------------------- */

/* The list gives back what is held, but `given` (values the callee took). */
static void
check_release(Check *c, const IrIns *ins)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < c->rc.n; i++) {
        total += c->held[i];
    }
    for (uint32_t i = 0; i < ins->n_release; i++) {
        uint32_t index = index_of(c, ins->release[i]);
        if (index == 0 || c->held[index - 1] == 0) {
            fault(c, "an exit gives back what is not held:", ins->release[i]);
            return;
        }
        total--;
    }
    if (total != 0) {
        for (uint32_t i = 0; i < c->rc.n; i++) {
            bool listed = false;
            for (uint32_t k = 0; k < ins->n_release; k++) {
                listed |= ins->release[k] == c->rc.objs[i];
            }
            if (c->held[i] > (listed ? 1 : 0)) {
                fault(c, "an exit keeps the reference of", c->rc.objs[i]);
                return;
            }
        }
    }
}

/* --- instructions -------------------------------------------------------- */

static bool
is_new_container(const IrIns *ins)
{
    return ins->op == IR_LIST_NEW || ins->op == IR_TUPLE_NEW
           || ins->op == IR_OBJECT_NEW;
}

static void
hand_over(Check *c, const IrIns *ins)
{
    for (uint32_t i = 0; is_new_container(ins) && i < ins->n_args && i < 32;
         i++) {
        if (ir_given(ins) >> i & 1) {
            if (!ir_new_takes(ins, i)) {
                fault(c, "a container is given what it does not keep:",
                      ins->args[i]);
            }
            spend(c, ins->args[i], "a container takes what is not held:");
        }
    }
    for (uint32_t i = 0; i < ins->n_args && i < 64; i++) {
        if (ins->given >> i & 1) {
            spend(c, ins->args[i], "a callee takes what is not held:");
        }
    }
    if (ins->steal) {
        spend(c, ins->args[ins->n_args - 1], "stolen, but not held:");
    }
}

/* The pass says of a DECREF that needs no exit whether it frees simple objects
 * only (aux). */
static IrFrees
release_frees(const Check *c, const IrIns *ins, uint32_t passed)
{
    uint32_t index = index_of(c, ins->args[0]) - 1;
    IrClass cls = rc_class_at(&c->rc, index, c->block, passed);
    bool simple = cls != IR_CLASS_ANY && ir_class_is_simple[cls];
    if (rc_is_held(&c->rc, c->mem, ins->args[0])
        && !ir_set_has(c->unsure, index)) {
        return FREES_NOTHING;
    }
    if (c->rc.fn->ins[ins->args[0]].op == IR_BLOCK_O
        && c->rc.frees[index] < FREES_ANY) {
        return (IrFrees)c->rc.frees[index]; /* by what comes in */
    }
    return simple || (ins->op == IR_DECREF && ir_unseen(ins) != 0)
               ? FREES_SIMPLE
               : FREES_ANY;
}

static void
check_terminator(Check *c, const IrIns *ins)
{
    const IrBlock *block = &c->rc.fn->blocks[c->block];
    if (ins->op == IR_RETURN && ins->n_args > 0) {
        spend(c, ins->args[0], "returned, but not held:");
        for (uint32_t i = 0; i < c->rc.n; i++) {
            if (c->held[i] != 0) {
                fault(c, "kept over the return:", c->rc.objs[i]);
                return;
            }
        }
    }
    for (uint32_t s = 0; s < block->n_succ; s++) {
        const IrEdge *edge = &block->succ[s];
        const IrBlock *to = &c->rc.fn->blocks[edge->to];
        for (uint32_t k = 0; k < edge->n_args; k++) {
            if (c->rc.fn->ins[to->params[k]].owned) {
                spend(c, edge->args[k], "handed over, but not held:");
            }
        }
    }
}

static void
check_ins(Check *c, IrRef ref, uint32_t passed)
{
    const IrFn *fn = c->rc.fn;
    const IrIns *ins = &fn->ins[ref];
    const IrEffects effects = ir_effects(fn, ins);
    c->at = ref;
    if (!(ins->op == IR_DECREF && ir_unseen(ins) != 0)) {
        ir_each_use(fn, ref, note_use, c);
    }
    if (ins->snap != 0 || ins->raise != 0) {
        check_release(c, ins);
    }
    if (effects.ends) {
        check_terminator(c, ins);
        return;
    }
    switch (ins->op) {
    case IR_INCREF:
        gain(c, ins->args[0]);
        return;
    case IR_DECREF:
    case IR_DROP:
        if (index_of(c, ins->args[0]) != 0) {
            spend(c, ins->args[0], "given back, but not held:");
            make_stale(c, release_frees(c, ins, passed), false, passed);
        }
        return;
    case IR_FRAME_CHECK:
        memset(c->unsure, 0, c->rc.words * sizeof(*c->unsure));
        return;
    default:
        break;
    }
    const IrFrees frees = (IrFrees)effects.frees;
    bool is_call = ins->op == IR_CALL_DIRECT || ins->op == IR_CALL_INIT;
    for (uint32_t i = 0; effects.runs_code && !is_call && i < ins->n_args;
         i++) {
        if (!ir_call_takes(ins, i)) { /* it gets a reference of its own */
            note_operand(c, ins->args[i]);
        }
    }
    hand_over(c, ins);
    if (effects.runs_code) {
        make_stale(c, frees, true, passed + 1);
        ir_each_snap_use(fn, ins->raise, note_use, c);
        rc_mem_step(&c->rc, ref, c->mem);
    }
    else { /* the release is the last thing it does */
        rc_mem_step(&c->rc, ref, c->mem);
        make_stale(c, frees, false, passed + 1);
    }
    uint32_t index = index_of(c, ref);
    if (index != 0) {
        ir_set_remove(c->stale, index - 1);
        ir_set_remove(c->unsure, index - 1);
        if (ins->owned && effects.is_new) {
            gain(c, ref);
        }
    }
}

/* --- flow ---------------------------------------------------------------- */

/* What this end of a block brings to its successor: the first to come says
 * what there is, the others must agree. */
static bool
flow_to(Check *c, const IrEdge *edge)
{
    const IrBlock *to = &c->rc.fn->blocks[edge->to];
    size_t at = (size_t)edge->to * c->rc.n;
    bool changed = !c->reached[edge->to];
    IrWord *stale = c->stale_in + (size_t)edge->to * c->rc.words;
    IrWord *unsure = c->unsure_in + (size_t)edge->to * c->rc.words;
    if (changed) {
        memcpy(c->in + at, c->held, c->rc.n);
        for (uint32_t k = 0; k < to->n_params; k++) {
            uint32_t index = index_of(c, to->params[k]);
            if (index != 0) {
                c->in[at + index - 1] = c->rc.fn->ins[to->params[k]].owned;
            }
        }
        c->reached[edge->to] = true;
    }
    for (uint32_t i = 0; i < c->rc.n; i++) {
        bool is_param = c->rc.fn->ins[c->rc.objs[i]].block == edge->to
                        && c->rc.fn->ins[c->rc.objs[i]].op == IR_BLOCK_O;
        if (!is_param && c->held[i] != c->in[at + i]) {
            fault(c, "held on one way only:", c->rc.objs[i]);
            return false;
        }
    }
    for (uint32_t k = 0; k < to->n_params; k++) { /* new values there */
        uint32_t index = index_of(c, to->params[k]);
        if (index != 0) {
            ir_set_remove(c->stale, index - 1);
            ir_set_remove(c->unsure, index - 1);
        }
    }
    for (uint32_t w = 0; w < c->rc.words; w++) {
        IrWord more = (c->stale[w] & ~stale[w]) | (c->unsure[w] & ~unsure[w]);
        stale[w] |= c->stale[w];
        unsure[w] |= c->unsure[w];
        changed |= more != 0;
    }
    return changed;
}

static bool
check_block(Check *c, uint32_t b)
{
    const IrBlock *block = &c->rc.fn->blocks[b];
    c->block = b;
    memcpy(c->held, c->in + (size_t)b * c->rc.n, c->rc.n);
    memcpy(c->unsure, c->unsure_in + (size_t)b * c->rc.words,
           c->rc.words * sizeof(*c->unsure));
    memcpy(c->stale, c->stale_in + (size_t)b * c->rc.words,
           c->rc.words * sizeof(*c->stale));
    if (c->mem != NULL) {
        memcpy(c->mem, c->rc.mem_in + (size_t)b * c->rc.fn->n_locals,
               c->rc.fn->n_locals * sizeof(*c->mem));
    }
    for (uint32_t i = 0; i < block->n_ins && !c->failed; i++) {
        check_ins(c, block->ins[i], i);
    }
    bool changed = false;
    for (uint32_t s = 0; s < block->n_succ && !c->failed; s++) {
        changed |= flow_to(c, &block->succ[s]);
    }
    return changed;
}

bool
rc_check(IrFn *fn, char *err)
{
    Check c = {.err = err};
    if (!rc_prepare(&c.rc, fn)) {
        return true; /* out of memory: the driver sees that in the arena */
    }
    size_t size = (size_t)fn->n_blocks * c.rc.n;
    c.held = ARENA_NEW_ARRAY(fn->arena, uint8_t, c.rc.n + 1);
    c.in = ARENA_NEW_ARRAY(fn->arena, uint8_t, size + 1);
    c.stale = ARENA_NEW_ARRAY(fn->arena, IrWord, c.rc.words + 1);
    c.unsure = ARENA_NEW_ARRAY(fn->arena, IrWord, c.rc.words + 1);
    c.stale_in = ARENA_NEW_ARRAY(fn->arena, IrWord,
                                 (size_t)fn->n_blocks * c.rc.words + 1);
    c.unsure_in = ARENA_NEW_ARRAY(fn->arena, IrWord,
                                  (size_t)fn->n_blocks * c.rc.words + 1);
    c.reached = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_blocks);
    if (c.rc.mem_in != NULL) {
        c.mem = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_locals);
    }
    if (arena_status(fn->arena) != PYAOT_OK) {
        return true;
    }
    c.reached[0] = true;
    bool changed = true;
    while (changed && !c.failed) {
        changed = false;
        for (uint32_t i = 0; i < c.rc.g->n_order && !c.failed; i++) {
            if (c.reached[c.rc.g->order[i]]) {
                changed |= check_block(&c, c.rc.g->order[i]);
            }
        }
    }
    return !c.failed;
}
