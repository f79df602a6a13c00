/* Control: conditional jumps, iteration, return, stack depth. */
#include "build_int.h"

#include <string.h>

#include "builtins.h"
#include "exit_kinds.h"
#include "resume.h"

/* Continue at off, or leave there if the profile never went that way. */
static void
follow(Builder *b, uint32_t off, bool cold)
{
    if (cold) {
        drops_end(b, off);
        IrSnapId snap = snap_now(b, off, EXIT_KIND_GUARD, EXIT_COLD);
        IrRef r = emit(b, IR_EXIT, NULL, 0);
        ins_of(b, r)->snap = snap;
        b->block = NO_BLOCK;
        return;
    }
    goto_off(b, off);
}

/* Observations of a branch below which an untaken side proves nothing. */
#define COLD_MIN_SAMPLES 256

/* Does going to off leave a loop the current instruction is in?  That side is
 * taken sooner or later, whatever a short recording saw. */
static bool
leaves_loop(const Builder *b, uint32_t off)
{
    uint32_t here = b->ins->off;
    for (uint32_t i = 0; i < b->code->n; i++) {
        const BcIns *j = &b->code->ins[i];
        if (j->op == BC_JUMP_BACKWARD && j->target <= here && here <= j->off
            && (off < j->target || off > j->off)) {
            return true;
        }
    }
    return false;
}

/* Was the block at off seen to run, and is this branch the only way to it?  A
 * branch gives its first outcomes only, a block its first run whenever it is.
 */
static bool
has_run(const Builder *b, uint32_t off)
{
    const BcIns *ins = bytecode_at(b->code, off);
    const BcIns *end = b->code->ins + b->code->n;
    if (ins->is_merge) {
        return false;
    }
    for (const BcIns *at = ins; at < end; at++) {
        if (at > ins && at->is_leader) {
            break;
        }
        if (feedback_any(b->req->profile, at->off)) {
            return true;
        }
        if (bc_ends(at)) {
            break;
        }
    }
    return false;
}

static bool
is_cold(const Builder *b, uint32_t off, uint64_t taken, uint64_t other)
{
    return taken == 0 && other >= COLD_MIN_SAMPLES && !leaves_loop(b, off)
           && !has_run(b, off);
}

/* How often the rarer way was gone. */
static int64_t
rarer_percent(uint64_t x, uint64_t y)
{
    enum { LEAST_SAMPLES = 24 };
    uint64_t rarer = x < y ? x : y;
    return x + y < LEAST_SAMPLES ? 0 : (int64_t)(rarer * 100 / (x + y));
}

static void
branch_off(Builder *b, IrRef cond, uint32_t jump_off, bool jump_if)
{
    uint64_t jumped = feedback_count(b->req->profile, b->ins->off,
                                     PROFILE_BRANCH, 1);
    uint64_t fell = feedback_count(b->req->profile, b->ins->off,
                                   PROFILE_BRANCH, 0);
    uint32_t yes, no;
    State saved = {b->st.n_stack, NULL};
    AbsVal *copy = ARENA_NEW_ARRAY(b->arena, AbsVal, b->nl + b->ns + 1);
    if (copy == NULL) {
        b->failed = true;
        return;
    }
    memcpy(copy, b->st.v, (b->nl + b->st.n_stack) * sizeof *copy);
    uint32_t from = b->block;
    branch(b, cond, &yes, &no);
    const IrBlock *block = &b->fn->blocks[from];
    ir_set_rarer(ins_of(b, block->ins[block->n_ins - 1]),
                 rarer_percent(jumped, fell));
    switch_to(b, jump_if ? yes : no);
    follow(b, jump_off, is_cold(b, jump_off, jumped, fell));
    memcpy(b->st.v, copy, (b->nl + saved.n_stack) * sizeof *copy);
    b->st.n_stack = saved.n_stack;
    switch_to(b, jump_if ? no : yes);
    follow(b, b->ins->next, is_cold(b, b->ins->next, fell, jumped));
}

