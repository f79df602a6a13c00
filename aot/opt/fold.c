/* Constant folding and identities that hold exactly.
 *
 * Requires: SSA, no counts.  Keeps: SSA.  Breaks: nothing.
 *
 * Integers are Python's: a result that does not fit in 64 bits is not folded,
 * the guard stays and exits.  Floats are IEEE doubles and never reassociated;
 * division by a power of two is exact as a multiplication.  Arithmetic that
 * gives its operand back (x + 0) stays: in Python the result is another
 * object, and an exit makes one object for each value; the C compiler drops
 * it anyway.  An instruction becomes its constant in place, or is replaced by
 * one of its operands; what then has no use is dce's. */
#include "pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ir_graph.h"

typedef struct {
    IrFn *fn;
    IrRef *rep;
    bool changed;
} Fold;

/* What a rule says: keep the instruction, its operand instead, or drop it
 * (guards). */
typedef struct {
    IrRef value;
    bool drop;
} Verdict;

static const Verdict KEEP = {0, false};
static const Verdict DROP = {0, true};

static Verdict
replace(IrRef value)
{
    return (Verdict){value, true};
}

/* --- constants ----------------------------------------------------------- */

static void
make_const(Fold *f, IrIns *ins, IrOp op)
{
    ir_become(ins, op); /* no constant of the code object: a new number */
    ins->n_args = 0;
    ins->snap = 0;
    f->changed = true;
}

static Verdict
make_i64(Fold *f, IrIns *ins, int64_t value)
{
    make_const(f, ins, IR_CONST_I64);
    ir_set_value(ins, value);
    return KEEP;
}

static Verdict
make_f64(Fold *f, IrIns *ins, double value)
{
    make_const(f, ins, IR_CONST_F64);
    ir_set_number(ins, value);
    return KEEP;
}

static Verdict
make_bool(Fold *f, IrIns *ins, bool value)
{
    make_const(f, ins, IR_CONST_BOOL);
    ir_set_value(ins, value);
    return KEEP;
}

static const IrIns *
operand(const Fold *f, const IrIns *ins, uint32_t i)
{
    return &f->fn->ins[ins->args[i]];
}

static bool
const_i64(const Fold *f, const IrIns *ins, uint32_t i, int64_t *value)
{
    const IrIns *x = operand(f, ins, i);
    if (x->op != IR_CONST_I64) {
        return false;
    }
    *value = ir_value(x);
    return true;
}

static bool
const_f64(const Fold *f, const IrIns *ins, uint32_t i, double *value)
{
    const IrIns *x = operand(f, ins, i);
    if (x->op != IR_CONST_F64) {
        return false;
    }
    *value = ir_number(x);
    return true;
}

static bool
const_bool(const Fold *f, const IrIns *ins, uint32_t i, bool *value)
{
    const IrIns *x = operand(f, ins, i);
    if (x->op != IR_CONST_BOOL) {
        return false;
    }
    *value = ir_value(x) != 0;
    return true;
}

/* --- integers ------------------------------------------------------------ */

/* Python's // and %: rounded towards minus infinity; y is not 0, and not -1
 * with the smallest x. */
static int64_t
floor_div(int64_t x, int64_t y)
{
    int64_t q = x / y;
    return x % y != 0 && (x % y < 0) != (y < 0) ? q - 1 : q;
}

static bool
can_divide(int64_t x, int64_t y)
{
    return y != 0 && !(x == INT64_MIN && y == -1);
}

static bool
eval_int(uint16_t op, int64_t x, int64_t y, int64_t *out)
{
    switch (op) {
    case IR_IADD:
    case IR_IADD_NC:
        return !__builtin_add_overflow(x, y, out);
    case IR_ISUB:
    case IR_ISUB_NC:
        return !__builtin_sub_overflow(x, y, out);
    case IR_IMUL:
    case IR_IMUL_NC:
        return !__builtin_mul_overflow(x, y, out);
    case IR_IFDIV:
        *out = can_divide(x, y) ? floor_div(x, y) : 0;
        return can_divide(x, y);
    case IR_IMOD:
        *out = can_divide(x, y) ? x - floor_div(x, y) * y : 0;
        return can_divide(x, y);
    case IR_IAND:
        *out = x & y;
        return true;
    case IR_IOR:
        *out = x | y;
        return true;
    case IR_IXOR:
        *out = x ^ y;
        return true;
    case IR_ISHL:
        if (y < 0 || y > 62 || x > (INT64_MAX >> y) || x < -(INT64_MAX >> y)) {
            return false;
        }
        *out = x * ((int64_t)1 << y);
        return true;
    case IR_ISHR:
        *out = y > 63 ? (x < 0 ? -1 : 0) : y >= 0 ? x >> y : 0;
        return y >= 0;
    case IR_IMIN:
        *out = x < y ? x : y;
        return true;
    case IR_IMAX:
        *out = x > y ? x : y;
        return true;
    default:
        return false;
    }
}

