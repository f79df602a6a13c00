/* The program as IR, as the front would build it: numbers unboxed by what a
 * local usually holds, guards with the state in front of the statement, the
 * objects of framed functions in the frame. */
#include "graph.h"

#include <string.h>

#include "ir_graph.h"

typedef enum { L_UNBOUND, L_MEM, L_OBJ, L_I64, L_F64 } LocalKind;

/* L_MEM: in the frame; ref: what is known to be there, or 0
 * boxed: of L_I64 and L_F64: the object that the frame holds, or 0 */
typedef struct {
    uint8_t kind;
    IrRef ref, boxed;
} LocalState;

typedef struct {
    LocalState v[N_LOCALS];
} State;

typedef struct {
    const Source *s;
    IrFn *fn;
    uint64_t r;     /* for choices that must not matter */
    uint32_t block; /* UINT32_MAX: not reached */
    uint32_t at;    /* statement */
    State st;
    uint32_t offset;   /* of snapshots: see source_run */
    IrRef stack;       /* a result that is not stored yet, or 0 */
    IrRef operands[4]; /* loaded from the frame by this statement */
    uint32_t n_operands;
    bool checks_frame;            /* other code has run */
    IrRef kept;                   /* the operand that a container holds now */
    uint32_t block_of[MAX_STMTS]; /* of a target; UINT32_MAX: none yet */
    State state_of[MAX_STMTS];
    IrSnapId snap; /* of the state in front, made once */
} Lower;

static IrIns *
ins_of(Lower *l, IrRef r)
{
    return &l->fn->ins[r];
}

static bool
chance(Lower *l, uint32_t n)
{
    return random_below(&l->r, n) == 0;
}

/* --- snapshots and instructions ------------------------------------------ */

static IrSnapId
snap_of_state(Lower *l)
{
    IrSnapId id = ir_snap_new(l->fn, l->offset, N_LOCALS, l->stack != 0, 0);
    if (l->stack != 0) {
        l->fn->snaps[id].vals[N_LOCALS] = (IrSnapVal){.kind = SNAP_REF,
                                                      .a = l->stack};
    }
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        IrSnapVal *val = &l->fn->snaps[id].vals[k];
        const LocalState *v = &l->st.v[k];
        bool in_frame = v->kind == L_MEM || v->boxed != 0
                        || (v->kind == L_UNBOUND && l->s->framed);
        val->kind = in_frame               ? SNAP_MEM
                    : v->kind == L_UNBOUND ? SNAP_NULL
                                           : SNAP_REF;
        val->a = v->boxed != 0 ? v->boxed : v->ref;
    }
    return id;
}

static IrSnapId
snap_pre(Lower *l)
{
    if (l->snap == 0) {
        l->snap = snap_of_state(l);
    }
    return l->snap;
}

/* The state is that at this offset, with such a stack. */
static void
move_on(Lower *l, uint32_t offset, IrRef stack)
{
    l->offset = offset;
    l->stack = stack;
    l->snap = 0;
}

static IrRef
emit(Lower *l, IrOp op, const IrRef *args, uint32_t n, int64_t imm)
{
    IrRef r = ir_add(l->fn, l->block, op, args, n);
    IrIns *ins = ins_of(l, r);
    ins->imm = imm;
    ins->offset = l->offset;
    if ((ir_ops[op].flags & IRF_EXIT) && op != IR_CELL_GET) {
        IrSnapId snap = snap_pre(l);
        ins_of(l, r)->snap = snap;
    }
    return r;
}

static IrRef
emit1(Lower *l, IrOp op, IrRef a, int64_t imm)
{
    return emit(l, op, &a, 1, imm);
}

static IrRef
emit2(Lower *l, IrOp op, IrRef a, IrRef b)
{
    const IrRef args[2] = {a, b};
    return emit(l, op, args, 2, 0);
}

static IrRef
const_int(Lower *l, int64_t value)
{
    return emit(l, IR_CONST_I64, NULL, 0, value);
}

