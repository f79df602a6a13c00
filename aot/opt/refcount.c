/* Reference counts, by ownership.
 *
 * Requires: SSA, no counts yet; runs last.  Keeps: SSA.  Breaks: counts-free
 * form, so that no other pass may run after it.
 *
 * Most values need no counting: constants and arguments outlive the
 * activation (static), and a value read from a list, an attribute or a frame
 * local is kept alive by that reference (borrowed) as long as nothing that
 * may release references happens while it is live, or a local of the frame
 * holds it over that.  A borrowed value for which this cannot be shown takes a
 * reference where it is defined; one that a local holds, but not over each
 * look at it while other code runs, only from there to the next check of the
 * frame (begin_guard).  Owned values give theirs back after their last use on
 * each path, or hand it over: to the caller, to a block parameter, or to the
 * container they are stored in.
 *
 * A DECREF may itself release others, so the decision is a fixpoint: walk all
 * blocks, let every release (also of values owned by now) endanger the
 * borrowed values live over it, until none is added; then walk once more and
 * write the instructions.
 *
 * Not done by pairing INCREFs and DECREFs afterwards, as usual elsewhere: what
 * counts here is to make none in loops over numbers, and the exits must know
 * exactly who owns what at their point. */
#include "pass.h"

#include <string.h>

#include "refcount_int.h"

typedef enum {
    SCOUT,  /* finding what sometimes only the frame protects */
    DECIDE, /* what is counted, and where */
    WRITE,  /* the instructions */
} Stage;

typedef struct {
    Rc rc;
    Stage stage;
    bool changed;      /* deciding: a value became owned */
    bool *counted;     /* by index: INCREF at the definition */
    uint8_t *danger;   /* by index, if counted: IrFrees that endanger it */
    IrWord *unguarded; /* by index: only a local keeps it over other code */
    uint32_t *given, *given_in; /* by index: see find_given */
    bool *asked;                /* by index: find_given was here */
    /* The block being walked. */
    uint32_t block, pos;
    uint32_t passed;    /* instructions done: pos or pos + 1 */
    uint32_t *last_use; /* by index: position + 1 in this block */
    uint32_t *dying;    /* indices; see find_dying */
    uint32_t n_dying;
    IrWord *live;
    IrWord *left;    /* scratch of write_release */
    IrWord *exposed; /* not protected by a local that holds them */
    IrWord *guarded; /* counted to the next FRAME_CHECK: see begin_guard */
    IrRef *mem;      /* NULL in frameless code */
    IrRef *out;      /* new instructions */
    uint32_t n_out, cap_out;
} Walk;

static void
out_add(Walk *w, IrRef ref)
{
    IR_ASSERT(w->stage == WRITE);
    if (w->n_out == w->cap_out) {
        uint32_t cap = w->cap_out * 2 + 64;
        IrRef *more = ARENA_NEW_ARRAY(w->rc.fn->arena, IrRef, cap);
        if (more == NULL) {
            return;
        }
        if (w->n_out > 0) {
            memcpy(more, w->out, w->n_out * sizeof(*more));
        }
        w->out = more;
        w->cap_out = cap;
    }
    w->out[w->n_out++] = ref;
}

static IrRef
out_count(Walk *w, IrOp op, uint32_t index, uint32_t offset)
{
    if (w->stage != WRITE) {
        return 0;
    }
    IrRef value = w->rc.objs[index];
    IrFn *fn = w->rc.fn;
    IrRef ref = ir_add(fn, UINT32_MAX, op, &value, 1);
    fn->ins[ref].block = w->block;
    fn->ins[ref].offset = offset;
    ir_set_class(&fn->ins[ref],
                 rc_class_at(&w->rc, index, w->block, w->passed));
    out_add(w, ref);
    return ref;
}

/* --- who owns ------------------------------------------------------------ */

/* Behind that many instructions of the block, has the value given its
 * reference to a local? */
static bool
gave(const Walk *w, uint32_t index, uint32_t block, uint32_t passed)
{
    if (w->given[index] == 0) {
        return false;
    }
    return block == w->given_in[index]
               ? passed >= w->given[index]
               : ir_graph_dominates(w->rc.g, w->given_in[index], block);
}

