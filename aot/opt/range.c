/* Integer ranges: overflow checks and index sign tests that cannot fail.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * Each i64 value gets an interval, by iteration over reverse postorder from
 * "no value yet"; a block parameter whose bound still moves after a few
 * rounds is widened to the type's, and two more rounds narrow again.  At a
 * use, comparisons that dominate it (branches and guards) narrow the value
 * further; no new names are made for that, they are looked up on the way up
 * the dominator tree.
 *
 * Then: checked add, subtract and multiply whose result always fits lose
 * their check and snapshot; comparisons that are decided become constants;
 * INDEX, LIST_GET and TUPLE_GET of an index that is not negative get imm 2.
 *
 * A checked operation that would overflow exits, so its result is clipped to
 * 64 bits; an .nc operation promises not to.  Who uses such a result has the
 * check before it.  A decided comparison no longer does: without a use the
 * operation goes, and its check with it.  So comparisons are decided by ranges
 * of numbers that never overflow, in which the bounds of the type stand for
 * infinity (unbounded); those are only computed if there is one to decide. */
#include "pass.h"

#include <string.h>

#include "ir_graph.h"

typedef struct {
    int64_t lo, hi;
} Range; /* empty if lo > hi */

enum {
    ROUNDS_BEFORE_WIDENING = 3,
    MAX_ROUNDS = 40,
    NARROWING_ROUNDS = 2,
    MAX_STEPS_UP = 100, /* of the dominator tree, for one lookup */
};

static const Range EMPTY = {INT64_MAX, INT64_MIN};
static const Range FULL = {INT64_MIN, INT64_MAX};
static const int64_t MAX_SIZE = (int64_t)1 << 60; /* of any container */

typedef struct {
    IrFn *fn;
    const IrGraph *g;
    Range *range;     /* by IrRef */
    bool unbounded;   /* INT64_MIN and INT64_MAX are infinite */
    uint32_t *guards; /* block -> first of its guards in guard; [n] = end */
    IrRef *guard;     /* GUARD and GUARD_NOT on ICMP */
    bool changed;
} Ranges;

/* --- intervals ----------------------------------------------------------- */

static bool
is_empty(Range r)
{
    return r.lo > r.hi;
}

static Range
join(Range x, Range y)
{
    if (is_empty(x) || is_empty(y)) {
        return is_empty(x) ? y : x;
    }
    return (Range){x.lo < y.lo ? x.lo : y.lo, x.hi > y.hi ? x.hi : y.hi};
}

static Range
meet(Range x, Range y)
{
    return (Range){x.lo > y.lo ? x.lo : y.lo, x.hi < y.hi ? x.hi : y.hi};
}

static int64_t
clip(__int128 value)
{
    return value < INT64_MIN   ? INT64_MIN
           : value > INT64_MAX ? INT64_MAX
                               : (int64_t)value;
}

static bool
is_infinite(Range r)
{
    return r.lo == INT64_MIN || r.hi == INT64_MAX;
}

/* What an infinite bound of an operand makes of the result's. */
static Range
unbounded_result(uint16_t op, Range x, Range y, Range r)
{
    switch (op) {
    case IR_IADD:
    case IR_IADD_NC:
        return (
            Range){x.lo == INT64_MIN || y.lo == INT64_MIN ? INT64_MIN : r.lo,
                   x.hi == INT64_MAX || y.hi == INT64_MAX ? INT64_MAX : r.hi};
    case IR_ISUB:
    case IR_ISUB_NC:
        return (
            Range){x.lo == INT64_MIN || y.hi == INT64_MAX ? INT64_MIN : r.lo,
                   x.hi == INT64_MAX || y.lo == INT64_MIN ? INT64_MAX : r.hi};
    case IR_IMUL:
    case IR_IMUL_NC:
        return !is_infinite(x) && !is_infinite(y) ? r
               : x.lo >= 0 && y.lo >= 0           ? (Range){r.lo, INT64_MAX}
                                                  : FULL;
    case IR_IFDIV:
        return y.lo <= 0 ? FULL
                         : (Range){x.lo >= 0           ? 0
                                   : x.lo == INT64_MIN ? INT64_MIN
                                                       : r.lo,
                                   x.hi == INT64_MAX ? INT64_MAX
                                   : x.hi < 0        ? -1
                                                     : r.hi};
    case IR_IMOD:
        return r.hi >= INT64_MAX - 1 ? (Range){r.lo, INT64_MAX} : r;
    case IR_ISHR:
        return (Range){x.lo == INT64_MIN ? INT64_MIN : r.lo,
                       x.hi == INT64_MAX ? INT64_MAX : r.hi};
    case IR_INEG:
        return (Range){x.hi == INT64_MAX ? INT64_MIN : r.lo,
                       x.lo == INT64_MIN ? INT64_MAX : r.hi};
    default:
        return r;
    }
}