static void
leave(Lower *l)
{
    IrSnapId snap = snap_pre(l);
    IrRef r = emit(l, IR_EXIT, NULL, 0, 0);
    ins_of(l, r)->snap = snap;
    l->block = UINT32_MAX;
}

/* --- what locals hold ---------------------------------------------------- */

/* The object of a local, boxed if it is a number; 0: unbound, left. */
static IrRef
as_object(Lower *l, uint32_t k)
{
    LocalState *v = &l->st.v[k];
    IrRef r;
    switch ((LocalKind)v->kind) {
    case L_UNBOUND:
        leave(l);
        return 0;
    case L_MEM:
        if (v->ref == 0 || chance(l, 4)) {
            v->ref = emit(l, IR_LOCAL_GET, NULL, 0, k);
        }
        l->operands[l->n_operands++] = v->ref;
        return v->ref;
    case L_OBJ:
        return v->ref;
    case L_I64:
        if (v->boxed != 0) {
            return v->boxed;
        }
        r = emit1(l, IR_BOX_I64, v->ref, 0);
        ins_of(l, r)->cls = IR_CLASS_INT;
        return r;
    case L_F64:
        if (v->boxed != 0) {
            return v->boxed;
        }
        r = emit1(l, IR_BOX_F64, v->ref, 0);
        ins_of(l, r)->cls = IR_CLASS_FLOAT;
        return r;
    }
    return 0;
}

/* The number of a local; 0: left. */
static IrRef
as_number(Lower *l, uint32_t k, char type)
{
    LocalState *v = &l->st.v[k];
    if (v->kind == (type == 'f' ? L_F64 : L_I64)) {
        return v->ref;
    }
    if (v->kind == L_I64) {
        return emit1(l, IR_I2F, v->ref, 0);
    }
    if (v->kind == L_F64) {
        leave(l);
        return 0;
    }
    IrRef o = as_object(l, k);
    return o == 0 ? 0
                  : emit1(l, type == 'f' ? IR_UNBOX_F64 : IR_UNBOX_I64, o, 0);
}

static bool
is_number_kind(const LocalState *v)
{
    return v->kind == L_I64 || v->kind == L_F64;
}

static void
store_number(Lower *l, uint32_t k, LocalKind kind, IrRef r)
{
    LocalState *v = &l->st.v[k];
    if (v->kind == L_MEM) {
        IrRef c = emit(l, IR_LOCAL_CLEAR, NULL, 0, k);
        ins_of(l, c)->aux = 1;
    }
    *v = (LocalState){(uint8_t)kind, r, 0};
}

static bool
is_simple_object(Lower *l, const LocalState *v)
{
    if (v->kind != L_MEM) {
        return true;
    }
    if (v->ref == 0) {
        return false;
    }
    IrClass cls = (IrClass)ins_of(l, v->ref)->cls;
    return cls != IR_CLASS_ANY && ir_class_is_simple[cls];
}

static void
store_object(Lower *l, uint32_t k, IrRef r)
{
    LocalState *v = &l->st.v[k];
    if (!l->s->framed) {
        *v = (LocalState){L_OBJ, r, 0};
        return;
    }
    emit1(l, is_simple_object(l, v) ? IR_LOCAL_SET : IR_LOCAL_REPLACE, r, k);
    *v = (LocalState){L_MEM, r, 0};
}

/* Objects without a frame's local: where the last of them goes, a drop, which
 * leaves behind the statement. */
static bool
is_held(const Lower *l, IrRef object)
{
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        if (l->st.v[k].kind == L_OBJ && l->st.v[k].ref == object) {
            return true;
        }
    }
    return false;
}

static void
drop(Lower *l, LocalState old)
{
    if (old.kind != L_OBJ || ins_of(l, old.ref)->op == IR_PARAM_O
        || is_held(l, old.ref)) {
        return;
    }
    IrClass cls = (IrClass)ins_of(l, old.ref)->cls;
    if (cls == IR_CLASS_ANY || !ir_class_is_simple[cls]) {
        move_on(l, 2 * l->at + 2, 0);
        emit1(l, IR_DROP, old.ref, 0);
    }
}