/* At this point? */
static bool
is_given(const Walk *w, uint32_t index)
{
    return gave(w, index, w->block, w->passed);
}

/* Is it the same on each way to where the value is live? */
static bool
is_given_once(const Walk *w, uint32_t index)
{
    const IrFn *fn = w->rc.fn;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrWord *in = w->rc.live_in + (size_t)b * w->rc.words;
        uint32_t p = w->rc.g->pred_at[b], end = w->rc.g->pred_at[b + 1];
        for (; p < end && ir_set_has(in, index); p++) {
            uint32_t from = w->rc.g->preds[p].block;
            if (gave(w, index, from, fn->blocks[from].n_ins)
                != gave(w, index, b, 0)) {
                return false;
            }
        }
    }
    return true;
}

/* Find where the value gives its reference to a local, if there is such a
 * place. */
static void
find_given_store(Walk *w, uint32_t index, uint32_t block, uint32_t pos)
{
    if (w->rc.kind[index] != RC_OWNED || w->given[index] != 0
        || w->asked[index]) {
        return;
    }
    w->given[index] = pos + 1;
    w->given_in[index] = block;
    if (!is_given_once(w, index)) {
        w->given[index] = 0;
    }
}

/* An owned value that is stored in a local and used further gives its
 * reference to the local, if that holds it over all that follows: given is 1
 * more than the position of that store in the block given_in, 0 for none. Once
 * for each value, when it is owned; for those of before liveness has moved. */
static void
find_given(Walk *w)
{
    const IrFn *fn = w->rc.fn;
    for (uint32_t k = 0; k < w->rc.g->n_order; k++) {
        uint32_t b = w->rc.g->order[k];
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            const IrIns *ins = &fn->ins[block->ins[i]];
            if (ins->op == IR_LOCAL_SET || ins->op == IR_LOCAL_REPLACE) {
                IR_ASSERT(w->rc.index[ins->args[0]] != 0);
                find_given_store(w, w->rc.index[ins->args[0]] - 1, b, i);
            }
        }
    }
    for (uint32_t v = 0; v < w->rc.n; v++) {
        if (w->asked[v] && w->given[v] != 0 && !is_given_once(w, v)) {
            w->given[v] = 0;
            w->changed = true;
        }
        w->asked[v] |= w->rc.kind[v] == RC_OWNED;
    }
}

static bool
is_owned(const Walk *w, uint32_t index)
{
    IR_ASSERT(index < w->rc.n);
    return w->rc.kind[index] == RC_OWNED && !is_given(w, index);
}

/* --- danger -------------------------------------------------------------- */

static void
endanger_one(Walk *w, uint32_t index, IrFrees frees)
{
    Rc *rc = &w->rc;
    IR_ASSERT(index < rc->n && w->stage == DECIDE && frees != FREES_NOTHING);
    bool given = is_given(w, index);
    bool is_candidate = rc->kind[index] == RC_BORROWED || w->counted[index];
    if (!(given || (is_candidate && frees > w->danger[index]))
        || (!ir_set_has(w->exposed, index)
            && rc_is_held(rc, w->mem, rc->objs[index]))) {
        return;
    }
    IrClass cls = rc_class_at(rc, index, w->block, w->passed);
    if (frees == FREES_SIMPLE && cls != IR_CLASS_ANY
        && !ir_class_is_simple[cls]) {
        return;
    }
    if (given) {
        w->given[index] = 0;
        w->changed = true;
        return;
    }
    const IrIns *ins = &rc->fn->ins[rc->objs[index]];
    IR_ASSERT(rc->kind[index] != RC_STATIC); /* lives on, whatever goes */
    rc->kind[index] = RC_OWNED;
    w->counted[index] = ins->op != IR_BLOCK_O; /* edges hand over to those */
    w->danger[index] = (uint8_t)frees;
    w->changed = true;
}

/* Something is released while the values of w->live are live. */
static void
endanger_live(Walk *w, IrFrees frees)
{
    if (frees == FREES_NOTHING || w->stage != DECIDE) {
        return;
    }
    for (uint32_t k = 0; k < w->rc.words; k++) {
        for (IrWord bits = w->live[k]; bits != 0; bits &= bits - 1) {
            endanger_one(w, k * 64 + (uint32_t)__builtin_ctzll(bits), frees);
        }
    }
}

