/* Builtins and methods of builtin classes that are done natively: a table of
 * them, and how each is lowered. */
#include "lower_call.h"

#include <string.h>

#include "exit_kinds.h"

/* The callable must be the process's own `text`. */
static void
guard_symbol(Builder *b, Call *c)
{
    guard2(b, IR_GUARD_SAME, c->fn.a, emit_symbol(b, c->text), EXIT_CALLEE);
}

static bool
arg_int(Builder *b, Call *c, uint32_t i)
{
    IrClass cls;
    return likely_class(b, &c->args[i], call_arg_depth(c, i)) == IR_CLASS_INT
           && want_num(b, &c->args[i], call_arg_depth(c, i), &cls);
}

static bool
arg_num(Builder *b, Call *c, uint32_t i, IrClass *cls)
{
    return want_num(b, &c->args[i], call_arg_depth(c, i), cls);
}

static void
push_sym(Builder *b, AbsVal v, IrClass cls)
{
    if (v.kind == K_OBJ) {
        v.cls = (uint8_t)cls;
        ins_of(b, v.a)->cls = (uint8_t)cls;
    }
    push(b, v);
}

/* --- numbers, containers, texts ------------------------------------------ */

static bool
call_len(Builder *b, Call *c)
{
    if (c->n != 1) {
        return false;
    }
    IrClass cls = likely_class(b, &c->args[0], 0);
    IrOp op;
    switch (cls) {
    case IR_CLASS_LIST:
        op = IR_LIST_LEN;
        break;
    case IR_CLASS_TUPLE:
        op = IR_TUPLE_LEN;
        break;
    case IR_CLASS_STR:
        op = IR_STR_LEN;
        break;
    case IR_CLASS_BYTES:
    case IR_CLASS_BYTEARRAY:
        op = IR_BYTES_LEN;
        break;
    case IR_CLASS_DICT:
    case IR_CLASS_SET:
        op = IR_SIZED_LEN;
        break;
    case IR_CLASS_RANGE:
        op = IR_RANGE_LEN;
        break;
    default:
        return false;
    }
    guard_symbol(b, c);
    if (!want_class(b, &c->args[0], cls)) {
        return false;
    }
    if (op == IR_RANGE_LEN) {
        push(b, v_i64(range_of(b, c->args[0].a).len));
        return true;
    }
    IrRef r = emit1(b, op, c->args[0].a);
    if (op == IR_BYTES_LEN || op == IR_SIZED_LEN) {
        ir_set_class(ins_of(b, r), cls);
    }
    push(b, v_i64(r));
    return true;
}

/* Two ways on, with one value or the other. */
static void
push_chosen(Builder *b, IrRef cond, AbsVal if_true, AbsVal if_false)
{
    uint32_t yes, no, n = b->st.n_stack;
    AbsVal *copy = ARENA_NEW_ARRAY(b->arena, AbsVal, b->nl + b->ns + 1);
    if (copy == NULL) {
        b->failed = true;
        return;
    }
    memcpy(copy, b->st.v, (b->nl + n) * sizeof *copy);
    branch(b, cond, &yes, &no);
    switch_to(b, yes);
    push(b, if_true);
    goto_off(b, b->ins->next);
    memcpy(b->st.v, copy, (b->nl + n) * sizeof *copy);
    b->st.n_stack = n;
    switch_to(b, no);
    push(b, if_false);
    goto_off(b, b->ins->next);
}

static bool
call_abs(Builder *b, Call *c)
{
    IrClass cls;
    IrRef re, im;
    if (c->n == 1 && likely_class(b, &c->args[0], 0) == IR_CLASS_COMPLEX
        && want_complex(b, &c->args[0], 0, &re, &im)) {
        guard_symbol(b, c);
        push(b, v_f64(guard2(b, IR_COMPLEX_ABS, re, im, EXIT_ARITH)));
        return true;
    }
    if (c->n != 1 || !arg_num(b, c, 0, &cls) || cls == IR_CLASS_BOOL) {
        return false;
    }
    guard_symbol(b, c);
    if (cls == IR_CLASS_INT) {
        AbsVal positive = v_i64(guard1(b, IR_IABS, c->args[0].b, EXIT_ARITH));
        if (c->args[0].kind != K_OBJ_I64) {
            push(b, positive);
            return true;
        }
        /* of one that is not negative: that very object */
        IrRef negative = emit2(b, IR_ICMP, c->args[0].b, const_i64(b, 0));
        ir_set_cond(ins_of(b, negative), IR_LT);
        push_chosen(b, negative, positive, c->args[0]);
    }
    else {
        push(b, v_f64(emit1(b, IR_FABS, c->args[0].b)));
    }
    return true;
}