/* The frame's objects at a return, which still has the others. */
static void
drop_all(Lower *l, IrRef returned)
{
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        LocalState old = l->st.v[k];
        l->st.v[k] = (LocalState){L_UNBOUND, 0, 0};
        if (old.kind == L_OBJ && old.ref != returned && !is_held(l, old.ref)
            && ins_of(l, old.ref)->op != IR_PARAM_O) {
            l->st.v[k] = old;
            l->snap = 0;
            emit1(l, IR_DROP, old.ref, 0);
            l->st.v[k] = (LocalState){L_UNBOUND, 0, 0};
        }
    }
}

/* The statement is done: it lets go of its operands. */
static void
end_operands(Lower *l, uint32_t offset, IrRef result)
{
    move_on(l, offset, result);
    for (uint32_t i = 0; i < l->n_operands; i++) {
        IrRef o = l->operands[i];
        bool again = o == result || o == l->kept;
        for (uint32_t k = 0; k < i; k++) {
            again |= l->operands[k] == o;
        }
        if (!again) {
            emit1(l, IR_DROP, o, 0);
        }
    }
    l->n_operands = 0;
    l->kept = 0;
}

/* The statement's result: on the stack, then in its local. */
static void
give_number(Lower *l, uint32_t k, LocalKind kind, IrRef r)
{
    const LocalState old = l->st.v[k];
    end_operands(l, 2 * l->at + 1, r);
    store_number(l, k, kind, r);
    drop(l, old);
}

/* An object as it is. */
static void
give_same(Lower *l, uint32_t k, IrRef r)
{
    const LocalState old = l->st.v[k];
    end_operands(l, 2 * l->at + 1, r);
    store_object(l, k, r);
    drop(l, old);
}

/* An object: unboxed at once, as the type of its target suggests, or kept. */
static void
give_object(Lower *l, uint32_t k, IrRef r)
{
    const LocalState old = l->st.v[k];
    char type = l->s->type[k];
    end_operands(l, 2 * l->at + 1, r);
    if (l->checks_frame) {
        l->checks_frame = false;
        emit(l, IR_FRAME_CHECK, NULL, 0, 0);
    }
    if (type == 'i' && !chance(l, 4)) {
        store_number(l, k, L_I64, emit1(l, IR_UNBOX_I64, r, 0));
    }
    else if (type == 'f' && !chance(l, 4)) {
        store_number(l, k, L_F64, emit1(l, IR_UNBOX_F64, r, 0));
    }
    else {
        store_object(l, k, r);
    }
    drop(l, old);
}

/* --- blocks -------------------------------------------------------------- */

/* The locals as every way to a target has them: numbers unboxed, the rest as
 * objects. */
static bool
conform(Lower *l)
{
    for (uint32_t k = 0; k < N_LOCALS && l->block != UINT32_MAX; k++) {
        LocalState *v = &l->st.v[k];
        char type = l->s->type[k];
        if (type == 'i' || type == 'f') {
            LocalKind want = type == 'i' ? L_I64 : L_F64;
            if (v->kind == want) {
                if (v->boxed != 0) {
                    v->boxed = 0; /* it may stay in the frame */
                    l->snap = 0;
                }
                continue;
            }
            if (is_number_kind(v)) {
                leave(l); /* the other kind of number */
                return false;
            }
            IrRef r = as_number(l, k, type);
            if (r != 0) {
                store_number(l, k, want, r);
                l->snap = 0;
            }
        }
        else if (v->kind == L_UNBOUND) {
            leave(l);
        }
        else if (l->s->framed) {
            if (v->kind != L_MEM) {
                IrRef r = as_object(l, k);
                store_object(l, k, r);
                l->snap = 0;
            }
            v->ref = 0;
        }
        else {
            *v = (LocalState){L_OBJ, as_object(l, k), 0};
            l->snap = 0;
        }
    }
    return l->block != UINT32_MAX;
}

