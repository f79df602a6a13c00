/* What an instruction lets go of.
 *
 * The interpreter's stack entries and locals each hold a reference; a value of
 * the IR holds one at most for all slots it is in.  Where the last of them
 * goes the object may die, and everybody may see that: finalisers and weak
 * references tell.  So each instruction is followed by a DROP for every object
 * that was in a slot before it and is in none behind it, in the order in which
 * the interpreter gives them up: from the bottom of the stack to its top, then
 * what a store replaced.
 *
 * Found by comparing the two states, not by each lowering for itself.  Not
 * dropped is what the instruction put into a container, which holds it now,
 * and the callee of a direct call, which its frame holds.  The locals of a
 * framed function are the frame's: LOCAL_REPLACE and LOCAL_CLEAR look after
 * what they held. */
#include "build_int.h"

#include "exit_kinds.h"

/* The objects of a slot: its own, or those an iterator goes through. */
static uint32_t
slot_objects(const AbsVal *v, IrRef out[2])
{
    switch ((AbsKind)v->kind) {
    case K_OBJ:
        if (v->cls != IR_CLASS_ANY && ir_class_is_simple[v->cls]) {
            return 0; /* these may die at any time */
        }
        out[0] = v->a;
        return 1;
    case K_MAYBE:
    case K_LISTIT:
    case K_TUPIT:
        out[0] = v->a;
        return 1;
    case K_ENUM:
        out[0] = v->a;
        return v->cls != IR_CLASS_STR;
    case K_ZIP:
        out[0] = v->a;
        out[1] = v->c;
        return v->cls != IR_CLASS_STR ? 2 : 0;
    case K_NULL:
    case K_MEM:
    case K_OBJ_I64:
    case K_OBJ_F64:
    case K_I64:
    case K_F64:
    case K_BOOL:
    case K_COMPLEX:
    case K_DYN:
    case K_RANGE:
    case K_STRIT:
        break;
    }
    return 0;
}

static uint32_t
first_slot(const Builder *b)
{
    return b->framed ? b->nl : 0;
}

static bool
is_in_state(const Builder *b, const State *s, IrRef object)
{
    for (uint32_t i = first_slot(b); i < b->nl + s->n_stack; i++) {
        IrRef objects[2];
        uint32_t n = slot_objects(&s->v[i], objects);
        for (uint32_t k = 0; k < n; k++) {
            if (objects[k] == object) {
                return true;
            }
        }
    }
    return false;
}

static bool
outlives_activation(Builder *b, IrRef object)
{
    switch (ins_of(b, object)->op) {
    case IR_PARAM_O:
    case IR_CONST_OBJ:
    case IR_SINGLETON:
    case IR_SYMBOL:
        return true;
    default:
        return false;
    }
}

/* Does this operation put the object where it is held? */
static bool
keeps(const IrIns *ins, IrRef object)
{
    uint32_t first = ins->n_args;
    switch (ins->op) {
    case IR_LIST_NEW:
    case IR_TUPLE_NEW:
    case IR_RANGE_NEW:
    case IR_SLICE_NEW:
        first = 0;
        break;
    case IR_OBJECT_NEW:
        first = 1; /* behind the __init__ */
        break;
    case IR_LIST_FILL:
    case IR_DICT_SET:
    case IR_LIST_APPEND:
    case IR_LIST_SET:
    case IR_ATTR_SET:
    case IR_CELL_SET:
        first = ins->n_args - 1u;
        break;
    case IR_CALL_DIRECT:
    case IR_CALL_INIT: /* its frame has the function, and
                        * takes these arguments */
        for (uint32_t i = 0; i < ins->n_args; i++) {
            if (ins->args[i] == object && (i == 0 || ir_call_takes(ins, i))) {
                return true;
            }
        }
        return false;
    case IR_PY: /* the callee takes what ends here */
        for (uint32_t i = 1; i < ins->n_args; i++) {
            if (ins->args[i] == object && ir_call_takes(ins, i)) {
                return true;
            }
        }
        return false;
    default:
        return false;
    }
    for (uint32_t i = first; i < ins->n_args; i++) {
        if (ins->args[i] == object) {
            return true;
        }
    }
    return false;
}

static bool
was_kept(Builder *b, IrRef object)
{
    for (IrRef r = b->first_ins; r < b->fn->n_ins; r++) {
        if (keeps(ins_of(b, r), object)) {
            return true;
        }
    }
    return false;
}

static void
drop(Builder *b, IrRef object, IrSnapId snap)
{
    IrRef r = emit1(b, IR_DROP, object);
    ins_of(b, r)->snap = snap;
}

static void
owe(Builder *b, IrRef object)
{
    for (uint32_t i = 0; i < b->n_owed; i++) {
        if (b->owed[i] == object) {
            return;
        }
    }
    if (b->n_owed == MAX_OWED) {
        b->failed = true;
        b->bail = BAIL_TOO_LARGE;
        return;
    }
    b->owed[b->n_owed++] = object;
}

/* What was in slots from first on of the state before, and is no more. */
static void
owe_gone(Builder *b, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        IrRef objects[2];
        uint32_t n = slot_objects(&b->pre.v[i], objects);
        for (uint32_t k = 0; k < n; k++) {
            if (!outlives_activation(b, objects[k])
                && !is_in_state(b, &b->st, objects[k])
                && !was_kept(b, objects[k])) {
                owe(b, objects[k]);
            }
        }
    }
}

void
drops_begin(Builder *b)
{
    b->first_ins = b->fn->n_ins;
    b->n_boxes = 0;
    if (b->retry_end == NULL) {
        b->n_owed = 0; /* they have been dropped */
    }
}

void
drops_end(Builder *b, uint32_t off)
{
    if (b->block == NO_BLOCK || b->failed) {
        return;
    }
    uint32_t before = b->n_owed;
    owe_gone(b, b->nl, b->nl + b->pre.n_stack);
    owe_gone(b, first_slot(b), b->nl);
    if (b->retry_end != NULL || b->n_owed == 0) {
        return;
    }
    IrSnapId snap = snap_now(b, off, EXIT_KIND_GUARD, EXIT_DROP);
    for (uint32_t i = 0; i < b->n_owed; i++) {
        drop(b, b->owed[i], snap);
    }
    b->n_owed = before; /* the other way out of a branch has its own */
}

void
drops_return(Builder *b, const AbsVal *v)
{
    State now = state_new(b);
    if (now.v == NULL) {
        return;
    }
    state_copy(b, &now, &b->pre);
    for (uint32_t k = 0; k < b->nl; k++) {
        IrRef objects[2];
        uint32_t n = slot_objects(&now.v[k], objects);
        now.v[k] = (AbsVal){.kind = K_NULL};
        if (n == 1 && !outlives_activation(b, objects[0])
            && !is_in_state(b, &now, objects[0])
            && !(v->kind == K_OBJ && v->a == objects[0])) {
            now.v[k] = b->pre.v[k];
            drop(b, objects[0],
                 snap_of(b, &now, b->ins->off, EXIT_KIND_GUARD, EXIT_DROP));
            now.v[k] = (AbsVal){.kind = K_NULL};
        }
    }
}
