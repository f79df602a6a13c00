/* Values: what class they have, unboxed and boxed forms, guards. */
#include "build_int.h"

#include "exit_kinds.h"

FeedbackType
fb_operand(Builder *b, uint32_t depth)
{
    return feedback_type(b->req->profile, b->ins->off, PROFILE_TYPE, depth);
}

IrClass
known_class(const AbsVal *v)
{
    switch ((AbsKind)v->kind) {
    case K_OBJ_I64:
    case K_I64:
        return IR_CLASS_INT;
    case K_OBJ_F64:
    case K_F64:
        return IR_CLASS_FLOAT;
    case K_BOOL:
        return IR_CLASS_BOOL;
    case K_COMPLEX:
        return IR_CLASS_COMPLEX;
    case K_OBJ:
        return (IrClass)v->cls;
    case K_NULL:
    case K_MEM:
    case K_MAYBE:
    case K_DYN:
    case K_RANGE:
    case K_LISTIT:
    case K_TUPIT:
    case K_STRIT:
    case K_ENUM:
    case K_ZIP:
        return IR_CLASS_ANY;
    }
    return IR_CLASS_ANY;
}

IrClass
likely_class(Builder *b, const AbsVal *v, uint32_t depth)
{
    IrClass cls = known_class(v);
    return cls != IR_CLASS_ANY ? cls : fb_operand(b, depth).cls;
}

/* --- one number, one object ---------------------------------------------- */

bool
is_same_number(const AbsVal *x, const AbsVal *y)
{
    return x->kind == y->kind
           && (x->kind == K_I64 || x->kind == K_F64 || x->kind == K_COMPLEX)
           && x->b == y->b && (x->kind != K_COMPLEX || x->a == y->a);
}

bool
shows_identity(const Builder *b, uint32_t slot, uint32_t off)
{
    return slot >= b->nl
           || (b->as_object[slot] && bytecode_is_live(b->code, off, slot));
}

/* The number v has become an object: so it is in every slot that holds it. */
static void
share_box(Builder *b, const AbsVal *v, IrRef box)
{
    AbsVal with = v_obj(box, known_class(v)), number = *v;
    if (v->kind != K_COMPLEX) {
        with.kind = v->kind == K_I64 ? K_OBJ_I64 : K_OBJ_F64;
        with.b = v->b;
    }
    for (uint32_t i = 0; i < b->nl + b->st.n_stack; i++) {
        AbsVal *slot = &b->st.v[i];
        if (!is_same_number(slot, &number)) {
            continue;
        }
        *slot = with;
        if (b->framed && i < b->nl) {
            IrRef set = emit1(b, IR_LOCAL_SET, box);
            ir_set_local(ins_of(b, set), i);
        }
    }
    if (b->n_boxes < MAX_BOXES) {
        b->boxes[b->n_boxes++] = (Box){number, box, b->block};
    }
}

/* The object that the instruction at hand has made of this number; 0: none. */
static IrRef
box_made(const Builder *b, const AbsVal *v)
{
    for (uint32_t i = 0; i < b->n_boxes; i++) {
        if (b->boxes[i].block == b->block
            && is_same_number(&b->boxes[i].number, v)) {
            return b->boxes[i].box;
        }
    }
    return 0;
}

void
keep_one_object(Builder *b, AbsVal *v)
{
    if (v->kind != K_I64 && v->kind != K_F64) {
        return;
    }
    /* A constant is the object that the code object holds. */
    const IrIns *number = ins_of(b, v->b);
    bool shared = ir_const_object(number) != 0 || box_made(b, v) != 0;
    for (uint32_t i = 0; i < b->nl + b->st.n_stack && !shared; i++) {
        shared = is_same_number(&b->st.v[i], v)
                 && shows_identity(b, i, b->ins->next);
    }
    if (shared) {
        IrRef box = as_object(b, v);
        v->cls = (uint8_t)known_class(v);
        v->a = box;
        v->kind = v->kind == K_I64 ? K_OBJ_I64 : K_OBJ_F64;
    }
}

IrRef
as_object(Builder *b, const AbsVal *v)
{
    IrRef r = box_made(b, v);
    if (r != 0) {
        return r;
    }
    switch ((AbsKind)v->kind) {
    case K_OBJ:
    case K_OBJ_I64:
    case K_OBJ_F64:
        return v->a;
    case K_I64:
        r = emit1(b, IR_BOX_I64, v->b);
        ins_of(b, r)->cls = IR_CLASS_INT;
        share_box(b, v, r);
        return r;
    case K_F64:
        r = emit1(b, IR_BOX_F64, v->b);
        ins_of(b, r)->cls = IR_CLASS_FLOAT;
        share_box(b, v, r);
        return r;
    case K_BOOL:
        r = emit1(b, IR_BOX_BOOL, v->b);
        ins_of(b, r)->cls = IR_CLASS_BOOL;
        return r;
    case K_COMPLEX:
        r = emit2(b, IR_BOX_COMPLEX, v->a, v->b);
        ins_of(b, r)->cls = IR_CLASS_COMPLEX;
        share_box(b, v, r);
        return r;
    case K_NULL:
    case K_MEM:
    case K_MAYBE:
    case K_DYN:
    case K_RANGE:
    case K_LISTIT:
    case K_TUPIT:
    case K_STRIT:
    case K_ENUM:
    case K_ZIP:
        break;
    }
    /* An iterator that lives as its parts, used for more than its loop. */
    leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
    return 0;
}

