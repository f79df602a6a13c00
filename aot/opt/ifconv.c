/* Small branches become arithmetic.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.  Runs late: what it
 * makes tells the other passes less than the branch did.
 *
 * A branch that goes either way without a pattern costs more than what it
 * skips, if that is an addition.  Where both ways of such a branch (imm: how
 * often the rarer way was gone, in percent) lead to one block with no more on
 * them than a few cheap operations, these are done always:
 *
 *     count + 1 | count       iadd.if count, 1, cond     exits only if cond
 *     i | best                select.i cond, i, best     one way has nothing
 * else
 *
 * A checked operation keeps its exit: as it cannot fail where the other way
 * would have been gone, the state to leave in is the same.  The breaker of a
 * back-edge at the end of both ways becomes a test that is followed by the
 * branch only if somebody waits, because each way has a state of its own.
 *
 * A bool of an object that no branch needs is told by its type (unbox.b aux
 * 1), so that a value can be made of it without a branch. */
#include "pass.h"

#include <string.h>

#include "ir_graph.h"

enum {
    /* a miss costs about 20 cycles, an addition with its longer way through
       the loop one or two */
    LEAST_PERCENT = 5,
    MOST_OPS = 4, /* done in vain, of one way; constants are free */
    MOST_CHECKED = 2,
    MOST_SELECTS = 2,
    MOST_CONVERTED = 64,
};

/* One way of a branch: what is done on it, and where it ends. */
typedef struct {
    IrRef ins[MOST_OPS * 4];
    uint32_t n_ins, n_ops, n_checked;
    IrRef breaker;
    uint32_t from; /* the block whose only edge goes to the join */
} Way;

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    IrRef *rep;
    bool changed;
} IfConv;

static uint32_t
n_preds(const IfConv *c, uint32_t b)
{
    return c->g->pred_at[b + 1] - c->g->pred_at[b];
}

static bool
is_checked(uint16_t op)
{
    return op == IR_IADD || op == IR_ISUB;
}

/* Cheap and without effects or exits. */
static bool
is_cheap(uint16_t op)
{
    switch (op) {
    case IR_CONST_I64:
    case IR_CONST_BOOL:
    case IR_B2I:
    case IR_BNOT:
    case IR_ICMP:
    case IR_IADD_NC:
    case IR_ISUB_NC:
    case IR_IAND:
    case IR_IOR:
    case IR_IXOR:
        return true;
    default:
        return false;
    }
}

static bool
is_free(uint16_t op)
{
    return op == IR_CONST_I64 || op == IR_CONST_BOOL || op == IR_B2I;
}

static bool
add_ins(const IfConv *c, Way *way, IrRef ref)
{
    uint16_t op = c->fn->ins[ref].op;
    if (way->n_ins == sizeof(way->ins) / sizeof(*way->ins)
        || (way->breaker != 0 && (op == IR_BREAKER || is_checked(op)))) {
        return false; /* the last exit of a way is its breaker's */
    }
    if (op == IR_BREAKER) {
        way->breaker = ref;
        return true;
    }
    way->n_checked += is_checked(op);
    way->n_ops += !is_free(op);
    way->ins[way->n_ins++] = ref;
    return is_checked(op) || is_cheap(op);
}

/* The way that begins with block b. */
static bool
follow(const IfConv *c, Way *way, uint32_t b)
{
    const IrFn *fn = c->fn;
    memset(way, 0, sizeof(*way));
    for (;;) {
        const IrBlock *block = &fn->blocks[b];
        if (n_preds(c, b) != 1 || block->n_params != 0 || block->n_succ != 1) {
            return false;
        }
        for (uint32_t i = 0; i + 1 < block->n_ins; i++) {
            if (!add_ins(c, way, block->ins[i])) {
                return false;
            }
        }
        way->from = b;
        uint32_t to = block->succ[0].to;
        if (n_preds(c, to) != 1 || to == b) {
            return way->n_ops <= MOST_OPS && way->n_checked <= MOST_CHECKED;
        }
        b = to;
    }
}

