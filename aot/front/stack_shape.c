/* The evaluation stack before each instruction: its depth, and which of its
 * entries may be NULL.
 *
 * NULL are the places beside a callable that is not a method, and the value of
 * a variable without one that an inlined comprehension puts away. */
#include "stack_shape.h"

#include <string.h>

/* Net effect on the stack of falling through (jump = false) or jumping. */
static int
stack_effect(const BcIns *ins, bool jump, bool *known)
{
    uint32_t a = ins->arg;
    *known = true;
    switch (ins->op) {
    case BC_NOP: case BC_RESUME: case BC_COPY_FREE_VARS: case BC_MAKE_CELL:
    case BC_JUMP_FORWARD: case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT: case BC_UNARY_INVERT:
    case BC_UNARY_NEGATIVE: case BC_UNARY_NOT: case BC_TO_BOOL:
    case BC_GET_ITER: case BC_GET_YIELD_FROM_ITER: case BC_SWAP:
    case BC_FORMAT_SIMPLE: case BC_CONVERT_VALUE: case BC_DELETE_FAST:
    case BC_DELETE_NAME: case BC_DELETE_GLOBAL: case BC_DELETE_DEREF:
    case BC_CALL_INTRINSIC_1: case BC_GET_AWAITABLE: case BC_YIELD_VALUE:
    case BC_SEND: case BC_SETUP_ANNOTATIONS: case BC_CHECK_EXC_MATCH:
    case BC_CHECK_EG_MATCH: case BC_RETURN_GENERATOR: case BC_MAKE_FUNCTION:
    case BC_LOAD_FROM_DICT_OR_DEREF: case BC_LOAD_FROM_DICT_OR_GLOBALS:
    case BC_GET_AITER: case BC_EXTENDED_ARG:
        return ins->op == BC_RETURN_GENERATOR ? 1 : 0;
    case BC_LOAD_FAST: case BC_LOAD_FAST_CHECK: case BC_LOAD_FAST_AND_CLEAR:
    case BC_LOAD_CONST: case BC_LOAD_NAME: case BC_LOAD_DEREF:
    case BC_PUSH_NULL: case BC_COPY: case BC_LOAD_BUILD_CLASS:
    case BC_LOAD_LOCALS: case BC_LOAD_ASSERTION_ERROR: case BC_IMPORT_FROM:
    case BC_GET_LEN: case BC_BEFORE_WITH: case BC_PUSH_EXC_INFO:
    case BC_MATCH_KEYS: case BC_MATCH_MAPPING: case BC_MATCH_SEQUENCE:
    case BC_WITH_EXCEPT_START: case BC_GET_ANEXT: case BC_BEFORE_ASYNC_WITH:
        return 1;
    case BC_LOAD_FAST_LOAD_FAST:
        return 2;
    case BC_STORE_FAST_LOAD_FAST:
        return 0;
    case BC_POP_TOP: case BC_STORE_FAST: case BC_STORE_NAME:
    case BC_STORE_GLOBAL: case BC_STORE_DEREF: case BC_BINARY_OP:
    case BC_COMPARE_OP: case BC_IS_OP: case BC_CONTAINS_OP:
    case BC_BINARY_SUBSCR: case BC_POP_JUMP_IF_FALSE:
    case BC_POP_JUMP_IF_TRUE: case BC_POP_JUMP_IF_NONE:
    case BC_POP_JUMP_IF_NOT_NONE: case BC_LIST_APPEND: case BC_SET_ADD:
    case BC_LIST_EXTEND: case BC_SET_UPDATE: case BC_DICT_UPDATE:
    case BC_DICT_MERGE: case BC_END_FOR: case BC_POP_EXCEPT:
    case BC_DELETE_ATTR: case BC_IMPORT_NAME: case BC_RETURN_VALUE:
    case BC_FORMAT_WITH_SPEC: case BC_CALL_INTRINSIC_2: case BC_END_SEND:
    case BC_SET_FUNCTION_ATTRIBUTE:
        return -1;
    case BC_STORE_FAST_STORE_FAST: case BC_STORE_ATTR: case BC_DELETE_SUBSCR:
    case BC_BINARY_SLICE: case BC_MAP_ADD: case BC_MATCH_CLASS:
        return -2;
    case BC_STORE_SUBSCR:
        return -3;
    case BC_STORE_SLICE:
        return -4;
    case BC_RETURN_CONST:
        return 0;
    case BC_FOR_ITER:
        return jump ? -1 : 1;
    case BC_BUILD_LIST: case BC_BUILD_TUPLE: case BC_BUILD_SET:
    case BC_BUILD_STRING: case BC_BUILD_SLICE:
        return 1 - (int)a;
    case BC_BUILD_MAP:
        return 1 - 2 * (int)a;
    case BC_BUILD_CONST_KEY_MAP:
        return -(int)a;
    case BC_UNPACK_SEQUENCE:
        return (int)a - 1;
    case BC_UNPACK_EX:
        return (int)((a & 0xFF) + (a >> 8));
    case BC_LOAD_GLOBAL:
        return 1 + (int)(a & 1);
    case BC_LOAD_ATTR:
        return (int)(a & 1);
    case BC_LOAD_SUPER_ATTR:
        return -2 + (int)(a & 1);
    case BC_CALL:
        return -1 - (int)a;
    case BC_CALL_KW:
        return -2 - (int)a;
    case BC_CALL_FUNCTION_EX:
        return -2 - (int)(a & 1);
    case BC_RAISE_VARARGS:
        return -(int)a;
    default:
        *known = false;
        return 0;
    }
}