static bool
eval_cond(IrCond cond, int order)
{
    switch (cond) {
    case IR_LT:
        return order < 0;
    case IR_LE:
        return order <= 0;
    case IR_EQ:
        return order == 0;
    case IR_NE:
        return order != 0;
    case IR_GT:
        return order > 0;
    case IR_GE:
        return order >= 0;
    }
    return false;
}

static Verdict
fold_int_same(Fold *f, IrIns *ins)
{
    switch (ins->op) {
    case IR_ISUB:
    case IR_ISUB_NC:
    case IR_IXOR:
        return make_i64(f, ins, 0);
    default:
        return KEEP;
    }
}

/* The result is the other operand's value: cannot overflow.  The value stays
 * one of its own, because in Python it is another object. */
static Verdict
drop_check(Fold *f, IrIns *ins)
{
    static const struct {
        IrOp checked, plain;
    } plain[] = {
        {IR_IADD, IR_IADD_NC},
        {IR_ISUB, IR_ISUB_NC},
        {IR_IMUL, IR_IMUL_NC},
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (ins->op == plain[i].checked) {
            ins->op = (uint16_t)plain[i].plain;
            ins->snap = 0;
            f->changed = true;
        }
    }
    return KEEP;
}

/* x op c; also c op x where that is the same. */
static Verdict
fold_int_const(Fold *f, IrIns *ins, int64_t c, bool is_left)
{
    switch (ins->op) {
    case IR_ISUB:
        return c == 0 && !is_left ? drop_check(f, ins) : KEEP;
    case IR_IADD:
        return c == 0 ? drop_check(f, ins) : KEEP;
    case IR_IMUL:
    case IR_IMUL_NC:
        return c == 0   ? make_i64(f, ins, 0)
               : c == 1 ? drop_check(f, ins)
                        : KEEP;
    case IR_IAND:
        return c == 0 ? make_i64(f, ins, 0) : KEEP;
    case IR_IMOD:
        return c == 1 && !is_left ? make_i64(f, ins, 0) : KEEP;
    default:
        return KEEP;
    }
}

static Verdict
fold_int2(Fold *f, IrIns *ins)
{
    int64_t x, y, result;
    bool left = const_i64(f, ins, 0, &x), right = const_i64(f, ins, 1, &y);
    if (left && right) {
        return eval_int(ins->op, x, y, &result) ? make_i64(f, ins, result)
                                                : KEEP;
    }
    if (ins->args[0] == ins->args[1]) {
        return fold_int_same(f, ins);
    }
    return right  ? fold_int_const(f, ins, y, false)
           : left ? fold_int_const(f, ins, x, true)
                  : KEEP;
}

static Verdict
fold_int1(Fold *f, IrIns *ins)
{
    int64_t x;
    if (!const_i64(f, ins, 0, &x)) {
        return KEEP;
    }
    switch (ins->op) {
    case IR_INEG:
        return x == INT64_MIN ? KEEP : make_i64(f, ins, -x);
    case IR_IABS:
        return x == INT64_MIN ? KEEP : make_i64(f, ins, x < 0 ? -x : x);
    case IR_IINV:
        return make_i64(f, ins, ~x);
    case IR_I2F:
        return make_f64(f, ins, (double)x);
    case IR_I2F_EXACT:
        return x >= -((int64_t)1 << 53) && x <= (int64_t)1 << 53
                   ? make_f64(f, ins, (double)x)
                   : KEEP;
    default:
        return KEEP;
    }
}

