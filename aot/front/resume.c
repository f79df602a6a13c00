/* Resume entries: which, how hot, and what they are worth.
 *
 * Whether a loop over a generator is better left to the interpreter is asked
 * while the IR is made, so what a resume gains is estimated from the bytecode
 * alone.  The loader measures what really happens, and switches off what does
 * not pay. */
#include "resume.h"

#include <string.h>

#include "costs.h"
#include "walk.h"

bool
resume_is_entry(const BcIns *ins)
{
    return ins->op == BC_RESUME && ins->a != BC_AT_START;
}

const BcIns *
resume_start(const BcCode *code)
{
    for (uint32_t i = 2; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        if (ins->op == BC_RESUME) {
            return ins->a == BC_AT_START && ins[-1].op == BC_POP_TOP
                           && ins[-2].op == BC_RETURN_GENERATOR
                       ? ins
                       : NULL;
        }
    }
    return NULL;
}

/* --- gain ---------------------------------------------------------------- */

bool
resume_draws(const ProfileCode *profile, const BcIns *ins)
{
    const char *text = feedback_type(profile, ins->off, PROFILE_TYPE,
                                     ins->op == BC_SEND)
                           .text;
    return text != NULL
           && (strcmp(text, "generator") == 0
               || strcmp(text, "coroutine") == 0);
}

/* The expected gain inside of what the FOR_ITER or SEND resumes: known if it
 * was made by a call right before. */
static double
gain_inside(const BuildRequest *req, const BcIns *ins)
{
    /* GET_AWAITABLE, LOAD_CONST; GET_ITER */
    uint32_t back = ins->op == BC_SEND ? 3 : 2;
    const BcIns *call = ins - req->code->ins >= (ptrdiff_t)back ? ins - back
                                                                : NULL;
    const char *what = call != NULL
                               && (call->op == BC_CALL
                                   || call->op == BC_CALL_KW)
                           ? feedback_main(req->profile, call->off,
                                           PROFILE_CALLEE, 0)
                           : NULL;
    uint32_t prefix = what == NULL                         ? 0
                      : strncmp(what, "py:", 3) == 0       ? 3
                      : strncmp(what, "bound:py:", 9) == 0 ? 9
                                                           : 0;
    if (prefix == 0) {
        return COST_UNKNOWN_GAIN_NS;
    }
    const CalleeInfo *callee = build_callee(req, what + prefix);
    return callee == NULL       ? 0
           : ins->op == BC_SEND ? callee->start_gain
                                : callee->resume_gain;
}

/* Resuming a generator from native code rather than from the interpreter. */
static double
gain_of_resuming(const BuildRequest *req, const BcIns *ins)
{
    double inside = gain_inside(req, ins);
    /* Where it pays for an event, the interpreter would resume it natively
     * too. */
    inside = inside >= COST_EVENT_NS ? COST_EVENT_NS : inside > 0 ? inside : 0;
    return inside - COST_NATIVE_RESUME_NS;
}

/* Is the FOR_ITER's iterator one that native code moves on by itself? */
static bool
is_plain_iteration(const BuildRequest *req, const BcIns *ins)
{
    switch (feedback_type(req->profile, ins->off, PROFILE_TYPE, 0).cls) {
    case IR_CLASS_RANGEIT:
    case IR_CLASS_LISTIT:
    case IR_CLASS_TUPLEIT:
    case IR_CLASS_ENUMIT:
    case IR_CLASS_ZIPIT:
        return true;
    default:
        return false;
    }
}

/* Does the call go to native code directly, or to a C function that is likely
 * to be done in line? */
static bool
is_gaining_call(const BuildRequest *req, const BcIns *ins)
{
    const char *what = feedback_main(req->profile, ins->off, PROFILE_CALLEE,
                                     0);
    const CalleeInfo *callee = what != NULL && strncmp(what, "py:", 3) == 0
                                   ? build_callee(req, what + 3)
                                   : NULL;
    return what != NULL && (callee == NULL || callee->sig != NULL);
}