static void
make_target(Lower *l, uint32_t target)
{
    uint32_t b = ir_block_new(l->fn, 2 * target);
    State *st = &l->state_of[target];
    l->block_of[target] = b;
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        char type = l->s->type[k];
        if (type == 'i' || type == 'f') {
            st->v[k].kind = type == 'i' ? L_I64 : L_F64;
            st->v[k].ref = ir_param_add(l->fn, b,
                                        type == 'i' ? IR_I64 : IR_F64);
        }
        else if (l->s->framed) {
            st->v[k] = (LocalState){L_MEM, 0, 0};
        }
        else {
            st->v[k] = (LocalState){L_OBJ, ir_param_add(l->fn, b, IR_OBJ), 0};
        }
    }
}

static void
jump_to(Lower *l, uint32_t target)
{
    move_on(l, 2 * target, 0);
    if (!conform(l)) {
        return;
    }
    if (l->block_of[target] == UINT32_MAX) {
        make_target(l, target);
    }
    uint32_t b = l->block_of[target];
    IrRef args[N_LOCALS];
    uint32_t n = 0;
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        if (l->st.v[k].kind != L_MEM) {
            args[n++] = l->st.v[k].ref;
        }
    }
    emit(l, IR_JUMP, NULL, 0, 0);
    IrBlock *from = &l->fn->blocks[l->block];
    from->n_succ = 1;
    from->succ[0] = (IrEdge){
        b, n, arena_memdup(l->fn->arena, args, n * sizeof(*args))};
    l->block = UINT32_MAX;
}

static void
begin_target(Lower *l, uint32_t target)
{
    if (l->block != UINT32_MAX) {
        jump_to(l, target);
    }
    move_on(l, 2 * target, 0);
    l->block = l->block_of[target];
    if (l->block == UINT32_MAX) {
        return; /* nobody comes here */
    }
    l->st = l->state_of[target];
    if (l->s->stmts[target].is_header) {
        l->fn->blocks[l->block].is_header = true;
        if (!chance(l, 4)) {
            IrSnapId snap = snap_pre(l);
            l->fn->blocks[l->block].entry = snap;
        }
        if (chance(l, 2)) {
            emit(l, IR_BREAKER, NULL, 0, 0);
        }
    }
}

/* Is this arithmetic on floats, as far as can be told? */
static bool
is_float_pair(const Lower *l, uint32_t a, uint32_t b)
{
    const uint32_t locals[2] = {a, b};
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t k = locals[i];
        if (k != UINT8_MAX && l->st.v[k].kind != L_I64
            && (l->st.v[k].kind == L_F64 || l->s->type[k] == 'f')) {
            return true;
        }
    }
    return false;
}

static void
lower_less(Lower *l, const Stmt *st, uint32_t next)
{
    bool floats = is_float_pair(l, st->a, st->b);
    char type = floats ? 'f' : 'i';
    IrRef a = as_number(l, st->a, type);
    IrRef b = a != 0 ? as_number(l, st->b, type) : 0;
    if (b == 0) {
        return;
    }
    IrRef test = emit2(l, floats ? IR_FCMP : IR_ICMP, a, b);
    ins_of(l, test)->imm = st->op;
    emit1(l, IR_BRANCH, test, 0);
    uint32_t from = l->block, ways[2];
    const uint32_t targets[2] = {next, (uint32_t)st->k};
    for (uint32_t i = 0; i < 2; i++) {
        ways[i] = ir_block_new(l->fn, 2 * targets[i]);
        l->fn->blocks[from].succ[i] = (IrEdge){ways[i], 0, NULL};
    }
    l->fn->blocks[from].n_succ = 2;
    const State saved = l->st;
    l->block = ways[1];
    jump_to(l, targets[1]);
    l->st = saved;
    l->block = ways[0];
}

/* --- statements ---------------------------------------------------------- */

