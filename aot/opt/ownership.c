/* Facts for the refcount pass: which object values are static, borrowed or
 * owned to begin with, where they are live, which frame local holds which
 * value, which classes guards have shown. */
#include "refcount_int.h"

#include <string.h>

static bool
is_param(const IrIns *ins)
{
    return ins->op >= IR_BLOCK_I && ins->op <= IR_BLOCK_O;
}

static bool
is_take(uint16_t op)
{
    return op == IR_RANGE_TAKE || op == IR_LISTIT_TAKE || op == IR_TUPIT_TAKE
           || op == IR_STRIT_TAKE || op == IR_ENUM_TAKE || op == IR_ZIP_TAKE;
}

/* --- uses ---------------------------------------------------------------- */

typedef struct {
    const Rc *rc;
    RcUseFn visit;
    void *self;
} UseContext;

bool
rc_drops(const Rc *rc, const IrIns *drop)
{
    IR_ASSERT(drop->op == IR_DROP && rc->index[drop->args[0]] != 0);
    return rc->kind[rc->index[drop->args[0]] - 1] == RC_OWNED;
}

static void
visit_object(void *self, IrRef ref)
{
    const UseContext *context = self;
    uint32_t index = context->rc->index[ref];
    if (index != 0) {
        context->visit(context->self, index - 1);
    }
}

void
rc_each_use(const Rc *rc, IrRef ref, IrRef *take, RcUseFn visit, void *self)
{
    UseContext context = {rc, visit, self};
    const IrIns *ins = &rc->fn->ins[ref];
    if (ins->op == IR_DROP && !rc_drops(rc, ins)) {
        return;
    }
    ir_each_use(rc->fn, ref, visit_object, &context);
    if (is_take(ins->op)) {
        *take = ins->args[0];
    }
    else if ((ins->op == IR_TAKEN_I || ins->op == IR_TAKEN_O) && *take != 0) {
        visit_object(&context, *take);
    }
}

/* --- liveness ------------------------------------------------------------ */

typedef struct {
    IrWord *gen;
    const IrWord *def;
} GenContext;

static void
add_upward_use(void *self, uint32_t index)
{
    GenContext *context = self;
    if (!ir_set_has(context->def, index)) {
        ir_set_add(context->gen, index);
    }
}

static void
block_summary(const Rc *rc, uint32_t b, IrWord *gen, IrWord *def)
{
    const IrBlock *block = &rc->fn->blocks[b];
    GenContext context = {gen, def};
    IrRef take = 0;
    for (uint32_t k = 0; k < block->n_params; k++) {
        if (rc->index[block->params[k]] != 0) {
            ir_set_add(def, rc->index[block->params[k]] - 1);
        }
    }
    for (uint32_t i = 0; i < block->n_ins; i++) {
        IrRef ref = block->ins[i];
        rc_each_use(rc, ref, &take, add_upward_use, &context);
        if (rc->index[ref] != 0) {
            ir_set_add(def, rc->index[ref] - 1);
        }
    }
}

void
rc_find_liveness(Rc *rc)
{
    const IrFn *fn = rc->fn;
    size_t size = (size_t)fn->n_blocks * rc->words;
    IrWord *def = rc->def;
    memset(def, 0, size * sizeof(*def));
    memset(rc->live_in, 0, size * sizeof(*def));
    memset(rc->live_out, 0, size * sizeof(*def));
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        block_summary(rc, b, rc->live_in + (size_t)b * rc->words,
                      def + (size_t)b * rc->words);
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = rc->g->n_order; i-- > 0;) {
            uint32_t b = rc->g->order[i];
            const IrBlock *block = &fn->blocks[b];
            size_t at = (size_t)b * rc->words;
            for (uint32_t w = 0; w < rc->words; w++) {
                IrWord out = 0;
                for (uint32_t s = 0; s < block->n_succ; s++) {
                    out |=
                        rc->live_in[(size_t)block->succ[s].to * rc->words + w];
                }
                rc->live_out[at + w] = out;
                IrWord in = rc->live_in[at + w] | (out & ~def[at + w]);
                changed |= in != rc->live_in[at + w];
                rc->live_in[at + w] = in;
            }
        }
    }
    for (uint32_t w = 0; w < rc->words; w++) {
        IR_ASSERT(rc->live_in[w] == 0); /* nothing is there before the entry */
    }
}