/* Exact bounds of x op y. */
static void
exact(uint16_t op, Range x, Range y, __int128 *lo, __int128 *hi)
{
    switch (op) {
    case IR_IADD:
    case IR_IADD_NC:
        *lo = (__int128)x.lo + y.lo;
        *hi = (__int128)x.hi + y.hi;
        return;
    case IR_ISUB:
    case IR_ISUB_NC:
        *lo = (__int128)x.lo - y.hi;
        *hi = (__int128)x.hi - y.lo;
        return;
    default: {
        const __int128 corner[4] = {
            (__int128)x.lo * y.lo,
            (__int128)x.lo * y.hi,
            (__int128)x.hi * y.lo,
            (__int128)x.hi * y.hi,
        };
        *lo = *hi = corner[0];
        for (int i = 1; i < 4; i++) {
            *lo = corner[i] < *lo ? corner[i] : *lo;
            *hi = corner[i] > *hi ? corner[i] : *hi;
        }
        return;
    }
    }
}

static int64_t
floor_div(int64_t x, int64_t y)
{
    int64_t q = x / y;
    return x % y != 0 && (x < 0) != (y < 0) ? q - 1 : q;
}

static Range
divide(Range x, Range y)
{
    if (y.lo <= 0) {
        return FULL;
    }
    /* A positive divisor moves x towards 0 (or -1). */
    int64_t lo = floor_div(x.lo, x.lo < 0 ? y.lo : y.hi);
    int64_t hi = floor_div(x.hi, x.hi < 0 ? y.hi : y.lo);
    return (Range){lo, hi};
}

static Range
modulo(Range x, Range y)
{
    if (y.lo > 0) {
        int64_t hi = y.hi - 1;
        return (Range){0, x.lo >= 0 && x.hi < hi ? x.hi : hi};
    }
    return y.hi < 0 && y.lo > INT64_MIN ? (Range){y.lo + 1, 0} : FULL;
}

/* Bitwise operations of values that are not negative: below the next power
 * of two. */
static Range
bits_below(int64_t hi)
{
    uint64_t mask = (uint64_t)hi;
    for (int shift = 1; shift < 64; shift *= 2) {
        mask |= mask >> shift;
    }
    return (Range){0, (int64_t)mask};
}

static Range
bitwise(uint16_t op, Range x, Range y)
{
    if (op == IR_IAND) {
        if (x.lo >= 0 || y.lo >= 0) {
            int64_t hi = x.lo < 0      ? y.hi
                         : y.lo < 0    ? x.hi
                         : x.hi < y.hi ? x.hi
                                       : y.hi;
            return (Range){0, hi};
        }
        return FULL;
    }
    return x.lo >= 0 && y.lo >= 0 ? bits_below(x.hi > y.hi ? x.hi : y.hi)
                                  : FULL;
}

/* --- what comparisons tell ----------------------------------------------- */

/* Values v for which `v cond y` is possible. */
static Range
allowed(IrCond cond, Range y, bool unbounded)
{
    if (is_empty(y)
        || (unbounded
            && (cond == IR_LT ? y.hi == INT64_MAX
                              : cond == IR_GT && y.lo == INT64_MIN))) {
        return FULL;
    }
    switch (cond) {
    case IR_LT:
        return y.hi == INT64_MIN ? FULL : (Range){INT64_MIN, y.hi - 1};
    case IR_LE:
        return (Range){INT64_MIN, y.hi};
    case IR_EQ:
        return y;
    case IR_GT:
        return y.lo == INT64_MAX ? FULL : (Range){y.lo + 1, INT64_MAX};
    case IR_GE:
        return (Range){y.lo, INT64_MAX};
    case IR_NE:
        break;
    }
    return FULL;
}