static IrRef
guarded_object(Lower *l, uint32_t k, IrClass cls)
{
    IrRef o = is_number_kind(&l->st.v[k]) ? (leave(l), 0) : as_object(l, k);
    if (o != 0 && cls == IR_CLASS_USER) {
        emit1(l, IR_GUARD_TYPE, o, 1);
    }
    else if (o != 0) {
        emit1(l, IR_GUARD_CLASS, o, cls);
    }
    return o;
}

static void
lower_bin(Lower *l, const Stmt *st)
{
    static const IrOp ints[BIN_COUNT] = {
        IR_IADD, IR_ISUB, IR_IMUL, IR_IFDIV, IR_IMOD, IR_IAND, IR_IOR, IR_IXOR,
    };
    static const IrOp floats[] = {IR_FADD, IR_FSUB, IR_FMUL};
    bool by_one = st->b == UINT8_MAX;
    bool is_float = is_float_pair(l, st->a, st->b);
    char type = is_float ? 'f' : 'i';
    if (is_float && st->op > BIN_MUL) {
        leave(l);
        return;
    }
    IrRef a = as_number(l, st->a, type), b = 0;
    if (a != 0) {
        b = !by_one    ? as_number(l, st->b, type)
            : is_float ? emit1(l, IR_I2F, const_int(l, 1), 0)
                       : const_int(l, 1);
    }
    if (b != 0) {
        IrRef r = emit2(l, is_float ? floats[st->op] : ints[st->op], a, b);
        give_number(l, st->d, is_float ? L_F64 : L_I64, r);
    }
}

static void
lower_list_set(Lower *l, const Stmt *st)
{
    IrRef list = guarded_object(l, st->a, IR_CLASS_LIST);
    IrRef index = list != 0 ? as_number(l, st->b, 'i') : 0;
    if (index == 0) {
        return;
    }
    const LocalState v = l->st.v[st->c];
    IrRef args[3] = {list, index, v.ref};
    IrOp op = IR_LIST_SET;
    if (is_number_kind(&v) && !chance(l, 3)) {
        op = v.kind == L_I64 ? IR_LIST_SET_I : IR_LIST_SET_F;
    }
    else {
        args[2] = as_object(l, st->c);
        if (args[2] == 0) {
            return;
        }
        l->kept = args[2];
    }
    emit(l, op, args, 3, 0);
}

static void
lower_store(Lower *l, IrOp object, IrOp as_int, IrOp as_float, IrRef to,
            uint32_t k, int64_t imm, uint32_t aux)
{
    const LocalState v = l->st.v[k];
    IrRef r;
    if (is_number_kind(&v) && !chance(l, 3)) {
        r = emit2(l, v.kind == L_I64 ? as_int : as_float, to, v.ref);
    }
    else {
        IrRef o = as_object(l, k);
        if (o == 0) {
            return;
        }
        r = emit2(l, object, to, o);
        l->kept = o;
    }
    ins_of(l, r)->imm = imm;
    ins_of(l, r)->aux = aux;
}

/* What other code may see in the frame: numbers are written. */
static void
flush_locals(Lower *l)
{
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        LocalState *v = &l->st.v[k];
        if ((v->kind == L_I64 || v->kind == L_F64) && v->boxed == 0) {
            IrRef o = as_object(l, k);
            emit1(l, IR_LOCAL_SET, o, k);
            v->boxed = o;
        }
    }
    l->snap = 0;
}

static void
lower_call(Lower *l, const Stmt *st)
{
    IrRef args[2];
    args[0] = as_object(l, st->a);
    args[1] = args[0] != 0 ? as_object(l, st->b) : 0;
    if (args[1] == 0) {
        return;
    }
    flush_locals(l);
    IrSnapId raise = snap_of_state(l);
    IrRef r = emit(l, IR_PY, args, 2, IR_PYOP_MATMUL);
    ins_of(l, r)->raise = raise;
    l->checks_frame = true;
    give_object(l, st->d, r);
}

