/* Resume entries: which, how hot, and what they are worth.
 *
 * The profile counts no resumes.  It counts back-edges, and knows for each
 * branch how often it was taken; so the expected gain of one resume is that
 * of a walk through the bytecode with these odds.  It is an estimate: the
 * loader measures what really happens, and switches off what does not pay. */
#include "resume.h"

#include <string.h>

enum { RESUME_LOCATION = 3, RESUME_AFTER_YIELD = 1 }; /* bits of its argument */

/* Gains count no further: by far enough to pay for an entry. */
#define MOST_GAIN_NS 2000.0
#define MAX_SWEEPS 200
#define SETTLED_NS 0.5

bool
resume_is_entry(const BcIns *ins)
{
    return ins->op == BC_RESUME &&
           (ins->arg & RESUME_LOCATION) == RESUME_AFTER_YIELD;
}

uint64_t
resume_count(const BcCode *code, const ProfileCode *profile, uint32_t off)
{
    uint32_t i = (uint32_t)code->at[off], smallest = UINT32_MAX;
    uint64_t count = profile->entries;
    if (i == 0 || code->ins[i - 1].op != BC_YIELD_VALUE ||
        feedback_count(profile, code->ins[i - 1].off, PROFILE_TYPE, 0) == 0) {
        return 0;
    }
    for (uint32_t k = 0; k < code->n; k++) {
        const BcIns *jump = &code->ins[k];
        if (jump->op != BC_JUMP_BACKWARD || jump->target > off ||
            jump->off < off) {
            continue;
        }
        uint64_t turns = feedback_count(profile, jump->off, PROFILE_COUNT, 0);
        uint32_t size = jump->off - jump->target;
        if (turns != 0 && size < smallest) {
            smallest = size;
            count = turns;
        }
    }
    return count;
}

/* --- gain ---------------------------------------------------------------------- */

static bool
is_number(const ProfileCode *profile, const BcIns *ins, uint32_t depth)
{
    FeedbackType t = feedback_type(profile, ins->off, PROFILE_TYPE, depth);
    return (t.cls == IR_CLASS_INT && !t.has_big) || t.cls == IR_CLASS_FLOAT ||
           t.cls == IR_CLASS_BOOL;
}

static bool
is_sequence(const ProfileCode *profile, const BcIns *ins, uint32_t depth)
{
    switch (feedback_type(profile, ins->off, PROFILE_TYPE, depth).cls) {
    case IR_CLASS_LIST: case IR_CLASS_TUPLE: case IR_CLASS_STR:
    case IR_CLASS_BYTES: case IR_CLASS_BYTEARRAY:
        return true;
    default:
        return false;
    }
}

/* Nanoseconds by which one instruction is faster natively than interpreted,
 * measured on loops of them; those that call into C either way gain the
 * dispatch. */
static double
gain_of(const ProfileCode *profile, const BcIns *ins)
{
    switch (ins->op) {
    case BC_BINARY_OP: case BC_COMPARE_OP:
        return is_number(profile, ins, 0) && is_number(profile, ins, 1) ? 6 : 1;
    case BC_UNARY_NEGATIVE: case BC_UNARY_INVERT:
        return is_number(profile, ins, 0) ? 6 : 1;
    case BC_BINARY_SUBSCR:
        return is_sequence(profile, ins, 1) ? 3 : 1;
    case BC_STORE_SUBSCR:
        return is_sequence(profile, ins, 1) ? 3 : 1;
    case BC_FOR_ITER: case BC_LOAD_ATTR: case BC_STORE_ATTR:
    case BC_LOAD_GLOBAL: case BC_CONTAINS_OP: case BC_UNPACK_SEQUENCE:
    case BC_LOAD_FAST_LOAD_FAST: case BC_STORE_FAST_LOAD_FAST:
    case BC_STORE_FAST_STORE_FAST: case BC_JUMP_BACKWARD: case BC_IS_OP:
        return 2;
    case BC_CALL: case BC_CALL_KW: {
        const char *callee = feedback_main(profile, ins->off, PROFILE_CALLEE, 0);
        return callee == NULL ? 0 : 8;
    }
    default:
        return 1;
    }
}

/* Where native code leaves, whatever comes after. */
static bool
is_end(uint8_t op)
{
    switch (op) {
    case BC_YIELD_VALUE: case BC_SEND: case BC_RETURN_VALUE:
    case BC_RETURN_CONST: case BC_RAISE_VARARGS: case BC_RERAISE:
    case BC_GET_AWAITABLE: case BC_GET_YIELD_FROM_ITER: case BC_GET_ANEXT:
    case BC_CALL_INTRINSIC_1: case BC_CALL_INTRINSIC_2:
    case BC_CALL_FUNCTION_EX: case BC_BEFORE_WITH: case BC_MAKE_FUNCTION:
        return true;
    default:
        return false;
    }
}

/* How probable the jump is, by what the profile saw. */
static double
jump_odds(const ProfileCode *profile, const BcIns *ins)
{
    double jumped = (double)feedback_count(profile, ins->off, PROFILE_BRANCH, 1);
    double fell = (double)feedback_count(profile, ins->off, PROFILE_BRANCH, 0);
    return (jumped + 0.5) / (jumped + fell + 1.0);
}

/* One instruction's expected gain from here on, by those of its successors. */
static double
gain_from(const BcCode *code, const ProfileCode *profile, uint32_t i,
          const double *gain)
{
    const BcIns *ins = &code->ins[i];
    if (is_end(ins->op)) {
        return 0;
    }
    double here = gain_of(profile, ins);
    double fall = i + 1 < code->n ? gain[i + 1] : 0;
    switch (ins->op) {
    case BC_JUMP_FORWARD: case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT:
        return here + gain[code->at[ins->target]];
    case BC_FOR_ITER: case BC_POP_JUMP_IF_FALSE: case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE: case BC_POP_JUMP_IF_NOT_NONE: {
        double p = jump_odds(profile, ins);
        return here + p * gain[code->at[ins->target]] + (1 - p) * fall;
    }
    default:
        return here + fall;
    }
}

uint32_t
resume_gain_ns(const BcCode *code, const ProfileCode *profile, uint32_t off,
               Arena *arena)
{
    double *gain = ARENA_NEW_ARRAY(arena, double, code->n + 1);
    if (gain == NULL) {
        return 0;
    }
    uint32_t entry = (uint32_t)code->at[off];
    double before = -MOST_GAIN_NS;
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
        for (uint32_t i = code->n; i-- > 0;) {
            double g = gain_from(code, profile, i, gain);
            gain[i] = g < MOST_GAIN_NS ? g : MOST_GAIN_NS;
        }
        if (gain[entry] - before < SETTLED_NS) {
            break;
        }
        before = gain[entry];
    }
    return (uint32_t)gain[entry];
}
