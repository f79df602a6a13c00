/* Calls: builtins done natively, compiled functions called directly, the
 * rest through the interpreter's call protocol. */
#include "lower_call.h"

#include <string.h>

#include "exit_kinds.h"

enum { NO_DEPTH = UINT32_MAX }; /* was not on the stack */

static bool
pop_call(Builder *b, Call *c)
{
    c->n = b->ins->arg;
    c->args = ARENA_NEW_ARRAY(b->arena, AbsVal, c->n + 2);
    if (c->args == NULL || b->st.n_stack < c->n + 2) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return false;
    }
    for (uint32_t i = c->n; i > 0; i--) {
        c->args[i - 1] = pop(b);
    }
    uint32_t at = b->st.n_stack - 1;
    c->self = pop(b);
    c->fn = pop(b);
    /* A stack entry the loop was entered with: whether it is empty, nobody
     * has looked. */
    c->unknown_self = b->osr && at < b->fn->entry_depth && c->self.kind == K_OBJ &&
                      (ins_of(b, c->self.a)->op == IR_STACK_IN ||
                       ins_of(b, c->self.a)->op == IR_BLOCK_O);
    return true;
}

/* The callable must be the process's own `text`. */
static void
guard_symbol(Builder *b, Call *c)
{
    if (ins_of(b, c->fn.a)->op == IR_SYMBOL) {
        return; /* a method descriptor put there by LOAD_ATTR */
    }
    IrRef sym = emit0(b, IR_SYMBOL, 0);
    ins_of(b, sym)->text = c->text;
    guard2(b, IR_GUARD_SAME, c->fn.a, sym, EXIT_CALLEE);
}

/* Distance of argument i from the top of the stack. */
static uint32_t
arg_depth(const Call *c, uint32_t i)
{
    return c->depth != NULL ? c->depth[i] : c->n - 1 - i + (c->names != NULL);
}

static bool
arg_int(Builder *b, Call *c, uint32_t i)
{
    IrClass cls;
    return likely_class(b, &c->args[i], arg_depth(c, i)) == IR_CLASS_INT &&
           want_num(b, &c->args[i], arg_depth(c, i), &cls);
}

static bool
arg_num(Builder *b, Call *c, uint32_t i, IrClass *cls)
{
    return want_num(b, &c->args[i], arg_depth(c, i), cls);
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

/* --- builtins ------------------------------------------------------------------ */

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
    case IR_CLASS_BYTES: case IR_CLASS_BYTEARRAY:
        op = IR_BYTES_LEN;
        break;
    case IR_CLASS_DICT: case IR_CLASS_SET:
        op = IR_SIZED_LEN;
        break;
    default:
        return false;
    }
    guard_symbol(b, c);
    if (!want_class(b, &c->args[0], cls)) {
        return false;
    }
    IrRef r = emit1(b, op, c->args[0].a);
    ins_of(b, r)->imm = op == IR_BYTES_LEN || op == IR_SIZED_LEN ? cls : 0;
    push(b, v_i64(r));
    return true;
}