static bool
has(const Way *way, IrRef ref)
{
    for (uint32_t i = 0; i < way->n_ins; i++) {
        if (way->ins[i] == ref) {
            return true;
        }
    }
    return false;
}

/* Do two instructions give the same, if their operands are? */
static bool
is_same(const IrIns *x, const IrIns *y)
{
    return ir_same_fields(x, y) && x->n_args == y->n_args && !is_checked(x->op)
           && (x->n_args == 0
               || memcmp(x->args, y->args, x->n_args * sizeof(IrRef)) == 0);
}

/* What stands for value `ref` of way y when way x is done before it. */
static IrRef
common(const IfConv *c, const Way *x, const Way *y, IrRef ref)
{
    for (uint32_t i = 0; i < x->n_ins && has(y, ref); i++) {
        if (is_same(&c->fn->ins[x->ins[i]], &c->fn->ins[ref])) {
            return x->ins[i];
        }
    }
    return ref;
}

/* Is value `now` of this way made from `before` by adding or subtracting?  Its
 * other operand goes to *by. */
static bool
is_update(const IfConv *c, const Way *way, IrRef now, IrRef before, IrRef *by)
{
    const IrIns *ins = &c->fn->ins[now];
    if (!has(way, now) || !is_checked(ins->op)) {
        return false;
    }
    if (ins->args[0] == before) {
        *by = ins->args[1];
        return true;
    }
    *by = ins->args[0];
    return ins->op == IR_IADD && ins->args[1] == before;
}

/* Is a checked operation of the way used by another of its operations? */
static bool
is_chained(const IfConv *c, const Way *way)
{
    for (uint32_t i = 0; i < way->n_ins; i++) {
        const IrIns *ins = &c->fn->ins[way->ins[i]];
        for (uint32_t k = 0; k < ins->n_args; k++) {
            if (has(way, ins->args[k])
                && is_checked(c->fn->ins[ins->args[k]].op)) {
                return true;
            }
        }
    }
    return false;
}

/* Has each checked operation of the way become a conditional one? */
static bool
all_updates(const IfConv *c, const Way *way, const Way *other,
            const IrEdge *mine, const IrEdge *its)
{
    for (uint32_t i = 0; i < way->n_ins; i++) {
        IrRef ref = way->ins[i], by;
        if (!is_checked(c->fn->ins[ref].op)) {
            continue;
        }
        bool found = false;
        for (uint32_t k = 0; k < mine->n_args; k++) {
            if (mine->args[k] != ref) {
                continue;
            }
            if (has(other, its->args[k])
                || !is_update(c, way, ref, its->args[k], &by)) {
                return false;
            }
            found = true;
        }
        if (!found) {
            return false;
        }
    }
    return !is_chained(c, way);
}

typedef struct {
    uint32_t block; /* with the branch */
    IrRef cond;
    Way way[2];        /* gone if cond is true; false */
    uint32_t first[2]; /* their first blocks */
    uint32_t n_selects;
} Site;

/* May argument k of the join be chosen?  One way then has nothing to do. */
static bool
may_select(const IfConv *c, const Site *site, uint32_t k)
{
    const IrFn *fn = c->fn;
    const IrEdge *yes = &fn->blocks[site->way[0].from].succ[0];
    const IrEdge *no = &fn->blocks[site->way[1].from].succ[0];
    uint8_t type = fn->ins[yes->args[k]].type;
    return (type == IR_I64 || type == IR_BOOL)
           && (site->way[0].n_ops == 0 || site->way[1].n_ops == 0)
           && fn->ins[no->args[k]].type == type;
}

