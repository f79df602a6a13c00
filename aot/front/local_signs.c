/* Which locals are never negative, as far as their stores tell.
 *
 * From the optimistic end: every local is, until something is stored into it
 * that may be negative; again and again until nothing changes.  Values are
 * followed through the stack within a basic block. */
#include "local_signs.h"

#include "builtins.h"

#include <string.h>

typedef struct {
    const BcCode *code;
    const ProfileCode *profile;
    bool *local; /* the answer */
    bool *stack;
    uint32_t n, cap;
    bool changed;
} Signs;

static void
push(Signs *s, bool positive)
{
    if (s->n < s->cap) {
        s->stack[s->n++] = positive;
    }
}

static bool
pop(Signs *s)
{
    return s->n > 0 && s->stack[--s->n];
}

static void
store(Signs *s, uint32_t k)
{
    bool positive = pop(s);
    if (s->local[k] && !positive) {
        s->local[k] = false;
        s->changed = true;
    }
}

static bool
of_operator(uint32_t nb, bool l, bool r)
{
    switch (nb) {
    case BC_ADD:
    case BC_MUL:
    case BC_FLOORDIV:
    case BC_OR:
    case BC_XOR:
    case BC_LSHIFT:
    case BC_POW:
        return l && r;
    case BC_AND:
        return l || r;
    case BC_RSHIFT:
        return l;
    case BC_REM:
        return r;
    default:
        return false;
    }
}

static bool
of_call(const Signs *s, const BcIns *ins)
{
    const char *callee = feedback_main(s->profile, ins->off, PROFILE_CALLEE,
                                       0);
    return builtins[builtin_find(callee)].sign == NOT_NEGATIVE;
}

static void
step(Signs *s, const BcIns *ins)
{
    uint32_t a = ins->a, b = ins->b;
    switch (ins->op) {
    case BC_NOP:
    case BC_RESUME:
    case BC_JUMP_BACKWARD:
    case BC_JUMP_FORWARD:
        return;
    case BC_LOAD_LOCAL:
    case BC_LOAD_LOCAL_CHECK:
        push(s, s->local[a]);
        return;
    case BC_LOAD_LOCAL_LOAD_LOCAL:
        push(s, s->local[a]);
        push(s, s->local[b]);
        return;
    case BC_LOAD_CONST: {
        const PyaotConst *c = &s->code->image->consts[a];
        push(s, c->kind == PYAOT_CONST_INT && c->i >= 0);
        return;
    }
    case BC_STORE_LOCAL:
        store(s, a);
        return;
    case BC_STORE_LOCAL_LOAD_LOCAL:
        store(s, a);
        push(s, s->local[b]);
        return;
    case BC_STORE_LOCAL_STORE_LOCAL:
        store(s, a);
        store(s, b);
        return;
    case BC_BINARY_OP: {
        bool r = pop(s), l = pop(s);
        push(s, of_operator(a, l, r));
        return;
    }
    case BC_CALL:
        s->n = s->n > a + 2 ? s->n - a - 2 : 0;
        push(s, of_call(s, ins));
        return;
    case BC_LOAD_NAME:
        push(s, false);
        return;
    case BC_LOAD_GLOBAL:
        push(s, false);
        if (b != 0) {
            push(s, false);
        }
        return;
    case BC_COPY:
        push(s, a > 0 && a <= s->n && s->stack[s->n - a]);
        return;
    case BC_SWAP:
        if (a > 0 && a <= s->n) {
            bool t = s->stack[s->n - 1];
            s->stack[s->n - 1] = s->stack[s->n - a];
            s->stack[s->n - a] = t;
        }
        else {
            s->n = 0; /* what came up is not known */
        }
        return;
    case BC_POP_TOP:
        pop(s);
        return;
    default:
        s->n = 0; /* what comes off the stack later is of unknown sign */
        return;
    }
}

bool *
local_signs(const BcCode *code, const ProfileCode *profile, Arena *arena)
{
    uint32_t nl = code->image->nlocalsplus;
    Signs s = {.code = code,
               .profile = profile,
               .changed = true,
               .local = ARENA_NEW_ARRAY(arena, bool, nl + 16),
               .cap = code->image->stacksize + 4};
    s.stack = ARENA_NEW_ARRAY(arena, bool, s.cap + 1);
    if (s.local == NULL || s.stack == NULL) {
        return NULL;
    }
    uint32_t first = code->image->argcount + code->image->kwonly
                     + ((code->image->flags & PYAOT_CODE_VARARGS) != 0)
                     + ((code->image->flags & PYAOT_CODE_VARKEYWORDS) != 0);
    for (uint32_t k = first; k < nl; k++) { /* arguments may be anything */
        s.local[k] = true;
    }
    while (s.changed) {
        s.changed = false;
        s.n = 0;
        for (uint32_t i = 0; i < code->n; i++) {
            if (code->ins[i].is_leader) {
                s.n = 0;
            }
            step(&s, &code->ins[i]);
        }
    }
    return s.local;
}
