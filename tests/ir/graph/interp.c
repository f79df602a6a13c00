/* An interpreter of IR with reference counts: the operations that lower.c
 * makes and what the passes make of them. */
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef union {
    int64_t i;
    double f;
    Obj *o;
} Value;

typedef struct {
    const IrFn *fn;
    World *w;
    Value *v;
    uint64_t r; /* exits that are taken without need */
    uint32_t chance;
    uint32_t steps;
    bool returned;
    Obj *given[N_LOCALS]; /* arguments whose reference is the code's */
} Interp;

static const IrIns *
ins_of(const Interp *p, IrRef r)
{
    return &p->fn->ins[r];
}

/* An object that is used: it must be there. */
static Obj *
object(Interp *p, IrRef r)
{
    Obj *o = p->v[r].o;
    if (o == NULL) {
        world_fault(p->w, "NULL is used");
        return p->w->none;
    }
    if (o->dead) {
        char what[80];
        snprintf(what, sizeof(what), "v%u is used when it is dead", r);
        world_fault(p->w, what);
        return p->w->none;
    }
    return o;
}

/* --- addresses ----------------------------------------------------------- */

/* list.items: which list, at which of its lengths.  Objects are told by their
 * place in the chain of all. */
static int64_t
address_of(const Obj *list)
{
    return (int64_t)(((uintptr_t)list << 12) | ((list->version & 31) << 6));
}

static Obj *
list_at(Interp *p, int64_t address)
{
    for (Obj *o = p->w->all; o != NULL; o = o->next) {
        if (o->cls == IR_CLASS_LIST
            && (address_of(o) | 63) == (address | 63)) {
            if (o->dead) {
                break;
            }
            return o;
        }
    }
    world_fault(p->w, "the address of elements is out of date");
    return NULL;
}

static Obj **
element(Interp *p, Obj *list, int64_t index)
{
    if (list == NULL || index < 0 || index >= list->n_items) {
        world_fault(p->w, "an index is out of bounds");
        return NULL;
    }
    return &list->items[index];
}

/* --- exits --------------------------------------------------------------- */

enum { MAX_PARTS = 512 };

/* tuples: by the first of their parts, borrowed */
static Obj *
snap_object(Interp *p, const IrSnap *snap, const IrSnapVal *val, Obj **tuples)
{
    World *w = p->w;
    switch ((IrSnapKind)val->kind) {
    case SNAP_NULL:
        return NULL;
    case SNAP_TUPLE:
    case SNAP_SLICE: {
        Obj *items[MAX_ITEMS];
        if (tuples[val->first] != NULL) {
            obj_incref(w, tuples[val->first]);
            return tuples[val->first];
        }
        for (uint32_t k = 0; k < val->n; k++) {
            items[k] = snap_object(
                p, snap, &snap->vals[ir_snap_n_slots(snap) + val->first + k],
                tuples);
        }
        tuples[val->first] = val->kind == SNAP_TUPLE
                                 ? obj_tuple(w, items, val->n)
                                 : obj_slice(w, items, val->n);
        return tuples[val->first];
    }
    case SNAP_REF:
        switch ((IrType)ins_of(p, val->a)->type) {
        case IR_I64:
            return obj_int(w, p->v[val->a].i);
        case IR_F64:
            return obj_float(w, p->v[val->a].f);
        case IR_OBJ: {
            Obj *o = object(p, val->a);
            obj_incref(w, o);
            return o;
        }
        default:
            break;
        }
        break;
    default:
        break;
    }
    world_fault(w, "a snapshot entry of an unknown kind");
    return NULL;
}

/* Make the frame; the references that the code owned go when it is complete.
 * What a slot held before is not seen to die: it is a number's old object. */
static void
write_frame(Interp *p, IrSnapId id, const IrIns *ins)
{
    const IrSnap *snap = &p->fn->snaps[id];
    Obj *old[N_LOCALS] = {0}, *tuples[MAX_PARTS] = {0};
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        const IrSnapVal *val = &snap->vals[k];
        if (val->kind == SNAP_MEM) {
            if (val->a != 0 && p->v[val->a].o != p->w->frame[k]
                && !p->w->frame_written) {
                world_fault(p->w, "the frame does not hold what is known");
            }
            continue;
        }
        old[k] = p->w->frame[k];
        p->w->frame[k] = snap_object(p, snap, val, tuples);
    }
    if (snap->n_stack > 0) {
        p->w->stack = snap_object(p, snap, &snap->vals[N_LOCALS], tuples);
    }
    for (uint32_t k = 0; k < N_LOCALS; k++) {
        if (!obj_is_simple(old[k]) && obj_would_be_seen(old[k])) {
            world_fault(p->w, "an exit overwrites an object in the frame");
        }
        obj_decref(p->w, old[k]);
    }
    for (uint32_t i = 0; i < ins->n_release; i++) {
        obj_decref(p->w, p->v[ins->release[i]].o);
    }
}