static bool
find_site(const IfConv *c, uint32_t b, Site *site)
{
    const IrFn *fn = c->fn;
    const IrBlock *block = &fn->blocks[b];
    const IrIns *branch = &fn->ins[block->ins[block->n_ins - 1]];
    IrRef by;
    if (branch->op != IR_BRANCH || ir_rarer(branch) < LEAST_PERCENT
        || !follow(c, &site->way[0], block->succ[0].to)
        || !follow(c, &site->way[1], block->succ[1].to)) {
        return false;
    }
    site->block = b;
    site->first[0] = block->succ[0].to;
    site->first[1] = block->succ[1].to;
    site->cond = branch->args[0];
    site->n_selects = 0;
    const IrEdge *yes = &fn->blocks[site->way[0].from].succ[0];
    const IrEdge *no = &fn->blocks[site->way[1].from].succ[0];
    if (yes->to != no->to
        || (site->way[0].breaker == 0) != (site->way[1].breaker == 0)
        || !all_updates(c, &site->way[0], &site->way[1], yes, no)
        || !all_updates(c, &site->way[1], &site->way[0], no, yes)) {
        return false;
    }
    for (uint32_t k = 0; k < yes->n_args; k++) {
        IrRef x = yes->args[k];
        IrRef y = common(c, &site->way[0], &site->way[1], no->args[k]);
        if (x == y || is_update(c, &site->way[0], x, y, &by)
            || is_update(c, &site->way[1], y, x, &by)) {
            continue;
        }
        if (!may_select(c, site, k) || ++site->n_selects > MOST_SELECTS) {
            return false;
        }
    }
    return true;
}

/* --- conversion ---------------------------------------------------------- */

static void
append(IrFn *fn, uint32_t b, IrRef ref)
{
    IrBlock *block = &fn->blocks[b];
    if (block->n_ins == block->cap_ins) {
        uint32_t cap = block->n_ins * 2 + 8;
        IrRef *more = ARENA_NEW_ARRAY(fn->arena, IrRef, cap);
        if (more == NULL) {
            return;
        }
        memcpy(more, block->ins, block->n_ins * sizeof(*more));
        block->ins = more;
        block->cap_ins = cap;
    }
    block->ins[block->n_ins++] = ref;
    fn->ins[ref].block = b;
}

static IrRef
add(IrFn *fn, uint32_t b, IrOp op, const IrRef *args, uint32_t n_args,
    uint32_t offset)
{
    IrRef ref = ir_add(fn, b, op, args, n_args);
    fn->ins[ref].offset = offset;
    return ref;
}

static void
end_block(IrFn *fn, uint32_t b, IrEdge first, IrEdge second, uint32_t n_succ)
{
    fn->blocks[b].succ[0] = first;
    fn->blocks[b].succ[1] = second;
    fn->blocks[b].n_succ = n_succ;
}

/* before + by becomes before + (cond ? by : 0). */
static void
make_conditional(IrFn *fn, IrRef ref, IrRef before, IrRef by, IrRef cond)
{
    IrIns *ins = &fn->ins[ref];
    const IrRef args[3] = {before, by, cond};
    IrRef *copy = arena_memdup(fn->arena, args, sizeof(args));
    if (copy != NULL) {
        ins->op = ins->op == IR_IADD ? IR_IADD_IF : IR_ISUB_IF;
        ins->args = copy;
        ins->n_args = 3;
    }
}

/* The operations of a way move into the block of the branch; those that the
 * other way has too, only once. */
static void
move_way(IfConv *c, const Site *site, uint32_t w)
{
    const Way *way = &site->way[w];
    for (uint32_t i = 0; i < way->n_ins; i++) {
        IrRef ref = way->ins[i];
        const IrIns *ins = &c->fn->ins[ref];
        for (uint32_t k = 0; k < ins->n_args; k++) {
            if (c->rep[ins->args[k]] != 0) {
                ins->args[k] = c->rep[ins->args[k]];
            }
        }
        IrRef same = w == 1 ? common(c, &site->way[0], way, ref) : ref;
        if (same != ref) {
            c->rep[ref] = same;
            c->fn->ins[ref].op = IR_NOP;
            continue;
        }
        append(c->fn, site->block, ref);
    }
    for (uint32_t b = site->first[w];; b = c->fn->blocks[b].succ[0].to) {
        IrBlock *block = &c->fn->blocks[b];
        block->ins[0] = block->ins[block->n_ins - 1];
        block->n_ins = 1; /* what moved is no more to be found here */
        if (b == way->from) {
            return;
        }
    }
}