static bool
call_abs(Builder *b, Call *c)
{
    IrClass cls;
    IrRef re, im;
    if (c->n == 1 && likely_class(b, &c->args[0], 0) == IR_CLASS_COMPLEX &&
        want_complex(b, &c->args[0], 0, &re, &im)) {
        guard_symbol(b, c);
        push(b, v_f64(guard2(b, IR_COMPLEX_ABS, re, im, EXIT_ARITH)));
        return true;
    }
    if (c->n != 1 || !arg_num(b, c, 0, &cls) || cls == IR_CLASS_BOOL) {
        return false;
    }
    guard_symbol(b, c);
    if (cls == IR_CLASS_INT) {
        push(b, v_i64(guard1(b, IR_IABS, c->args[0].b, EXIT_ARITH)));
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
        if (likely_class(b, &c->args[i], arg_depth(c, i)) != IR_CLASS_INT ||
            !arg_num(b, c, i, &cls) || c->args[i].kind != K_I64) {
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
    if (c->n != 2 || !arg_num(b, c, 0, &x) || !arg_num(b, c, 1, &y) || x != y ||
        x == IR_CLASS_BOOL) {
        return false;
    }
    guard_symbol(b, c);
    /* A branch, so that the result is exactly the chosen argument. */
    IrRef cond = emit2(b, x == IR_CLASS_INT ? IR_ICMP : IR_FCMP, c->args[1].b,
                       c->args[0].b);
    ins_of(b, cond)->imm = is_max ? IR_GT : IR_LT;
    uint32_t yes, no;
    AbsVal *copy = ARENA_NEW_ARRAY(b->arena, AbsVal, b->nl + b->ns + 1);
    if (copy == NULL) {
        b->failed = true;
        return true;
    }
    uint32_t n = b->st.n_stack;
    memcpy(copy, b->st.v, (b->nl + n) * sizeof *copy);
    branch(b, cond, &yes, &no);
    switch_to(b, yes);
    push(b, c->args[1]);
    goto_off(b, b->ins->next);
    memcpy(b->st.v, copy, (b->nl + n) * sizeof *copy);
    b->st.n_stack = n;
    switch_to(b, no);
    push(b, c->args[0]);
    goto_off(b, b->ins->next);
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
        IrOp op = ints ? (k == 0 ? IR_IFDIV : IR_IMOD) : (k == 0 ? IR_FFDIV : IR_FMOD);
        IrRef l = ints ? as_i64(b, &c->args[0]) : as_f64(b, &c->args[0]);
        IrRef r = ints ? as_i64(b, &c->args[1]) : as_f64(b, &c->args[1]);
        IrRef v = guard2(b, op, l, r, EXIT_ARITH);
        part[k] = ints ? v_i64(v) : v_f64(v);
    }
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (next != NULL && next->op == BC_UNPACK_SEQUENCE && next->arg == 2 &&
        !next->is_leader && bytecode_at(b->code, next->next) != NULL) {
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
    v.a = as_f64(b, &c->args[0]);
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
    push_sym(b, v_obj(guard1(b, IR_CHR, c->args[0].b, EXIT_ARITH), IR_CLASS_STR),
             IR_CLASS_STR);
    return true;
}

/* range(...) right before GET_ITER: the loop counts natively.  Or before len. */
static bool
call_range(Builder *b, Call *c)
{
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (c->n < 1 || c->n > 3 || next == NULL || next->is_leader ||
        (next->op != BC_GET_ITER && !is_len_of_range(b))) {
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
    IrRef len = guard3(b, IR_RANGE_LEN, start, stop, step, EXIT_ARITH);
    if (next->op == BC_CALL) {
        push_len_of_range(b, len);
        return true;
    }
    push(b, (AbsVal){.kind = K_RANGE, .a = start, .b = step, .c = len});
    return true;
}

/* enumerate(sequence[, start]) or zip(sequence, sequence) right before
 * GET_ITER: the loop goes through the sequences themselves. */
static bool
call_combined(Builder *b, Call *c, bool zip)
{
    const BcIns *next = bytecode_at(b->code, b->ins->next);
    if (c->n < (zip ? 2 : 1) || c->n > 2 || next == NULL ||
        next->op != BC_GET_ITER || next->is_leader) {
        return false;
    }
    IrClass cls = likely_class(b, &c->args[0], c->n - 1);
    if (!is_sequence(cls) ||
        (zip && likely_class(b, &c->args[1], 0) != cls) ||
        (!zip && c->n == 2 && !arg_int(b, c, 1)) ||
        !want_class(b, &c->args[0], cls) ||
        (zip && !want_class(b, &c->args[1], cls))) {
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
    if (want == IR_CLASS_ANY || want == IR_CLASS_USER || cls == IR_CLASS_ANY ||
        cls == IR_CLASS_USER) {
        return false;
    }
    guard_symbol(b, c);
    IrRef sym = emit0(b, IR_SYMBOL, 0);
    ins_of(b, sym)->text = t->text;
    guard2(b, IR_GUARD_SAME, c->args[1].a, sym, EXIT_CALLEE);
    if (known_class(&c->args[0]) == IR_CLASS_ANY &&
        !want_class(b, &c->args[0], cls)) {
        return false;
    }
    bool yes = cls == want || (cls == IR_CLASS_BOOL && want == IR_CLASS_INT);
    push(b, v_bool(emit0(b, IR_CONST_BOOL, yes)));
    return true;
}

static bool
call_math(Builder *b, Call *c, const char *name)
{
    static const char *const unary[] = {
        "sqrt", "sin", "cos", "tan", "exp", "log", "log2", "log10", "atan",
        "asin", "acos", "fabs", "sinh", "cosh", "tanh",
    };
    static const char *const binary[] = {"atan2", "pow", "hypot", "fmod", "copysign"};
    IrClass cls;
    if (c->n == 1 && (strcmp(name, "floor") == 0 || strcmp(name, "ceil") == 0)) {
        if (!arg_num(b, c, 0, &cls) || cls != IR_CLASS_FLOAT) {
            return false;
        }
        guard_symbol(b, c);
        push(b, v_i64(guard1(b, name[0] == 'f' ? IR_FFLOOR : IR_FCEIL,
                             c->args[0].b, EXIT_ARITH)));
        return true;
    }
    for (uint32_t i = 0; c->n == 1 && i < sizeof unary / sizeof *unary; i++) {
        if (strcmp(name, unary[i]) == 0 && arg_num(b, c, 0, &cls)) {
            if (cls != IR_CLASS_FLOAT && strncmp(name, "log", 3) == 0) {
                return false; /* log of an int takes another way */
            }
            guard_symbol(b, c);
            IrRef r = guard1(b, IR_FMATH, as_f64(b, &c->args[0]), EXIT_ARITH);
            ins_of(b, r)->text = unary[i];
            push(b, v_f64(r));
            return true;
        }
    }
    for (uint32_t i = 0; c->n == 2 && i < sizeof binary / sizeof *binary; i++) {
        IrClass y;
        if (strcmp(name, binary[i]) == 0 && arg_num(b, c, 0, &cls) &&
            arg_num(b, c, 1, &y)) {
            guard_symbol(b, c);
            IrRef r = guard2(b, IR_FMATH2, as_f64(b, &c->args[0]),
                             as_f64(b, &c->args[1]), EXIT_ARITH);
            ins_of(b, r)->text = binary[i];
            push(b, v_f64(r));
            return true;
        }
    }
    return false;
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
    IrRef none = emit0(b, IR_SINGLETON, 0);
    ins_of(b, none)->cls = IR_CLASS_NONE;
    push(b, v_obj(none, IR_CLASS_NONE));
    return true;
}

static bool
call_set_add(Builder *b, Call *c)
{
    if (!set_add(b, &c->self, &c->args[0])) {
        return false;
    }
    IrRef none = emit0(b, IR_SINGLETON, 0);
    ins_of(b, none)->cls = IR_CLASS_NONE;
    push(b, v_obj(none, IR_CLASS_NONE));
    return true;
}

/* Builtins and methods that go through all of a list or tuple. */
static bool
call_scan(Builder *b, Call *c, bool has_self)
{
    static const struct { const char *text; IrPyOp op; } scans[] = {
        {"c:builtins.sum", IR_PYOP_SUM}, {"c:builtins.max", IR_PYOP_MAX},
        {"c:builtins.min", IR_PYOP_MIN}, {"c:builtins.any", IR_PYOP_ANY},
        {"c:builtins.all", IR_PYOP_ALL},
        {"md:list.count", IR_PYOP_LIST_COUNT},
        {"md:list.index", IR_PYOP_LIST_INDEX},
    };
    const char *t = c->text;
    size_t k = 0;
    while (k < sizeof scans / sizeof *scans && strcmp(t, scans[k].text) != 0) {
        k++;
    }
    if (k == sizeof scans / sizeof *scans || c->n != 1 || has_self != (t[0] == 'm') ||
        (has_self && (c->self.kind != K_OBJ || c->self.cls != IR_CLASS_LIST))) {
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
        first = scans[k].op == IR_PYOP_LIST_COUNT; /* which needs no method */
    }
    else {
        args[0] = emit0(b, IR_SYMBOL, 0);
        ins_of(b, args[0])->text = t;
    }
    IrRef r = emit_py(b, IR_PY, scans[k].op, args + first, 3 - first);
    if (b->block != NO_BLOCK) {
        push(b, v_obj(r, IR_CLASS_ANY));
    }
    return true;
}

static bool
call_symbol(Builder *b, Call *c)
{
    const char *t = c->text;
    bool has_self = c->self.kind != K_NULL;
    if (strcmp(t, "md:list.append") == 0 && has_self) {
        return call_append(b, c);
    }
    if (call_scan(b, c, has_self)) {
        return true;
    }
    if (strcmp(t, "md:dict.get") == 0 && has_self) {
        return dict_get(b, &c->self, c->args, c->n);
    }
    if (strcmp(t, "md:set.add") == 0 && has_self && c->n == 1) {
        return call_set_add(b, c);
    }
    if (has_self) {
        return false;
    }
    if (strcmp(t, "c:builtins.len") == 0) {
        return call_len(b, c);
    }
    if (strcmp(t, "c:builtins.abs") == 0) {
        return call_abs(b, c);
    }
    if (strcmp(t, "c:builtins.min") == 0 || strcmp(t, "c:builtins.max") == 0) {
        return call_minmax(b, c, t[12] == 'a');
    }
    if (strcmp(t, "c:builtins.ord") == 0) {
        return call_ord(b, c);
    }
    if (strcmp(t, "c:builtins.chr") == 0) {
        return call_chr(b, c);
    }
    if (strcmp(t, "c:builtins.isinstance") == 0) {
        return call_isinstance(b, c);
    }
    if (strcmp(t, "type:int") == 0) {
        return call_int(b, c);
    }
    if (strcmp(t, "type:str") == 0) {
        return call_str(b, c);
    }
    if (strcmp(t, "type:float") == 0) {
        return call_float(b, c);
    }
    if (strcmp(t, "c:builtins.divmod") == 0) {
        return call_divmod(b, c);
    }
    if (strcmp(t, "type:complex") == 0) {
        return call_complex(b, c);
    }
    if (strcmp(t, "type:range") == 0) {
        return call_range(b, c);
    }
    if (strcmp(t, "type:enumerate") == 0 || strcmp(t, "type:zip") == 0) {
        return call_combined(b, c, t[5] == 'z');
    }
    if (strncmp(t, "c:math.", 7) == 0) {
        return call_math(b, c, t + 7);
    }
    return false;
}

/* --- compiled functions ------------------------------------------------------------- */

bool
direct_args(Builder *b, Call *c, const CalleeInfo *callee, bool has_self,
            IrRef *out)
{
    for (uint32_t i = has_self && c->self.kind == K_NULL; i < callee->argcount; i++) {
        AbsVal *v = has_self ? (i == 0 ? &c->self : &c->args[i - 1]) : &c->args[i];
        uint32_t depth = has_self && i == 0 ? c->n + (c->names != NULL)
                                            : arg_depth(c, i - has_self);
        IrClass cls;
        switch (callee->sig[i]) {
        case 'i': case 'f': case 'b': {
            IrClass want = callee->sig[i] == 'i'   ? IR_CLASS_INT
                           : callee->sig[i] == 'f' ? IR_CLASS_FLOAT
                                                   : IR_CLASS_BOOL;
            if (depth == NO_DEPTH) { /* a default, of the class it had before */
                if ((callee->returned_params >> i) & 1) {
                    return false;
                }
                unbox(b, v, want);
                out[i] = v->b;
                break;
            }
            if (known_class(v) == IR_CLASS_ANY &&
                likely_class(b, v, depth) == IR_CLASS_ANY) {
                return false;
            }
            if (likely_class(b, v, depth) != want || !want_num(b, v, depth, &cls)) {
                return false;
            }
            if (v->kind != K_I64 && v->kind != K_F64 && v->kind != K_BOOL &&
                ((callee->returned_params >> i) & 1)) {
                return false; /* it may come back, and is not to be a copy */
            }
            out[i] = v->b;
            break;
        }
        default:
            out[i] = as_object(b, v);
            break;
        }
    }
    return true;
}

bool
place_arguments(Builder *b, Call *c, const CalleeInfo *callee, bool has_self)
{
    const PyaotImage *image = callee->image;
    uint32_t n_names = c->names != NULL ? c->names->n_items : 0;
    uint32_t n_given = c->n - n_names, n_wanted = image->argcount - has_self;
    if (has_self > image->argcount || c->n > n_wanted) {
        return false;
    }
    AbsVal *args = ARENA_NEW_ARRAY(b->arena, AbsVal, n_wanted + 1);
    uint32_t *depth = ARENA_NEW_ARRAY(b->arena, uint32_t, n_wanted + 1);
    bool *placed = ARENA_NEW_ARRAY(b->arena, bool, n_wanted + 1);
    if (args == NULL || depth == NULL || placed == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t at = i;
        if (i >= n_given) {
            const PyaotConst *name = &c->names->items[i - n_given];
            at = UINT32_MAX;
            for (uint32_t p = image->posonly; p < image->argcount; p++) {
                if (name->kind == PYAOT_CONST_STR && p >= has_self &&
                    strcmp(image->localnames[p], name->bytes) == 0) {
                    at = p - has_self;
                }
            }
        }
        if (at >= n_wanted || placed[at]) {
            return false;
        }
        placed[at] = true;
        args[at] = c->args[i];
        depth[at] = arg_depth(c, i);
    }
    for (uint32_t at = 0; at < n_wanted; at++) {
        if (placed[at]) {
            continue;
        }
        IrRef r = guard1(b, IR_DEFAULT, c->fn.a, EXIT_CALLEE);
        ins_of(b, r)->imm = at + has_self;
        ins_of(b, r)->aux = image->argcount;
        args[at] = v_obj(r, IR_CLASS_ANY);
        depth[at] = NO_DEPTH;
    }
    c->args = args;
    c->depth = depth;
    c->n = n_wanted;
    return true;
}

static bool
call_direct(Builder *b, Call *c, const CallInfo *info)
{
    const CalleeInfo *callee = info->callee;
    bool has_self = c->self.kind != K_NULL;
    Call placed = *c;
    b->retry_end = NULL;
    b->pre_snap = 0;
    if (has_self == (info->kind == INFO_METHOD) &&
        (c->names != NULL || c->n + has_self < callee->argcount)) {
        if (!place_arguments(b, &placed, callee, has_self)) {
            return false;
        }
        c = &placed;
    }
    if (c->n + has_self != callee->argcount ||
        has_self != (info->kind == INFO_METHOD)) {
        return false;
    }
    if (callee->framed) {
        need_frame(b);
        if (b->failed) {
            return true;
        }
    }
    IrRef *args = ARENA_NEW_ARRAY(b->arena, IrRef, callee->argcount + 2);
    if (args == NULL || !direct_args(b, c, callee, has_self, args)) {
        return false;
    }
    if (callee->framed) {
        flush_locals(b);
    }
    IrSnapId snap = snap_pre(b, EXIT_CALLEE);
    IrSnapId after = snap_now(b, b->ins->off, EXIT_KIND_CALL, EXIT_CALLEE);
    b->fn->snaps[after].resume = b->ins->next;
    /* The callable goes along as the first operand: it must still be what the
     * slot holds. */
    IrRef all[80];
    if (callee->argcount + 1 > sizeof all / sizeof *all) {
        return false;
    }
    all[0] = c->fn.a;
    memcpy(all + 1, args, callee->argcount * sizeof *args);
    IrRef r = emit(b, IR_CALL_DIRECT, all, callee->argcount + 1);
    IrIns *ins = ins_of(b, r);
    char ret = callee->sig[callee->argcount + 1];
    ins->imm = info->slot;
    ins->aux = callee->index;
    ins->text = callee->sig;
    ins->fimm = callee->framed;
    ins->snap = snap;
    ins->raise = after;
    b->escaped |= callee->framed;
    ins->type = ret == 'i' ? IR_I64 : ret == 'f' ? IR_F64 : ret == 'b' ? IR_BOOL : IR_OBJ;
    push(b, ret == 'i'   ? v_i64(r)
            : ret == 'f' ? v_f64(r)
            : ret == 'b' ? v_bool(r)
                         : v_obj(r, IR_CLASS_ANY));
    return true;
}

/* A call of a function that the program holds in a variable: of the code that
 * was called here when it was profiled. */
static bool
call_variable(Builder *b, Call *c, const char *callee)
{
    if (callee == NULL || strncmp(callee, "py:", 3) != 0 ||
        c->self.kind != K_NULL || c->fn.kind != K_OBJ) {
        return false;
    }
    /* A method that LOAD_ATTR finds with its self is fetched as one object. */
    FeedbackType self = fb_operand(b, c->n + (c->names != NULL));
    if (self.text == NULL || strcmp(self.text, "null") != 0) {
        return false;
    }
    CallInfo info = {.kind = INFO_PYFN, .callee = build_callee(b->req, callee + 3)};
    if (info.callee == NULL || info.callee->sig == NULL) {
        return false;
    }
    info.slot = slot_add(b, (SlotReq){.kind = SLOT_FUNCTION,
                                      .key = &info.callee->key,
                                      .sig = info.callee->sig,
                                      .callee = info.callee->index});
    return call_direct(b, c, &info);
}

/* --- everything else ------------------------------------------------------------------ */

static void
call_generic(Builder *b, Call *c)
{
    need_frame(b);
    if (b->failed) {
        return;
    }
    bool has_self = c->self.kind != K_NULL;
    uint32_t n = c->n + 1 + has_self;
    IrRef *args = ARENA_NEW_ARRAY(b->arena, IrRef, n + 1);
    if (args == NULL) {
        b->failed = true;
        return;
    }
    args[0] = as_object(b, &c->fn);
    if (has_self) {
        args[1] = as_object(b, &c->self);
    }
    for (uint32_t i = 0; i < c->n; i++) {
        args[1 + has_self + i] = as_object(b, &c->args[i]);
    }
    if (c->names != NULL) {
        args[n++] = c->names_ref;
    }
    IrRef r = emit_py(b, IR_PY, c->names != NULL ? IR_PYOP_CALL_KW : IR_PYOP_CALL,
                      args, n);
    if (b->block != NO_BLOCK) {
        push(b, v_obj(r, IR_CLASS_ANY));
    }
}

void
lower_call(Builder *b)
{
    Call c = {0};
    if (b->ins->op == BC_CALL_KW) {
        AbsVal names = pop(b);
        c.names_ref = names.a;
        c.names = names.kind == K_OBJ && ins_of(b, names.a)->op == IR_CONST_OBJ
                      ? &b->image->consts[ins_of(b, names.a)->imm] : NULL;
        if (c.names == NULL || c.names->kind != PYAOT_CONST_TUPLE ||
            c.names->n_items > b->ins->arg) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
    }
    if (!pop_call(b, &c)) {
        return;
    }
    if (c.fn.kind != K_OBJ || c.unknown_self) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
        return;
    }
    const char *callee = feedback_main(b->req->profile, b->ins->off,
                                       PROFILE_CALLEE, 0);
    if (callee == NULL &&
        feedback_count(b->req->profile, b->ins->off, PROFILE_CALLEE, 0) == 0) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSEEN);
        return;
    }
    const CallInfo *info = &b->infos[c.fn.info];
    c.text = info->kind == INFO_SYMBOL ? info->text : NULL;
    if (c.text == NULL && callee != NULL &&
        (strncmp(callee, "c:", 2) == 0 || strncmp(callee, "type:", 5) == 0)) {
        c.text = callee; /* through a local or a module attribute */
    }
    if (c.text != NULL && c.names == NULL && call_symbol(b, &c)) {
        return;
    }
    if ((info->kind == INFO_PYFN || info->kind == INFO_METHOD) &&
        call_direct(b, &c, info)) {
        return;
    }
    if (info->kind == INFO_NONE && b->block != NO_BLOCK && !b->failed &&
        call_variable(b, &c, callee)) {
        return;
    }
    if (b->block != NO_BLOCK && !b->failed && callee != NULL &&
        call_class(b, &c, callee)) {
        return;
    }
    if (b->block == NO_BLOCK || b->failed) {
        return;
    }
    call_generic(b, &c);
}