/* A guard told more about object obj: note it wherever the state holds it. */
static void
refine(Builder *b, IrRef obj, AbsKind kind, IrRef unboxed, IrClass cls)
{
    State *states[2] = {&b->st, &b->pre};
    for (int s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < b->nl + states[s]->n_stack; i++) {
            AbsVal *v = &states[s]->v[i];
            if (v->kind == K_OBJ && v->a == obj) {
                v->kind = (uint8_t)kind;
                v->b = unboxed;
                v->cls = (uint8_t)cls;
            }
        }
    }
}

void
unbox(Builder *b, AbsVal *v, IrClass cls)
{
    IrOp op = cls == IR_CLASS_INT     ? IR_UNBOX_I64
              : cls == IR_CLASS_FLOAT ? IR_UNBOX_F64
                                      : IR_UNBOX_BOOL;
    IrRef obj = v->a;
    IrRef r = guard1(b, op, obj, EXIT_TYPE);
    if (cls == IR_CLASS_BOOL) {
        /* True and False are unique: the object need not be carried along. */
        *v = v_bool(r);
        return;
    }
    AbsKind kind = cls == IR_CLASS_INT ? K_OBJ_I64 : K_OBJ_F64;
    refine(b, obj, kind, r, cls);
    v->kind = (uint8_t)kind;
    v->b = r;
    v->cls = (uint8_t)cls;
}

bool
want_num(Builder *b, AbsVal *v, uint32_t depth, IrClass *cls)
{
    *cls = likely_class(b, v, depth);
    if (v->kind == K_OBJ
        && (*cls == IR_CLASS_INT || *cls == IR_CLASS_FLOAT
            || *cls == IR_CLASS_BOOL)) {
        if (*cls == IR_CLASS_INT && fb_operand(b, depth).has_big) {
            return false;
        }
        unbox(b, v, *cls);
    }
    return v->kind == K_I64 || v->kind == K_OBJ_I64 || v->kind == K_F64
           || v->kind == K_OBJ_F64 || v->kind == K_BOOL;
}

IrRef
as_i64(Builder *b, AbsVal *v)
{
    return v->kind == K_BOOL ? emit1(b, IR_B2I, v->b) : v->b;
}

IrRef
as_f64(Builder *b, AbsVal *v)
{
    if (v->kind == K_F64 || v->kind == K_OBJ_F64) {
        return v->b;
    }
    return emit1(b, IR_I2F, as_i64(b, v));
}

bool
want_complex(Builder *b, AbsVal *v, uint32_t depth, IrRef *re, IrRef *im)
{
    IrClass cls = likely_class(b, v, depth);
    if (v->kind == K_COMPLEX) {
        *re = v->a;
        *im = v->b;
        return true;
    }
    if (cls == IR_CLASS_COMPLEX && want_class(b, v, cls)) {
        *re = emit1(b, IR_COMPLEX_RE, v->a);
        *im = emit1(b, IR_COMPLEX_IM, v->a);
        return true;
    }
    if (!want_num(b, v, depth, &cls)) {
        return false;
    }
    *re = as_f64(b, v);
    *im = emit(b, IR_CONST_F64, NULL, 0);
    return true;
}

bool
want_class(Builder *b, AbsVal *v, IrClass cls)
{
    if (known_class(v) == cls) {
        return v->kind == K_OBJ || cls == IR_CLASS_INT || cls == IR_CLASS_FLOAT
               || cls == IR_CLASS_BOOL;
    }
    if (v->kind != K_OBJ || v->cls != IR_CLASS_ANY) {
        return false;
    }
    IrRef g = guard1(b, IR_GUARD_CLASS, v->a, EXIT_TYPE);
    ir_set_class(ins_of(b, g), cls);
    refine(b, v->a, K_OBJ, 0, cls);
    v->cls = (uint8_t)cls;
    return true;
}

bool
fb_seen(Builder *b, uint32_t n_operands)
{
    for (uint32_t i = 0; i < n_operands; i++) {
        if (fb_operand(b, i).seen) {
            return true;
        }
    }
    return n_operands == 0;
}