void
lower_cond_jump(Builder *b)
{
    AbsVal v = pop(b);
    uint8_t op = b->ins->op;
    IrRef cond;
    bool jump_if = op == BC_POP_JUMP_IF_TRUE || op == BC_POP_JUMP_IF_NONE;
    if (op == BC_POP_JUMP_IF_NONE || op == BC_POP_JUMP_IF_NOT_NONE) {
        IrClass cls = known_class(&v);
        if (cls != IR_CLASS_ANY) {
            bool jump = (cls == IR_CLASS_NONE) == jump_if;
            goto_off(b, jump ? b->ins->target : b->ins->next);
            return;
        }
        IrRef none = emit0(b, IR_SINGLETON, 0);
        ins_of(b, none)->cls = IR_CLASS_NONE;
        cond = emit2(b, IR_OIS, as_object(b, &v), none);
    }
    else {
        if (v.kind == K_OBJ) {
            IrRef t = guard1(b, IR_UNBOX_BOOL, v.a, EXIT_TYPE);
            v = v_bool(t);
        }
        if (v.kind != K_BOOL) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
        cond = v.b;
        const IrIns *c = ins_of(b, cond);
        if (c->op == IR_CONST_BOOL) {
            bool jump = (ir_value(c) != 0) == jump_if;
            goto_off(b, jump ? b->ins->target : b->ins->next);
            return;
        }
    }
    branch_off(b, cond, b->ins->target, jump_if);
}

/* --- iteration ----------------------------------------------------------- */

/* The call whose result this FOR_ITER goes through, or NULL: a loop that is
 * entered in its middle has only the iterator. */
static const BcIns *
loop_call(Builder *b)
{
    const BcIns *ins = b->ins, *first = b->code->ins;
    while (ins - 1 > first
           && (ins[-1].op == BC_LOAD_LOCAL_AND_CLEAR || ins[-1].op == BC_SWAP
               || ins[-1].op == BC_BUILD_LIST || ins[-1].op == BC_BUILD_SET
               || ins[-1].op == BC_BUILD_MAP || ins[-1].op == BC_GET_ITER)) {
        /* a comprehension's; releases of 3.13 differ in how many GET_ITER */
        ins--;
    }
    return ins - 1 >= first && ins->op == BC_GET_ITER && ins[-1].op == BC_CALL
               ? &ins[-1]
               : NULL;
}

/* Does the call's first argument look like a constant that is not negative? */
static bool
starts_from_constant(Builder *b, const BcIns *call)
{
    enum { MOST_BACK = 16 };
    const BcIns *first = b->code->ins;
    for (int i = 1; i <= MOST_BACK && call - i > first; i++) {
        const BcIns *load = call - i;
        if ((load->op == BC_LOAD_GLOBAL || load->op == BC_LOAD_NAME)
            && strcmp(b->image->names[load->a], "range") == 0) {
            load += load->op == BC_LOAD_NAME ? 2 : 1; /* PUSH_NULL */
            return load->op == BC_LOAD_CONST
                   && b->image->consts[load->a].kind == PYAOT_CONST_INT
                   && b->image->consts[load->a].i >= 0;
        }
    }
    return false;
}

/* What the range that this FOR_ITER counts through must be like (RANGE_*),
 * read off the call that made it: a step of 1 is worth a guard. */
static int64_t
range_shape(Builder *b)
{
    const BcIns *call = loop_call(b);
    const char *callee = call == NULL
                             ? NULL
                             : feedback_main(b->req->profile, call->off,
                                             PROFILE_CALLEE, 0);
    if (builtin_find(callee) != BUILTIN_RANGE) {
        return 0;
    }
    switch (call->a) {
    case 1:
        return IR_RANGE_STEP_1 | IR_RANGE_NOT_NEGATIVE;
    case 2:
        return IR_RANGE_STEP_1
               | (starts_from_constant(b, call) ? IR_RANGE_NOT_NEGATIVE : 0);
    default:
        return 0;
    }
}

/* The class of argument i of the call that made the iterator, if a list, a
 * tuple or a string. */
