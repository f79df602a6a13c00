/* Slices and ranges.  Those that nobody keeps are not made: the escape pass
 * finds them.  `x[a:b:c] = [v] * n` and len(x[a:b]) are done here without the
 * lists in between.
 *
 * These are several instructions of the bytecode.  Those before the last only
 * compute, so while they are lowered the exits go back to the state in front
 * of the first, from which the interpreter does it all again (Builder.retry):
 * the list [v] * n would otherwise be needed for the exits alone. */
#include "build_int.h"

#include <string.h>

#include "builtins.h"
#include "exit_kinds.h"

static const BcIns *
following(const Builder *b, const BcIns *ins, BcOp op)
{
    const BcIns *next = bytecode_at(b->code, ins->next);
    return next != NULL && next->op == op && !next->is_leader ? next : NULL;
}

static bool
calls(const Builder *b, const BcIns *call, BuiltinId what)
{
    const char *callee = feedback_main(b->req->profile, call->off,
                                       PROFILE_CALLEE, 0);
    return builtin_find(callee) == what;
}

/* --- len() --------------------------------------------------------------- */

/* Is call a len() of what is about to be pushed?  n: entries of the stack
 * above its callable. */
static bool
is_len(Builder *b, const BcIns *call, uint32_t n)
{
    return call != NULL && call->a == 1 && calls(b, call, BUILTIN_LEN)
           && bytecode_at(b->code, call->next) != NULL
           && b->st.n_stack >= n + 2 && peek(b, n)->kind == K_NULL
           && peek(b, n + 1)->kind == K_OBJ;
}

/* Do that call: its callable and the entries above go, its result comes. */
static void
push_len(Builder *b, const BcIns *call, uint32_t n, IrRef len)
{
    guard2(b, IR_GUARD_SAME, peek(b, n + 1)->a,
           emit_symbol(b, builtins[BUILTIN_LEN].text), EXIT_CALLEE);
    b->st.n_stack -= n + 2;
    b->go_on = bytecode_at(b->code, call->next);
    push(b, v_i64(len));
}

static IrOp
length_op(IrClass cls)
{
    switch ((int)cls) {
    case IR_CLASS_LIST:
        return IR_LIST_LEN;
    case IR_CLASS_TUPLE:
        return IR_TUPLE_LEN;
    case IR_CLASS_STR:
        return IR_STR_LEN;
    case IR_CLASS_BYTES:
    case IR_CLASS_BYTEARRAY:
        return IR_BYTES_LEN;
    default:
        return IR_NOP;
    }
}

/* A part of a slice as an int; absent: what None stands for. */
static bool
slice_part(Builder *b, uint32_t depth, int64_t absent, IrRef *out)
{
    AbsVal v = *peek(b, depth);
    IrClass cls;
    if (v.kind == K_OBJ && v.cls == IR_CLASS_NONE) {
        *out = const_i64(b, absent);
        return true;
    }
    if (likely_class(b, &v, depth) != IR_CLASS_INT
        || !want_num(b, &v, depth, &cls)) {
        return false;
    }
    *out = v.b;
    return true;
}

typedef struct {
    IrRef start, stop, step;
} Slice;

/* The parts of the slice on top of the stack, if they are ints. */
static bool
slice_parts(Builder *b, uint32_t n, Slice *slice)
{
    slice->step = 0;
    if (n == 3 && !slice_part(b, 0, 1, &slice->step)) {
        return false;
    }
    if (n == 2) {
        slice->step = const_i64(b, 1);
    }
    return slice_part(b, n - 2, INT64_MAX, &slice->stop)
           && slice_part(b, n - 1, 0, &slice->start);
}

/* The container under the parts, of a class the profile knows from when it was
 * subscripted (position depth at that instruction). */
static bool
sliced(Builder *b, uint32_t n, const BcIns *at, uint32_t depth,
       AbsVal *container)
{
    *container = *peek(b, n);
    IrClass cls = known_class(container);
    if (cls == IR_CLASS_ANY) {
        cls = feedback_type(b->req->profile, at->off, PROFILE_TYPE, depth).cls;
    }
    return length_op(cls) != IR_NOP && want_class(b, container, cls);
}

bool
lower_len_of_slice(Builder *b)
{
    uint32_t n = b->ins->op == BC_BINARY_SLICE ? 2 : b->ins->a;
    const BcIns *subscr = b->ins;
    Slice slice;
    AbsVal container;
    if (b->ins->op == BC_BUILD_SLICE) {
        subscr = following(b, b->ins, BC_BINARY_SUBSCR);
    }
    const BcIns *call = subscr != NULL ? following(b, subscr, BC_CALL) : NULL;
    if (!is_len(b, call, n + 1) || !slice_parts(b, n, &slice)
        || !sliced(b, n, subscr, b->ins->op == BC_BUILD_SLICE ? 1 : 2,
                   &container)) {
        return false;
    }
    IrClass cls = known_class(&container);
    IrRef length = emit1(b, length_op(cls), container.a);
    if (ins_of(b, length)->op == IR_BYTES_LEN) {
        ir_set_class(ins_of(b, length), cls);
    }
    IrRef args[4] = {slice.start, slice.stop, slice.step, length};
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef r = emit(b, IR_SLICE_LEN, args, 4);
    ins_of(b, r)->snap = snap;
    push_len(b, call, n + 1, r);
    return true;
}