static Verdict
fold_icmp(Fold *f, IrIns *ins)
{
    int64_t x, y;
    bool left = const_i64(f, ins, 0, &x), right = const_i64(f, ins, 1, &y);
    IrCond cond = ir_cond(ins);
    if (left && right) {
        return make_bool(f, ins, eval_cond(cond, x < y ? -1 : x > y));
    }
    if (ins->args[0] == ins->args[1]) {
        return make_bool(f, ins, eval_cond(cond, 0));
    }
    const IrIns *a = operand(f, ins, 0);
    if (right && a->op == IR_B2I && y == 0
        && (cond == IR_NE || cond == IR_GT)) {
        return replace(a->args[0]);
    }
    if (right && a->op == IR_B2I && y == 0 && cond == IR_EQ) {
        IrRef flag = a->args[0];
        ir_become(ins, IR_BNOT);
        ins->n_args = 1;
        ins->args[0] = flag;
        f->changed = true;
    }
    return KEEP;
}

static Verdict
fold_range_len(Fold *f, IrIns *ins)
{
    int64_t start, step;
    if (const_i64(f, ins, 0, &start) && const_i64(f, ins, 2, &step)
        && start == 0 && step == 1) {
        /* max(0, stop) */
        IrRef stop = ins->args[1];
        ins->op = IR_IMAX;
        ins->args[1] = stop;
        ins->n_args = 2;
        ins->snap = 0;
        f->changed = true;
    }
    return KEEP;
}

/* --- floats -------------------------------------------------------------- */

static bool
is_power_of_two(double x)
{
    int exponent;
    double fraction = frexp(fabs(x), &exponent);
    return fraction == 0.5 && exponent > -1000 && exponent < 1000;
}

static Verdict
fold_float2(Fold *f, IrIns *ins)
{
    double x, y;
    if (!const_f64(f, ins, 0, &x) || !const_f64(f, ins, 1, &y)) {
        return KEEP;
    }
    switch (ins->op) {
    case IR_FADD:
        return make_f64(f, ins, x + y);
    case IR_FSUB:
        return make_f64(f, ins, x - y);
    case IR_FMUL:
        return make_f64(f, ins, x * y);
    default:
        return y != 0 ? make_f64(f, ins, x / y) : KEEP;
    }
}

/* x / 2**n is x * 2**-n, without the zero test. */
static void
strength_fdiv(Fold *f, uint32_t b, uint32_t at)
{
    IrFn *fn = f->fn;
    IrRef ref = fn->blocks[b].ins[at];
    const IrIns *ins = &fn->ins[ref];
    double y;
    if (ins->op != IR_FDIV || !const_f64(f, ins, 1, &y)
        || !is_power_of_two(y)) {
        return;
    }
    uint32_t offset = ins->offset;
    IrRef inverse = ir_add(fn, b, IR_CONST_F64, NULL, 0);
    if (inverse == 0) {
        return;
    }
    ir_set_number(&fn->ins[inverse], 1 / y);
    fn->ins[inverse].offset = offset;
    /* It was appended: move it before its use. */
    IrBlock *block = &fn->blocks[b];
    memmove(block->ins + at + 1, block->ins + at,
            (block->n_ins - at - 1) * sizeof(*block->ins));
    block->ins[at] = inverse;
    IrIns *mul = &fn->ins[ref];
    mul->op = IR_FMUL;
    mul->args[1] = inverse;
    mul->snap = 0;
    f->changed = true;
}

static Verdict
fold_float1(Fold *f, IrIns *ins)
{
    double x;
    if (!const_f64(f, ins, 0, &x)) {
        return KEEP;
    }
    switch (ins->op) {
    case IR_FNEG:
        return make_f64(f, ins, -x);
    case IR_FABS:
        return make_f64(f, ins, fabs(x));
    case IR_FTRUE:
        return make_bool(f, ins, x != 0);
    case IR_BITS_F64: {
        int64_t bits;
        memcpy(&bits, &x, sizeof(bits));
        return make_i64(f, ins, bits);
    }
    default:
        return KEEP;
    }
}

static Verdict
fold_fcmp(Fold *f, IrIns *ins)
{
    double x, y;
    if (!const_f64(f, ins, 0, &x) || !const_f64(f, ins, 1, &y)) {
        return KEEP;
    }
    if (isnan(x) || isnan(y)) {
        return make_bool(f, ins, ir_cond(ins) == IR_NE);
    }
    return make_bool(f, ins, eval_cond(ir_cond(ins), x < y ? -1 : x > y));
}

/* --- bools and objects --------------------------------------------------- */