/* --- operations ---------------------------------------------------------- */

typedef enum { GO_ON, EXITS, RAISES } Outcome;

static Outcome
run_int(Interp *p, const IrIns *ins, Value *out)
{
    int64_t a = ins->n_args > 0 ? p->v[ins->args[0]].i : 0;
    int64_t b = ins->n_args > 1 ? p->v[ins->args[1]].i : 0;
    switch (ins->op) {
    case IR_IADD:
        return __builtin_add_overflow(a, b, &out->i) ? EXITS : GO_ON;
    case IR_ISUB:
        return __builtin_sub_overflow(a, b, &out->i) ? EXITS : GO_ON;
    case IR_IMUL:
        return __builtin_mul_overflow(a, b, &out->i) ? EXITS : GO_ON;
    case IR_IADD_NC:
    case IR_ISUB_NC:
    case IR_IMUL_NC: {
        bool big = ins->op == IR_IADD_NC
                       ? __builtin_add_overflow(a, b, &out->i)
                   : ins->op == IR_ISUB_NC
                       ? __builtin_sub_overflow(a, b, &out->i)
                       : __builtin_mul_overflow(a, b, &out->i);
        if (big) {
            world_fault(p->w, "an operation overflows that cannot");
        }
        return GO_ON;
    }
    case IR_INEG:
        return __builtin_sub_overflow((int64_t)0, a, &out->i) ? EXITS : GO_ON;
    case IR_IABS:
        out->i = a < 0 ? -a : a;
        return a == INT64_MIN ? EXITS : GO_ON;
    case IR_IINV:
        out->i = ~a;
        return GO_ON;
    case IR_IFDIV:
    case IR_IMOD: {
        if (b == 0 || (a == INT64_MIN && b == -1)) {
            return EXITS;
        }
        int64_t q = a / b, m = a % b;
        if (m != 0 && (m < 0) != (b < 0)) {
            q--;
            m += b;
        }
        out->i = ins->op == IR_IMOD ? m : q;
        return GO_ON;
    }
    case IR_IAND:
        out->i = a & b;
        return GO_ON;
    case IR_IOR:
        out->i = a | b;
        return GO_ON;
    case IR_IXOR:
        out->i = a ^ b;
        return GO_ON;
    case IR_ISHL:
        if (b < 0 || b > 62) {
            return EXITS;
        }
        return __builtin_mul_overflow(a, (int64_t)1 << b, &out->i) ? EXITS
                                                                   : GO_ON;
    case IR_ISHR:
        out->i = b > 63 ? (a < 0 ? -1 : 0) : b < 0 ? 0 : a >> b;
        return b < 0 ? EXITS : GO_ON;
    case IR_IMIN:
        out->i = a < b ? a : b;
        return GO_ON;
    case IR_IMAX:
        out->i = a > b ? a : b;
        return GO_ON;
    case IR_IADD_IF:
    case IR_ISUB_IF:
        out->i = a;
        if (!p->v[ins->args[2]].i) {
            return GO_ON;
        }
        return (ins->op == IR_IADD_IF ? __builtin_add_overflow(a, b, &out->i)
                                      : __builtin_sub_overflow(a, b, &out->i))
                   ? EXITS
                   : GO_ON;
    case IR_SELECT_I:
    case IR_SELECT_B:
        *out = p->v[ins->args[a ? 1 : 2]];
        return GO_ON;
    case IR_ICMP:
        out->i = ins->imm == IR_LT   ? a < b
                 : ins->imm == IR_LE ? a <= b
                 : ins->imm == IR_EQ ? a == b
                 : ins->imm == IR_NE ? a != b
                 : ins->imm == IR_GT ? a > b
                                     : a >= b;
        return GO_ON;
    case IR_BNOT:
        out->i = !a;
        return GO_ON;
    case IR_B2I:
        out->i = a;
        return GO_ON;
    case IR_I2F:
        out->f = (double)a;
        return GO_ON;
    case IR_INDEX:
        out->i = b < 0 ? b + a : b;
        if (ins->imm == 2 && b < 0) {
            world_fault(p->w, "an index is negative that is said not to be");
        }
        return out->i < 0 || out->i >= a ? EXITS : GO_ON;
    default:
        world_fault(p->w, "an operation that is not known here");
        return GO_ON;
    }
}

