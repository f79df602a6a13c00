/* Locals and constants: what a load gives, what a store does to the frame, and
 * which numbers go without their objects. */
#include "build_int.h"

#include "exit_kinds.h"

void
settle_class(Builder *b, AbsVal *v, FeedbackType t)
{
    if (v->kind != K_OBJ || v->cls != IR_CLASS_ANY || v->info != 0 || !t.seen
        || t.cls == IR_CLASS_ANY || t.cls == IR_CLASS_USER
        || t.cls == IR_CLASS_NONE) {
        return;
    }
    if (t.cls == IR_CLASS_INT || t.cls == IR_CLASS_FLOAT
        || t.cls == IR_CLASS_BOOL) {
        if (!t.has_big) {
            unbox(b, v, t.cls);
        }
        return;
    }
    want_class(b, v, t.cls);
}

/* Whether the local is bound is known here, or found out: false, the block
 * ended. */
static bool
want_bound(Builder *b, uint32_t k)
{
    AbsVal *v = &b->st.v[k];
    if (v->kind == K_MEM) {
        IrSnapId snap = snap_pre(b, EXIT_UNBOUND);
        IrRef r = emit0(b, IR_LOCAL_GET, k);
        ins_of(b, r)->snap = snap;
        *v = v_obj(r, IR_CLASS_ANY);
        b->pre.v[k] = *v;
    }
    if (v->kind == K_NULL || v->kind == K_DYN) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNBOUND);
        return false;
    }
    return true;
}

void
load_local(Builder *b, uint32_t k)
{
    if (want_bound(b, k)) {
        push(b, b->st.v[k]);
    }
}

static bool
is_simple(const AbsVal *v)
{
    return v->kind == K_NULL || v->kind == K_DYN || v->kind == K_I64
           || v->kind == K_F64 || v->kind == K_BOOL || v->kind == K_COMPLEX
           || v->kind == K_OBJ_I64 || v->kind == K_OBJ_F64
           || (v->kind == K_OBJ && v->cls != IR_CLASS_ANY
               && ir_class_is_simple[v->cls]);
}

/* Is v an object that other code has just made?  The next time such code
 * runs, the frame must show an object; this one costs nothing. */
static bool
is_from_elsewhere(const Builder *b, const AbsVal *v)
{
    if (!b->framed || (v->kind != K_OBJ_I64 && v->kind != K_OBJ_F64)) {
        return false;
    }
    uint16_t op = ir_ins(b->fn, v->a)->op;
    return op == IR_PY || op == IR_PY_NEXT || op == IR_PY_SEND;
}

void
forget_object(const Builder *b, uint32_t k, AbsVal *v)
{
    if (b->as_object[k] || is_from_elsewhere(b, v)) {
        return;
    }
    if (v->kind == K_OBJ_I64) {
        *v = v_i64(v->b);
    }
    else if (v->kind == K_OBJ_F64) {
        *v = v_f64(v->b);
    }
}

/* Where identity is compared, a number that is kept as an object somewhere is
 * that object from the start. */
static void
keep_object(Builder *b, uint32_t k, AbsVal *v)
{
    if (!b->compares_identity || !b->as_object[k]
        || (v->kind != K_I64 && v->kind != K_F64 && v->kind != K_COMPLEX)) {
        return;
    }
    IrClass cls = known_class(v);
    v->a = as_object(b, v);
    v->cls = (uint8_t)cls;
    v->kind = v->kind == K_I64   ? K_OBJ_I64
              : v->kind == K_F64 ? K_OBJ_F64
                                 : K_OBJ;
}

/* Empty the frame's local; a number may stay where one is stored next. */
static void
empty_local(Builder *b, uint32_t k, bool number_may_stay)
{
    IrSnapId snap = snap_pre(b, EXIT_DROP);
    IrRef r = emit0(b, IR_LOCAL_CLEAR, k);
    ins_of(b, r)->snap = snap;
    ir_set_may_stay(ins_of(b, r), number_may_stay);
}

