/* The builder's frame: state, snapshots, locals, dispatch, entries. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"
#include "local_signs.h"
#include "local_types.h"

const char *const exit_reason_text[EXIT_REASON_COUNT] = {
#define EXIT_REASON(name, text) [EXIT_##name] = text,
#include "exit.def"
#undef EXIT_REASON
};

const char *const bail_text[BAIL_COUNT] = {
    "",
#define BAIL(name, text) [BAIL_##name] = text,
#include "bail.def"
#undef BAIL
};

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
    ins_of(b, r)->imm = imm;
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

uint32_t
slot_add(Builder *b, SlotReq req)
{
    SlotTable *t = b->req->slots;
    for (uint32_t i = 0; i < t->n; i++) {
        const SlotReq *s = &t->slots[i];
        if (s->kind == req.kind && s->name == req.name &&
            s->for_store == req.for_store && s->key == req.key &&
            (s->text == req.text ||
             (s->text && req.text && strcmp(s->text, req.text) == 0)) &&
            (req.kind != SLOT_ATTR || req.text != NULL) &&
            req.kind != SLOT_METHOD) {
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

/* --- snapshots ------------------------------------------------------------ */

static IrSnapVal
snap_val(const Builder *b, const AbsVal *v, bool is_local)
{
    bool mem = is_local && b->framed;
    switch ((AbsKind)v->kind) {
    case K_NULL:
        return (IrSnapVal){.kind = mem ? SNAP_MEM : SNAP_NULL};
    case K_MEM:
        return (IrSnapVal){.kind = SNAP_MEM};
    case K_OBJ: case K_OBJ_I64: case K_OBJ_F64:
        return (IrSnapVal){.kind = mem ? SNAP_MEM : SNAP_REF, .a = v->a};
    case K_I64: case K_F64: case K_BOOL:
        return (IrSnapVal){.kind = SNAP_REF, .a = v->b};
    case K_COMPLEX:
        return (IrSnapVal){.kind = SNAP_COMPLEX, .a = v->a, .b = v->b};
    case K_DYN:
        return (IrSnapVal){.kind = SNAP_DYN, .a = v->a, .b = v->b};
    case K_RANGE:
        return (IrSnapVal){SNAP_RANGE, v->a, v->b, v->c};
    case K_LISTIT:
        return (IrSnapVal){.kind = SNAP_LISTIT, .a = v->a, .b = v->b};
    case K_TUPIT:
        return (IrSnapVal){.kind = SNAP_TUPIT, .a = v->a, .b = v->b};
    case K_STRIT:
        return (IrSnapVal){.kind = SNAP_STRIT, .a = v->a, .b = v->b};
    case K_ENUM:
        return (IrSnapVal){SNAP_ENUM, v->a, v->b, v->c};
    case K_ZIP:
        return (IrSnapVal){SNAP_ZIP, v->a, v->b, v->c};
    }
    return (IrSnapVal){0};
}

IrSnapId
snap_of(Builder *b, const State *s, uint32_t off, uint8_t kind, ExitReason why)
{
    IrSnapId id = ir_snap_new(b->fn, off, b->nl, s->n_stack);
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
                      ? snap_of(b, &b->retry, b->retry_off, EXIT_KIND_GUARD, why)
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

/* --- frames ---------------------------------------------------------------- */

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
        if (v->kind == K_I64 || v->kind == K_F64 || v->kind == K_BOOL) {
            IrOp op = v->kind == K_I64   ? IR_BOX_I64
                      : v->kind == K_F64 ? IR_BOX_F64
                                         : IR_BOX_BOOL;
            IrRef obj = emit1(b, op, v->b);
            ins_of(b, obj)->cls = v->kind == K_I64   ? IR_CLASS_INT
                                  : v->kind == K_F64 ? IR_CLASS_FLOAT
                                                     : IR_CLASS_BOOL;
            IrRef set = emit1(b, IR_LOCAL_SET, obj);
            ins_of(b, set)->imm = k;
            ins_of(b, set)->raise = 0;
            v->a = obj;
            v->cls = ins_of(b, obj)->cls;
            v->kind = v->kind == K_I64   ? K_OBJ_I64
                      : v->kind == K_F64 ? K_OBJ_F64
                                         : K_OBJ;
        }
        else if (v->kind == K_COMPLEX) {
            *v = v_obj(as_object(b, v), IR_CLASS_COMPLEX);
            IrRef set = emit1(b, IR_LOCAL_SET, v->a);
            ins_of(b, set)->imm = k;
        }
        else if (v->kind == K_DYN) {
            IrIns *tag = ins_of(b, v->a);
            if (tag->op != IR_CONST_I64 || tag->imm != 0) {
                IrRef f = emit2(b, IR_LOCAL_FLUSH, v->a, v->b);
                ins_of(b, f)->imm = k;
            }
            IrRef zero = const_i64(b, 0);
            *v = (AbsVal){.kind = K_DYN, .a = zero, .b = zero};
        }
    }
}