/* Push what the instruction leaves, by the kind of each entry: those below its
 * operands stay, those above are objects but for the cases here. */
static void
step(const BcIns *ins, int32_t depth, int32_t after, bool *null)
{
    for (int32_t k = depth; k < after; k++) {
        null[k] = false;
    }
    switch (ins->op) {
    case BC_PUSH_NULL: case BC_LOAD_FAST_AND_CLEAR:
        null[after - 1] = true;
        return;
    case BC_LOAD_GLOBAL: case BC_LOAD_ATTR: case BC_LOAD_SUPER_ATTR:
        null[after - 1] = (ins->arg & 1) != 0;
        return;
    case BC_COPY:
        null[after - 1] = (int32_t)ins->arg <= depth && null[depth - (int32_t)ins->arg];
        return;
    case BC_SWAP:
        if ((int32_t)ins->arg <= depth) {
            bool top = null[depth - 1];
            null[depth - 1] = null[depth - (int32_t)ins->arg];
            null[depth - (int32_t)ins->arg] = top;
        }
        return;
    case BC_CALL: case BC_CALL_KW: case BC_CALL_FUNCTION_EX:
        null[after - 1] = false;
        return;
    default:
        return;
    }
}

typedef struct {
    int32_t *depth;  /* of each instruction; -1: not reached yet */
    bool *null;      /* [instruction][entry] */
    uint32_t width;
    bool changed;
} Shapes;

static void
reach(Shapes *s, uint32_t to, int32_t depth, const bool *null)
{
    bool *have = s->null + (size_t)to * s->width;
    s->changed |= s->depth[to] < 0;
    if (s->depth[to] < 0) {
        s->depth[to] = depth;
    }
    for (int32_t k = 0; k < depth && k < s->depth[to]; k++) {
        s->changed |= null[k] && !have[k];
        have[k] |= null[k];
    }
}

static void
follow(Shapes *s, const BcCode *code, uint32_t i, uint32_t to, bool jump, bool *scratch)
{
    bool known;
    int32_t depth = s->depth[i], after = depth + stack_effect(&code->ins[i], jump, &known);
    if (!known || after < 0 || after > (int32_t)s->width) {
        return;
    }
    memcpy(scratch, s->null + (size_t)i * s->width, s->width);
    if (after > 0) {
        step(&code->ins[i], depth, after, scratch);
    }
    reach(s, to, after, scratch);
}

bool
stack_shape_at(const BcCode *code, uint32_t off, Arena *arena, StackShape *shape)
{
    uint32_t width = code->image->stacksize + 1;
    Shapes s = {.depth = ARENA_NEW_ARRAY(arena, int32_t, code->n),
                .null = ARENA_NEW_ARRAY(arena, bool, (size_t)code->n * width),
                .width = width, .changed = true};
    bool *scratch = ARENA_NEW_ARRAY(arena, bool, width);
    if (s.depth == NULL || s.null == NULL || scratch == NULL || code->at[off] < 0) {
        return false;
    }
    for (uint32_t i = 1; i < code->n; i++) {
        s.depth[i] = -1;
    }
    while (s.changed) {
        s.changed = false;
        for (uint32_t i = 0; i < code->n; i++) {
            const BcIns *ins = &code->ins[i];
            if (s.depth[i] < 0) {
                continue;
            }
            if (!bytecode_ends_block(ins->op) && i + 1 < code->n) {
                follow(&s, code, i, i + 1, false, scratch);
            }
            if (ins->target != 0) {
                follow(&s, code, i, (uint32_t)code->at[ins->target], true, scratch);
            }
        }
    }
    uint32_t at = (uint32_t)code->at[off];
    *shape = (StackShape){s.depth[at], s.null + (size_t)at * width};
    return shape->depth >= 0;
}