static bool
is_conditional(const IfConv *c, const Way *way, IrRef ref)
{
    uint16_t op = c->fn->ins[ref].op;
    return (op == IR_IADD_IF || op == IR_ISUB_IF) && has(way, ref);
}

/* What reaches the join, where x came if the condition is true and y if not.
 */
static IrRef
join_value(IfConv *c, const Site *site, IrRef x, IrRef y, IrRef not_cond)
{
    IrFn *fn = c->fn;
    IrRef by;
    if (x == y || is_conditional(c, &site->way[0], x)) {
        return x;
    }
    if (is_conditional(c, &site->way[1], y)) {
        return y;
    }
    if (is_update(c, &site->way[0], x, y, &by)) {
        make_conditional(fn, x, y, by, site->cond);
        return x;
    }
    if (is_update(c, &site->way[1], y, x, &by)) {
        make_conditional(fn, y, x, by, not_cond);
        return y;
    }
    const IrRef args[3] = {site->cond, x, y};
    IrOp op = fn->ins[x].type == IR_I64 ? IR_SELECT_I : IR_SELECT_B;
    return add(fn, site->block, op, args, 3, fn->blocks[site->block].offset);
}

/* The state of a way's breaker, in terms of what reaches the join: what came
 * on that way is then not needed any more. */
static IrSnapId
state_at_end(IfConv *c, const Site *site, uint32_t w, const IrRef *joined)
{
    IrFn *fn = c->fn;
    const IrEdge *edge = &fn->blocks[site->way[w].from].succ[0];
    IrSnap from = fn->snaps[fn->ins[site->way[w].breaker].snap];
    IrSnapId id = ir_snap_new(fn, from.offset, from.n_locals, from.n_stack,
                              from.n_parts);
    IrSnap *snap = &fn->snaps[id];
    if (id == 0) {
        return 0;
    }
    IrSnapVal *vals = snap->vals;
    *snap = from;
    snap->vals = vals;
    for (uint32_t i = 0; i < ir_snap_n_vals(&from); i++) {
        vals[i] = from.vals[i];
        IrRef *parts[3] = {&vals[i].a, &vals[i].b, &vals[i].c};
        for (uint32_t p = 0; p < ir_snap_refs(&vals[i]); p++) {
            for (uint32_t k = 0; k < edge->n_args; k++) {
                if (*parts[p] == edge->args[k] && joined[k] != edge->args[k]
                    && vals[i].kind != SNAP_MEM) {
                    *parts[p] = joined[k];
                    break;
                }
            }
        }
    }
    return id;
}

/* Where a breaker says that somebody waits: an exit for each way. */
static uint32_t
exits_of_ways(IfConv *c, const Site *site, const IrRef *joined)
{
    IrFn *fn = c->fn;
    uint32_t offset = fn->ins[site->way[0].breaker].offset;
    uint32_t cold = ir_block_new(fn, offset), out[2];
    add(fn, cold, IR_BRANCH, &site->cond, 1, offset);
    for (uint32_t w = 0; w < 2; w++) {
        const IrRef breaker = site->way[w].breaker;
        out[w] = ir_block_new(fn, fn->ins[breaker].offset);
        IrRef leave = add(fn, out[w], IR_EXIT, NULL, 0,
                          fn->ins[breaker].offset);
        fn->ins[leave].snap = state_at_end(c, site, w, joined);
    }
    end_block(fn, cold, (IrEdge){out[0], 0, NULL}, (IrEdge){out[1], 0, NULL},
              2);
    return cold;
}