static bool
covered(const Builder *b, uint32_t off)
{
    return b->code->in_try[b->code->at[off]] != 0;
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
    if (b->osr && !covered(b, b->ins->off) &&
        covered(b, b->req->entry_offset)) {
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
    ins_of(b, r)->imm = local;
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
    if (!ir_pyop_is_leaf(pyop) || op == IR_PY_NEXT) {
        flush_locals(b);
    }
    b->escaped |= !ir_pyop_is_leaf(pyop) || op == IR_PY_NEXT;
    IrSnapId raise = snap_now(b, b->ins->off, EXIT_KIND_GUARD, EXIT_CALLEE);
    IrRef r = emit(b, op, args, n);
    ins_of(b, r)->imm = pyop;
    ins_of(b, r)->raise = raise;
    return r;
}

/* --- locals ----------------------------------------------------------------- */

/* Guard what the profile knows of an object at the place where it is defined:
 * its later uses then agree on its class, and need no versions. */
static void
settle_class(Builder *b, AbsVal *v, FeedbackType t)
{
    if (v->kind != K_OBJ || v->cls != IR_CLASS_ANY || v->info != 0 || !t.seen ||
        t.cls == IR_CLASS_ANY || t.cls == IR_CLASS_USER ||
        t.cls == IR_CLASS_NONE) {
        return;
    }
    if (t.cls == IR_CLASS_INT || t.cls == IR_CLASS_FLOAT ||
        t.cls == IR_CLASS_BOOL) {
        if (!t.has_big) {
            unbox(b, v, t.cls);
        }
        return;
    }
    want_class(b, v, t.cls);
}

static void
load_local(Builder *b, uint32_t k)
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
        return;
    }
    push(b, *v);
}

static bool
is_simple(const AbsVal *v)
{
    return v->kind == K_NULL || v->kind == K_DYN || v->kind == K_I64 || v->kind == K_F64 ||
           v->kind == K_BOOL || v->kind == K_COMPLEX || v->kind == K_OBJ_I64 || v->kind == K_OBJ_F64 ||
           (v->kind == K_OBJ && v->cls != IR_CLASS_ANY &&
            ir_class_is_simple[v->cls]);
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
    return op == IR_PY || op == IR_PY_NEXT;
}

/* A number that nobody uses but as a number needs no object beside it.  (A
 * debugger that reads the variable after an exit finds an equal number, not
 * the same object.) */
static void
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
    if (!b->compares_identity || !b->as_object[k] ||
        (v->kind != K_I64 && v->kind != K_F64 && v->kind != K_COMPLEX)) {
        return;
    }
    IrClass cls = known_class(v);
    v->a = as_object(b, v);
    v->cls = (uint8_t)cls;
    v->kind = v->kind == K_I64   ? K_OBJ_I64
              : v->kind == K_F64 ? K_OBJ_F64
                                 : K_OBJ;
}

static bool
compares_identity(const BcCode *code)
{
    for (uint32_t i = 1; i < code->n; i++) {
        const BcIns *before = &code->ins[i - 1];
        if (code->ins[i].op == BC_IS_OP &&
            !(before->op == BC_LOAD_CONST && before->arg < code->image->n_consts &&
              code->image->consts[before->arg].kind == PYAOT_CONST_NONE)) {
            return true;
        }
    }
    return false;
}