static Outcome
run_float(Interp *p, const IrIns *ins, Value *out)
{
    double a = ins->n_args > 0 ? p->v[ins->args[0]].f : 0;
    double b = ins->n_args > 1 ? p->v[ins->args[1]].f : 0;
    switch (ins->op) {
    case IR_FADD:
        out->f = a + b;
        break;
    case IR_FSUB:
        out->f = a - b;
        break;
    case IR_FMUL:
        out->f = a * b;
        break;
    case IR_FNEG:
        out->f = -a;
        break;
    case IR_BITS_F64:
        memcpy(&out->i, &a, sizeof(a));
        break;
    case IR_FCMP:
        out->i = ins->imm == IR_LT   ? a < b
                 : ins->imm == IR_LE ? a <= b
                 : ins->imm == IR_EQ ? a == b
                 : ins->imm == IR_NE ? a != b
                 : ins->imm == IR_GT ? a > b
                                     : a >= b;
        break;
    default:
        world_fault(p->w, "an operation that is not known here");
        break;
    }
    return GO_ON;
}

/* Store a number: into an object that nobody else holds, or a new one. */
static Outcome
store_number(Interp *p, Obj **place, const IrIns *ins)
{
    bool is_float = ins->op == IR_LIST_SET_F || ins->op == IR_ATTR_SET_F
                    || ins->op == IR_CELL_SET_F;
    Value value = p->v[ins->args[ins->n_args - 1]];
    Obj *old = *place;
    IrClass cls = is_float ? IR_CLASS_FLOAT : IR_CLASS_INT;
    if (!obj_is_simple(old)) {
        return EXITS;
    }
    if (old != NULL && old->cls == cls && old->refs == 1) {
        old->i = is_float ? 0 : value.i;
        old->f = is_float ? value.f : 0;
        return GO_ON;
    }
    world_store(p->w, place,
                is_float ? obj_float(p->w, value.f) : obj_int(p->w, value.i));
    return GO_ON;
}

/* Store an object; exits where the old one would be seen to die, or may run
 * code and the operation cannot. */
static Outcome
store_object(Interp *p, Obj **place, const IrIns *ins)
{
    IrRef r = ins->args[ins->n_args - 1];
    Obj *o = object(p, r);
    if (obj_would_be_seen(*place) && (ir_ops[ins->op].flags & IRF_EXIT)) {
        return EXITS;
    }
    if (!ins->steal) {
        obj_incref(p->w, o);
    }
    world_store(p->w, place, o);
    return GO_ON;
}

static Obj **
list_place(Interp *p, const IrIns *ins)
{
    int64_t at = p->v[ins->args[1]].i;
    if (ins->aux == 1) { /* a list.cell */
        Obj *list = list_at(p, at);
        if (list != NULL && list != p->v[ins->args[0]].o) {
            world_fault(p->w, "an element of another list");
        }
        return element(p, list, at & 63);
    }
    Obj *list = object(p, ins->args[0]);
    if (list->cls != IR_CLASS_LIST) {
        world_fault(p->w, "a list operation on something else");
        return NULL;
    }
    at = at < 0 ? at + list->n_items : at;
    return at < 0 || at >= list->n_items ? NULL : &list->items[at];
}

