/* The class of each local of a code object, as far as the profile tells: from
 * the values stored into it, the arguments it received, and the operations
 * its value took part in.  The last matter where the code was entered once,
 * before anything was recorded, and is hot by a loop.
 *
 * Uses are found by following loads through the stack within a basic block. */
#include "local_types.h"

#include <string.h>

typedef struct {
    const BcCode *code;
    const ProfileCode *profile;
    FeedbackType *out;
    bool *as_object;
    bool *conflict;
    int32_t *stack; /* local a stack entry came from, or -1 */
    uint32_t n, cap;
} Walk;

static void
note(Walk *w, int32_t local, const BcIns *ins, ProfileKind kind, uint32_t slot)
{
    if (local < 0 || (uint32_t)local >= w->code->image->nlocalsplus) {
        return;
    }
    FeedbackType t = feedback_type(w->profile, ins->off, kind, slot);
    FeedbackType *have = &w->out[local];
    if (!t.seen) {
        return;
    }
    bool big = t.has_big || have->has_big;
    if (have->seen && have->cls != t.cls) {
        w->conflict[local] = true;
    }
    else {
        *have = t;
    }
    have->has_big = big;
}

static void
push_from(Walk *w, int32_t local)
{
    if (w->n < w->cap) {
        w->stack[w->n++] = local;
    }
}

static int32_t
pop_from(Walk *w)
{
    return w->n > 0 ? w->stack[--w->n] : -1;
}

static void
use_object(Walk *w, int32_t local)
{
    if (local >= 0 && (uint32_t)local < w->code->image->nlocalsplus) {
        w->as_object[local] = true;
    }
}

/* What is on the stack goes where this walk does not follow. */
static void
lose_stack(Walk *w)
{
    while (w->n > 0) {
        use_object(w, pop_from(w));
    }
}

/* Operands with TYPE feedback: pop them, push results of unknown origin.
 *
 * objects  bit d: the d-th operand from the top is kept, passed on, or looked
 *          at as an object, not only as a number */
static void
consume(Walk *w, const BcIns *ins, uint32_t pops, uint32_t pushes,
        uint32_t objects)
{
    for (uint32_t d = 0; d < pops; d++) {
        int32_t local = pop_from(w);
        note(w, local, ins, PROFILE_TYPE, d);
        if ((objects >> (d < 31 ? d : 31)) & 1) {
            use_object(w, local);
        }
    }
    for (uint32_t i = 0; i < pushes; i++) {
        push_from(w, -1);
    }
}

/* An index into a sequence is a number; a key of anything else an object. */
static bool
is_sequence_index(const Walk *w, const BcIns *ins)
{
    switch (feedback_type(w->profile, ins->off, PROFILE_TYPE, 1).cls) {
    case IR_CLASS_LIST:
    case IR_CLASS_TUPLE:
    case IR_CLASS_STR:
    case IR_CLASS_BYTES:
    case IR_CLASS_BYTEARRAY:
        return true;
    default:
        return false;
    }
}

/* Operands that are passed on to no method of somebody else. */
static bool
are_numbers(const Walk *w, const BcIns *ins)
{
    for (uint32_t d = 0; d < 2; d++) {
        FeedbackType t = feedback_type(w->profile, ins->off, PROFILE_TYPE, d);
        if (t.seen && t.cls != IR_CLASS_INT && t.cls != IR_CLASS_FLOAT
            && t.cls != IR_CLASS_BOOL && t.cls != IR_CLASS_COMPLEX
            && t.cls != IR_CLASS_STR) {
            return false;
        }
    }
    return true;
}

#define ALL_OBJECTS UINT32_MAX