/* min and max of computed ints, which have no object to tell them apart. */
static bool
call_minmax_ints(Builder *b, Call *c, bool is_max)
{
    for (uint32_t i = 0; i < c->n; i++) {
        IrClass cls;
        if (likely_class(b, &c->args[i], call_arg_depth(c, i)) != IR_CLASS_INT
            || !arg_num(b, c, i, &cls) || c->args[i].kind != K_I64) {
            return false;
        }
    }
    guard_symbol(b, c);
    IrRef best = c->args[0].b;
    for (uint32_t i = 1; i < c->n; i++) {
        best = emit2(b, is_max ? IR_IMAX : IR_IMIN, best, c->args[i].b);
    }
    push(b, v_i64(best));
    return true;
}

/* min and max return one of their arguments, the first on a tie; on objects
 * it would be that very object, so take part only in numbers without one. */
static bool
call_minmax(Builder *b, Call *c, bool is_max)
{
    IrClass x, y;
    if (c->n >= 2 && call_minmax_ints(b, c, is_max)) {
        return true;
    }
    if (c->n != 2 || !arg_num(b, c, 0, &x) || !arg_num(b, c, 1, &y) || x != y
        || x == IR_CLASS_BOOL) {
        return false;
    }
    guard_symbol(b, c);
    /* A branch, so that the result is exactly the chosen argument. */
    IrRef cond = emit2(b, x == IR_CLASS_INT ? IR_ICMP : IR_FCMP, c->args[1].b,
                       c->args[0].b);
    ir_set_cond(ins_of(b, cond), is_max ? IR_GT : IR_LT);
    push_chosen(b, cond, c->args[1], c->args[0]);
    return true;
}

static bool
call_str(Builder *b, Call *c)
{
    if (c->n != 1) {
        return false;
    }
    IrClass cls = likely_class(b, &c->args[0], 0);
    if (cls != IR_CLASS_INT && cls != IR_CLASS_FLOAT && cls != IR_CLASS_STR) {
        return false;
    }
    IrRef text = text_of(b, &c->args[0], 0);
    if (text == 0) {
        return false;
    }
    guard_symbol(b, c);
    push(b, v_obj(text, IR_CLASS_STR));
    return true;
}

static bool
call_int(Builder *b, Call *c)
{
    IrClass cls;
    if (c->n == 1 && likely_class(b, &c->args[0], 0) == IR_CLASS_STR) {
        if (!want_class(b, &c->args[0], IR_CLASS_STR)) {
            return false;
        }
        guard_symbol(b, c);
        push(b, v_i64(guard1(b, IR_STR_INT, c->args[0].a, EXIT_ARITH)));
        return true;
    }
    if (c->n != 1 || !arg_num(b, c, 0, &cls)) {
        return false;
    }
    guard_symbol(b, c);
    if (cls == IR_CLASS_FLOAT) {
        push(b, v_i64(guard1(b, IR_F2I, c->args[0].b, EXIT_ARITH)));
    }
    else if (cls == IR_CLASS_BOOL) {
        push(b, v_i64(as_i64(b, &c->args[0])));
    }
    else {
        push(b, c->args[0]); /* int(x) of an exact int is x */
    }
    return true;
}

static bool
call_float(Builder *b, Call *c)
{
    IrClass cls;
    if (c->n != 1 || !arg_num(b, c, 0, &cls)) {
        return false;
    }
    guard_symbol(b, c);
    if (cls == IR_CLASS_FLOAT) {
        push(b, c->args[0]);
    }
    else {
        push(b, v_f64(as_f64(b, &c->args[0])));
    }
    return true;
}

