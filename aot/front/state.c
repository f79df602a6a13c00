/* The builder's state at a point: operations that are emitted there, what
 * slots hold, snapshots of it for exits, the frame it stands for. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

/* --- emission ------------------------------------------------------------ */

IrIns *
ins_of(Builder *b, IrRef r)
{
    return ir_ins(b->fn, r);
}

IrRef
emit(Builder *b, IrOp op, const IrRef *args, uint32_t n)
{
    IrRef r = ir_add(b->fn, b->block, op, args, n);
    ins_of(b, r)->offset = b->ins != NULL ? b->ins->off : 0;
    return r;
}

IrRef
emit0(Builder *b, IrOp op, int64_t imm)
{
    IrRef r = emit(b, op, NULL, 0);
    ins_of(b, r)->imm = imm; /* whatever it means */
    return r;
}

IrRef
emit1(Builder *b, IrOp op, IrRef x)
{
    return emit(b, op, &x, 1);
}

IrRef
emit2(Builder *b, IrOp op, IrRef x, IrRef y)
{
    IrRef args[2] = {x, y};
    return emit(b, op, args, 2);
}

static IrRef
guard_n(Builder *b, IrOp op, const IrRef *args, uint32_t n, ExitReason why)
{
    IrSnapId snap = snap_pre(b, why);
    IrRef r = emit(b, op, args, n);
    ins_of(b, r)->snap = snap;
    return r;
}

IrRef
guard0(Builder *b, IrOp op, ExitReason why)
{
    return guard_n(b, op, NULL, 0, why);
}

IrRef
guard1(Builder *b, IrOp op, IrRef x, ExitReason why)
{
    return guard_n(b, op, &x, 1, why);
}

IrRef
guard2(Builder *b, IrOp op, IrRef x, IrRef y, ExitReason why)
{
    IrRef args[2] = {x, y};
    return guard_n(b, op, args, 2, why);
}

IrRef
guard3(Builder *b, IrOp op, IrRef x, IrRef y, IrRef z, ExitReason why)
{
    IrRef args[3] = {x, y, z};
    return guard_n(b, op, args, 3, why);
}

IrRef
const_i64(Builder *b, int64_t v)
{
    return emit0(b, IR_CONST_I64, v);
}

IrRef
emit_symbol(Builder *b, const char *text)
{
    static const char type[] = "type:";
    if (strncmp(text, type, strlen(type)) == 0) {
        IrClass cls = class_by_text(text + strlen(type));
        if (cls == IR_CLASS_ANY || cls == IR_CLASS_USER) {
            b->failed = true; /* native code could not name it */
            b->bail = BAIL_INVALID;
        }
    }
    IrRef r = emit(b, IR_SYMBOL, NULL, 0);
    ir_set_symbol(ins_of(b, r), text);
    return r;
}

uint32_t
slot_add(Builder *b, SlotReq req)
{
    SlotTable *t = b->req->slots;
    for (uint32_t i = 0; i < t->n; i++) {
        const SlotReq *s = &t->slots[i];
        if (s->kind == req.kind && s->name == req.name
            && s->for_store == req.for_store && s->key == req.key
            && (s->text == req.text
                || (s->text && req.text && strcmp(s->text, req.text) == 0))
            && (req.kind != SLOT_ATTR || req.text != NULL)
            && req.kind != SLOT_METHOD && req.kind != SLOT_MEMBER) {
            return i;
        }
    }
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 16;
        SlotReq *more = ARENA_NEW_ARRAY(b->arena, SlotReq, cap);
        if (more == NULL) {
            return 0;
        }
        if (t->n > 0) {
            memcpy(more, t->slots, t->n * sizeof *more);
        }
        t->slots = more;
        t->cap = cap;
    }
    t->slots[t->n] = req;
    return t->n++;
}

const CalleeInfo *
build_callee(const BuildRequest *req, const char *hex_key)
{
    PyaotKey key;
    if (!pyaot_key_from_hex(hex_key, &key)) {
        return NULL;
    }
    for (uint32_t i = 0; i < req->n_callees; i++) {
        if (pyaot_key_equal(&req->callees[i].key, &key)) {
            return &req->callees[i];
        }
    }
    return NULL;
}

/* --- state --------------------------------------------------------------- */

static uint32_t
state_size(const Builder *b)
{
    return b->nl + b->ns;
}

void
state_copy(const Builder *b, State *to, const State *from)
{
    to->n_stack = from->n_stack;
    memcpy(to->v, from->v, (b->nl + from->n_stack) * sizeof(AbsVal));
}