/* What giving back the reference of an owned value can free. */
static IrFrees
frees_of(const Walk *w, uint32_t index)
{
    if (rc_is_held(&w->rc, w->mem, w->rc.objs[index])) {
        return FREES_NOTHING;
    }
    IrClass cls = rc_class_at(&w->rc, index, w->block, w->passed);
    if (cls != IR_CLASS_ANY && ir_class_is_simple[cls]) {
        return FREES_SIMPLE;
    }
    /* The reference it was borrowed from can have gone only by a release
     * that endangers it: if those free simple objects only, then it is
     * simple or still referenced. */
    return w->counted[index] ? (IrFrees)w->danger[index]
                             : (IrFrees)w->rc.frees[index];
}

static void
give_back(Walk *w, uint32_t index, uint32_t offset)
{
    IrFrees frees = frees_of(w, index);
    endanger_live(w, frees);
    IrRef ref = out_count(w, IR_DECREF, index, offset);
    ir_set_unseen(&w->rc.fn->ins[ref], ref != 0 && frees != FREES_ANY);
}

/* --- walking a block ----------------------------------------------------- */

static void
note_use(void *self, uint32_t index)
{
    Walk *w = self;
    w->last_use[index] = w->pos + 1;
}

static void
find_last_uses(Walk *w, const IrBlock *block)
{
    IrRef take = 0;
    memset(w->last_use, 0, w->rc.n * sizeof(*w->last_use));
    for (w->pos = 0; w->pos < block->n_ins; w->pos++) {
        rc_each_use(&w->rc, block->ins[w->pos], &take, note_use, w);
    }
    w->pos = 0;
}

/* Live after this instruction? */
static bool
lives_on(const Walk *w, uint32_t index)
{
    return w->last_use[index] > w->pos + 1
           || ir_set_has(w->rc.live_out + (size_t)w->block * w->rc.words,
                         index);
}

/* Values that the predecessor had for another successor only, and parameters
 * nobody uses. */
static void
begin_block(Walk *w, uint32_t b)
{
    Rc *rc = &w->rc;
    const IrBlock *block = &rc->fn->blocks[b];
    const IrWord *in = rc->live_in + (size_t)b * rc->words;
    const IrWord *out = rc->live_out + (size_t)b * rc->words;
    memcpy(w->live, in, rc->words * sizeof(*w->live));
    if (w->mem != NULL) {
        memcpy(w->mem, rc->mem_in + (size_t)b * rc->fn->n_locals,
               rc->fn->n_locals * sizeof(*w->mem));
    }
    for (uint32_t k = 0; k < block->n_params; k++) {
        uint32_t index = rc->index[block->params[k]];
        if (index != 0
            && (w->last_use[index - 1] != 0 || ir_set_has(out, index - 1))) {
            ir_set_add(w->live, index - 1);
        }
    }
    for (uint32_t k = 0; k < rc->words; k++) {
        IrWord dead = 0;
        for (uint32_t p = rc->g->pred_at[b]; p < rc->g->pred_at[b + 1]; p++) {
            dead |=
                rc->live_out[(size_t)rc->g->preds[p].block * rc->words + k];
        }
        for (dead &= ~in[k]; dead != 0; dead &= dead - 1) {
            uint32_t index = k * 64 + (uint32_t)__builtin_ctzll(dead);
            if (is_owned(w, index)) {
                give_back(w, index, block->offset);
            }
        }
    }
    for (uint32_t k = 0; k < block->n_params; k++) {
        uint32_t index = rc->index[block->params[k]];
        if (index != 0 && rc->kind[index - 1] == RC_OWNED
            && !ir_set_has(w->live, index - 1)) {
            give_back(w, index - 1, block->offset);
        }
    }
}

/* Owned values that the exits of this instruction give back: first those that
 * are dropped next, in that order, since an exit may be their end. */
