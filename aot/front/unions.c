/* Operands that are an int one time and a float the next.
 *
 * Where the profile saw both often enough, the instruction is built twice,
 * behind a look at the operand's class, and what follows has versions for
 * each: so a function that is called with numbers of both kinds, or a profile
 * of runs that differ in them, has loops for ints and loops for floats. */
#include "build_int.h"

#include <string.h>

/* Less than so many of a hundred observations are left to exits. */
#define MIN_SHARE_PERCENT 5

static uint32_t
number_operands(const BcIns *ins)
{
    switch (ins->op) {
    case BC_BINARY_OP:
    case BC_COMPARE_OP:
        return 2;
    case BC_UNARY_NEGATIVE:
    case BC_UNARY_NOT:
    case BC_TO_BOOL:
        return 1;
    default:
        return 0;
    }
}

/* Were ints and floats seen there, and next to nothing else? */
static bool
is_union(const Builder *b, uint32_t depth)
{
    uint32_t n;
    uint64_t ints = 0, floats = 0, all = 0;
    const ProfileRow *rows = feedback_rows(b->req->profile, b->ins->off,
                                           PROFILE_TYPE, depth, &n);
    for (uint32_t i = 0; i < n; i++) {
        all += rows[i].count;
        ints += strcmp(rows[i].what, "int") == 0 ? rows[i].count : 0;
        floats += strcmp(rows[i].what, "float") == 0 ? rows[i].count : 0;
    }
    uint64_t least = all * MIN_SHARE_PERCENT / 100;
    return ints > least && floats > least
           && (ints + floats) * 100 >= all * (100 - MIN_SHARE_PERCENT);
}

bool
union_operand(Builder *b, uint32_t *depth)
{
    uint32_t n = b->retry_end == NULL ? number_operands(b->ins) : 0;
    for (uint32_t i = 0; i < n && i < b->st.n_stack; i++) {
        const AbsVal *v = peek(b, i);
        if (v->kind == K_OBJ && v->cls == IR_CLASS_ANY && is_union(b, i)) {
            *depth = i;
            return true;
        }
    }
    return false;
}