/* Narrow r, the range of ref, by cond being value. */
static Range
narrow(const Ranges *rs, Range r, IrRef ref, IrRef cond, bool value)
{
    const IrIns *ins = &rs->fn->ins[cond];
    while (ins->op == IR_BNOT) {
        value = !value;
        ins = &rs->fn->ins[ins->args[0]];
    }
    if (ins->op != IR_ICMP) {
        return r;
    }
    IrCond c = value ? ir_cond(ins) : ir_cond_negated(ir_cond(ins));
    if (ins->args[0] == ref) {
        r = meet(r, allowed(c, rs->range[ins->args[1]], rs->unbounded));
    }
    if (ins->args[1] == ref) {
        r = meet(r, allowed(ir_cond_swapped(c), rs->range[ins->args[0]],
                            rs->unbounded));
    }
    return r;
}

/* The range of ref where instruction `before` of block b (or the end of the
 * block, 0) uses it. */
static Range
range_at(const Ranges *rs, IrRef ref, uint32_t b, IrRef before)
{
    const IrFn *fn = rs->fn;
    Range r = rs->range[ref];
    if (fn->ins[ref].op == IR_CONST_I64) {
        return r;
    }
    uint32_t stop = fn->ins[ref].block;
    for (uint32_t steps = 0; steps < MAX_STEPS_UP; steps++) {
        for (uint32_t i = rs->guards[b]; i < rs->guards[b + 1]; i++) {
            const IrIns *ins = &fn->ins[rs->guard[i]];
            /* In the block of the use only guards before it; positions are
             * not kept, so none. */
            if (before == 0) {
                r = narrow(rs, r, ref, ins->args[0], ins->op == IR_GUARD);
            }
        }
        if (b == stop || b == 0) {
            break;
        }
        uint32_t first = rs->g->pred_at[b];
        if (rs->g->pred_at[b + 1] - first == 1) {
            IrPred pred = rs->g->preds[first];
            const IrBlock *from = &fn->blocks[pred.block];
            const IrIns *ins = &fn->ins[from->ins[from->n_ins - 1]];
            if (ins->op == IR_BRANCH) {
                r = narrow(rs, r, ref, ins->args[0], pred.succ == 0);
            }
        }
        b = rs->g->idom[b];
        before = 0;
    }
    return r;
}

/* --- the iteration ------------------------------------------------------- */

/* Of an operation with operands in x and y. */
static Range
range_of_op(const IrIns *ins, Range x, Range y)
{
    switch (ins->op) {
    case IR_CONST_I64:
        return (Range){ir_value(ins), ir_value(ins)};
    case IR_B2I:
        return (Range){0, 1};
    case IR_LIST_LEN:
    case IR_TUPLE_LEN:
    case IR_STR_LEN:
    case IR_BYTES_LEN:
    case IR_SIZED_LEN:
        return (Range){0, MAX_SIZE};
    case IR_INDEX:
        return (Range){0, MAX_SIZE};
    case IR_SLICE_LEN:
        return (Range){0, MAX_SIZE};
    case IR_RANGE_LEN:
        return (Range){0, INT64_MAX};
    case IR_STR_ORD:
    case IR_STR_ORD_AT:
        return (Range){0, 0x10FFFF};
    case IR_BYTES_GET:
    case IR_BYTEARR_GET:
        return (Range){0, 255};
    case IR_TAKEN_I: /* 2: what remains of a range; it is never negative */
        return ir_part(ins) == 2 || ir_part_shape(ins) & IR_RANGE_NOT_NEGATIVE
                   ? (Range){0, INT64_MAX}
                   : FULL;
    case IR_IADD:
    case IR_ISUB:
    case IR_IMUL:
    case IR_IADD_NC:
    case IR_ISUB_NC:
    case IR_IMUL_NC: {
        __int128 lo, hi;
        exact(ins->op, x, y, &lo, &hi);
        return (Range){clip(lo), clip(hi)};
    }
    case IR_IFDIV:
        return divide(x, y);
    case IR_IMOD:
        return modulo(x, y);
    case IR_IAND:
    case IR_IOR:
    case IR_IXOR:
        return bitwise(ins->op, x, y);
    case IR_ISHR:
        return y.lo == y.hi && y.lo >= 0 && y.lo < 64
                   ? (Range){x.lo >> y.lo, x.hi >> y.lo}
               : x.lo >= 0 ? (Range){0, x.hi}
                           : FULL;
    case IR_INEG:
        return (Range){x.hi == INT64_MIN ? INT64_MAX : -x.hi,
                       x.lo == INT64_MIN ? INT64_MAX : -x.lo};
    case IR_IABS: {
        int64_t low = x.lo == INT64_MIN ? INT64_MAX : x.lo < 0 ? -x.lo : x.lo;
        int64_t high = x.hi == INT64_MIN ? INT64_MAX : x.hi < 0 ? -x.hi : x.hi;
        return (Range){0, low > high ? low : high};
    }
    case IR_IINV:
        return (Range){~x.hi, ~x.lo};
    case IR_IMIN:
        return (Range){x.lo < y.lo ? x.lo : y.lo, x.hi < y.hi ? x.hi : y.hi};
    case IR_IMAX:
        return (Range){x.lo > y.lo ? x.lo : y.lo, x.hi > y.hi ? x.hi : y.hi};
    default:
        return FULL;
    }
}