static bool
liveness_new(Rc *rc)
{
    size_t size = (size_t)rc->fn->n_blocks * rc->words;
    rc->def = ARENA_NEW_ARRAY(rc->fn->arena, IrWord, size);
    rc->live_in = ARENA_NEW_ARRAY(rc->fn->arena, IrWord, size);
    rc->live_out = ARENA_NEW_ARRAY(rc->fn->arena, IrWord, size);
    return rc->def != NULL && rc->live_in != NULL && rc->live_out != NULL;
}

/* --- frame locals -------------------------------------------------------- */

void
rc_mem_step(const Rc *rc, IrRef ref, IrRef *mem)
{
    const IrIns *ins = &rc->fn->ins[ref];
    if (mem == NULL) {
        return;
    }
    IR_ASSERT(!(ir_ops[ins->op].fields & M_LOCAL)
              || ir_local(ins) < rc->fn->n_locals);
    switch (ins->op) {
    case IR_LOCAL_GET:
    case IR_LOCAL_APPEND:
        mem[ir_local(ins)] = ref;
        break;
    case IR_LOCAL_SET:
    case IR_LOCAL_REPLACE:
        mem[ir_local(ins)] = ins->args[0];
        break;
    case IR_LOCAL_CLEAR:
    case IR_LOCAL_TAKE:
    case IR_LOCAL_FLUSH:
        mem[ir_local(ins)] = 0;
        break;
    default:
        break;
    }
}

bool
rc_is_held(const Rc *rc, const IrRef *mem, IrRef value)
{
    if (mem == NULL || value == 0) {
        return false;
    }
    for (uint32_t i = 0; i < rc->fn->n_locals; i++) {
        if (mem[i] == value) {
            return true;
        }
    }
    return false;
}

typedef struct {
    IrRef *out;    /* [block][local] */
    bool *visited; /* block */
} MemFlow;

/* What local x holds where block b begins: the parameter to which every
 * visited predecessor passes its content of x, else the content they agree
 * on, else 0. */
static IrRef
mem_meet(const Rc *rc, const MemFlow *flow, uint32_t b, uint32_t x)
{
    const IrFn *fn = rc->fn;
    const IrBlock *block = &fn->blocks[b];
    uint32_t first = rc->g->pred_at[b], end = rc->g->pred_at[b + 1];
    for (uint32_t k = 0; k <= block->n_params; k++) {
        bool is_common = k == block->n_params; /* last: no parameter */
        IrRef common = 0;
        bool fits = true, any = false;
        if (!is_common && rc->index[block->params[k]] == 0) {
            continue;
        }
        for (uint32_t p = first; p < end && fits; p++) {
            IrPred pred = rc->g->preds[p];
            if (!flow->visited[pred.block]) {
                continue;
            }
            IrRef held = flow->out[(size_t)pred.block * fn->n_locals + x];
            IrRef want = is_common
                             ? (any ? common : held)
                             : fn->blocks[pred.block].succ[pred.succ].args[k];
            fits = held != 0 && held == want;
            common = held;
            any = true;
        }
        if (fits && any) {
            return is_common ? common : block->params[k];
        }
    }
    return 0;
}

static bool
mem_block(Rc *rc, MemFlow *flow, uint32_t b)
{
    const IrFn *fn = rc->fn;
    IrRef *in = rc->mem_in + (size_t)b * fn->n_locals;
    IrRef *out = flow->out + (size_t)b * fn->n_locals;
    bool changed = !flow->visited[b];
    for (uint32_t x = 0; x < fn->n_locals; x++) {
        IrRef now = b == 0 ? 0 : mem_meet(rc, flow, b, x);
        changed |= now != in[x];
        in[x] = now;
    }
    if (changed) {
        memcpy(out, in, fn->n_locals * sizeof(*out));
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            rc_mem_step(rc, block->ins[i], out);
        }
        flow->visited[b] = true;
    }
    return changed;
}