static Verdict
fold_bnot(Fold *f, IrIns *ins)
{
    bool value;
    if (const_bool(f, ins, 0, &value)) {
        return make_bool(f, ins, !value);
    }
    const IrIns *x = operand(f, ins, 0);
    if (x->op == IR_BNOT) {
        return replace(x->args[0]);
    }
    if (x->op == IR_ICMP) {
        IrRef *args = arena_memdup(f->fn->arena, x->args, 2 * sizeof(*args));
        if (args != NULL) {
            ir_become(ins, IR_ICMP);
            ir_set_cond(ins, ir_cond_negated(ir_cond(x)));
            ins->args = args;
            ins->n_args = 2;
            f->changed = true;
        }
    }
    return KEEP;
}

enum {
    SMALLEST_INT = -5,
    LARGEST_INT = 256
}; /* that CPython has one object of */

static Verdict
fold_box(Fold *f, IrIns *ins)
{
    int64_t value;
    if (const_i64(f, ins, 0, &value) && value >= SMALLEST_INT
        && value <= LARGEST_INT) {
        const char *text = arena_printf(f->fn->arena, "int:%d", (int)value);
        make_const(f, ins, IR_SYMBOL);
        ir_set_symbol(ins, text);
    }
    return KEEP;
}

static Verdict
fold_unbox(Fold *f, IrIns *ins)
{
    const IrIns *x = operand(f, ins, 0);
    if (ins->op == IR_UNBOX_I64 && x->op == IR_SYMBOL && ir_symbol(x) != NULL
        && strncmp(ir_symbol(x), "int:", 4) == 0) {
        return make_i64(f, ins, strtoll(ir_symbol(x) + 4, NULL, 10));
    }
    if ((ins->op == IR_UNBOX_I64 && x->op == IR_BOX_I64)
        || (ins->op == IR_UNBOX_F64 && x->op == IR_BOX_F64)
        || (ins->op == IR_UNBOX_BOOL && x->op == IR_BOX_BOOL)) {
        return replace(x->args[0]);
    }
    if (x->op == IR_BOX_COMPLEX) {
        return ins->op == IR_COMPLEX_RE   ? replace(x->args[0])
               : ins->op == IR_COMPLEX_IM ? replace(x->args[1])
                                          : KEEP;
    }
    if (ins->op == IR_UNBOX_BOOL && x->op == IR_SINGLETON
        && ir_singleton(x) != 0) {
        return make_bool(f, ins, ir_singleton(x) == 1);
    }
    return KEEP;
}

static Verdict
fold_is(Fold *f, IrIns *ins)
{
    const IrIns *x = operand(f, ins, 0), *y = operand(f, ins, 1);
    if (ins->args[0] == ins->args[1]) {
        return make_bool(f, ins, true);
    }
    if (x->op == IR_SINGLETON && y->op == IR_SINGLETON) {
        return make_bool(f, ins, ir_singleton(x) == ir_singleton(y));
    }
    if (x->op == IR_SINGLETON) {
        const IrIns *t = x;
        x = y;
        y = t;
    }
    if (y->op == IR_SINGLETON && ir_singleton(y) == 0
        && x->cls != IR_CLASS_ANY) {
        return make_bool(f, ins, x->cls == IR_CLASS_NONE);
    }
    return KEEP;
}

static Verdict
fold_guard(Fold *f, IrIns *ins)
{
    bool value;
    if (const_bool(f, ins, 0, &value)) {
        return value == (ins->op == IR_GUARD) ? DROP : KEEP;
    }
    const IrIns *x = operand(f, ins, 0);
    if (x->op == IR_BNOT) {
        ins->op = ins->op == IR_GUARD ? IR_GUARD_NOT : IR_GUARD;
        ins->args[0] = x->args[0];
        f->changed = true;
    }
    return KEEP;
}

/* A class known from the value's definition. */
static Verdict
fold_class(Fold *f, IrIns *ins)
{
    uint8_t cls = operand(f, ins, 0)->cls;
    if (cls == IR_CLASS_ANY || cls == IR_CLASS_USER
        || ir_class(ins) == IR_CLASS_USER) {
        return KEEP;
    }
    if (ins->op == IR_IS_CLASS) {
        return make_bool(f, ins, cls == ir_class(ins));
    }
    return cls == ir_class(ins) ? DROP : KEEP;
}