static IrClass
usual_class(const Lower *l, uint32_t k)
{
    return l->s->type[k] == 'l'   ? IR_CLASS_LIST
           : l->s->type[k] == 't' ? IR_CLASS_TUPLE
                                  : IR_CLASS_USER;
}

static void
lower_stmt(Lower *l, const Stmt *st)
{
    IrRef a, b;
    switch ((StmtKind)st->kind) {
    case ST_INT:
        give_number(l, st->d, L_I64, const_int(l, st->k));
        break;
    case ST_FLOAT:
        a = emit(l, IR_CONST_F64, NULL, 0, 0);
        ins_of(l, a)->fimm = st->f;
        give_number(l, st->d, L_F64, a);
        break;
    case ST_MOVE:
        if (is_number_kind(&l->st.v[st->a])) {
            LocalState v = l->st.v[st->a];
            give_number(l, st->d, (LocalKind)v.kind, v.ref);
        }
        else if ((a = as_object(l, st->a)) != 0) {
            give_same(l, st->d, a);
        }
        break;
    case ST_BIN:
        lower_bin(l, st);
        break;
    case ST_LEN:
        if ((a = guarded_object(l, st->a,
                                l->s->type[st->a] == 't' ? IR_CLASS_TUPLE
                                                         : IR_CLASS_LIST))
            != 0) {
            give_number(
                l, st->d, L_I64,
                emit1(l, l->s->type[st->a] == 't' ? IR_TUPLE_LEN : IR_LIST_LEN,
                      a, 0));
        }
        break;
    case ST_TUPLE:
        a = as_object(l, st->a);
        if (a != 0 && (b = as_object(l, st->b)) != 0) {
            const IrRef args[3] = {a, b, a};
            IrRef r = emit(l, st->k != 0 ? IR_SLICE_NEW : IR_TUPLE_NEW, args,
                           2u + st->op, 0);
            ins_of(l, r)->cls = st->k != 0 ? IR_CLASS_SLICE : IR_CLASS_TUPLE;
            give_same(l, st->d, r);
        }
        break;
    case ST_TGET:
        if (st->op != 0) {
            a = guarded_object(l, st->a, IR_CLASS_SLICE);
            if (a != 0) {
                give_object(l, st->d, emit1(l, IR_SLICE_GET, a, st->k));
            }
        }
        else if ((a = guarded_object(l, st->a, IR_CLASS_TUPLE)) != 0) {
            b = const_int(l, st->k);
            give_object(l, st->d, emit2(l, IR_TUPLE_GET, a, b));
        }
        break;
    case ST_LGET:
        a = guarded_object(l, st->a, IR_CLASS_LIST);
        if (a != 0 && (b = as_number(l, st->b, 'i')) != 0) {
            give_object(l, st->d, emit2(l, IR_LIST_GET, a, b));
        }
        break;
    case ST_LSET:
        lower_list_set(l, st);
        break;
    case ST_APPEND:
        a = guarded_object(l, st->a, IR_CLASS_LIST);
        if (a != 0 && (b = as_object(l, st->b)) != 0) {
            emit2(l, IR_LIST_APPEND, a, b);
            l->kept = b;
        }
        break;
    case ST_LIST:
        a = as_object(l, st->a);
        if (a != 0 && (b = as_object(l, st->b)) != 0) {
            IrRef r = emit2(l, IR_LIST_NEW, a, b);
            ins_of(l, r)->cls = IR_CLASS_LIST;
            give_same(l, st->d, r);
        }
        break;
    case ST_AGET:
        if ((a = guarded_object(l, st->a, IR_CLASS_USER)) != 0) {
            IrRef r = emit1(l, IR_ATTR_GET, a, 1);
            ins_of(l, r)->aux = (uint32_t)st->k;
            give_object(l, st->d, r);
        }
        break;
    case ST_ASET:
        if ((a = guarded_object(l, st->a, IR_CLASS_USER)) != 0) {
            lower_store(l, IR_ATTR_SET, IR_ATTR_SET_I, IR_ATTR_SET_F, a, st->b,
                        1, (uint32_t)st->k);
        }
        break;
    case ST_CALL:
        lower_call(l, st);
        break;
    case ST_GGET:
        a = emit(l, IR_GLOBAL_CELL, NULL, 0, st->k);
        give_object(l, st->d, emit1(l, IR_CELL_GET, a, st->k));
        break;
    case ST_GSET:
        a = emit(l, IR_GLOBAL_CELL, NULL, 0, st->k);
        lower_store(l, IR_CELL_SET, IR_CELL_SET_I, IR_CELL_SET_F, a, st->a,
                    st->k, 0);
        break;
    case ST_DEL:
        if (l->st.v[st->d].kind == L_UNBOUND) {
            leave(l);
            break;
        }
        if (l->st.v[st->d].kind == L_MEM) {
            as_object(l, st->d); /* it must be bound */
        }
        if (l->s->framed) {
            emit(l, IR_LOCAL_CLEAR, NULL, 0, st->d);
        }
        {
            const LocalState old = l->st.v[st->d];
            l->st.v[st->d] = (LocalState){L_UNBOUND, 0, 0};
            drop(l, old);
        }
        break;
    case ST_SAME:
        a = guarded_object(l, st->a, usual_class(l, st->a));
        b = a != 0 ? guarded_object(l, st->b, usual_class(l, st->b)) : 0;
        if (b != 0) {
            a = emit1(l, IR_B2I, emit2(l, IR_OIS, a, b), 0);
            give_number(l, st->d, L_I64, a);
        }
        break;
    case ST_RETURN:
        if ((a = as_object(l, st->a)) != 0) {
            move_on(l, 2 * l->at + 1, a);
            drop_all(l, a);
            emit1(l, IR_RETURN, a, 0);
            l->block = UINT32_MAX;
        }
        break;
    case ST_JUMP:
    case ST_LESS:
    case ST_NOP:
        break;
    }
}