static bool
find_held(Rc *rc)
{
    const IrFn *fn = rc->fn;
    if (!fn->framed || fn->n_locals == 0) {
        return true;
    }
    size_t size = (size_t)fn->n_blocks * fn->n_locals;
    MemFlow flow = {ARENA_NEW_ARRAY(fn->arena, IrRef, size),
                    ARENA_NEW_ARRAY(fn->arena, bool, fn->n_blocks)};
    rc->mem_in = ARENA_NEW_ARRAY(fn->arena, IrRef, size);
    if (flow.out == NULL || flow.visited == NULL || rc->mem_in == NULL) {
        return false;
    }
    /* The optimistic start need not be monotone in all corners: after enough
     * rounds know nothing. */
    uint32_t rounds = 4 * fn->n_blocks + 16;
    bool changed = true;
    while (changed && rounds-- > 0) {
        changed = false;
        for (uint32_t i = 0; i < rc->g->n_order; i++) {
            changed |= mem_block(rc, &flow, rc->g->order[i]);
        }
    }
    if (changed) {
        memset(rc->mem_in, 0, size * sizeof(*rc->mem_in));
    }
    return true;
}

/* --- classes ------------------------------------------------------------- */

static IrClass
shown_class(const IrIns *ins)
{
    switch (ins->op) {
    case IR_GUARD_CLASS:
        return ir_class(ins);
    case IR_UNBOX_I64:
        return IR_CLASS_INT;
    case IR_UNBOX_F64:
        return IR_CLASS_FLOAT;
    case IR_UNBOX_BOOL:
        return IR_CLASS_BOOL;
    case IR_CALL_DIRECT: /* their first operand is a function */
    case IR_CALL_INIT:
    case IR_OBJECT_NEW:
        return ins->n_args > 0 ? IR_CLASS_USER : IR_CLASS_ANY;
    default:
        return IR_CLASS_ANY;
    }
}

static bool
find_classes(Rc *rc)
{
    const IrFn *fn = rc->fn;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_ins; i++) {
            const IrIns *ins = &fn->ins[block->ins[i]];
            IrClass cls = shown_class(ins);
            if (cls == IR_CLASS_ANY || rc->index[ins->args[0]] == 0) {
                continue;
            }
            RcFact *fact = ARENA_NEW(fn->arena, RcFact);
            if (fact == NULL) {
                return false;
            }
            uint32_t v = rc->index[ins->args[0]] - 1;
            *fact = (RcFact){rc->facts[v], b, i + 1, (uint8_t)cls};
            rc->facts[v] = fact;
        }
    }
    return true;
}

IrClass
rc_class_at(const Rc *rc, uint32_t index, uint32_t block, uint32_t passed)
{
    IR_ASSERT(index < rc->n && block < rc->fn->n_blocks);
    IrClass cls = (IrClass)rc->fn->ins[rc->objs[index]].cls;
    if (cls != IR_CLASS_ANY) {
        return cls;
    }
    for (const RcFact *f = rc->facts[index]; f != NULL; f = f->next) {
        if (f->block == block ? f->passed <= passed
                              : ir_graph_dominates(rc->g, f->block, block)) {
            return (IrClass)f->cls;
        }
    }
    return IR_CLASS_ANY;
}

/* --- kinds --------------------------------------------------------------- */

/* Parameters are static if everything that comes in is; optimistic. */
static void
find_static_params(Rc *rc)
{
    const IrFn *fn = rc->fn;
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < rc->g->n_order; i++) {
            uint32_t b = rc->g->order[i];
            for (uint32_t p = rc->g->pred_at[b]; p < rc->g->pred_at[b + 1];
                 p++) {
                IrPred pred = rc->g->preds[p];
                const IrEdge *edge = &fn->blocks[pred.block].succ[pred.succ];
                for (uint32_t k = 0; k < edge->n_args; k++) {
                    uint32_t to = rc->index[fn->blocks[b].params[k]];
                    uint32_t from = rc->index[edge->args[k]];
                    IR_ASSERT((to == 0) == (from == 0));
                    if (to != 0 && rc->kind[to - 1] == RC_STATIC
                        && rc->kind[from - 1] != RC_STATIC) {
                        rc->kind[to - 1] = RC_OWNED;
                        changed = true;
                    }
                }
            }
        }
    }
}

/* What a tuple holds lives as long as the tuple. */
static void
find_static_items(Rc *rc)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t v = 0; v < rc->n; v++) {
            const IrIns *ins = &rc->fn->ins[rc->objs[v]];
            if (ins->op == IR_TUPLE_GET && rc->kind[v] == RC_BORROWED
                && rc->kind[rc->index[ins->args[0]] - 1] == RC_STATIC) {
                rc->kind[v] = RC_STATIC;
                changed = true;
            }
        }
    }
}