static Outcome
run_list(Interp *p, const IrIns *ins, Value *out)
{
    World *w = p->w;
    Obj **place;
    switch (ins->op) {
    case IR_LIST_LEN:
    case IR_TUPLE_LEN:
        out->i = object(p, ins->args[0])->n_items;
        return GO_ON;
    case IR_LIST_ITEMS:
        out->i = address_of(object(p, ins->args[0]));
        return GO_ON;
    case IR_LIST_GET: {
        Obj *list = object(p, ins->args[0]);
        int64_t at = p->v[ins->args[1]].i;
        if ((ins->imm & 2) && at < 0) {
            world_fault(w, "an index is negative that is said not to be");
        }
        at = at < 0 ? at + list->n_items : at;
        if (at < 0 || at >= list->n_items) {
            if (ins->imm & 1) {
                world_fault(w, "an index is out of bounds");
            }
            return EXITS;
        }
        out->o = list->items[at];
        return GO_ON;
    }
    case IR_LIST_ITEM: {
        Obj *list = list_at(p, p->v[ins->args[1]].i);
        if (list != NULL && list != p->v[ins->args[0]].o) {
            world_fault(w, "the elements of another list");
        }
        place = element(p, list, p->v[ins->args[2]].i);
        out->o = place != NULL ? *place : w->none;
        return GO_ON;
    }
    case IR_LIST_CELL:
        out->i = p->v[ins->args[0]].i + p->v[ins->args[1]].i;
        return GO_ON;
    case IR_LIST_SET:
    case IR_LIST_SET_I:
    case IR_LIST_SET_F:
        place = list_place(p, ins);
        if (place == NULL) {
            return EXITS;
        }
        return ins->op == IR_LIST_SET ? store_object(p, place, ins)
                                      : store_number(p, place, ins);
    case IR_LIST_APPEND: {
        Obj *list = object(p, ins->args[0]);
        Obj *o = object(p, ins->args[1]);
        if (list->n_items >= MAX_ITEMS) {
            return EXITS;
        }
        obj_incref(w, o);
        list_insert(w, list, list->n_items, o);
        if (ins->steal) {
            obj_decref(w, o);
        }
        return GO_ON;
    }
    case IR_TUPLE_GET: {
        Obj *tuple = object(p, ins->args[0]);
        int64_t at = p->v[ins->args[1]].i;
        at = at < 0 ? at + tuple->n_items : at;
        if (at < 0 || at >= tuple->n_items) {
            return EXITS;
        }
        out->o = tuple->items[at];
        return GO_ON;
    }
    case IR_SLICE_GET:
        out->o = object(p, ins->args[0])->items[ir_part(ins)];
        return GO_ON;
    case IR_SLICE_NEW:
    case IR_TUPLE_NEW:
    case IR_LIST_NEW: {
        Obj *items[MAX_ITEMS];
        for (uint32_t i = 0; i < ins->n_args; i++) {
            items[i] = object(p, ins->args[i]);
            if (ins->op == IR_SLICE_NEW || !((ins->aux >> i) & 1)) {
                obj_incref(w, items[i]);
            }
        }
        out->o = ins->op == IR_SLICE_NEW  ? obj_slice(w, items, ins->n_args)
                 : ins->op == IR_LIST_NEW ? obj_list(w, items, ins->n_args)
                                          : obj_tuple(w, items, ins->n_args);
        return GO_ON;
    }
    default:
        world_fault(w, "an operation that is not known here");
        return GO_ON;
    }
}

static Outcome
run_place(Interp *p, const IrIns *ins, Value *out)
{
    World *w = p->w;
    Obj *o;
    switch (ins->op) {
    case IR_ATTR_GET:
        o = object(p, ins->args[0]);
        out->o = o->attrs[ins->aux];
        return out->o == NULL ? EXITS : GO_ON;
    case IR_ATTR_SET:
        return store_object(p, &object(p, ins->args[0])->attrs[ins->aux], ins);
    case IR_ATTR_SET_I:
    case IR_ATTR_SET_F:
        return store_number(p, &object(p, ins->args[0])->attrs[ins->aux], ins);
    case IR_GLOBAL_CELL:
        out->i = 77 + ins->imm;
        return GO_ON;
    case IR_CELL_GET:
        out->o = w->cells[ins->imm];
        return GO_ON;
    case IR_CELL_SET:
        return store_object(p, &w->cells[ins->imm], ins);
    case IR_CELL_SET_I:
    case IR_CELL_SET_F:
        return store_number(p, &w->cells[ins->imm], ins);
    case IR_LOCAL_GET:
        out->o = w->frame[ins->imm];
        return out->o == NULL ? EXITS : GO_ON;
    case IR_LOCAL_SET:
        if (!obj_is_simple(w->frame[ins->imm])) {
            world_fault(w, "local.set on an object of no simple class");
        }
        return store_object(p, &w->frame[ins->imm], ins);
    case IR_LOCAL_REPLACE:
        return store_object(p, &w->frame[ins->imm], ins);
    case IR_LOCAL_CLEAR:
        o = w->frame[ins->imm];
        if (ins->aux != 0 && o != NULL
            && (o->cls == IR_CLASS_INT || o->cls == IR_CLASS_FLOAT)) {
            return GO_ON;
        }
        if (obj_would_be_seen(o) && ins->snap != 0) {
            return EXITS;
        }
        world_store(w, &w->frame[ins->imm], NULL);
        return GO_ON;
    default:
        world_fault(w, "an operation that is not known here");
        return GO_ON;
    }
}