static void
write_release(Walk *w, IrRef ref)
{
    Rc *rc = &w->rc;
    IrIns *ins = &rc->fn->ins[ref];
    const IrBlock *block = &rc->fn->blocks[w->block];
    uint32_t n = 0;
    for (uint32_t k = 0; k < rc->words; k++) {
        n += (uint32_t)(__builtin_popcountll(w->live[k])
                        + __builtin_popcountll(w->guarded[k]));
    }
    ins->release = ARENA_NEW_ARRAY(rc->fn->arena, IrRef, n);
    ins->n_release = 0;
    memcpy(w->left, w->live, rc->words * sizeof(*w->left));
    for (uint32_t i = w->pos; i < block->n_ins && ins->release != NULL; i++) {
        const IrIns *drop = &rc->fn->ins[block->ins[i]];
        uint32_t index = drop->op == IR_DROP ? rc->index[drop->args[0]] : 0;
        if (index != 0 && ir_set_has(w->left, index - 1)
            && is_owned(w, index - 1)) {
            ins->release[ins->n_release++] = drop->args[0];
            ir_set_remove(w->left, index - 1);
        }
    }
    for (uint32_t k = 0; k < rc->words && ins->release != NULL; k++) {
        for (IrWord bits = w->left[k]; bits != 0; bits &= bits - 1) {
            uint32_t index = k * 64 + (uint32_t)__builtin_ctzll(bits);
            if (is_owned(w, index)) {
                ins->release[ins->n_release++] = rc->objs[index];
            }
        }
    }
    for (uint32_t k = 0; k < rc->words && ins->release != NULL; k++) {
        for (IrWord bits = w->guarded[k]; bits != 0; bits &= bits - 1) {
            uint32_t index = k * 64 + (uint32_t)__builtin_ctzll(bits);
            ins->release[ins->n_release++] = rc->objs[index];
        }
    }
}

/* The operand whose reference this instruction takes, as index + 1. */
static uint32_t
stolen_operand(const Walk *w, const IrIns *ins, bool steals)
{
    if (!steals || ins->n_args == 0) {
        return 0;
    }
    uint32_t index = w->rc.index[ins->args[ins->n_args - 1]];
    if (index == 0 || !is_owned(w, index - 1)) {
        return 0;
    }
    bool gives = (ins->op == IR_LOCAL_SET || ins->op == IR_LOCAL_REPLACE)
                 && w->given[index - 1] == w->pos + 1
                 && w->given_in[index - 1] == w->block;
    return gives || !lives_on(w, index - 1) ? index : 0;
}

/* The values whose last use this instruction is. */
static void
find_dying(Walk *w)
{
    w->n_dying = 0;
    for (uint32_t k = 0; k < w->rc.words; k++) {
        for (IrWord bits = w->live[k]; bits != 0; bits &= bits - 1) {
            uint32_t index = k * 64 + (uint32_t)__builtin_ctzll(bits);
            if (w->last_use[index] == w->pos + 1 && !lives_on(w, index)) {
                w->dying[w->n_dying++] = index;
            }
        }
    }
}

static void
remove_dying(Walk *w)
{
    for (uint32_t i = 0; i < w->n_dying; i++) {
        ir_set_remove(w->live, w->dying[i]);
    }
}

/* Give back what dies; `kept` (index + 1) is handed over instead. */
static void
give_back_dying(Walk *w, uint32_t kept, uint32_t offset)
{
    for (uint32_t i = 0; i < w->n_dying; i++) {
        uint32_t index = w->dying[i];
        if (index + 1 != kept && is_owned(w, index)) {
            give_back(w, index, offset);
        }
    }
}

/* A new list, tuple or instance takes the references of operands that die
 * here: they leave w->dying, and their bits are returned. */
static uint32_t
hand_to_new(Walk *w, const IrIns *ins)
{
    uint32_t mask = 0;
    for (uint32_t i = ins->n_args; i-- > 0;) {
        for (uint32_t d = 0; d < w->n_dying && ir_new_takes(ins, i); d++) {
            uint32_t index = w->dying[d];
            if (w->rc.index[ins->args[i]] == index + 1 && is_owned(w, index)) {
                w->dying[d] = w->dying[--w->n_dying];
                mask |= (uint32_t)1 << i;
                break;
            }
        }
    }
    return mask;
}

/* Is the operand's value passed at another place, too, that keeps it from
 * being handed over here?  Of several places whose references are the callee's
 * the last gets ours. */