State
state_new(Builder *b)
{
    State s = {0, ARENA_NEW_ARRAY(b->arena, AbsVal, state_size(b) + 1)};
    return s;
}

void
push(Builder *b, AbsVal v)
{
    if (b->st.n_stack >= b->ns) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return;
    }
    b->st.v[b->nl + b->st.n_stack++] = v;
}

AbsVal
pop(Builder *b)
{
    if (b->st.n_stack == 0) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return (AbsVal){0};
    }
    return b->st.v[b->nl + --b->st.n_stack];
}

AbsVal *
peek(Builder *b, uint32_t depth)
{
    if (depth >= b->st.n_stack) {
        b->failed = true;
        b->bail = BAIL_INVALID;
        return &b->st.v[b->nl];
    }
    return &b->st.v[b->nl + b->st.n_stack - 1 - depth];
}

AbsVal
v_obj(IrRef r, IrClass cls)
{
    return (AbsVal){.kind = K_OBJ, .cls = (uint8_t)cls, .a = r};
}

AbsVal
v_none(Builder *b)
{
    IrRef none = emit0(b, IR_SINGLETON, 0);
    ins_of(b, none)->cls = IR_CLASS_NONE;
    return v_obj(none, IR_CLASS_NONE);
}

AbsVal
v_i64(IrRef r)
{
    return (AbsVal){.kind = K_I64, .b = r};
}

AbsVal
v_f64(IrRef r)
{
    return (AbsVal){.kind = K_F64, .b = r};
}

AbsVal
v_bool(IrRef r)
{
    return (AbsVal){.kind = K_BOOL, .b = r};
}

/* --- snapshots ----------------------------------------------------------- */

static IrSnapVal
snap_val(const Builder *b, const AbsVal *v, bool is_local)
{
    bool mem = is_local && b->framed;
    switch ((AbsKind)v->kind) {
    case K_NULL:
        return (IrSnapVal){.kind = mem ? SNAP_MEM : SNAP_NULL};
    case K_MEM:
        return (IrSnapVal){.kind = SNAP_MEM};
    case K_MAYBE:
        return (IrSnapVal){.kind = SNAP_REF, .a = v->a};
    case K_OBJ:
    case K_OBJ_I64:
    case K_OBJ_F64:
        return (IrSnapVal){.kind = mem ? SNAP_MEM : SNAP_REF, .a = v->a};
    case K_I64:
    case K_F64:
    case K_BOOL:
        return (IrSnapVal){.kind = SNAP_REF, .a = v->b};
    case K_COMPLEX:
        return (IrSnapVal){.kind = SNAP_COMPLEX, .a = v->a, .b = v->b};
    case K_DYN:
        return (IrSnapVal){.kind = SNAP_DYN, .a = v->a, .b = v->b};
    case K_RANGE:
        return (
            IrSnapVal){.kind = SNAP_RANGE, .a = v->a, .b = v->b, .c = v->c};
    case K_LISTIT:
        return (IrSnapVal){.kind = SNAP_LISTIT, .a = v->a, .b = v->b};
    case K_TUPIT:
        return (IrSnapVal){.kind = SNAP_TUPIT, .a = v->a, .b = v->b};
    case K_STRIT:
        return (IrSnapVal){.kind = SNAP_STRIT, .a = v->a, .b = v->b};
    case K_ENUM:
        return (IrSnapVal){.kind = SNAP_ENUM, .a = v->a, .b = v->b, .c = v->c};
    case K_ZIP:
        return (IrSnapVal){.kind = SNAP_ZIP, .a = v->a, .b = v->b, .c = v->c};
    }
    return (IrSnapVal){0};
}

IrSnapId
snap_of(Builder *b, const State *s, uint32_t off, uint8_t kind, ExitReason why)
{
    IrSnapId id = ir_snap_new(b->fn, off, b->nl, s->n_stack, 0);
    IrSnap *snap = &b->fn->snaps[id];
    if (snap->vals == NULL) {
        return id;
    }
    for (uint32_t i = 0; i < b->nl + s->n_stack; i++) {
        snap->vals[i] = snap_val(b, &s->v[i], i < b->nl);
    }
    snap->kind = kind;
    snap->reason = (uint8_t)why;
    return id;
}

IrSnapId
snap_pre(Builder *b, ExitReason why)
{
    /* One snapshot an instruction and reason. */
    if (b->pre_snap != 0 && b->fn->snaps[b->pre_snap].reason == why) {
        return b->pre_snap;
    }
    b->pre_snap = b->retry_end != NULL
                      ? snap_of(b, &b->retry, b->retry_off, EXIT_KIND_GUARD,
                                why)
                      : snap_of(b, &b->pre, b->ins->off, EXIT_KIND_GUARD, why);
    return b->pre_snap;
}