/* divmod of numbers; the tuple is not made if it is taken apart at once. */
static bool
call_divmod(Builder *b, Call *c)
{
    IrClass x, y;
    if (c->n != 2 || !arg_num(b, c, 0, &x) || !arg_num(b, c, 1, &y)) {
        return false;
    }
    guard_symbol(b, c);
    bool ints = x != IR_CLASS_FLOAT && y != IR_CLASS_FLOAT;
    AbsVal part[2];
    for (int k = 0; k < 2; k++) {
        IrOp op = ints ? (k == 0 ? IR_IFDIV : IR_IMOD)
                       : (k == 0 ? IR_FFDIV : IR_FMOD);
        IrRef l = ints ? as_i64(b, &c->args[0]) : as_f64(b, &c->args[0]);
        IrRef r = ints ? as_i64(b, &c->args[1]) : as_f64(b, &c->args[1]);
        IrRef v = guard2(b, op, l, r, EXIT_ARITH);
        part[k] = ints ? v_i64(v) : v_f64(v);
    }
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (next != NULL && next->op == BC_UNPACK_SEQUENCE && next->a == 2
        && !next->is_leader && bytecode_at(b->code, next->next) != NULL) {
        push(b, part[1]);
        push(b, part[0]);
        b->go_on = bytecode_at(b->code, next->next);
        return true;
    }
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef pair[2] = {as_object(b, &part[0]), as_object(b, &part[1])};
    IrRef tuple = emit(b, IR_TUPLE_NEW, pair, 2);
    ins_of(b, tuple)->snap = snap;
    push_sym(b, v_obj(tuple, IR_CLASS_TUPLE), IR_CLASS_TUPLE);
    return true;
}

/* complex(real[, imag]) of real numbers. */
static bool
call_complex(Builder *b, Call *c)
{
    IrClass cls;
    if (c->n < 1 || c->n > 2) {
        return false;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        if (!arg_num(b, c, i, &cls)) {
            return false;
        }
    }
    guard_symbol(b, c);
    AbsVal v = {.kind = K_COMPLEX};
    /* Which complex number it is, the real part says: it is no other's. */
    v.a = emit1(b, IR_FCOPY, as_f64(b, &c->args[0]));
    v.b = c->n == 2 ? as_f64(b, &c->args[1]) : emit(b, IR_CONST_F64, NULL, 0);
    push(b, v);
    return true;
}

static bool
call_ord(Builder *b, Call *c)
{
    if (c->n != 1 || likely_class(b, &c->args[0], 0) != IR_CLASS_STR) {
        return false;
    }
    guard_symbol(b, c);
    if (!want_class(b, &c->args[0], IR_CLASS_STR)) {
        return false;
    }
    push(b, v_i64(guard1(b, IR_STR_ORD, c->args[0].a, EXIT_TYPE)));
    return true;
}

static bool
call_chr(Builder *b, Call *c)
{
    if (c->n != 1 || !arg_int(b, c, 0)) {
        return false;
    }
    guard_symbol(b, c);
    push_sym(b,
             v_obj(guard1(b, IR_CHR, c->args[0].b, EXIT_ARITH), IR_CLASS_STR),
             IR_CLASS_STR);
    return true;
}

/* range(...).  Right before GET_ITER it is the iterator at once, as numbers
 * that need no objects. */
static bool
call_range(Builder *b, Call *c)
{
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (c->n < 1 || c->n > 3) {
        return false;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        if (!arg_int(b, c, i)) {
            return false;
        }
    }
    guard_symbol(b, c);
    IrRef start = c->n == 1 ? const_i64(b, 0) : c->args[0].b;
    IrRef stop = c->args[c->n == 1 ? 0 : 1].b;
    IrRef step = c->n == 3 ? c->args[2].b : const_i64(b, 1);
    if (next != NULL && next->op == BC_GET_ITER && !next->is_leader) {
        IrRef len = guard3(b, IR_RANGE_LEN, start, stop, step, EXIT_ARITH);
        push(b, (AbsVal){.kind = K_RANGE, .a = start, .b = step, .c = len});
        return true;
    }
    const AbsVal zero = v_i64(start), one = v_i64(step);
    const AbsVal *bounds[3] = {c->n == 1 ? &zero : &c->args[0],
                               &c->args[c->n == 1 ? 0 : 1],
                               c->n == 3 ? &c->args[2] : &one};
    return push_range(b, bounds, step);
}