/* depth: where the value was on the stack before the instruction. */
static void
store_local(Builder *b, uint32_t k, AbsVal v, uint32_t depth)
{
    AbsVal *old = &b->st.v[k];
    if (is_iterator_kind(v.kind)) {
        /* An iterator that the program can see. */
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    settle_class(b, &v, fb_operand(b, depth));
    forget_object(b, k, &v);
    keep_object(b, k, &v);
    if (b->framed) {
        bool obj = v.kind == K_OBJ || v.kind == K_OBJ_I64 || v.kind == K_OBJ_F64;
        if (obj) {
            IrRef r = emit1(b, IR_LOCAL_SET, v.a);
            ins_of(b, r)->imm = k;
            ins_of(b, r)->aux = !is_simple(old); /* what it releases may run code */
        }
        else if (!is_simple(old) || v.kind == K_NULL) {
            IrRef r = emit0(b, IR_LOCAL_CLEAR, k);
            ins_of(b, r)->aux = v.kind != K_NULL;
        }
    }
    v.info = 0;
    b->st.v[k] = v;
}

static void
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
            ins_of(b, v)->aux = index + 1;
            push(b, v_i64(v));
        }
        return;
    }
    case PYAOT_CONST_FLOAT: {
        IrRef v = emit(b, IR_CONST_F64, NULL, 0);
        ins_of(b, v)->fimm = c->f;
        ins_of(b, v)->aux = index + 1; /* boxing gives the constant itself */
        push(b, v_f64(v));
        return;
    }
    case PYAOT_CONST_TRUE: case PYAOT_CONST_FALSE:
        push(b, v_bool(emit0(b, IR_CONST_BOOL, c->kind == PYAOT_CONST_TRUE)));
        return;
    case PYAOT_CONST_NONE: {
        IrRef r = emit0(b, IR_SINGLETON, 0);
        ins_of(b, r)->cls = IR_CLASS_NONE;
        push(b, v_obj(r, IR_CLASS_NONE));
        return;
    }
    case PYAOT_CONST_STR: case PYAOT_CONST_BYTES: case PYAOT_CONST_TUPLE:
    case PYAOT_CONST_BIGINT: case PYAOT_CONST_ELLIPSIS:
    case PYAOT_CONST_COMPLEX: case PYAOT_CONST_FROZENSET:
    case PYAOT_CONST_CODE: case PYAOT_CONST_OTHER: {
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

/* --- dispatch ---------------------------------------------------------------- */

static void
lower_stack_move(Builder *b)
{
    uint32_t n = b->ins->arg;
    if (b->ins->op == BC_COPY) {
        AbsVal v = *peek(b, n - 1);
        if (is_iterator_kind(v.kind)) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
            return;
        }
        push(b, v);
        return;
    }
    AbsVal *x = peek(b, 0), *y = peek(b, n - 1);
    AbsVal t = *x;
    *x = *y;
    *y = t;
}

static void
lower_jump_backward(Builder *b)
{
    if (b->req->entry_kind == REGION_BACK_EDGE &&
        b->ins->target < b->req->entry_offset) {
        /* The next round of an outer loop: that has a region of its own, which
         * the interpreter enters by this very jump. */
        leave_pre(b, EXIT_KIND_END, EXIT_RETURN);
        return;
    }
    IrSnapId snap = snap_of(b, &b->pre, b->ins->off, EXIT_KIND_BREAKER,
                            EXIT_BREAKER);
    IrRef r = emit(b, IR_BREAKER, NULL, 0);
    ins_of(b, r)->snap = snap;
    ins_of(b, r)->imm = 1; /* of a back-edge */
    goto_off(b, b->ins->target);
}

static void
lower_deref(Builder *b)
{
    uint32_t k = b->ins->arg;
    IrRef slot = const_i64(b, k);
    if (b->ins->op == BC_LOAD_DEREF) {
        IrRef r = emit_py(b, IR_PY, IR_PYOP_LOAD_DEREF, &slot, 1);
        push(b, v_obj(r, IR_CLASS_ANY));
        return;
    }
    AbsVal v = pop(b);
    IrRef args[2] = {slot, as_object(b, &v)};
    emit_py(b, IR_PY_VOID, IR_PYOP_STORE_DEREF, args, 2);
}

static void
lower_store_global(Builder *b)
{
    AbsVal v = pop(b);
    IrRef args[2] = {const_i64(b, b->ins->arg), as_object(b, &v)};
    emit_py(b, IR_PY_VOID, IR_PYOP_STORE_GLOBAL, args, 2);
}

static void
lower_resume(Builder *b)
{
    if (b->osr || (b->ins->arg & 3) != 0) {
        return;
    }
    IrSnapId snap = snap_of(b, &b->pre, b->ins->off, EXIT_KIND_BREAKER,
                            EXIT_BREAKER);
    IrRef r = emit(b, IR_BREAKER, NULL, 0);
    ins_of(b, r)->snap = snap;
    for (uint32_t k = 0; k < b->image->argcount; k++) {
        AbsVal v = b->st.v[k];
        settle_class(b, &v, feedback_type(b->req->profile, b->ins->off,
                                          PROFILE_ARG, k));
        b->st.v[k] = v;
    }
}