/* Nanoseconds by which one instruction is faster natively than interpreted;
 * those that call into C either way gain the dispatch at best. */
static double
gain_of(const BuildRequest *req, const BcIns *ins)
{
    bool known = true;
    switch (ins->op) {
    case BC_BINARY_OP:
    case BC_COMPARE_OP:
        known = walk_is_number(req, ins, 0) && walk_is_number(req, ins, 1);
        break;
    case BC_UNARY_NEGATIVE:
    case BC_UNARY_INVERT:
        known = walk_is_number(req, ins, 0);
        break;
    case BC_BINARY_SUBSCR:
    case BC_STORE_SUBSCR:
        known = walk_is_sequence(req, ins, 1);
        break;
    case BC_FOR_ITER:
    case BC_SEND:
        if (resume_draws(req->profile, ins)) {
            return gain_of_resuming(req, ins);
        }
        known = is_plain_iteration(req, ins);
        break;
    case BC_CALL:
    case BC_CALL_KW:
        known = is_gaining_call(req, ins);
        break;
    default:
        break;
    }
    return known ? cost_of_ins(ins->op).known_gain_ns
                 : cost_of_ins(ins->op).other_gain_ns;
}

/* Where native code leaves, whatever comes after. */
static bool
is_end(const BcIns *ins)
{
    switch (ins->op) {
    case BC_YIELD_VALUE:
    case BC_RETURN_VALUE:
    case BC_RETURN_CONST:
    case BC_RAISE_VARARGS:
    case BC_RERAISE:
    case BC_CALL_INTRINSIC_1:
    case BC_CALL_INTRINSIC_2:
    case BC_CALL_FUNCTION_EX:
    case BC_BEFORE_WITH:
    case BC_MAKE_FUNCTION:
        return true;
    default:
        return false;
    }
}

static Walk
gain_walk(const BuildRequest *req, uint32_t end)
{
    return (Walk){.req = req, .value = gain_of, .ends = is_end, .end = end};
}

const double *
resume_gains(const BuildRequest *req)
{
    const Walk walk = gain_walk(req, UINT32_MAX);
    return walk_sums(&walk);
}

int32_t
resume_gain_ns(const BuildRequest *req, const double *gains, uint32_t off)
{
    const BcIns *ins = bytecode_at(req->code, off);
    if (gains == NULL) {
        return 0;
    }
    double gain = gains[ins - req->code->ins];
    if (ins[1].op == BC_JUMP_BACKWARD_NO_INTERRUPT) {
        /* A delegation.  As long as it goes on, the loader leaves this code
         * out, unless a region is entered here. */
        const BcIns *send = bytecode_at(req->code, ins[1].target);
        double odds = walk_return_odds(req->profile, send);
        gain = odds * gains[req->code->at[send->target]]
               - (1 - odds) * COST_NATIVE_RESUME_NS;
    }
    return gain > COST_MOST_NS    ? COST_MOST_NS
           : gain < -COST_MOST_NS ? -COST_MOST_NS
                                  : (int32_t)gain;
}

bool
resume_pays(const BuildRequest *req, const BcIns *for_iter)
{
    if (req->everything || !resume_draws(req->profile, for_iter)) {
        return true;
    }
    uint32_t at = (uint32_t)(for_iter - req->code->ins);
    if (req->pays != NULL && req->pays[at] != 0) {
        return req->pays[at] > 0;
    }
    ArenaMark mark = arena_mark(req->arena);
    const Walk walk = gain_walk(req, at);
    const double *gains = walk_sums(&walk);
    bool pays = (gains != NULL ? gains[at + 1] : 0)
                    + gain_of_resuming(req, for_iter)
                > 0;
    arena_release(req->arena, mark);
    if (req->pays != NULL) {
        req->pays[at] = pays ? 1 : -1;
    }
    return pays;
}