static void
lower_entry(Lower *l)
{
    l->block = ir_block_new(l->fn, 0);
    for (uint32_t k = 0; k < N_LOCALS - 2; k++) {
        if (l->s->framed) {
            l->st.v[k] = (LocalState){L_MEM, 0, 0};
        }
        else {
            bool given = (l->s->given >> k) & 1;
            IrRef r = emit(l, given ? IR_PARAM_OWN : IR_PARAM_O, NULL, 0, k);
            l->fn->sig[k] = given ? 'O' : 'o';
            l->st.v[k] = (LocalState){L_OBJ, r, 0};
        }
    }
}

IrFn *
lower_source(const Source *s, Arena *arena)
{
    Lower l = {.s = s, .r = random_start(s->seed + 5)};
    l.fn = ir_fn_new(arena, "random", N_LOCALS);
    l.fn->framed = s->framed;
    l.fn->entry_kind = 1;
    strcpy(l.fn->sig, "ooooooooo:o");
    memset(l.block_of, 0xff, sizeof(l.block_of));
    lower_entry(&l);
    for (uint32_t i = 0; i < s->n; i++) {
        const Stmt *st = &s->stmts[i];
        if (st->is_target) {
            begin_target(&l, i);
        }
        l.at = i;
        l.n_operands = 0;
        move_on(&l, 2 * i, 0);
        if (l.block == UINT32_MAX) {
            continue;
        }
        if (st->kind == ST_JUMP) {
            jump_to(&l, (uint32_t)st->k);
        }
        else if (st->kind == ST_LESS) {
            lower_less(&l, st, i + 1);
        }
        else {
            lower_stmt(&l, st);
            if (l.block != UINT32_MAX && l.n_operands > 0) {
                end_operands(&l, 2 * i + 2, 0);
            }
        }
    }
    if (l.block != UINT32_MAX) {
        move_on(&l, 2 * s->n, 0);
        leave(&l);
    }
    ir_drop_unreachable(l.fn);
    return l.fn;
}