void
store_local(Builder *b, uint32_t k, AbsVal v, uint32_t depth)
{
    AbsVal *old = &b->st.v[k];
    if (is_iterator_kind(v.kind)) {
        /* An iterator that the program can see. */
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    /* behind a comprehension: bound as before, or not */
    if (v.kind == K_MAYBE) {
        IrRef r = is_simple(old) ? emit1(b, IR_LOCAL_SET, v.a)
                                 : guard1(b, IR_LOCAL_REPLACE, v.a, EXIT_DROP);
        ir_set_local(ins_of(b, r), k);
        *old = (AbsVal){.kind = K_MEM};
        return;
    }
    settle_class(b, &v, fb_operand(b, depth));
    forget_object(b, k, &v);
    keep_object(b, k, &v);
    if (b->framed) {
        bool obj = v.kind == K_OBJ || v.kind == K_OBJ_I64
                   || v.kind == K_OBJ_F64;
        if (obj && is_simple(old)) {
            IrRef r = emit1(b, IR_LOCAL_SET, v.a);
            ir_set_local(ins_of(b, r), k);
        }
        else if (obj) {
            IrRef r = guard1(b, IR_LOCAL_REPLACE, v.a, EXIT_DROP);
            ir_set_local(ins_of(b, r), k);
        }
        else if (!is_simple(old) || v.kind == K_NULL) {
            empty_local(b, k, v.kind != K_NULL);
        }
    }
    v.info = 0;
    b->st.v[k] = v;
}

/* The frame lets go of the local, and so does the state. */
static void
clear_local(Builder *b, uint32_t k)
{
    if (b->framed && b->st.v[k].kind != K_NULL) {
        empty_local(b, k, false);
    }
    b->st.v[k] = (AbsVal){.kind = K_NULL};
}

void
delete_local(Builder *b, uint32_t k)
{
    if (want_bound(b, k)) {
        clear_local(b, k);
    }
}

/* What the stack has of an object was the local's: from now on it is that of
 * the value that took the local's reference. */
static void
replace_on_stack(Builder *b, IrRef old, IrRef taken)
{
    for (uint32_t i = b->nl; i < b->nl + b->st.n_stack; i++) {
        AbsVal *v = &b->st.v[i];
        switch ((AbsKind)v->kind) {
        case K_ZIP:
            v->c = v->c == old ? taken : v->c;
            v->a = v->a == old ? taken : v->a;
            break;
        case K_OBJ:
        case K_OBJ_I64:
        case K_OBJ_F64:
        case K_MAYBE:
        case K_LISTIT:
        case K_TUPIT:
        case K_STRIT:
        case K_ENUM:
            v->a = v->a == old ? taken : v->a;
            break;
        case K_NULL:
        case K_MEM:
        case K_I64:
        case K_F64:
        case K_BOOL:
        case K_COMPLEX:
        case K_DYN:
        case K_RANGE:
            break;
        }
    }
}

void
put_local_away(Builder *b, uint32_t k)
{
    AbsVal *v = &b->st.v[k];
    if (v->kind == K_DYN) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNBOUND);
        return;
    }
    if (v->kind == K_MEM) { /* nearly always unbound */
        IrSnapId snap = snap_pre(b, EXIT_UNBOUND);
        IrRef r = emit0(b, IR_LOCAL_EMPTY, k);
        ins_of(b, r)->snap = snap;
        *v = b->pre.v[k] = (AbsVal){.kind = K_NULL};
    }
    AbsVal held = *v;
    held.info = 0;
    if (b->framed
        && (held.kind == K_OBJ || held.kind == K_OBJ_I64
            || held.kind == K_OBJ_F64)) {
        IrRef taken = emit0(b, IR_LOCAL_TAKE, k);
        ins_of(b, taken)->cls = (uint8_t)known_class(&held);
        *v = (AbsVal){.kind = K_NULL};
        replace_on_stack(b, held.a, taken);
        held.a = taken;
    }
    else {
        clear_local(b, k);
    }
    push(b, held);
}

void
load_const(Builder *b, uint32_t index)
{
    if (index >= b->image->n_consts) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return;
    }
    const PyaotConst *c = &b->image->consts[index];
    switch (c->kind) {
    case PYAOT_CONST_INT: {
        IrRef v = const_i64(b, c->i);
        if (c->i >= -5 && c->i <= 256) {
            push(b, v_i64(v)); /* small integers are unique objects */
        }
        else {
            /* Boxing gives the constant itself; a loop variable that starts
             * from it need not carry the object along. */
            ir_set_own_const(ins_of(b, v), index + 1);
            push(b, v_i64(v));
        }
        return;
    }
    case PYAOT_CONST_FLOAT: {
        IrRef v = emit(b, IR_CONST_F64, NULL, 0);
        ir_set_number(ins_of(b, v), c->f);
        /* boxing gives the constant itself */
        ir_set_own_const(ins_of(b, v), index + 1);
        push(b, v_f64(v));
        return;
    }
    case PYAOT_CONST_TRUE:
    case PYAOT_CONST_FALSE:
        push(b, v_bool(emit0(b, IR_CONST_BOOL, c->kind == PYAOT_CONST_TRUE)));
        return;
    case PYAOT_CONST_NONE: {
        IrRef r = emit0(b, IR_SINGLETON, 0);
        ins_of(b, r)->cls = IR_CLASS_NONE;
        push(b, v_obj(r, IR_CLASS_NONE));
        return;
    }
    case PYAOT_CONST_STR:
    case PYAOT_CONST_BYTES:
    case PYAOT_CONST_TUPLE:
    case PYAOT_CONST_BIGINT:
    case PYAOT_CONST_ELLIPSIS:
    case PYAOT_CONST_COMPLEX:
    case PYAOT_CONST_FROZENSET:
    case PYAOT_CONST_CODE:
    case PYAOT_CONST_OTHER: {
        IrClass cls = c->kind == PYAOT_CONST_STR     ? IR_CLASS_STR
                      : c->kind == PYAOT_CONST_BYTES ? IR_CLASS_BYTES
                      : c->kind == PYAOT_CONST_TUPLE ? IR_CLASS_TUPLE
                                                     : IR_CLASS_ANY;
        IrRef r = emit0(b, IR_CONST_OBJ, index);
        ins_of(b, r)->cls = (uint8_t)cls;
        push(b, v_obj(r, cls));
        return;
    }
    }
}