static bool
is_passed_again(const IrIns *ins, uint32_t operand)
{
    for (uint32_t i = 0; i < ins->n_args; i++) {
        if (i != operand && ins->args[i] == ins->args[operand]
            && (i > operand || !ir_call_takes(ins, i))) {
            return true;
        }
    }
    return false;
}

/* A callee takes the references of operands that die here: they leave
 * w->dying, and their bits are returned.  Not one that is also passed where
 * the callee only borrows it: it may let go of the one and use the other. */
static uint64_t
hand_to_callee(Walk *w, const IrIns *ins)
{
    uint64_t mask = 0;
    for (uint32_t i = 1; i < ins->n_args; i++) {
        bool takes = ir_call_takes(ins, i) && !is_passed_again(ins, i);
        for (uint32_t d = 0; d < w->n_dying && takes; d++) {
            uint32_t index = w->dying[d];
            if (w->rc.index[ins->args[i]] == index + 1 && is_owned(w, index)) {
                w->dying[d] = w->dying[--w->n_dying];
                mask |= (uint64_t)1 << i;
                break;
            }
        }
    }
    return mask;
}

static void
note_seen(void *self, IrRef ref)
{
    IrRef *wanted = self;
    if (*wanted == ref) {
        *wanted = 0;
    }
}

static bool
is_direct_call(const IrIns *ins)
{
    return ins->op == IR_CALL_DIRECT || ins->op == IR_CALL_INIT;
}

/* The function that a direct call is made to, as index + 1, if nothing else
 * needs it: a framed callee's frame holds it, a frameless one cannot let go
 * of it. */
static uint32_t
callee_operand(const Walk *w, const IrIns *ins)
{
    if (!is_direct_call(ins) || ins->n_args == 0) {
        return 0;
    }
    IrRef callee = ins->args[0];
    uint32_t index = w->rc.index[callee];
    for (uint32_t i = 1; i < ins->n_args; i++) {
        note_seen(&callee, ins->args[i]);
    }
    ir_each_snap_use(w->rc.fn, ins->raise, note_seen, &callee);
    return callee != 0 && index != 0 && !lives_on(w, index - 1)
                   && w->rc.kind[index - 1] == RC_BORROWED
               ? index
               : 0;
}

static void
expose(void *self, uint32_t index)
{
    ir_set_add(((Walk *)self)->exposed, index);
}

static void
expose_ref(void *self, IrRef ref)
{
    Walk *w = self;
    if (w->rc.index[ref] != 0) {
        expose(w, w->rc.index[ref] - 1);
    }
}

/* Expose what is used from this instruction of the block on to the check of
 * the frame; false: it is not checked in this block. */
static bool
expose_to_check(Walk *w, uint32_t b, uint32_t from)
{
    const IrBlock *block = &w->rc.fn->blocks[b];
    IrRef take = 0;
    for (uint32_t i = from; i < block->n_ins; i++) {
        rc_each_use(&w->rc, block->ins[i], &take, expose, w);
        if (w->rc.fn->ins[block->ins[i]].op == IR_FRAME_CHECK) {
            return true;
        }
    }
    return false;
}

/* The values that a local of the frame does not protect while this instruction
 * runs other code, which may write the local (f_locals): all that is looked at
 * before the frame is checked again, in this block or in each of those that
 * follow, this instruction's operands and the stack of its exits among them.
 * Not those of which the callee has a reference of its own.  False: the frame
 * is not checked in this block. */
static bool
find_exposed(Walk *w)
{
    const IrBlock *block = &w->rc.fn->blocks[w->block];
    const IrIns *call = &w->rc.fn->ins[block->ins[w->pos]];
    memset(w->exposed, 0, w->rc.words * sizeof(*w->exposed));
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (!ir_call_takes(call, i)) {
            expose_ref(w, call->args[i]);
        }
    }
    ir_each_snap_use(w->rc.fn, call->raise, expose_ref, w);
    if (expose_to_check(w, w->block, w->pos + 1)) {
        return true;
    }
    bool checked = block->n_succ > 0;
    for (uint32_t s = 0; s < block->n_succ && checked; s++) {
        checked = expose_to_check(w, block->succ[s].to, 0);
    }
    if (!checked) {
        memcpy(w->exposed, w->live, w->rc.words * sizeof(*w->exposed));
    }
    return false;
}

