/* Delegation: `yield from`, `await`, `async for`. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

/* The iterator of a `yield from` or an `await`. */
void
lower_delegate(Builder *b)
{
    AbsVal v = pop(b);
    if (is_iterator_kind(v.kind)) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    bool await = b->ins->op == BC_GET_AWAITABLE;
    IrRef args[2] = {as_object(b, &v), await ? const_i64(b, b->ins->a) : 0};
    IrRef it = emit_py(b, IR_PY,
                       await ? IR_PYOP_AWAITABLE : IR_PYOP_YIELD_FROM_ITER,
                       args, await ? 2 : 1);
    if (b->block != NO_BLOCK) {
        push(b, v_obj(it, IR_CLASS_ANY));
    }
}

/* The two ways out of SEND: to the yield that hands on what the receiver
 * yielded, or behind the loop with what it returned. */
void
lower_send(Builder *b)
{
    AbsVal v = pop(b), receiver = *peek(b, 0);
    if (receiver.kind != K_OBJ) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    IrRef args[2] = {receiver.a, as_object(b, &v)};
    IrRef got = emit_py(b, IR_PY_SEND, IR_PYOP_ITER, args, 2);
    AbsVal *copy = ARENA_NEW_ARRAY(b->arena, AbsVal, b->nl + b->ns + 1);
    if (b->block == NO_BLOCK || copy == NULL) {
        b->failed |= copy == NULL;
        return;
    }
    IrRef more = emit1(b, IR_SENT_MORE, got);
    push(b, v_obj(got, IR_CLASS_ANY));
    uint32_t yes, no, n = b->st.n_stack;
    bool escaped = b->escaped;
    memcpy(copy, b->st.v, (b->nl + n) * sizeof *copy);
    branch(b, more, &yes, &no);
    switch_to(b, yes);
    goto_off(b, b->ins->next);
    memcpy(b->st.v, copy, (b->nl + n) * sizeof *copy);
    b->st.n_stack = n;
    b->escaped = escaped;
    switch_to(b, no);
    goto_off(b, b->ins->target);
}

void
lower_end_send(Builder *b)
{
    AbsVal v = pop(b);
    pop(b);
    push(b, v);
}

/* The iterator stays on the stack. */
void
lower_anext(Builder *b)
{
    AbsVal it = *peek(b, 0);
    if (it.kind != K_OBJ) {
        leave_pre(b, EXIT_KIND_GUARD, EXIT_ITER);
        return;
    }
    IrRef next = emit_py(b, IR_PY, IR_PYOP_ANEXT, &it.a, 1);
    if (b->block != NO_BLOCK) {
        push(b, v_obj(next, IR_CLASS_ANY));
    }
}