enum { INTRINSIC_ASYNC_GEN_WRAP = 4 }; /* of CALL_INTRINSIC_1 */

static void
lower(Builder *b)
{
    uint32_t arg = b->ins->arg;
    switch (b->ins->op) {
    case BC_NOP:
        return;
    case BC_RESUME:
        lower_resume(b);
        return;
    case BC_COPY_FREE_VARS:
        need_frame(b); /* pushing the frame copied them */
        return;
    case BC_LOAD_FAST: case BC_LOAD_FAST_CHECK:
        load_local(b, arg);
        return;
    case BC_LOAD_FAST_LOAD_FAST:
        load_local(b, arg >> 4);
        if (b->block != NO_BLOCK) {
            load_local(b, arg & 15);
        }
        return;
    case BC_LOAD_FAST_AND_CLEAR: {
        AbsVal v = b->st.v[arg];
        if (v.kind != K_NULL) {
            /* Only inlined comprehensions do this, nearly always unbound. */
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
        push(b, v);
        return;
    }
    case BC_STORE_FAST:
        store_local(b, arg, pop(b), 0);
        return;
    case BC_STORE_FAST_LOAD_FAST:
        store_local(b, arg >> 4, pop(b), 0);
        if (b->block != NO_BLOCK) {
            load_local(b, arg & 15);
        }
        return;
    case BC_STORE_FAST_STORE_FAST:
        store_local(b, arg >> 4, pop(b), 0);
        if (b->block != NO_BLOCK) {
            store_local(b, arg & 15, pop(b), 1);
        }
        return;
    case BC_DELETE_FAST:
        if (b->st.v[arg].kind == K_NULL || b->st.v[arg].kind == K_MEM ||
            b->st.v[arg].kind == K_DYN) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNBOUND);
            return;
        }
        if (b->framed) {
            emit0(b, IR_LOCAL_CLEAR, arg);
        }
        b->st.v[arg] = (AbsVal){.kind = K_NULL};
        return;
    case BC_LOAD_CONST:
        load_const(b, arg);
        return;
    case BC_POP_TOP: case BC_END_FOR:
        pop(b);
        return;
    case BC_PUSH_NULL:
        push(b, (AbsVal){.kind = K_NULL});
        return;
    case BC_COPY: case BC_SWAP:
        lower_stack_move(b);
        return;
    case BC_JUMP_FORWARD:
        goto_off(b, b->ins->target);
        return;
    case BC_JUMP_BACKWARD:
        lower_jump_backward(b);
        return;
    case BC_POP_JUMP_IF_FALSE: case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE: case BC_POP_JUMP_IF_NOT_NONE:
        lower_cond_jump(b);
        return;
    case BC_GET_ITER:
        lower_get_iter(b);
        return;
    case BC_FOR_ITER:
        lower_for_iter(b);
        return;
    case BC_RETURN_VALUE:
        lower_return(b, pop(b));
        return;
    case BC_RETURN_CONST:
        load_const(b, arg);
        if (!b->failed) {
            lower_return(b, pop(b));
        }
        return;
    case BC_BINARY_OP:
        lower_binary_op(b);
        return;
    case BC_COMPARE_OP: case BC_IS_OP:
        lower_compare(b);
        return;
    case BC_CONTAINS_OP:
        lower_contains(b);
        return;
    case BC_TO_BOOL:
        lower_to_bool(b);
        return;
    case BC_UNARY_NEGATIVE: case BC_UNARY_INVERT: case BC_UNARY_NOT:
        lower_unary(b);
        return;
    case BC_BINARY_SUBSCR: case BC_BINARY_SLICE: case BC_GET_LEN:
        lower_subscr(b);
        return;
    case BC_STORE_SUBSCR: case BC_STORE_SLICE: case BC_DELETE_SUBSCR:
        lower_store_subscr(b);
        return;
    case BC_BUILD_LIST: case BC_BUILD_TUPLE: case BC_BUILD_MAP:
    case BC_BUILD_SET: case BC_BUILD_STRING: case BC_BUILD_SLICE:
    case BC_LIST_APPEND: case BC_SET_ADD: case BC_MAP_ADD:
    case BC_LIST_EXTEND: case BC_FORMAT_SIMPLE: case BC_CONVERT_VALUE:
    case BC_FORMAT_WITH_SPEC:
        lower_build(b);
        return;
    case BC_UNPACK_SEQUENCE:
        lower_unpack(b);
        return;
    case BC_LOAD_ATTR:
        lower_load_attr(b);
        return;
    case BC_STORE_ATTR:
        lower_store_attr(b);
        return;
    case BC_LOAD_GLOBAL:
        lower_load_global(b);
        return;
    case BC_STORE_GLOBAL:
        lower_store_global(b);
        return;
    case BC_LOAD_DEREF: case BC_STORE_DEREF:
        lower_deref(b);
        return;
    case BC_CALL: case BC_CALL_KW:
        lower_call(b);
        return;
    case BC_CALL_INTRINSIC_1:
        if (arg != INTRINSIC_ASYNC_GEN_WRAP) {
            leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
            return;
        }
        leave_pre(b, EXIT_KIND_END, EXIT_YIELD); /* the next one yields */
        return;
    case BC_YIELD_VALUE: case BC_SEND: case BC_RETURN_GENERATOR:
    case BC_GET_AWAITABLE: case BC_GET_YIELD_FROM_ITER: case BC_GET_ANEXT:
        leave_pre(b, EXIT_KIND_END, EXIT_YIELD);
        return;
    default:
        leave_pre(b, EXIT_KIND_GUARD, EXIT_UNSUPPORTED);
        return;
    }
}

