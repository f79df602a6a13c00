/* The evaluation stack before each instruction: its depth, and which of its
 * entries may be NULL.
 *
 * NULL are the places beside a callable that is not a method, and the value of
 * a variable without one that an inlined comprehension puts away. */
#include "stack_shape.h"

#include <string.h>

/* Push what the instruction leaves, by the kind of each entry: those below its
 * operands stay, those above are objects but for the cases here. */
static void
step(const BcIns *ins, int32_t depth, int32_t after, bool *null)
{
    for (int32_t k = depth; k < after; k++) {
        null[k] = false;
    }
    switch (ins->op) {
    case BC_PUSH_NULL:
    case BC_LOAD_LOCAL_AND_CLEAR:
        null[after - 1] = true;
        return;
    case BC_LOAD_GLOBAL:
    case BC_LOAD_ATTR:
    case BC_LOAD_SUPER_ATTR:
        null[after - 1] = ins->b != 0;
        return;
    case BC_COPY:
        null[after - 1] = null[depth - (int32_t)ins->a];
        return;
    case BC_SWAP: {
        bool top = null[depth - 1];
        null[depth - 1] = null[depth - (int32_t)ins->a];
        null[depth - (int32_t)ins->a] = top;
        return;
    }
    case BC_CALL:
    case BC_CALL_KW:
    case BC_CALL_FUNCTION_EX:
        null[after - 1] = false;
        return;
    default:
        return;
    }
}

typedef struct {
    int32_t *depth; /* of each instruction; -1: not reached yet */
    bool *null;     /* [instruction][entry] */
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
follow(Shapes *s, const BcCode *code, uint32_t i, uint32_t to, bool jump,
       bool *scratch)
{
    const BcIns *ins = &code->ins[i];
    int64_t depth = s->depth[i], kept = depth - ins->pops;
    int64_t after = kept + (jump ? ins->jump_pushes : ins->pushes);
    if (kept < 0 || after > s->width) {
        return;
    }
    memcpy(scratch, s->null + (size_t)i * s->width, s->width);
    if (after > 0) {
        step(ins, (int32_t)depth, (int32_t)after, scratch);
    }
    reach(s, to, (int32_t)after, scratch);
}

bool
stack_shape_at(const BcCode *code, uint32_t off, Arena *arena,
               StackShape *shape)
{
    uint32_t width = code->image->stacksize + 1;
    Shapes s = {.depth = ARENA_NEW_ARRAY(arena, int32_t, code->n),
                .null = ARENA_NEW_ARRAY(arena, bool, (size_t)code->n *width),
                .width = width,
                .changed = true};
    bool *scratch = ARENA_NEW_ARRAY(arena, bool, width);
    if (s.depth == NULL || s.null == NULL || scratch == NULL
        || code->at[off] < 0) {
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
            if (!bc_ends(ins) && i + 1 < code->n) {
                follow(&s, code, i, i + 1, false, scratch);
            }
            if (bc_jumps(ins)) {
                follow(&s, code, i, (uint32_t)code->at[ins->target], true,
                       scratch);
            }
        }
    }
    uint32_t at = (uint32_t)code->at[off];
    *shape = (StackShape){s.depth[at], s.null + (size_t)at * width};
    return shape->depth >= 0;
}