static IrClass
loop_sequence(Builder *b, uint32_t i, uint32_t most)
{
    const BcIns *call = loop_call(b);
    if (call == NULL || call->a <= i || call->a > most) {
        return IR_CLASS_ANY;
    }
    IrClass cls = feedback_type(b->req->profile, call->off, PROFILE_TYPE,
                                call->a - 1 - i)
                      .cls;
    return is_sequence(cls) ? cls : IR_CLASS_ANY;
}

/* enumerate or zip; they are made of two objects, or of three. */
static bool
take_combined(Builder *b, AbsVal *it, bool zip)
{
    IrClass cls = loop_sequence(b, 0, 2);
    if (cls == IR_CLASS_ANY || (zip && loop_sequence(b, 1, 2) != cls)) {
        return false;
    }
    IrRef take = guard1(b, zip ? IR_ZIP_TAKE : IR_ENUM_TAKE, it->a, EXIT_ITER);
    ir_set_class(ins_of(b, take), cls);
    AbsVal v = {.kind = zip ? K_ZIP : K_ENUM, .cls = (uint8_t)cls};
    v.a = emit0(b, IR_TAKEN_O, 0);
    v.b = emit0(b, IR_TAKEN_I, 1);
    v.c = zip ? emit0(b, IR_TAKEN_O, 2) : emit0(b, IR_TAKEN_I, 2);
    ins_of(b, v.a)->cls = (uint8_t)cls;
    if (zip) {
        ins_of(b, v.c)->cls = (uint8_t)cls;
    }
    *it = v;
    return true;
}

/* What an iterator over one sequence goes through. */
static IrClass
iterated_class(AbsKind kind)
{
    return kind == K_LISTIT  ? IR_CLASS_LIST
           : kind == K_TUPIT ? IR_CLASS_TUPLE
                             : IR_CLASS_STR;
}

static AbsVal
taken(Builder *b, AbsKind kind, int64_t shape)
{
    AbsVal it = {.kind = (uint8_t)kind};
    if (kind == K_RANGE) {
        it.a = emit0(b, IR_TAKEN_I, 0);
        ir_set_part_shape(ins_of(b, it.a),
                          (uint32_t)shape & IR_RANGE_NOT_NEGATIVE);
        it.b = shape & IR_RANGE_STEP_1 ? const_i64(b, 1)
                                       : emit0(b, IR_TAKEN_I, 1);
        it.c = emit0(b, IR_TAKEN_I, 2);
        return it;
    }
    it.a = emit0(b, IR_TAKEN_O, 0);
    ins_of(b, it.a)->cls = (uint8_t)iterated_class(kind);
    it.b = emit0(b, IR_TAKEN_I, 1);
    return it;
}

/* Take an iterator object apart, if it is of a kind that lives unboxed. */
static bool
take_iterator(Builder *b, AbsVal *it)
{
    IrClass cls = likely_class(b, it, 0);
    IrOp op;
    AbsKind kind;
    switch (cls) {
    case IR_CLASS_RANGEIT:
        op = IR_RANGE_TAKE;
        kind = K_RANGE;
        break;
    case IR_CLASS_LISTIT:
        op = IR_LISTIT_TAKE;
        kind = K_LISTIT;
        break;
    case IR_CLASS_TUPLEIT:
        op = IR_TUPIT_TAKE;
        kind = K_TUPIT;
        break;
    case IR_CLASS_ENUMIT:
    case IR_CLASS_ZIPIT:
        return take_combined(b, it, cls == IR_CLASS_ZIPIT);
    default: {
        /* Two types, of which one has no name outside of CPython. */
        const char *text = fb_operand(b, 0).text;
        if (text == NULL
            || (strcmp(text, "str_iterator") != 0
                && strcmp(text, "str_ascii_iterator") != 0)) {
            return false;
        }
        op = IR_STRIT_TAKE;
        kind = K_STRIT;
        break;
    }
    }
    IrRef take = guard1(b, op, it->a, EXIT_ITER);
    int64_t shape = kind == K_RANGE ? range_shape(b) : 0;
    if (kind == K_RANGE) {
        ir_set_shape(ins_of(b, take), shape);
    }
    *it = taken(b, kind, shape);
    return true;
}