static void
convert(IfConv *c, const Site *site)
{
    IrFn *fn = c->fn;
    uint32_t b = site->block;
    IrBlock *block = &fn->blocks[b];
    uint32_t offset = fn->ins[block->ins[block->n_ins - 1]].offset;
    IrRef not_cond = 0, breaker = site->way[0].breaker;
    block->n_ins--;
    if (site->way[1].n_checked > 0) {
        not_cond = add(fn, b, IR_BNOT, &site->cond, 1, offset);
    }
    move_way(c, site, 0);
    move_way(c, site, 1);
    IrEdge yes = fn->blocks[site->way[0].from].succ[0];
    IrEdge no = fn->blocks[site->way[1].from].succ[0];
    IrRef *args = ARENA_NEW_ARRAY(fn->arena, IrRef, yes.n_args);
    for (uint32_t k = 0; k < yes.n_args && args != NULL; k++) {
        IrRef y = c->rep[no.args[k]] != 0 ? c->rep[no.args[k]] : no.args[k];
        args[k] = join_value(c, site, yes.args[k], y, not_cond);
    }
    if (breaker != 0) {
        int64_t turn = ir_turn(&fn->ins[breaker]);
        offset = fn->ins[breaker].offset;
        IrRef due = add(fn, b, IR_BREAKER_DUE, NULL, 0, offset);
        add(fn, b, IR_BRANCH, &due, 1, offset);
        uint32_t cold = exits_of_ways(c, site, args),
                 go = ir_block_new(fn, offset);
        end_block(fn, b, (IrEdge){cold, 0, NULL}, (IrEdge){go, 0, NULL}, 2);
        b = go;
        if (turn != 0) {
            add(fn, b, IR_TURN, NULL, 0, offset);
        }
    }
    add(fn, b, IR_JUMP, NULL, 0, offset);
    end_block(fn, b, (IrEdge){yes.to, yes.n_args, args}, (IrEdge){0}, 1);
    if (fn->ins[site->cond].op == IR_UNBOX_BOOL) {
        ir_set_as_value(&fn->ins[site->cond], 1);
    }
    c->changed = true;
}

static bool
convert_one(IfConv *c)
{
    Site site;
    c->g = ir_graph_new(c->fn);
    for (uint32_t i = 0; c->g != NULL && i < c->g->n_order; i++) {
        if (find_site(c, c->g->order[i], &site)) {
            convert(c, &site);
            return true;
        }
    }
    return false;
}

/* Bools that no branch needs. */
static void
mark_values(IrFn *fn)
{
    bool *is_branched = ARENA_NEW_ARRAY(fn->arena, bool, fn->n_ins);
    for (uint32_t b = 0; b < fn->n_blocks && is_branched != NULL; b++) {
        const IrIns
            *last = &fn->ins[fn->blocks[b].ins[fn->blocks[b].n_ins - 1]];
        if (last->op == IR_BRANCH) {
            is_branched[last->args[0]] = true;
        }
    }
    for (IrRef ref = 1; ref < fn->n_ins && is_branched != NULL; ref++) {
        if (fn->ins[ref].op == IR_UNBOX_BOOL && !is_branched[ref]) {
            ir_set_as_value(&fn->ins[ref], 1);
        }
    }
}

bool
pass_ifconv(IrFn *fn)
{
    enum { MOST_NEW = 16 }; /* instructions of one conversion */
    IfConv c = {.fn = fn};
    c.changed = ir_drop_unreachable(fn);
    c.rep = ARENA_NEW_ARRAY(fn->arena, IrRef,
                            (size_t)fn->n_ins + MOST_CONVERTED * MOST_NEW);
    if (c.rep == NULL) {
        return c.changed;
    }
    for (uint32_t n = 0; n < MOST_CONVERTED && convert_one(&c); n++) {
    }
    ir_replace_uses(fn, c.rep);
    ir_drop_unreachable(fn);
    mark_values(fn);
    return c.changed;
}