/* A live value that a local of the frame holds, at an instruction that runs
 * other code, behind which the frame is checked in this block or is not. */
static void
guard_one(Walk *w, uint32_t index, bool checked, uint32_t offset)
{
    bool exposed = ir_set_has(w->exposed, index);
    if (w->stage == SCOUT) {
        if (!exposed) {
            ir_set_add(w->unguarded, index);
        }
    }
    else if (exposed && checked && !is_owned(w, index)
             && (ir_set_has(w->unguarded, index) || is_given(w, index))) {
        ir_set_remove(w->exposed, index);
        if (!ir_set_has(w->guarded, index)) {
            out_count(w, IR_INCREF, index, offset);
            ir_set_add(w->guarded, index);
        }
    }
}

/* Before an instruction that runs other code.  An exposed value which over
 * other such instructions is the frame's alone must not be counted over those:
 * who writes the local there ends the object's life.  So it is counted from
 * here to the check of the frame, behind which its local holds it again. */
static void
begin_guard(Walk *w, const IrIns *ins)
{
    Rc *rc = &w->rc;
    uint32_t callee = callee_operand(w, ins);
    bool checked = find_exposed(w);
    for (uint32_t k = 0; k < rc->words; k++) {
        for (IrWord bits = w->live[k]; bits != 0; bits &= bits - 1) {
            uint32_t index = k * 64 + (uint32_t)__builtin_ctzll(bits);
            if (index + 1 != callee && rc->kind[index] != RC_STATIC
                && rc_is_held(rc, w->mem, rc->objs[index])) {
                guard_one(w, index, checked, ins->offset);
            }
        }
    }
}

/* The frame was checked: nobody has written a local since. */
static void
end_guard(Walk *w, uint32_t offset)
{
    for (uint32_t k = 0; k < w->rc.words; k++) {
        for (IrWord bits = w->guarded[k]; bits != 0; bits &= bits - 1) {
            uint32_t index = k * 64 + (uint32_t)__builtin_ctzll(bits);
            IrRef ref = out_count(w, IR_DECREF, index, offset);
            ir_set_unseen(&w->rc.fn->ins[ref], ref != 0);
        }
        w->guarded[k] = 0;
    }
}

/* The end of an object's last slot: the reference goes, and what that frees is
 * in danger.  The exit gives it back, too. */
static void
walk_drop(Walk *w, IrRef ref)
{
    Rc *rc = &w->rc;
    const IrIns *drop = &rc->fn->ins[ref];
    IR_ASSERT(rc->index[drop->args[0]] != 0 && drop->snap != 0);
    uint32_t index = rc->index[drop->args[0]] - 1, offset = drop->offset;
    bool dies = rc_drops(rc, drop) && is_owned(w, index)
                && w->last_use[index] == w->pos + 1 && !lives_on(w, index);
    IrFrees frees = dies ? frees_of(w, index) : FREES_NOTHING;
    if (w->stage == WRITE && dies) { /* else the instruction goes */
        IrIns *ins = &rc->fn->ins[ref];
        if (frees == FREES_SIMPLE) { /* nothing to be seen: no exit */
            ir_become(ins, IR_DECREF);
            ir_set_class(ins, rc_class_at(rc, index, w->block, w->pos));
            ir_set_unseen(ins, 1);
            ins->snap = 0;
        }
        else {
            write_release(w, ref);
        }
        out_add(w, ref);
    }
    find_dying(w); /* with those that only its exit wanted */
    w->passed = w->pos + 1;
    remove_dying(w);
    endanger_live(w, frees);
    give_back_dying(w, dies ? index + 1 : 0, offset);
}