static void
step(Walk *w, const BcIns *ins)
{
    uint32_t a = ins->a, b = ins->b;
    switch (ins->op) {
    case BC_NOP:
    case BC_RESUME:
    case BC_JUMP_BACKWARD:
    case BC_JUMP_FORWARD:
    case BC_COPY_FREE_VARS:
        return;
    case BC_LOAD_LOCAL:
    case BC_LOAD_LOCAL_CHECK:
        push_from(w, (int32_t)a);
        return;
    case BC_LOAD_LOCAL_LOAD_LOCAL:
        push_from(w, (int32_t)a);
        push_from(w, (int32_t)b);
        return;
    case BC_STORE_LOCAL:
        use_object(w, pop_from(w));
        note(w, (int32_t)a, ins, PROFILE_TYPE, 0);
        return;
    case BC_STORE_LOCAL_LOAD_LOCAL:
        use_object(w, pop_from(w));
        note(w, (int32_t)a, ins, PROFILE_TYPE, 0);
        push_from(w, (int32_t)b);
        return;
    case BC_STORE_LOCAL_STORE_LOCAL:
        use_object(w, pop_from(w));
        use_object(w, pop_from(w));
        note(w, (int32_t)a, ins, PROFILE_TYPE, 0);
        note(w, (int32_t)b, ins, PROFILE_TYPE, 1);
        return;
    case BC_LOAD_CONST:
    case BC_LOAD_DEREF:
    case BC_PUSH_NULL:
        push_from(w, -1);
        return;
    case BC_LOAD_GLOBAL:
        push_from(w, -1);
        if (b != 0) {
            push_from(w, -1);
        }
        return;
    case BC_LOAD_NAME:
        push_from(w, -1);
        return;
    case BC_STORE_NAME:
    case BC_STORE_GLOBAL:
    case BC_STORE_DEREF:
        use_object(w, pop_from(w));
        return;
    case BC_COPY:
        push_from(w, a <= w->n ? w->stack[w->n - a] : -1);
        return;
    case BC_SWAP:
        if (a <= w->n && a > 0) {
            int32_t t = w->stack[w->n - 1];
            w->stack[w->n - 1] = w->stack[w->n - a];
            w->stack[w->n - a] = t;
        }
        return;
    case BC_POP_TOP:
        pop_from(w);
        return;
    case BC_BINARY_OP:
    case BC_COMPARE_OP:
        consume(w, ins, 2, 1, are_numbers(w, ins) ? 0 : ALL_OBJECTS);
        return;
    case BC_CONTAINS_OP:
        consume(w, ins, 2, 1, ALL_OBJECTS);
        return;
    case BC_BINARY_SUBSCR:
        consume(w, ins, 2, 1, is_sequence_index(w, ins) ? 0 : ALL_OBJECTS);
        return;
    case BC_BINARY_SLICE:
        consume(w, ins, 3, 1, 0);
        return;
    case BC_STORE_SUBSCR:
        consume(w, ins, 3, 0,
                is_sequence_index(w, ins) ? 1u << 2 : ALL_OBJECTS);
        return;
    case BC_TO_BOOL:
    case BC_UNARY_NEGATIVE:
    case BC_UNARY_INVERT:
    case BC_GET_ITER:
        consume(w, ins, 1, 1, 0);
        return;
    case BC_LOAD_ATTR:
        consume(w, ins, 1, 1 + b, ALL_OBJECTS);
        return;
    case BC_STORE_ATTR:
        consume(w, ins, 2, 0, ALL_OBJECTS);
        return;
    case BC_POP_JUMP_IF_FALSE:
    case BC_POP_JUMP_IF_TRUE:
        consume(w, ins, 1, 0, 0);
        return;
    case BC_LIST_APPEND:
    case BC_RETURN_VALUE:
        consume(w, ins, 1, 0, ALL_OBJECTS);
        return;
    case BC_UNPACK_SEQUENCE:
        consume(w, ins, 1, a, 0);
        return;
    case BC_CALL:
        consume(w, ins, a, 0, ALL_OBJECTS);
        use_object(w, pop_from(w));
        use_object(w, pop_from(w));
        push_from(w, -1);
        return;
    default:
        lose_stack(w);
        return;
    }
}

FeedbackType *
local_types(const BcCode *code, const ProfileCode *profile, Arena *arena,
            bool **as_object)
{
    uint32_t nl = code->image->nlocalsplus;
    Walk w = {.code = code,
              .profile = profile,
              .out = ARENA_NEW_ARRAY(arena, FeedbackType, nl + 1),
              .as_object = ARENA_NEW_ARRAY(arena, bool, nl + 1),
              .conflict = ARENA_NEW_ARRAY(arena, bool, nl + 1),
              .cap = code->image->stacksize + 4};
    w.stack = ARENA_NEW_ARRAY(arena, int32_t, w.cap + 1);
    *as_object = w.as_object;
    if (w.out == NULL || w.as_object == NULL || w.conflict == NULL
        || w.stack == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        if (ins->is_leader) {
            lose_stack(&w);
        }
        if (ins->op == BC_RESUME && ins->a == BC_AT_START) {
            for (uint32_t k = 0; k < code->image->argcount; k++) {
                note(&w, (int32_t)k, ins, PROFILE_ARG, k);
            }
        }
        step(&w, ins);
    }
    for (uint32_t k = 0; k < nl; k++) {
        if (w.conflict[k]) {
            w.out[k].cls = IR_CLASS_ANY;
        }
    }
    return w.out;
}