static Outcome
run_call(Interp *p, const IrIns *ins, Value *out)
{
    Obj *args[2];
    for (uint32_t i = 0; i < 2; i++) {
        args[i] = object(p, ins->args[i]);
    }
    out->o = world_event(p->w, args, 2);
    for (uint32_t i = 0; i < 2; i++) {
        object(p, ins->args[i]); /* alive to its end */
    }
    return out->o == NULL ? RAISES : GO_ON;
}

static bool
has_class(const Obj *o, int64_t cls)
{
    return o->cls == cls;
}

static Outcome
run_ins(Interp *p, const IrIns *ins, Value *out)
{
    World *w = p->w;
    switch (ins->op) {
    case IR_CONST_I64:
    case IR_CONST_BOOL:
        out->i = ins->imm;
        return GO_ON;
    case IR_CONST_F64:
        out->f = ins->fimm;
        return GO_ON;
    case IR_SYMBOL: /* "int:5" */
        out->o = world_small_int(w, strtoll(ins->text + 4, NULL, 10));
        return GO_ON;
    case IR_PARAM_O:
        out->o = w->caller[ins->imm];
        return GO_ON;
    case IR_PARAM_OWN:
        out->o = p->given[ins->imm];
        return GO_ON;
    case IR_GUARD:
        return p->v[ins->args[0]].i ? GO_ON : EXITS;
    case IR_GUARD_NOT:
        return p->v[ins->args[0]].i ? EXITS : GO_ON;
    case IR_GUARD_CLASS:
        return has_class(object(p, ins->args[0]), ins->imm) ? GO_ON : EXITS;
    case IR_GUARD_TYPE:
        return has_class(object(p, ins->args[0]), IR_CLASS_USER) ? GO_ON
                                                                 : EXITS;
    case IR_GUARD_SAME:
        return object(p, ins->args[0]) == object(p, ins->args[1]) ? GO_ON
                                                                  : EXITS;
    case IR_IS_CLASS:
        out->i = has_class(object(p, ins->args[0]), ins->imm);
        return GO_ON;
    case IR_UNBOX_I64:
        out->i = object(p, ins->args[0])->i;
        return has_class(p->v[ins->args[0]].o, IR_CLASS_INT) ? GO_ON : EXITS;
    case IR_UNBOX_F64:
        out->f = object(p, ins->args[0])->f;
        return has_class(p->v[ins->args[0]].o, IR_CLASS_FLOAT) ? GO_ON : EXITS;
    case IR_BOX_I64:
        out->o = obj_int(w, p->v[ins->args[0]].i);
        return GO_ON;
    case IR_BOX_F64:
        out->o = obj_float(w, p->v[ins->args[0]].f);
        return GO_ON;
    case IR_OIS:
        out->i = object(p, ins->args[0]) == object(p, ins->args[1]);
        return GO_ON;
    case IR_LIST_LEN:
    case IR_LIST_ITEMS:
    case IR_LIST_GET:
    case IR_LIST_ITEM:
    case IR_LIST_CELL:
    case IR_LIST_SET:
    case IR_LIST_SET_I:
    case IR_LIST_SET_F:
    case IR_LIST_APPEND:
    case IR_LIST_NEW:
    case IR_TUPLE_LEN:
    case IR_TUPLE_GET:
    case IR_TUPLE_NEW:
    case IR_SLICE_NEW:
    case IR_SLICE_GET:
        return run_list(p, ins, out);
    case IR_ATTR_GET:
    case IR_ATTR_SET:
    case IR_ATTR_SET_I:
    case IR_ATTR_SET_F:
    case IR_GLOBAL_CELL:
    case IR_CELL_GET:
    case IR_CELL_SET:
    case IR_CELL_SET_I:
    case IR_CELL_SET_F:
    case IR_LOCAL_GET:
    case IR_LOCAL_SET:
    case IR_LOCAL_REPLACE:
    case IR_LOCAL_CLEAR:
        return run_place(p, ins, out);
    case IR_PY:
        return run_call(p, ins, out);
    case IR_DROP:
        if (obj_would_be_seen(object(p, ins->args[0]))) {
            return EXITS;
        }
        obj_decref(w, p->v[ins->args[0]].o);
        return GO_ON;
    case IR_INCREF:
        obj_incref(w, object(p, ins->args[0]));
        return GO_ON;
    case IR_DECREF:
        if (ins->aux != 0 && obj_would_be_seen(object(p, ins->args[0]))) {
            world_fault(w, "a decref says that nothing is seen to die");
        }
        obj_decref(w, object(p, ins->args[0]));
        return GO_ON;
    case IR_FRAME_CHECK:
        return w->frame_written ? EXITS : GO_ON;
    case IR_BREAKER:
    case IR_TURN:
        return GO_ON;
    case IR_BREAKER_DUE:
        out->i = 0;
        return GO_ON;
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FNEG:
    case IR_FCMP:
    case IR_BITS_F64:
        return run_float(p, ins, out);
    default:
        return run_int(p, ins, out);
    }
}

