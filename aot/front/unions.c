/* Operands that are of one kind one time and of another the next: an int or a
 * float, an instance of this class or of that.
 *
 * Where the profile saw them often enough, the instruction is built for each,
 * behind a look at the operand's class.  What follows has versions for numbers
 * of each kind: so a function that is called with both, or a profile of runs
 * that differ in them, has loops for ints and loops for floats.  Classes are
 * forgotten behind the instruction. */
#include "build_int.h"

#include <string.h>

#include "exit_kinds.h"

/* Numbers of a kind with less than so many of a hundred observations are left
 * to exits. */
#define MIN_SHARE_PERCENT 5
/* So are instances of other classes than these, if they are so few. */
#define MIN_CLASSES_PERCENT 98

/* --- numbers ------------------------------------------------------------- */

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

/* --- classes ------------------------------------------------------------- */

/* Can the attribute be had without running code, or the method be called? */
static bool
is_good_layout(const BcIns *ins, const char *layout)
{
    return strcmp(layout, "inline") == 0 || strcmp(layout, "slot") == 0
           || (ins->op == BC_LOAD_ATTR && ins->b != 0
               && strncmp(layout, "method:", 7) == 0);
}

uint32_t
union_classes(Builder *b, ClassSeen seen[UNION_MAX_CLASSES])
{
    uint32_t n, n_seen = 0;
    uint64_t all = 0, good = 0;
    if (b->retry_end != NULL
        || (b->ins->op != BC_LOAD_ATTR && b->ins->op != BC_STORE_ATTR)) {
        return 0;
    }
    const AbsVal *owner = peek(b, 0);
    if (owner->kind != K_OBJ || owner->cls != IR_CLASS_ANY) {
        return 0;
    }
    const ProfileRow *rows = feedback_rows(b->req->profile, b->ins->off,
                                           PROFILE_LAYOUT, 1, &n);
    for (uint32_t i = 0; i < n; i++) {
        const char *layout = strchr(rows[i].what, '=');
        all += rows[i].count;
        if (layout == NULL
            || memchr(rows[i].what, ':', (size_t)(layout - rows[i].what))
                   == NULL
            || !is_good_layout(b->ins, layout + 1)) {
            continue;
        }
        ClassSeen one = {.layout = layout + 1, .count = rows[i].count};
        size_t len = (size_t)(layout - rows[i].what);
        char *type = ARENA_NEW_ARRAY(b->arena, char, len + 1);
        if (type == NULL) {
            return 0;
        }
        memcpy(type, rows[i].what, len);
        one.type = type;
        /* the most frequent ones, in order */
        uint32_t at = n_seen < UNION_MAX_CLASSES ? n_seen++
                                                 : UNION_MAX_CLASSES - 1;
        if (at == UNION_MAX_CLASSES - 1 && seen[at].type != NULL
            && seen[at].count >= one.count) {
            continue;
        }
        for (; at > 0 && seen[at - 1].count < one.count; at--) {
            seen[at] = seen[at - 1];
        }
        seen[at] = one;
    }
    for (uint32_t i = 0; i < n_seen; i++) {
        good += seen[i].count;
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(seen[k].type, seen[i].type) == 0) {
                return 0; /* it changed its layout */
            }
        }
    }
    return n_seen > 1 && good * 100 >= all * MIN_CLASSES_PERCENT ? n_seen : 0;
}