static Range
range_of_ins(const Ranges *rs, IrRef ref)
{
    const IrIns *ins = &rs->fn->ins[ref];
    Range x = FULL, y = FULL;
    if (ins->n_args > 0 && rs->fn->ins[ins->args[0]].type == IR_I64) {
        x = range_at(rs, ins->args[0], ins->block, ref);
    }
    if (ins->n_args > 1 && rs->fn->ins[ins->args[1]].type == IR_I64) {
        y = range_at(rs, ins->args[1], ins->block, ref);
    }
    if (is_empty(x) || is_empty(y)) {
        return EMPTY;
    }
    Range r = range_of_op(ins, x, y);
    return rs->unbounded ? unbounded_result(ins->op, x, y, r) : r;
}

static Range
range_of_param(const Ranges *rs, uint32_t b, uint32_t k)
{
    Range r = EMPTY;
    for (uint32_t p = rs->g->pred_at[b]; p < rs->g->pred_at[b + 1]; p++) {
        IrPred pred = rs->g->preds[p];
        IrRef arg = rs->fn->blocks[pred.block].succ[pred.succ].args[k];
        r = join(r, range_at(rs, arg, pred.block, 0));
    }
    return r;
}

/* One round; returns true if a range moved. */
static bool
iterate(Ranges *rs, bool widen)
{
    const IrFn *fn = rs->fn;
    bool moved = false;
    for (uint32_t i = 0; i < rs->g->n_order; i++) {
        uint32_t b = rs->g->order[i];
        const IrBlock *block = &fn->blocks[b];
        for (uint32_t k = 0; k < block->n_params + block->n_ins; k++) {
            IrRef ref = k < block->n_params ? block->params[k]
                                            : block->ins[k - block->n_params];
            if (fn->ins[ref].type != IR_I64) {
                continue;
            }
            Range old = rs->range[ref];
            Range now = k < block->n_params ? range_of_param(rs, b, k)
                                            : range_of_ins(rs, ref);
            if (widen && k < block->n_params && !is_empty(old)) {
                now.lo = now.lo < old.lo ? INT64_MIN : old.lo;
                now.hi = now.hi > old.hi ? INT64_MAX : old.hi;
            }
            moved |= now.lo != old.lo || now.hi != old.hi;
            rs->range[ref] = now;
        }
    }
    return moved;
}

static bool
find_ranges(Ranges *rs)
{
    for (IrRef ref = 0; ref < rs->fn->n_ins; ref++) {
        rs->range[ref] = EMPTY;
    }
    for (uint32_t round = 0; round < MAX_ROUNDS; round++) {
        if (!iterate(rs, round >= ROUNDS_BEFORE_WIDENING)) {
            break;
        }
        if (round + 1 == MAX_ROUNDS) {
            return false; /* no fixpoint: nothing is known */
        }
    }
    for (uint32_t round = 0; round < NARROWING_ROUNDS; round++) {
        iterate(rs, false);
    }
    return true;
}

static bool
find_guards(Ranges *rs)
{
    const IrFn *fn = rs->fn;
    uint32_t n = 0;
    rs->guards = ARENA_NEW_ARRAY(fn->arena, uint32_t,
                                 (size_t)fn->n_blocks + 1);
    rs->guard = ARENA_NEW_ARRAY(fn->arena, IrRef, fn->n_ins);
    if (rs->guards == NULL || rs->guard == NULL) {
        return false;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        rs->guards[b] = n;
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            IrRef ref = fn->blocks[b].ins[i];
            uint16_t op = fn->ins[ref].op;
            if (op == IR_GUARD || op == IR_GUARD_NOT) {
                rs->guard[n++] = ref;
            }
        }
    }
    rs->guards[fn->n_blocks] = n;
    return true;
}

/* --- what follows -------------------------------------------------------- */