static void
walk_ins(Walk *w, IrRef ref)
{
    if (w->rc.fn->ins[ref].op == IR_DROP) {
        walk_drop(w, ref);
        return;
    }
    Rc *rc = &w->rc;
    IrIns ins = rc->fn->ins[ref]; /* a copy: the array may move */
    const IrEffects effects = ir_effects(rc->fn, &ins);
    uint32_t stolen = stolen_operand(w, &ins, effects.steals);
    uint32_t result = rc->index[ref];
    IR_ASSERT(!effects.ends && (stolen == 0 || effects.steals));
    IR_ASSERT(result == 0 || ins.type == IR_OBJ);
    if (effects.runs_code && w->mem != NULL) {
        begin_guard(w, &ins);
    }
    if (w->stage == WRITE) {
        if (ins.snap != 0 || ins.raise != 0) {
            write_release(w, ref);
        }
        rc->fn->ins[ref].steal = stolen != 0;
        rc->fn->ins[ref].owned = result != 0
                                 && rc->kind[result - 1] == RC_OWNED;
        out_add(w, ref);
    }
    const IrFrees frees = (IrFrees)effects.frees;
    find_dying(w);
    w->passed = w->pos + 1;
    if (effects.runs_code || is_direct_call(&ins)) {
        /* Its operands must stay alive to its end. */
        uint32_t callee = callee_operand(w, &ins);
        if (callee != 0) {
            ir_set_remove(w->live, callee - 1);
        }
        endanger_live(w, frees);
        memset(w->exposed, 0, w->rc.words * sizeof(*w->exposed));
        rc_mem_step(rc, ref, w->mem);
        remove_dying(w);
    }
    else {
        /* The release is the last thing it does. */
        rc_mem_step(rc, ref, w->mem);
        remove_dying(w);
        endanger_live(w, frees);
    }
    rc->fn->ins[ref].given = hand_to_callee(w, &ins);
    uint32_t given = hand_to_new(w, &ins);
    IR_ASSERT(given == 0 || (ir_ops[ins.op].fields & M_GIVEN));
    IR_ASSERT(rc->fn->ins[ref].given == 0
              || effects.writes == MEM_ALL); /* a call */
    if (w->stage == WRITE && given != 0) {
        ir_set_given(&rc->fn->ins[ref], given);
    }
    if (result != 0 && lives_on(w, result - 1)) {
        ir_set_add(w->live, result - 1);
    }
    /* The result's own reference first: a dying operand may be what keeps
     * it alive. */
    if (result != 0 && w->counted[result - 1]) {
        out_count(w, IR_INCREF, result - 1, ins.offset);
    }
    give_back_dying(w, stolen, ins.offset);
    if (result != 0 && rc->kind[result - 1] == RC_OWNED
        && !lives_on(w, result - 1)) {
        give_back(w, result - 1, ins.offset);
    }
    if (ins.op == IR_FRAME_CHECK) {
        end_guard(w, ins.offset);
    }
}

/* --- terminators --------------------------------------------------------- */

static void
walk_jump(Walk *w, IrRef ref)
{
    Rc *rc = &w->rc;
    uint32_t offset = rc->fn->ins[ref].offset;
    const IrEdge edge = rc->fn->blocks[w->block].succ[0];
    IR_ASSERT(rc->fn->blocks[w->block].n_succ == 1);
    IR_ASSERT(edge.n_args == rc->fn->blocks[edge.to].n_params);
    /* last_use of a value handed over is cleared, so that it is not handed
     * over twice nor given back. */
    for (uint32_t k = 0; k < edge.n_args; k++) {
        uint32_t arg = rc->index[edge.args[k]];
        uint32_t param = rc->index[rc->fn->blocks[edge.to].params[k]];
        IR_ASSERT((arg == 0) == (param == 0)); /* of one type */
        if (arg == 0 || param == 0 || rc->kind[param - 1] != RC_OWNED) {
            continue;
        }
        bool dies = w->last_use[arg - 1] == w->pos + 1
                    && !lives_on(w, arg - 1);
        if (dies && is_owned(w, arg - 1)) {
            w->last_use[arg - 1] = 0;
        }
        else {
            out_count(w, IR_INCREF, arg - 1, offset);
        }
    }
    /* Arguments of borrowed parameters stay in w->live here: a release must
     * not free them either. */
    find_dying(w);
    give_back_dying(w, 0, offset);
}

static void
walk_terminator(Walk *w, IrRef ref)
{
    Rc *rc = &w->rc;
    w->passed = w->pos;
    uint16_t op = rc->fn->ins[ref].op;
    uint32_t offset = rc->fn->ins[ref].offset;
    if (op == IR_JUMP) {
        walk_jump(w, ref);
    }
    else if (op == IR_RETURN && rc->fn->ins[ref].n_args > 0) {
        uint32_t index = rc->index[rc->fn->ins[ref].args[0]];
        if (index != 0 && !is_owned(w, index - 1)) {
            out_count(w, IR_INCREF, index - 1, offset);
        }
    }
    if (w->stage == WRITE) {
        if (rc->fn->ins[ref].snap != 0) {
            write_release(w, ref);
        }
        out_add(w, ref);
    }
}