void
lower_get_iter(Builder *b)
{
    AbsVal v = pop(b);
    if (is_iterator_kind(v.kind)) {
        push(b, v); /* made for this loop; the iterator of an iterator */
        return;
    }
    IrClass cls = likely_class(b, &v, 0);
    if (is_sequence(cls) && want_class(b, &v, cls)) {
        AbsKind kind = cls == IR_CLASS_LIST    ? K_LISTIT
                       : cls == IR_CLASS_TUPLE ? K_TUPIT
                                               : K_STRIT;
        push(b,
             (AbsVal){.kind = (uint8_t)kind, .a = v.a, .b = const_i64(b, 0)});
        return;
    }
    if (cls == IR_CLASS_RANGE && want_class(b, &v, cls)) {
        RangeParts range = range_of(b, v.a);
        push(b, (AbsVal){.kind = K_RANGE,
                         .a = range.start,
                         .b = range.step,
                         .c = range.len});
        return;
    }
    if (known_class(&v) == IR_CLASS_ANY && !fb_seen(b, 1)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    need_frame(b);
    if (b->failed) {
        return;
    }
    IrRef obj = as_object(b, &v);
    push(b, v_obj(emit_py(b, IR_PY, IR_PYOP_ITER, &obj, 1), IR_CLASS_ANY));
}

/* The element at an index that is known to be in bounds. */
static AbsVal
element(Builder *b, IrRef sequence, IrRef index, IrClass cls)
{
    IrRef r = guard2(b,
                     cls == IR_CLASS_LIST    ? IR_LIST_GET
                     : cls == IR_CLASS_TUPLE ? IR_TUPLE_GET
                                             : IR_STR_GET,
                     sequence, index, EXIT_BOUNDS);
    if (cls != IR_CLASS_STR) {
        ir_set_bounds(ins_of(b, r), IR_IN_BOUNDS);
        return v_obj(r, IR_CLASS_ANY);
    }
    ins_of(b, r)->cls = IR_CLASS_STR;
    return v_obj(r, IR_CLASS_STR);
}

static IrRef
length(Builder *b, IrRef sequence, IrClass cls)
{
    return emit1(b,
                 cls == IR_CLASS_LIST    ? IR_LIST_LEN
                 : cls == IR_CLASS_TUPLE ? IR_TUPLE_LEN
                                         : IR_STR_LEN,
                 sequence);
}

/* The next of an enumerate or zip; the tuple is not made if it is taken apart
 * at once. */
static void
next_pair(Builder *b, AbsVal it)
{
    IrClass cls = (IrClass)it.cls;
    AbsVal first, second;
    if (it.kind == K_ENUM) {
        first = v_i64(guard2(b, IR_IADD, it.b, it.c, EXIT_ARITH));
        second = element(b, it.a, it.b, cls);
    }
    else {
        first = element(b, it.a, it.b, cls);
        second = element(b, it.c, it.b, cls);
    }
    it.b = emit2(b, IR_IADD_NC, it.b, const_i64(b, 1));
    push(b, it);
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (next != NULL && next->op == BC_UNPACK_SEQUENCE && next->a == 2
        && !next->is_merge) {
        push(b, second);
        push(b, first);
        goto_off(b, next->next);
        return;
    }
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef pair[2] = {as_object(b, &first), as_object(b, &second)};
    IrRef tuple = emit(b, IR_TUPLE_NEW, pair, 2);
    ins_of(b, tuple)->snap = snap;
    push(b, v_obj(tuple, IR_CLASS_TUPLE));
    goto_off(b, b->ins->next);
}

/* An iterator over a dict or set. */
static bool
is_table_iterator(IrClass cls)
{
    return cls >= IR_CLASS_DICTKEYIT && cls <= IR_CLASS_SETIT;
}

static IrRef
of_iterator(Builder *b, IrOp op, const AbsVal *it)
{
    IrRef r = emit1(b, op, it->a);
    ir_set_class(ins_of(b, r), it->cls);
    return r;
}

/* The next of a dict or set. */
static void
next_of_table(Builder *b, AbsVal it)
{
    bool items = it.cls == IR_CLASS_DICTITEMIT;
    IrRef key = it.cls != IR_CLASS_DICTVALIT ? of_iterator(b, IR_ITER_KEY, &it)
                                             : 0;
    IrRef value = items || it.cls == IR_CLASS_DICTVALIT
                      ? of_iterator(b, IR_ITER_VALUE, &it)
                      : 0;
    push(b, it);
    if (!items) {
        of_iterator(b, IR_ITER_STEP, &it);
        push(b, v_obj(key != 0 ? key : value, IR_CLASS_ANY));
        goto_off(b, b->ins->next);
        return;
    }
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef pair[2] = {key, value};
    IrRef tuple = emit(b, IR_TUPLE_NEW, pair, 2);
    ins_of(b, tuple)->snap = snap;
    of_iterator(b, IR_ITER_STEP, &it);
    push(b, v_obj(tuple, IR_CLASS_TUPLE));
    goto_off(b, b->ins->next);
}

/* The two ways out of FOR_ITER once the state of each is known. */
static void
for_branch(Builder *b, IrRef more, AbsVal next_it, AbsVal item)
{
    uint32_t yes, no;
    AbsVal *copy = ARENA_NEW_ARRAY(b->arena, AbsVal, b->nl + b->ns + 1);
    if (copy == NULL) {
        b->failed = true;
        return;
    }
    uint32_t n = b->st.n_stack;
    bool escaped = b->escaped;
    memcpy(copy, b->st.v, (b->nl + n) * sizeof *copy);
    branch(b, more, &yes, &no);
    switch_to(b, yes);
    if (item.kind == K_RANGE) { /* the counter: step on behind the test */
        IrRef next = emit2(b, IR_IADD_NC, next_it.a, next_it.b);
        IrRef left = emit2(b, IR_ISUB_NC, next_it.c, const_i64(b, 1));
        item = v_i64(next_it.a);
        next_it.a = next;
        next_it.c = left;
    }
    else if (item.kind == K_LISTIT || item.kind == K_TUPIT
             || item.kind == K_STRIT) {
        item = element(b, next_it.a, next_it.b,
                       iterated_class((AbsKind)item.kind));
        next_it.b = emit2(b, IR_IADD_NC, next_it.b, const_i64(b, 1));
    }
    else if (item.kind == K_ENUM || item.kind == K_ZIP) {
        next_pair(b, next_it);
        goto copied;
    }
    else if (item.kind == K_NULL && is_table_iterator((IrClass)next_it.cls)) {
        next_of_table(b, next_it);
        goto copied;
    }
    else if (item.kind == K_NULL) { /* the iterator is moved on in place */
        bool range = next_it.cls == IR_CLASS_RANGEIT;
        IrRef r = emit1(b, range ? IR_ITER_NEXT_I : IR_ITER_NEXT_O, next_it.a);
        ir_set_class(ins_of(b, r), next_it.cls);
        item = range ? v_i64(r) : v_obj(r, IR_CLASS_ANY);
    }
    push(b, next_it);
    push(b, item);
    goto_off(b, b->ins->next);
copied:
    memcpy(b->st.v, copy, (b->nl + n) * sizeof *copy);
    b->st.n_stack = n;
    b->escaped = escaped;
    switch_to(b, no);
    goto_off(b, b->ins->target);
}

/* Does the loop of this FOR_ITER yield? */
static bool
yields(const Builder *b)
{
    for (const BcIns *ins = b->ins; ins->off < b->ins->target; ins++) {
        if (ins->op == BC_YIELD_VALUE) {
            return true;
        }
    }
    return false;
}

/* An iterator that the frame holds across a yield is not worth being taken
 * apart, and put together again, for one turn. */
static bool
is_kept_whole(const Builder *b)
{
    return region_is_resumed(b->req->entry_kind) && yields(b);
}

static bool
move_iterator(Builder *b, AbsVal *it)
{
    IrClass cls = likely_class(b, it, 0);
    if ((cls != IR_CLASS_RANGEIT && cls != IR_CLASS_LISTIT
         && cls != IR_CLASS_TUPLEIT && !is_table_iterator(cls))
        || !want_class(b, it, cls)) {
        return false;
    }
    IrRef more = guard1(b, IR_ITER_MORE, it->a, EXIT_ITER);
    ir_set_class(ins_of(b, more), cls);
    for_branch(b, more, *it, (AbsVal){.kind = K_NULL});
    return true;
}

void
lower_for_iter(Builder *b)
{
    AbsVal it = pop(b);
    if (it.kind == K_OBJ) {
        if (!is_kept_whole(b) && !is_table_iterator(likely_class(b, &it, 0))) {
            take_iterator(b, &it);
        }
        else if (move_iterator(b, &it)) {
            return;
        }
    }
    if (it.kind == K_RANGE) {
        IrRef more = emit2(b, IR_ICMP, it.c, const_i64(b, 0));
        ir_set_cond(ins_of(b, more), IR_GT);
        for_branch(b, more, it, (AbsVal){.kind = K_RANGE});
        return;
    }
    if (it.kind == K_LISTIT || it.kind == K_TUPIT || it.kind == K_STRIT) {
        IrRef len = length(b, it.a, iterated_class((AbsKind)it.kind));
        IrRef more = emit2(b, IR_ICMP, it.b, len);
        ir_set_cond(ins_of(b, more), IR_LT);
        for_branch(b, more, it, (AbsVal){.kind = it.kind});
        return;
    }
    if (it.kind == K_ENUM || it.kind == K_ZIP) {
        IrRef len = length(b, it.a, (IrClass)it.cls);
        if (it.kind == K_ZIP) {
            len = emit2(b, IR_IMIN, len, length(b, it.c, (IrClass)it.cls));
        }
        IrRef more = emit2(b, IR_ICMP, it.b, len);
        ir_set_cond(ins_of(b, more), IR_LT);
        for_branch(b, more, it, (AbsVal){.kind = it.kind});
        return;
    }
    if (it.kind != K_OBJ) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    if (!fb_seen(b, 1)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    if (!resume_pays(b->req, b->ins)) {
        leave_pre(b, EXIT_KIND_END, EXIT_RESUMES);
        return;
    }
    /* The iterator stays on the stack while its code runs. */
    push(b, it);
    IrRef item = emit_py(b, IR_PY_NEXT, IR_PYOP_ITER, &it.a, 1);
    if (b->block == NO_BLOCK) {
        return;
    }
    pop(b);
    IrRef done = emit1(b, IR_IS_NULL, item);
    IrRef more = emit1(b, IR_BNOT, done);
    for_branch(b, more, it, v_obj(item, IR_CLASS_ANY));
}

/* --- return -------------------------------------------------------------- */

void
lower_return(Builder *b, AbsVal v)
{
    if (b->osr) {
        leave_pre(b, EXIT_KIND_END, EXIT_RETURN);
        return;
    }
    char want = b->req->sig[b->image->argcount + 1];
    IrRef r = 0;
    IrClass cls = known_class(&v);
    switch (want) {
    case 'i':
        if (v.kind == K_I64) {
            r = v.b;
        }
        break;
    case 'f':
        if (v.kind == K_F64) {
            r = v.b;
        }
        break;
    case 'b':
        if (v.kind == K_OBJ && cls == IR_CLASS_ANY) {
            IrClass c;
            want_num(b, &v, 0, &c);
        }
        if (v.kind == K_BOOL) {
            r = v.b;
        }
        break;
    default:
        break;
    }
    /* A constant is always the same object. */
    bool is_constant = r != 0 && ir_const_object(ins_of(b, r)) != 0;
    if (want != 'o'
        && (is_constant || v.kind == K_OBJ || v.kind == K_OBJ_I64
            || v.kind == K_OBJ_F64)) {
        b->object_result = true;
    }
    if (r == 0 || is_constant) {
        r = as_object(b, &v);
    }
    if (!b->framed) {
        drops_return(b, &v);
    }
    emit1(b, IR_RETURN, r);
    b->block = NO_BLOCK;
}