static void
drop_check(Ranges *rs, IrIns *ins, Range x, Range y)
{
    __int128 lo, hi;
    exact(ins->op, x, y, &lo, &hi);
    if (lo < INT64_MIN || hi > INT64_MAX) {
        return;
    }
    ins->op = ins->op == IR_IADD   ? IR_IADD_NC
              : ins->op == IR_ISUB ? IR_ISUB_NC
                                   : IR_IMUL_NC;
    ins->snap = 0;
    rs->changed = true;
}

/* Is each value of x at most each of y?  Infinite bounds are not equal. */
static bool
at_most(const Ranges *rs, Range x, Range y)
{
    return x.hi < y.lo
           || (x.hi == y.lo
               && !(rs->unbounded
                    && (x.hi == INT64_MAX || x.hi == INT64_MIN)));
}

/* Is a comparison of x and y always true (1), always false (0), or neither
 * (-1)? */
static int
decided(const Ranges *rs, IrCond cond, Range x, Range y)
{
    if (cond == IR_GT || cond == IR_GE) {
        Range t = x;
        x = y;
        y = t;
        cond = ir_cond_swapped(cond);
    }
    switch (cond) {
    case IR_LT:
        return x.hi < y.lo ? 1 : at_most(rs, y, x) ? 0 : -1;
    case IR_LE:
        return at_most(rs, x, y) ? 1 : y.hi < x.lo ? 0 : -1;
    case IR_EQ:
    case IR_NE:
        return x.hi < y.lo || y.hi < x.lo ? cond == IR_NE : -1;
    case IR_GT:
    case IR_GE:
        break;
    }
    return -1;
}

/* What a comparison is by the ranges of now, if that is always the same. */
static int
decide(const Ranges *rs, IrRef ref)
{
    const IrIns *ins = &rs->fn->ins[ref];
    if (ins->op != IR_ICMP) {
        return -1;
    }
    Range x = range_at(rs, ins->args[0], ins->block, ref);
    Range y = range_at(rs, ins->args[1], ins->block, ref);
    return is_empty(x) || is_empty(y) ? -1 : decided(rs, ir_cond(ins), x, y);
}

/* Let a comparison that is decided be its result. */
static void
replace_decided(Ranges *rs, IrRef ref)
{
    IrIns *ins = &rs->fn->ins[ref];
    int answer = decide(rs, ref);
    if (answer >= 0) {
        ir_become(ins, IR_CONST_BOOL);
        ir_set_value(ins, answer);
        ins->n_args = 0;
        rs->changed = true;
    }
}

/* Indices and checked operations. */
static void
improve(Ranges *rs, IrRef ref)
{
    IrIns *ins = &rs->fn->ins[ref];
    if (ins->n_args < 2 || rs->fn->ins[ins->args[1]].type != IR_I64) {
        return;
    }
    Range y = range_at(rs, ins->args[1], ins->block, ref);
    if (is_empty(y)) {
        return;
    }
    if (ins->op == IR_LIST_GET || ins->op == IR_TUPLE_GET
        || ins->op == IR_INDEX) {
        if (ir_bounds(ins) == IR_ANY_INDEX && y.lo >= 0) {
            ir_set_bounds(ins, IR_NOT_NEGATIVE);
            rs->changed = true;
        }
        return;
    }
    if (ins->op != IR_IADD && ins->op != IR_ISUB && ins->op != IR_IMUL) {
        return;
    }
    Range x = range_at(rs, ins->args[0], ins->block, ref);
    if (!is_empty(x)) {
        drop_check(rs, ins, x, y);
    }
}

bool
pass_range(IrFn *fn)
{
    Ranges rs = {.fn = fn};
    ir_drop_unreachable(fn);
    rs.g = ir_graph_new(fn);
    rs.range = ARENA_NEW_ARRAY(fn->arena, Range, fn->n_ins);
    if (rs.g == NULL || rs.range == NULL || !find_guards(&rs)
        || !find_ranges(&rs)) {
        return false;
    }
    bool decides = false;
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            decides |= decide(&rs, fn->blocks[b].ins[i]) >= 0;
            improve(&rs, fn->blocks[b].ins[i]);
        }
    }
    rs.unbounded = true;
    if (!decides || !find_ranges(&rs)) {
        return rs.changed;
    }
    for (uint32_t b = 0; b < fn->n_blocks; b++) {
        for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
            replace_decided(&rs, fn->blocks[b].ins[i]);
        }
    }
    return rs.changed;
}