static void
build_version(Builder *b, Version *v)
{
    state_copy(b, &b->st, &v->entry);
    b->block = v->block;
    b->escaped = false;
    b->retry_end = NULL;
    const BcIns *ins = bytecode_at(b->code, v->off);
    uint32_t index = (uint32_t)(ins - b->code->ins);
    b->loop = b->inner_loop[index];
    b->turn = b->loop == index + 1 ? v->block : v->turn;
    const BcIns *end = b->code->ins + b->code->n;
    for (;;) {
        b->ins = ins;
        state_copy(b, &b->pre, &b->st);
        b->pre_snap = 0;
        b->go_on = NULL;
        lower(b);
        if (b->block == NO_BLOCK || b->failed) {
            return;
        }
        ins = b->go_on != NULL ? b->go_on : ins + 1;
        if (b->retry_end != NULL && ins > b->retry_end) {
            b->retry_end = NULL;
        }
        if (ins == end) {
            b->failed = true;
            b->bail = BAIL_INVALID;
            return;
        }
        if (ins->is_leader) {
            b->ins = ins;
            goto_off(b, ins->off);
            return;
        }
        check_frame(b, ins->off);
        if (b->fn->n_ins > MAX_REGION_INS) {
            b->failed = true;
            b->bail = BAIL_TOO_LARGE;
            return;
        }
    }
}

/* --- entries ------------------------------------------------------------------ */

static void
enter_function(Builder *b)
{
    for (uint32_t k = 0; k < b->nl; k++) {
        b->st.v[k] = (AbsVal){.kind = K_NULL};
        if (b->image->localkinds[k] & PYAOT_LOCAL_FREE) {
            b->st.v[k].kind = K_MEM;
        }
    }
    for (uint32_t k = 0; k < b->image->argcount; k++) {
        switch (b->req->sig[k]) {
        case 'i':
            b->st.v[k] = v_i64(emit0(b, IR_PARAM_I, k));
            break;
        case 'f':
            b->st.v[k] = v_f64(emit0(b, IR_PARAM_F, k));
            break;
        case 'b':
            b->st.v[k] = v_bool(emit0(b, IR_PARAM_B, k));
            break;
        default: {
            IrRef p = emit0(b, IR_PARAM_O, k);
            b->st.v[k] = v_obj(p, IR_CLASS_ANY);
            if (b->framed) {
                IrRef set = emit1(b, IR_LOCAL_SET, p);
                ins_of(b, set)->imm = k;
            }
            break;
        }
        }
    }
}

/* A loop or a generator entered in the middle: the frame holds everything.
 * What the region will read is loaded, and unboxed where the profile knows its
 * class, before the first turn, so that the turns need no versions for it. */