/* --- x[a:b] -------------------------------------------------------------- */

bool
lower_slice(Builder *b)
{
    Slice slice;
    AbsVal container = *peek(b, 2);
    IrClass cls = likely_class(b, &container, 2);
    IrOp op = cls == IR_CLASS_LIST    ? IR_LIST_SLICE
              : cls == IR_CLASS_TUPLE ? IR_TUPLE_SLICE
              : cls == IR_CLASS_STR   ? IR_STR_SLICE
                                      : IR_NOP;
    if (op == IR_NOP || !slice_parts(b, 2, &slice)
        || !want_class(b, &container, cls)) {
        return false;
    }
    IrRef r = guard3(b, op, container.a, slice.start, slice.stop, EXIT_ARITH);
    ins_of(b, r)->cls = (uint8_t)cls;
    b->st.n_stack -= 3;
    push(b, v_obj(r, cls));
    return true;
}

/* --- ranges and slices as objects ---------------------------------------- */

/* A bound as a number; absent: what None stands for. */
static IrRef
bound_number(Builder *b, IrRef object, int64_t absent)
{
    const IrIns *ins = ins_of(b, object);
    if (ins->cls == IR_CLASS_NONE) {
        return const_i64(b, absent);
    }
    return ins->op == IR_BOX_I64 ? ins->args[0]
                                 : guard1(b, IR_UNBOX_I64, object, EXIT_ARITH);
}

static IrRef
bound_of(Builder *b, IrRef object, uint32_t which)
{
    if (ins_of(b, object)->op == IR_RANGE_NEW) {
        return ins_of(b, object)->args[which];
    }
    IrRef r = emit1(b, IR_RANGE_GET, object);
    ir_set_part(ins_of(b, r), which);
    return r;
}

RangeParts
range_of(Builder *b, IrRef range)
{
    IrRef start = bound_number(b, bound_of(b, range, 0), 0);
    IrRef stop = bound_number(b, bound_of(b, range, 1), 0);
    IrRef step = bound_number(b, bound_of(b, range, 2), 0);
    IrRef len = guard3(b, IR_RANGE_LEN, start, stop, step, EXIT_ARITH);
    return (RangeParts){start, step, len};
}

static IrRef
make_of_bounds(Builder *b, IrOp op, IrClass cls, const AbsVal *const bounds[3])
{
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef args[3];
    for (int i = 0; i < 3; i++) {
        args[i] = as_object(b, bounds[i]);
    }
    IrRef r = emit(b, op, args, 3);
    ins_of(b, r)->snap = snap;
    ins_of(b, r)->cls = (uint8_t)cls;
    return r;
}

/* A step that is a constant, and small; 0: it is none. */
static int64_t
constant_step(Builder *b, IrRef number)
{
    enum { MOST = 1 << 30 };
    const IrIns *ins = ins_of(b, number);
    int64_t step = ins->op == IR_CONST_I64 ? ir_value(ins) : 0;
    return step >= -MOST && step <= MOST ? step : 0;
}

bool
push_range(Builder *b, const AbsVal *const bounds[3], IrRef step)
{
    if (constant_step(b, step) == 0) {
        return false;
    }
    IrRef r = make_of_bounds(b, IR_RANGE_NEW, IR_CLASS_RANGE, bounds);
    push(b, v_obj(r, IR_CLASS_RANGE));
    return true;
}

void
push_slice(Builder *b, const AbsVal *const bounds[3])
{
    IrRef r = make_of_bounds(b, IR_SLICE_NEW, IR_CLASS_SLICE, bounds);
    push(b, v_obj(r, IR_CLASS_SLICE));
}

bool
lower_build_slice(Builder *b)
{
    uint32_t n = b->ins->a;
    AbsVal v[3] = {v_none(b), v_none(b), v_none(b)};
    for (uint32_t i = 0; i < n; i++) {
        IrClass cls;
        v[i] = *peek(b, n - 1 - i);
        if (known_class(&v[i]) != IR_CLASS_NONE
            && (likely_class(b, &v[i], n - 1 - i) != IR_CLASS_INT
                || !want_num(b, &v[i], n - 1 - i, &cls))) {
            return false;
        }
    }
    b->st.n_stack -= n;
    push_slice(b, (const AbsVal *const[3]){&v[0], &v[1], &v[2]});
    return true;
}