/* Optimistic: a parameter frees what its arguments do. */
static void
find_param_frees(Rc *rc)
{
    const IrFn *fn = rc->fn;
    for (uint32_t v = 0; v < rc->n; v++) {
        rc->frees[v] = is_param(&fn->ins[rc->objs[v]]) ? FREES_NOTHING
                       : rc->kind[v] == RC_STATIC      ? FREES_NOTHING
                                                       : FREES_ANY;
    }
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < rc->g->n_order; i++) {
            uint32_t b = rc->g->order[i];
            const IrBlock *block = &fn->blocks[b];
            if (block->n_succ != 1) {
                continue;
            }
            const IrEdge *edge = &block->succ[0];
            for (uint32_t k = 0; k < edge->n_args; k++) {
                uint32_t to = rc->index[fn->blocks[edge->to].params[k]];
                uint32_t from = rc->index[edge->args[k]];
                if (to == 0) {
                    continue;
                }
                IR_ASSERT(from != 0);
                IrClass cls = rc_class_at(rc, from - 1, b, block->n_ins);
                uint8_t frees = rc->frees[from - 1];
                if (frees == FREES_ANY && cls != IR_CLASS_ANY
                    && ir_class_is_simple[cls]) {
                    frees = FREES_SIMPLE;
                }
                if (frees > rc->frees[to - 1]) {
                    rc->frees[to - 1] = frees;
                    changed = true;
                }
            }
        }
    }
}

static void
find_kinds(Rc *rc)
{
    const IrFn *fn = rc->fn;
    for (uint32_t v = 0; v < rc->n; v++) {
        const IrIns *ins = &fn->ins[rc->objs[v]];
        const IrEffects effects = ir_effects(fn, ins);
        rc->kind[v] = is_param(ins) || effects.is_static ? RC_STATIC
                      : effects.is_new                   ? RC_OWNED
                                                         : RC_BORROWED;
    }
    for (uint32_t v = 0; v < rc->n; v++) {
        IR_ASSERT(fn->ins[rc->objs[v]].type == IR_OBJ
                  && rc->index[rc->objs[v]] == v + 1);
    }
    find_static_params(rc);
    find_static_items(rc);
    find_param_frees(rc);
    for (uint32_t v = 0; v < rc->n; v++) {
        const IrIns *ins = &fn->ins[rc->objs[v]];
        if (is_param(ins) && rc->kind[v] == RC_OWNED && rc->mem_in != NULL
            && rc_is_held(rc, rc->mem_in + (size_t)ins->block * fn->n_locals,
                          rc->objs[v])) {
            rc->kind[v] = RC_BORROWED;
        }
    }
}

static bool
number_objects(Rc *rc)
{
    IrFn *fn = rc->fn;
    rc->objs = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    rc->index = ARENA_NEW_ARRAY(fn->arena, uint32_t, fn->n_ins);
    if (rc->objs == NULL || rc->index == NULL) {
        return false;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t i = 0; i < block->n_params + block->n_ins; i++) {
            IrRef ref = i < block->n_params ? block->params[i]
                                            : block->ins[i - block->n_params];
            if (fn->ins[ref].type == IR_OBJ) {
                rc->objs[rc->n++] = ref;
                rc->index[ref] = rc->n;
            }
        }
    }
    rc->words = ir_set_words(rc->n);
    rc->kind = ARENA_NEW_ARRAY(fn->arena, uint8_t, rc->n);
    rc->frees = ARENA_NEW_ARRAY(fn->arena, uint8_t, rc->n);
    rc->facts = ARENA_NEW_ARRAY(fn->arena, RcFact *, rc->n);
    return rc->kind != NULL && rc->frees != NULL && rc->facts != NULL;
}

bool
rc_prepare(Rc *rc, IrFn *fn)
{
    memset(rc, 0, sizeof(*rc));
    rc->fn = fn;
    rc->g = ir_graph_new(fn);
    if (rc->g == NULL || !number_objects(rc) || !liveness_new(rc)
        || !find_held(rc) || !find_classes(rc)) {
        return false;
    }
    find_kinds(rc);
    return true;
}