static void
walk_block(Walk *w, uint32_t b)
{
    IrFn *fn = w->rc.fn;
    IrBlock block = fn->blocks[b];
    w->block = b;
    w->n_out = 0;
    find_last_uses(w, &block);
    if (w->stage == WRITE) {
        for (uint32_t k = 0; k < block.n_params; k++) {
            uint32_t index = w->rc.index[block.params[k]];
            fn->ins[block.params[k]].owned = index != 0
                                             && w->rc.kind[index - 1]
                                                    == RC_OWNED;
        }
    }
    w->passed = 0;
    begin_block(w, b);
    for (w->pos = 0; w->pos < block.n_ins; w->pos++) {
        IrRef ref = block.ins[w->pos];
        if (w->pos + 1 == block.n_ins) {
            IR_ASSERT(ir_ops[fn->ins[ref].op].flags & IRF_TERM);
            walk_terminator(w, ref);
        }
        else {
            walk_ins(w, ref);
        }
    }
    if (w->stage == WRITE) {
        IrRef *ins = arena_memdup(fn->arena, w->out,
                                  w->n_out * sizeof(*w->out));
        if (ins != NULL) {
            fn->blocks[b].ins = ins;
            fn->blocks[b].n_ins = fn->blocks[b].cap_ins = w->n_out;
        }
    }
}

static void
walk_all(Walk *w)
{
    for (uint32_t i = 0; i < w->rc.g->n_order; i++) {
        walk_block(w, w->rc.g->order[i]);
    }
}

bool
pass_refcount(IrFn *fn)
{
    Walk w = {0};
    ir_drop_unreachable(fn);
    if (!rc_prepare(&w.rc, fn)) {
        return false;
    }
    w.counted = ARENA_NEW_ARRAY(fn->arena, bool, w.rc.n);
    w.given = ARENA_NEW_ARRAY(fn->arena, uint32_t, w.rc.n);
    w.given_in = ARENA_NEW_ARRAY(fn->arena, uint32_t, w.rc.n);
    w.asked = ARENA_NEW_ARRAY(fn->arena, bool, w.rc.n);
    w.danger = ARENA_NEW_ARRAY(fn->arena, uint8_t, w.rc.n);
    w.last_use = ARENA_NEW_ARRAY(fn->arena, uint32_t, w.rc.n);
    w.dying = ARENA_NEW_ARRAY(fn->arena, uint32_t, w.rc.n);
    w.live = ARENA_NEW_ARRAY(fn->arena, IrWord, w.rc.words);
    w.left = ARENA_NEW_ARRAY(fn->arena, IrWord, w.rc.words);
    w.exposed = ARENA_NEW_ARRAY(fn->arena, IrWord, w.rc.words);
    w.guarded = ARENA_NEW_ARRAY(fn->arena, IrWord, w.rc.words);
    w.unguarded = ARENA_NEW_ARRAY(fn->arena, IrWord, w.rc.words);
    if (w.rc.mem_in != NULL) {
        w.mem = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_locals);
    }
    if (arena_status(fn->arena) != PYAOT_OK) {
        return false;
    }
    rc_find_liveness(&w.rc);
    walk_all(&w);
    w.stage = DECIDE;
    uint32_t rounds = 0;
    do {
        /* A value changes four times at most: endangered by simple objects, by
         * any, given, not given. */
        IR_ASSERT(rounds++ <= 4 * w.rc.n);
        w.changed = false;
        rc_find_liveness(&w.rc);
        find_given(&w);
        walk_all(&w);
    } while (w.changed);
    w.stage = WRITE;
    walk_all(&w);
    return true;
}

bool
refcount_releases(const IrFn *fn)
{
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            const IrIns *ins = &fn->ins[block->ins[i]];
            if (ir_effects(fn, ins).frees == FREES_ANY) {
                return true;
            }
        }
    }
    return false;
}