/* slice(...) of ints and None. */
static bool
call_slice(Builder *b, Call *c)
{
    if (c->n < 1 || c->n > 3) {
        return false;
    }
    const AbsVal none = v_none(b);
    const AbsVal *bounds[3] = {c->n == 1 ? &none : &c->args[0],
                               &c->args[c->n == 1 ? 0 : 1],
                               c->n == 3 ? &c->args[2] : &none};
    for (uint32_t i = 0; i < c->n; i++) {
        if (known_class(&c->args[i]) != IR_CLASS_NONE && !arg_int(b, c, i)) {
            return false;
        }
    }
    guard_symbol(b, c);
    push_slice(b, bounds);
    return true;
}

/* enumerate(sequence[, start]) or zip(sequence, sequence) right before
 * GET_ITER: the loop goes through the sequences themselves. */
static bool
call_combined(Builder *b, Call *c, bool zip)
{
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (c->n < (zip ? 2 : 1) || c->n > 2 || next == NULL
        || next->op != BC_GET_ITER || next->is_leader) {
        return false;
    }
    IrClass cls = likely_class(b, &c->args[0], c->n - 1);
    if (!is_sequence(cls) || (zip && likely_class(b, &c->args[1], 0) != cls)
        || (!zip && c->n == 2 && !arg_int(b, c, 1))
        || !want_class(b, &c->args[0], cls)
        || (zip && !want_class(b, &c->args[1], cls))) {
        return false;
    }
    guard_symbol(b, c);
    AbsVal v = {.kind = zip ? K_ZIP : K_ENUM, .cls = (uint8_t)cls};
    v.a = c->args[0].a;
    v.b = const_i64(b, 0);
    v.c = zip ? c->args[1].a : c->n == 2 ? c->args[1].b : const_i64(b, 0);
    push(b, v);
    return true;
}

/* isinstance(x, T) for a builtin T nothing inherits behaviour from here:
 * exact instances are true; anything else is the interpreter's. */
static bool
call_isinstance(Builder *b, Call *c)
{
    if (c->n != 2 || c->args[1].kind != K_OBJ || c->args[1].info == 0) {
        return false;
    }
    const CallInfo *t = &b->infos[c->args[1].info];
    IrClass cls = likely_class(b, &c->args[0], 1);
    if (t->kind != INFO_SYMBOL || strncmp(t->text, "type:", 5) != 0) {
        return false;
    }
    IrClass want = class_by_text(t->text + 5);
    if (want == IR_CLASS_ANY || want == IR_CLASS_USER || cls == IR_CLASS_ANY
        || cls == IR_CLASS_USER) {
        return false;
    }
    guard_symbol(b, c);
    guard2(b, IR_GUARD_SAME, c->args[1].a, emit_symbol(b, t->text),
           EXIT_CALLEE);
    if (known_class(&c->args[0]) == IR_CLASS_ANY
        && !want_class(b, &c->args[0], cls)) {
        return false;
    }
    bool yes = cls == want || (cls == IR_CLASS_BOOL && want == IR_CLASS_INT);
    push(b, v_bool(emit0(b, IR_CONST_BOOL, yes)));
    return true;
}

/* math.f of one or two numbers. */
static bool
call_math(Builder *b, Call *c)
{
    const char *name = strrchr(c->text, '.') + 1;
    IrClass x, y;
    if (c->n != builtins[c->builtin].what || !arg_num(b, c, 0, &x)
        || (c->n == 2 && !arg_num(b, c, 1, &y))
        || (x != IR_CLASS_FLOAT && strncmp(name, "log", 3) == 0)) {
        return false; /* log of an int takes another way */
    }
    guard_symbol(b, c);
    IrRef r = c->n == 1
                  ? guard1(b, IR_FMATH, as_f64(b, &c->args[0]), EXIT_ARITH)
                  : guard2(b, IR_FMATH2, as_f64(b, &c->args[0]),
                           as_f64(b, &c->args[1]), EXIT_ARITH);
    ir_set_function(ins_of(b, r), strrchr(builtins[c->builtin].text, '.') + 1);
    push(b, v_f64(r));
    return true;
}

/* math.floor and math.ceil of a float */
static bool
call_floor(Builder *b, Call *c)
{
    IrClass cls;
    if (c->n != 1 || !arg_num(b, c, 0, &cls) || cls != IR_CLASS_FLOAT) {
        return false;
    }
    guard_symbol(b, c);
    push(b, v_i64(guard1(b, (IrOp)builtins[c->builtin].what, c->args[0].b,
                         EXIT_ARITH)));
    return true;
}