static void
enter_middle(Builder *b, uint32_t depth)
{
    for (uint32_t k = 0; k < b->nl; k++) {
        b->st.v[k] = (AbsVal){.kind = K_MEM};
    }
    for (uint32_t k = 0; k < depth; k++) {
        push(b, v_obj(emit0(b, IR_STACK_IN, k), IR_CLASS_ANY));
    }
    state_copy(b, &b->pre, &b->st);
    b->pre_snap = 0;
    const bool *signs = local_signs(b->code, b->req->profile, b->arena);
    for (uint32_t k = 0; k < b->nl && signs != NULL; k++) {
        FeedbackType t = b->local_types[k];
        if (!t.seen || t.cls == IR_CLASS_ANY ||
            !bytecode_is_bound(b->code, b->req->entry_offset, k) ||
            (b->image->localkinds[k] & (PYAOT_LOCAL_CELL | PYAOT_LOCAL_FREE))) {
            continue;
        }
        IrSnapId snap = snap_pre(b, EXIT_UNBOUND);
        IrRef r = emit0(b, IR_LOCAL_GET, k);
        ins_of(b, r)->snap = snap;
        AbsVal v = v_obj(r, IR_CLASS_ANY);
        b->st.v[k] = b->pre.v[k] = v;
        settle_class(b, &v, t);
        b->st.v[k] = v;
        if (signs[k] && (v.kind == K_OBJ_I64 || v.kind == K_I64)) {
            IrRef positive = emit2(b, IR_ICMP, v.b, const_i64(b, 0));
            ins_of(b, positive)->imm = IR_GE;
            guard1(b, IR_GUARD, positive, EXIT_ARITH);
        }
        if (b->req->entry_kind == REGION_BACK_EDGE) {
            forget_object(b, k, &b->st.v[k]);
        } /* else: what does not change until the yield stays in the frame */
    }
}

int32_t
stack_depth_at(const BcCode *code, uint32_t off, Arena *arena);

BuildResult
build_region(const BuildRequest *req)
{
    Builder b = {.req = req, .arena = req->arena, .code = req->code,
                 .image = req->code->image, .framed = req->framed,
                 .osr = req->entry_kind != REGION_ENTRY};
    BuildResult result = {0};
    b.nl = b.image->nlocalsplus;
    b.ns = b.image->stacksize + 1;
    if (b.image->n_units > MAX_CODE_UNITS || b.nl + b.ns > MAX_STATE_SLOTS) {
        result.bail = BAIL_TOO_LARGE;
        return result;
    }
    b.fn = ir_fn_new(b.arena, b.image->qualname, b.nl);
    b.versions = ARENA_NEW_ARRAY(b.arena, Version *, b.code->n);
    b.inner_loop = innermost_loops(b.code, b.arena);
    b.compares_identity = compares_identity(b.code);
    b.cap_queue = b.code->n * 2 * MAX_VERSIONS_PER_BLOCK + 1;
    b.queue = ARENA_NEW_ARRAY(b.arena, Version *, b.cap_queue);
    b.infos = ARENA_NEW_ARRAY(b.arena, CallInfo, MAX_INFOS + 1);
    b.n_infos = 1;
    b.st = state_new(&b);
    b.pre = state_new(&b);
    b.local_types = local_types(b.code, req->profile, b.arena, &b.as_object);
    if (b.local_types == NULL || b.fn == NULL || b.versions == NULL ||
        b.inner_loop == NULL || b.queue == NULL ||
        b.infos == NULL || b.st.v == NULL || b.pre.v == NULL) {
        result.bail = BAIL_TOO_LARGE;
        return result;
    }
    b.fn->framed = b.framed;
    b.fn->entry_kind = req->entry_kind;
    b.fn->entry_offset = req->entry_offset;
    b.block = ir_block_new(b.fn, req->entry_offset);
    b.ins = bytecode_at(b.code, req->entry_offset);
    if (b.osr) {
        int32_t depth = stack_depth_at(b.code, req->entry_offset, b.arena);
        if (depth < 0) {
            result.bail = BAIL_INVALID;
            return result;
        }
        b.fn->entry_depth = (uint32_t)depth;
        enter_middle(&b, (uint32_t)depth);
    }
    else {
        strncpy(b.fn->sig, req->sig, sizeof b.fn->sig - 1);
        enter_function(&b);
    }
    state_copy(&b, &b.pre, &b.st);
    goto_off(&b, req->entry_offset);
    while (b.head < b.n_queue && !b.failed) {
        build_version(&b, b.queue[b.head++]);
    }
    result.needs_frame = b.needs_frame;
    result.object_result = b.object_result;
    if (b.failed) {
        result.bail = b.bail;
        return result;
    }
    if (arena_status(b.arena) != PYAOT_OK) {
        result.bail = BAIL_TOO_LARGE;
        return result;
    }
    result.fn = b.fn;
    return result;
}