static Verdict
fold_ins(Fold *f, IrIns *ins)
{
    bool value;
    switch (ins->op) {
    case IR_IADD:
    case IR_ISUB:
    case IR_IMUL:
    case IR_IADD_NC:
    case IR_ISUB_NC:
    case IR_IMUL_NC:
    case IR_IFDIV:
    case IR_IMOD:
    case IR_IAND:
    case IR_IOR:
    case IR_IXOR:
    case IR_ISHL:
    case IR_ISHR:
    case IR_IMIN:
    case IR_IMAX:
        return fold_int2(f, ins);
    case IR_INEG:
    case IR_IABS:
    case IR_IINV:
    case IR_I2F:
    case IR_I2F_EXACT:
        return fold_int1(f, ins);
    case IR_ICMP:
        return fold_icmp(f, ins);
    case IR_RANGE_LEN:
        return fold_range_len(f, ins);
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FDIV:
        return fold_float2(f, ins);
    case IR_FNEG:
    case IR_FABS:
    case IR_FTRUE:
    case IR_BITS_F64:
        return fold_float1(f, ins);
    case IR_FCMP:
        return fold_fcmp(f, ins);
    case IR_BNOT:
        return fold_bnot(f, ins);
    case IR_B2I:
        return const_bool(f, ins, 0, &value) ? make_i64(f, ins, value) : KEEP;
    case IR_BOX_I64:
        return fold_box(f, ins);
    case IR_BOX_BOOL:
        if (const_bool(f, ins, 0, &value)) {
            make_const(f, ins, IR_SINGLETON);
            ir_set_singleton(ins, value ? 1 : 2);
        }
        return KEEP;
    case IR_UNBOX_I64:
    case IR_UNBOX_F64:
    case IR_UNBOX_BOOL:
    case IR_COMPLEX_RE:
    case IR_COMPLEX_IM:
        return fold_unbox(f, ins);
    case IR_OIS:
        return fold_is(f, ins);
    case IR_GUARD:
    case IR_GUARD_NOT:
        return fold_guard(f, ins);
    case IR_GUARD_SAME:
        return ins->args[0] == ins->args[1] ? DROP : KEEP;
    case IR_GUARD_CLASS:
    case IR_IS_CLASS:
        return fold_class(f, ins);
    default:
        return KEEP;
    }
}

/* --- the walk ------------------------------------------------------------ */

static void
fold_branch(Fold *f, uint32_t b)
{
    IrBlock *block = &f->fn->blocks[b];
    IrIns *ins = &f->fn->ins[block->ins[block->n_ins - 1]];
    bool value;
    if (ins->op != IR_BRANCH) {
        return;
    }
    if (const_bool(f, ins, 0, &value)) {
        ir_become(ins, IR_JUMP);
        ins->n_args = 0;
        block->succ[0] = block->succ[value ? 0 : 1];
        block->n_succ = 1;
        f->changed = true;
    }
    else if (operand(f, ins, 0)->op == IR_BNOT) {
        ins->args[0] = operand(f, ins, 0)->args[0];
        IrEdge edge = block->succ[0];
        block->succ[0] = block->succ[1];
        block->succ[1] = edge;
        f->changed = true;
    }
}

static void
fold_block(Fold *f, uint32_t b)
{
    IrFn *fn = f->fn;
    for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
        IrRef ref = fn->blocks[b].ins[i];
        IrIns *ins = &fn->ins[ref];
        for (uint32_t k = 0; k < ins->n_args; k++) {
            while (f->rep[ins->args[k]] != 0) {
                ins->args[k] = f->rep[ins->args[k]];
            }
        }
        Verdict verdict = fold_ins(f, ins);
        if (verdict.drop) {
            f->rep[ref] = verdict.value;
            ins->op = IR_NOP;
            f->changed = true;
            continue;
        }
        strength_fdiv(f, b, i);
        if (fn->blocks[b].ins[i] != ref) {
            i++; /* a constant was put before it */
        }
    }
    ir_block_drop_nops(fn, b);
    fold_branch(f, b);
}

bool
pass_fold(IrFn *fn)
{
    Fold f = {.fn = fn};
    ir_drop_unreachable(fn);
    const IrGraph *g = ir_graph_new(fn);
    /* Division by a constant adds at most one value for each there is. */
    f.rep = ARENA_NEW_ARRAY(fn->arena, IrRef, (size_t)fn->n_ins * 2);
    if (g == NULL || f.rep == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < g->n_order; i++) {
        fold_block(&f, g->order[i]);
    }
    ir_replace_uses(fn, f.rep);
    ir_drop_unreachable(fn);
    return f.changed;
}