/* round(x) and round(x, digits); a rounded int is that very int. */
static bool
call_round(Builder *b, Call *c)
{
    IrClass cls;
    if (c->n < 1 || c->n > 2 || !arg_num(b, c, 0, &cls) || cls == IR_CLASS_BOOL
        || (c->n == 2 && (cls != IR_CLASS_FLOAT || !arg_int(b, c, 1)))) {
        return false;
    }
    guard_symbol(b, c);
    if (cls == IR_CLASS_INT) {
        push(b, c->args[0]);
    }
    else if (c->n == 1) {
        push(b, v_i64(guard1(b, IR_ROUND, c->args[0].b, EXIT_ARITH)));
    }
    else {
        push(b, v_f64(guard2(b, IR_ROUND_TO, c->args[0].b, c->args[1].b,
                             EXIT_ARITH)));
    }
    return true;
}

/* --- methods, and what goes through all elements ------------------------- */

static void
push_none(Builder *b)
{
    push(b, v_none(b));
}

static bool
call_append(Builder *b, Call *c)
{
    if (c->n != 1 || c->self.kind != K_OBJ || c->self.cls != IR_CLASS_LIST) {
        return false;
    }
    IrSnapId snap = snap_pre(b, EXIT_ARITH);
    IrRef args[2] = {c->self.a, as_object(b, &c->args[0])};
    IrRef r = emit(b, IR_LIST_APPEND, args, 2);
    ins_of(b, r)->snap = snap;
    push_none(b);
    return true;
}

static bool
call_set_add(Builder *b, Call *c)
{
    if (c->n != 1 || !set_add(b, &c->self, &c->args[0])) {
        return false;
    }
    push_none(b);
    return true;
}

static bool
call_dict_get(Builder *b, Call *c)
{
    return dict_get(b, &c->self, c->args, c->n);
}

/* Goes through all of a list or tuple. */
static bool
call_scan(Builder *b, Call *c)
{
    const IrPyOp op = (IrPyOp)builtins[c->builtin].what;
    bool has_self = c->self.kind != K_NULL;
    if (c->n != 1
        || (has_self
            && (c->self.kind != K_OBJ || c->self.cls != IR_CLASS_LIST))) {
        return false;
    }
    IrClass cls = likely_class(b, &c->args[0], 0);
    if (!has_self && cls != IR_CLASS_LIST && cls != IR_CLASS_TUPLE) {
        return false;
    }
    need_frame(b);
    if (b->failed) {
        return true;
    }
    IrRef args[3] = {0, as_object(b, &c->fn), as_object(b, &c->args[0])};
    uint32_t first = 0;
    if (has_self) {
        args[0] = args[1];
        args[1] = as_object(b, &c->self);
        first = op == IR_PYOP_LIST_COUNT; /* which needs no method */
    }
    else {
        args[0] = emit_symbol(b, c->text);
    }
    IrRef r = emit_py(b, IR_PY, op, args + first, 3 - first);
    if (b->block != NO_BLOCK) {
        push(b, v_obj(r, IR_CLASS_ANY));
    }
    return true;
}

static bool
call_min(Builder *b, Call *c)
{
    return c->n == 1 ? call_scan(b, c) : call_minmax(b, c, false);
}

static bool
call_max(Builder *b, Call *c)
{
    return c->n == 1 ? call_scan(b, c) : call_minmax(b, c, true);
}

static bool
call_enumerate(Builder *b, Call *c)
{
    return call_combined(b, c, false);
}

static bool
call_zip(Builder *b, Call *c)
{
    return call_combined(b, c, true);
}

/* --- the table ----------------------------------------------------------- */

bool
call_builtin(Builder *b, Call *c)
{
    static bool (*const lower[BUILTIN_COUNT])(Builder *, Call *) = {
#define BUILTIN(name, text, lower, what, sign) [BUILTIN_##name] = lower,
#include "builtins.def"
#undef BUILTIN
    };
    bool is_method = strncmp(c->text, "md:", 3) == 0;
    c->builtin = builtin_find(c->text);
    return c->builtin != BUILTIN_NONE && is_method == (c->self.kind != K_NULL)
           && lower[c->builtin](b, c);
}