/* --- blocks -------------------------------------------------------------- */

static uint32_t
follow(Interp *p, const IrEdge *edge)
{
    Value moved[64];
    const IrBlock *to = &p->fn->blocks[edge->to];
    for (uint32_t k = 0; k < edge->n_args && k < 64; k++) {
        moved[k] = p->v[edge->args[k]];
    }
    for (uint32_t k = 0; k < edge->n_args && k < 64; k++) {
        p->v[to->params[k]] = moved[k];
    }
    return edge->to;
}

/* True if the function is left: offset is where, UINT32_MAX: it is done. */
static bool
run_one(Interp *p, IrRef ref, uint32_t *offset)
{
    const IrIns *ins = ins_of(p, ref);
    World *w = p->w;
    bool by_chance = p->chance != 0 && ins->snap != 0 && ins->raise == 0
                     && (ir_flags(ins) & IRF_EXIT)
                     && random_below(&p->r, p->chance) == 0;
    Value out = {0};
    Outcome outcome = by_chance ? EXITS : run_ins(p, ins, &out);
    if (outcome == GO_ON) {
        p->v[ref] = out;
        return false;
    }
    IrSnapId id = outcome == EXITS ? ins->snap : ins->raise;
    write_frame(p, id, ins);
    *offset = p->fn->snaps[id].offset;
    if (outcome == RAISES) {
        strbuf_printf(&w->log, "fails at %u:", *offset / 2);
        for (uint32_t k = 0; k < N_LOCALS; k++) {
            strbuf_printf(&w->log, " ");
            world_describe(w, w->frame[k]);
        }
        strbuf_printf(&w->log, "\n");
        *offset = UINT32_MAX;
    }
    return true;
}

static void
run_blocks(Interp *p, uint32_t *offset)
{
    uint32_t b = 0;
    World *w = p->w;
    *offset = UINT32_MAX;
    while (!w->failed && !w->ended) {
        const IrBlock *block = &p->fn->blocks[b];
        for (uint32_t i = 0; i + 1 < block->n_ins; i++) {
            if (run_one(p, block->ins[i], offset) || w->failed) {
                return;
            }
            if (++p->steps > 20 * MAX_STEPS) {
                w->ended = true;
                return;
            }
        }
        const IrIns *last = ins_of(p, block->ins[block->n_ins - 1]);
        switch (last->op) {
        case IR_JUMP:
            b = follow(p, &block->succ[0]);
            break;
        case IR_BRANCH:
            b = follow(p, &block->succ[p->v[last->args[0]].i ? 0 : 1]);
            break;
        case IR_RETURN:
            p->returned = true;
            w->stack = object(p, last->args[0]);
            strbuf_printf(&w->log, "returns ");
            world_describe(w, w->stack);
            strbuf_printf(&w->log, "\n");
            return;
        default:
            write_frame(p, last->snap, last);
            *offset = p->fn->snaps[last->snap].offset;
            return;
        }
    }
}

uint32_t
interp_run(const IrFn *fn, const Source *s, World *w, uint32_t chance)
{
    uint32_t offset;
    Interp p = {
        .fn = fn, .w = w, .chance = chance, .r = random_start(s->seed + 9)};
    p.v = ARENA_NEW_ARRAY(w->arena, Value, fn->n_ins);
    if (!s->framed) { /* its frame is not there until it leaves */
        for (uint32_t k = 0; k < N_LOCALS; k++) {
            if ((s->given >> k) & 1) {
                p.given[k] = w->frame[k];
                w->frame[k] = NULL;
            }
            world_store(w, &w->frame[k], NULL);
        }
    }
    run_blocks(&p, &offset);
    if (offset != UINT32_MAX) {
        source_run(s, w, offset);
    }
    return p.returned ? UINT32_MAX : p.steps;
}