IrSnapId
snap_now(Builder *b, uint32_t off, uint8_t kind, ExitReason why)
{
    return snap_of(b, &b->st, off, kind, why);
}

void
end_with_exit(Builder *b, IrSnapId snap)
{
    IrRef r = emit(b, IR_EXIT, NULL, 0);
    ins_of(b, r)->snap = snap;
    b->block = NO_BLOCK;
}

void
leave_pre(Builder *b, uint8_t kind, ExitReason why)
{
    if (b->block == NO_BLOCK) {
        return;
    }
    end_with_exit(b, snap_of(b, &b->pre, b->ins->off, kind, why));
}

/* --- frames -------------------------------------------------------------- */

void
need_frame(Builder *b)
{
    if (!b->framed) {
        b->needs_frame = true;
        b->failed = true;
    }
}

/* Store what lives only in registers into the frame, so that anybody who
 * looks at it sees the values the interpreter would show. */
void
flush_locals(Builder *b)
{
    b->retry_end = NULL;
    if (!b->framed) {
        need_frame(b);
        return;
    }
    for (uint32_t k = 0; k < b->nl; k++) {
        AbsVal *v = &b->st.v[k];
        if (v->kind == K_I64 || v->kind == K_F64 || v->kind == K_BOOL
            || v->kind == K_COMPLEX) {
            /* boxing changes the slot, unless it is a bool's */
            AbsVal number = *v;
            IrRef obj = as_object(b, &number);
            if (v->kind != number.kind) {
                continue;
            }
            IrRef set = emit1(b, IR_LOCAL_SET, obj);
            ir_set_local(ins_of(b, set), k);
            v->cls = (uint8_t)known_class(&number);
            v->a = obj;
            v->kind = number.kind == K_I64   ? K_OBJ_I64
                      : number.kind == K_F64 ? K_OBJ_F64
                                             : K_OBJ;
        }
        else if (v->kind == K_DYN) {
            IrIns *tag = ins_of(b, v->a);
            if (tag->op != IR_CONST_I64 || ir_value(tag) != 0) {
                IrRef f = emit2(b, IR_LOCAL_FLUSH, v->a, v->b);
                ir_set_local(ins_of(b, f), k);
            }
            IrRef zero = const_i64(b, 0);
            *v = (AbsVal){.kind = K_DYN, .a = zero, .b = zero};
        }
    }
}

static bool
covered(const Builder *b, uint32_t off)
{
    return b->code->ins[b->code->at[off]].handler != 0;
}

/* Before an operation that may raise. */
static bool
may_raise(Builder *b)
{
    b->retry_end = NULL;
    b->pre_snap = 0;
    need_frame(b);
    if (b->failed) {
        b->block = NO_BLOCK;
        return false;
    }
    if (b->osr && !covered(b, b->ins->off)
        && covered(b, b->req->entry_offset)) {
        /* The host can deliver an exception nobody handles only where the
         * entry's own offset has no handler either. */
        leave_pre(b, EXIT_KIND_END, EXIT_UNSUPPORTED);
        return false;
    }
    return true;
}

void
emit_append(Builder *b, uint32_t local, IrRef right)
{
    if (!may_raise(b)) {
        return;
    }
    IrSnapId raise = snap_now(b, b->ins->off, EXIT_KIND_GUARD, EXIT_CALLEE);
    IrRef r = emit1(b, IR_LOCAL_APPEND, right);
    ir_set_local(ins_of(b, r), local);
    ins_of(b, r)->raise = raise;
    ins_of(b, r)->cls = IR_CLASS_STR;
    b->st.v[local] = v_obj(r, IR_CLASS_STR);
}

IrRef
emit_py(Builder *b, IrOp op, IrPyOp pyop, const IrRef *args, uint32_t n)
{
    if (!may_raise(b)) {
        return 0;
    }
    if (!ir_pyop_is_leaf(pyop)) {
        flush_locals(b);
    }
    b->escaped |= !ir_pyop_is_leaf(pyop);
    IrSnapId raise = snap_now(b, b->ins->off, EXIT_KIND_GUARD, EXIT_CALLEE);
    IrRef r = emit(b, op, args, n);
    /* py.next and py.send only run code as pyop does */
    if (ir_ops[op].fields & M_PYOP) {
        ir_set_pyop(ins_of(b, r), pyop);
    }
    ins_of(b, r)->raise = raise;
    return r;
}