bool
lower_stride(Builder *b, AbsVal *container, const AbsVal *index)
{
    if (index->kind != K_OBJ || ins_of(b, index->a)->op != IR_SLICE_NEW) {
        return false;
    }
    IrRef bounds[3];
    memcpy(bounds, ins_of(b, index->a)->args, sizeof(bounds));
    const IrIns *by = ins_of(b, bounds[2]);
    int64_t step = by->cls == IR_CLASS_NONE ? 1
                   : by->op == IR_BOX_I64   ? constant_step(b, by->args[0])
                                            : 0;
    IrClass cls = likely_class(b, container, 1);
    IrOp op = cls == IR_CLASS_LIST    ? IR_LIST_STRIDE
              : cls == IR_CLASS_TUPLE ? IR_TUPLE_STRIDE
              : cls == IR_CLASS_STR   ? IR_STR_STRIDE
                                      : IR_NOP;
    if (op == IR_NOP || step == 0 || !want_class(b, container, cls)) {
        return false;
    }
    IrRef args[4] = {
        container->a, bound_number(b, bounds[0], step < 0 ? INT64_MAX : 0),
        bound_number(b, bounds[1], step < 0 ? INT64_MIN : INT64_MAX),
        const_i64(b, step)};
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef r = emit(b, op, args, 4);
    ins_of(b, r)->snap = snap;
    ins_of(b, r)->cls = (uint8_t)cls;
    push(b, v_obj(r, cls));
    return true;
}

/* --- x[a:b:c] = [v] * n -------------------------------------------------- */

/* The STORE_SUBSCR that ends `x[a:b:c] = [v] * n` whose BUILD_LIST is at hand,
 * if nothing in between does more than compute. */
static const BcIns *
fill_end(const Builder *b)
{
    uint32_t depth = 1; /* with the list */
    const BcIns *end = b->code->ins + b->code->n;
    for (const BcIns *ins = b->ins + 1; ins < end && !ins->is_leader; ins++) {
        switch (ins->op) {
        case BC_NOP:
        case BC_UNARY_NEGATIVE:
            break;
        case BC_LOAD_CONST:
        case BC_LOAD_LOCAL:
        case BC_LOAD_LOCAL_CHECK:
        case BC_LOAD_NAME:
        case BC_PUSH_NULL:
            depth++;
            break;
        case BC_LOAD_LOCAL_LOAD_LOCAL:
            depth += 2;
            break;
        case BC_LOAD_GLOBAL:
            depth += 1 + ins->b;
            break;
        case BC_BINARY_OP:
        case BC_BINARY_SUBSCR:
            depth--;
            break;
        case BC_BINARY_SLICE:
            depth -= 2;
            break;
        case BC_CALL:
            if (!calls(b, ins, BUILTIN_LEN) && !calls(b, ins, BUILTIN_RANGE)) {
                return NULL;
            }
            depth -= ins->a + 1;
            break;
        case BC_BUILD_SLICE: {
            const BcIns *store = following(b, ins, BC_STORE_SUBSCR);
            depth -= ins->a - 1;
            if (store != NULL) {
                return depth == 3 ? store : NULL;
            }
            break;
        }
        default:
            return NULL;
        }
        if (depth == 0) {
            return NULL;
        }
    }
    return NULL;
}

void
begin_fill(Builder *b)
{
    const BcIns *end = b->ins->a == 1 ? fill_end(b) : NULL;
    if (end == NULL || b->retry_end != NULL) {
        return;
    }
    b->retry = state_new(b);
    if (b->retry.v == NULL) {
        b->failed = true;
        return;
    }
    state_copy(b, &b->retry, &b->pre);
    b->retry_off = b->ins->off;
    b->retry_end = end;
}

bool
lower_fill(Builder *b)
{
    const BcIns *store = following(b, b->ins, BC_STORE_SUBSCR);
    uint32_t n = b->ins->a;
    Slice slice;
    AbsVal container;
    if (store == NULL || b->st.n_stack < n + 2) {
        return false;
    }
    const AbsVal *value = peek(b, n + 1);
    const IrIns *repeat = ins_of(b, value->a);
    if (value->kind != K_OBJ || repeat->op != IR_LIST_REPEAT) {
        return false;
    }
    const IrIns *made = ins_of(b, repeat->args[0]);
    if (made->op != IR_LIST_NEW || made->n_args != 1) {
        return false;
    }
    IrRef count = repeat->args[1], item = made->args[0];
    if (!slice_parts(b, n, &slice) || !sliced(b, n, store, 1, &container)
        || known_class(&container) != IR_CLASS_LIST) {
        return false;
    }
    IrRef args[6] = {container.a, slice.start, slice.stop,
                     slice.step,  count,       item};
    IrSnapId snap = snap_pre(b, EXIT_BOUNDS);
    IrRef r = emit(b, IR_LIST_FILL, args, 6);
    ins_of(b, r)->snap = snap;
    b->st.n_stack -= n + 2;
    b->retry_end = NULL;
    b->go_on = bytecode_at(b->code, store->next);
    return true;
}
