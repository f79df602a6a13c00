/* Resume entries: which, how hot, and what they are worth.
 *
 * The profile knows for each branch how often it was taken; so the expected
 * gain of one resume is that of a walk through the bytecode with these odds.  It is an estimate: the
 * loader measures what really happens, and switches off what does not pay. */
#include "resume.h"

#include <string.h>

/* What resuming a generator costs natively beyond what the interpreter's own
 * instructions need for it (measured, 3.13.0 and 3.13.5), and what its body
 * gains if it is not known. */
#define NATIVE_RESUME_NS 25
#define UNKNOWN_GAIN_NS 10

/* Gains count no further: by far enough to pay for an entry. */
#define MOST_GAIN_NS 2000.0
#define MAX_SWEEPS 200
#define SETTLED_NS 0.5

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
            return ins->a == BC_AT_START && ins[-1].op == BC_POP_TOP &&
                   ins[-2].op == BC_RETURN_GENERATOR ? ins : NULL;
        }
    }
    return NULL;
}

/* --- gain ---------------------------------------------------------------------- */

/* What the profile says of one instruction. */
typedef struct {
    double gain;    /* of it alone */
    double odds;    /* that it jumps */
} Step;

/* One code object's instructions, and who else is known. */
typedef struct {
    const BuildRequest *req;
    const BcCode *code;
    const ProfileCode *profile;
    Step *steps;    /* of each instruction */
    double *gain;   /* of each instruction, and what follows */
    uint32_t end;   /* index of an instruction that is not passed, or UINT32_MAX */
} Gains;

static bool
is_number(const Gains *g, const BcIns *ins, uint32_t depth)
{
    FeedbackType t = feedback_type(g->profile, ins->off, PROFILE_TYPE, depth);
    return (t.cls == IR_CLASS_INT && !t.has_big) || t.cls == IR_CLASS_FLOAT ||
           t.cls == IR_CLASS_BOOL;
}

static bool
is_sequence(const Gains *g, const BcIns *ins, uint32_t depth)
{
    switch (feedback_type(g->profile, ins->off, PROFILE_TYPE, depth).cls) {
    case IR_CLASS_LIST: case IR_CLASS_TUPLE: case IR_CLASS_STR:
    case IR_CLASS_BYTES: case IR_CLASS_BYTEARRAY:
        return true;
    default:
        return false;
    }
}

/* Of the FOR_ITER or SEND: is what it resumes a generator or coroutine? */
static bool
resumes_generator(const ProfileCode *profile, const BcIns *ins)
{
    const char *text =
        feedback_type(profile, ins->off, PROFILE_TYPE, ins->op == BC_SEND).text;
    return text != NULL && (strcmp(text, "generator") == 0 || strcmp(text, "coroutine") == 0);
}

/* The expected gain inside of what the FOR_ITER or SEND resumes: known if it was
 * made by a call right before. */
static double
gain_inside(const BuildRequest *req, const BcIns *ins)
{
    uint32_t back = ins->op == BC_SEND ? 3 : 2; /* GET_AWAITABLE, LOAD_CONST; GET_ITER */
    const BcIns *call = ins - req->code->ins >= (ptrdiff_t)back ? ins - back : NULL;
    const char *what = call != NULL && (call->op == BC_CALL || call->op == BC_CALL_KW)
        ? feedback_main(req->profile, call->off, PROFILE_CALLEE, 0) : NULL;
    uint32_t prefix = what == NULL                               ? 0
                      : strncmp(what, "py:", 3) == 0             ? 3
                      : strncmp(what, "bound:py:", 9) == 0       ? 9
                                                                 : 0;
    if (prefix == 0) {
        return UNKNOWN_GAIN_NS;
    }
    const CalleeInfo *callee = build_callee(req, what + prefix);
    return callee == NULL ? 0 : ins->op == BC_SEND ? callee->start_gain : callee->resume_gain;
}

/* Resuming a generator from native code rather than from the interpreter. */
static double
gain_of_resuming(const BuildRequest *req, const BcIns *ins)
{
    double inside = gain_inside(req, ins);
    /* Where it pays for an event, the interpreter would resume it natively too. */
    inside = inside >= RESUME_EVENT_NS ? RESUME_EVENT_NS : inside > 0 ? inside : 0;
    return inside - NATIVE_RESUME_NS;
}

/* Is the FOR_ITER's iterator one that native code moves on by itself? */
static bool
is_plain_iteration(const Gains *g, const BcIns *ins)
{
    switch (feedback_type(g->profile, ins->off, PROFILE_TYPE, 0).cls) {
    case IR_CLASS_RANGEIT: case IR_CLASS_LISTIT: case IR_CLASS_TUPLEIT:
    case IR_CLASS_ENUMIT: case IR_CLASS_ZIPIT:
        return true;
    default:
        return false;
    }
}

/* Does the call go to native code directly, or to a C function that is likely
 * to be done in line? */
static double
gain_of_call(const Gains *g, const BcIns *ins)
{
    const char *what = feedback_main(g->profile, ins->off, PROFILE_CALLEE, 0);
    const CalleeInfo *callee = what != NULL && strncmp(what, "py:", 3) == 0
        ? build_callee(g->req, what + 3) : NULL;
    return what == NULL || (callee != NULL && callee->sig == NULL) ? 0 : 6;
}

/* Nanoseconds by which one instruction is faster natively than interpreted,
 * measured on loops of them with an interpreter built with optimisation; those
 * that call into C either way gain the dispatch at best. */
static double
gain_of(const Gains *g, const BcIns *ins)
{
    switch (ins->op) {
    case BC_BINARY_OP: case BC_COMPARE_OP:
        return is_number(g, ins, 0) && is_number(g, ins, 1) ? 6 : 0.5;
    case BC_UNARY_NEGATIVE: case BC_UNARY_INVERT:
        return is_number(g, ins, 0) ? 6 : 0.5;
    case BC_BINARY_SUBSCR: case BC_STORE_SUBSCR:
        return is_sequence(g, ins, 1) ? 3 : 0;
    case BC_FOR_ITER: case BC_SEND:
        return resumes_generator(g->profile, ins) ? gain_of_resuming(g->req, ins)
               : is_plain_iteration(g, ins)       ? 2
                                                  : 0;
    case BC_BUILD_LIST: case BC_BUILD_TUPLE: case BC_BUILD_MAP:
    case BC_GET_AWAITABLE: case BC_GET_YIELD_FROM_ITER: case BC_GET_ITER:
        return 0;
    case BC_LOAD_ATTR: case BC_STORE_ATTR: case BC_UNPACK_SEQUENCE:
        return 2;
    case BC_LOAD_GLOBAL: case BC_CONTAINS_OP: case BC_LOAD_LOCAL_LOAD_LOCAL:
    case BC_STORE_LOCAL_LOAD_LOCAL: case BC_STORE_LOCAL_STORE_LOCAL:
    case BC_JUMP_BACKWARD: case BC_IS_OP:
        return 1.2;
    case BC_CALL: case BC_CALL_KW:
        return gain_of_call(g, ins);
    default:
        return 0.7;
    }
}

/* Where native code leaves, whatever comes after. */
static bool
is_end(uint8_t op)
{
    switch (op) {
    case BC_YIELD_VALUE: case BC_RETURN_VALUE:
    case BC_RETURN_CONST: case BC_RAISE_VARARGS: case BC_RERAISE:
    case BC_CALL_INTRINSIC_1: case BC_CALL_INTRINSIC_2:
    case BC_CALL_FUNCTION_EX: case BC_BEFORE_WITH: case BC_MAKE_FUNCTION:
        return true;
    default:
        return false;
    }
}

/* How probable the jump is, by what the profile saw. */
static double
jump_odds(const Gains *g, const BcIns *ins)
{
    double jumped = (double)feedback_count(g->profile, ins->off, PROFILE_BRANCH, 1);
    double fell = (double)feedback_count(g->profile, ins->off, PROFILE_BRANCH, 0);
    return (jumped + 0.5) / (jumped + fell + 1.0);
}

/* How probable it is that a SEND's receiver returns, by how often what it
 * yielded was seen handed on. */
static double
return_odds(const Gains *g, const BcIns *send)
{
    double sent = (double)feedback_count(g->profile, send->off, PROFILE_TYPE, 0);
    double yielded = send[1].op == BC_YIELD_VALUE
        ? (double)feedback_count(g->profile, send[1].off, PROFILE_TYPE, 0) : 0;
    return yielded < sent ? (sent - yielded + 0.5) / (sent + 1.0) : 0.5 / (sent + 1.0);
}

/* What the profile says does not change while the gains are solved for. */
static Step
step_of(const Gains *g, const BcIns *ins)
{
    Step step = {.gain = is_end(ins->op) ? 0 : gain_of(g, ins)};
    switch (ins->op) {
    case BC_FOR_ITER: case BC_POP_JUMP_IF_FALSE: case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE: case BC_POP_JUMP_IF_NOT_NONE:
        step.odds = jump_odds(g, ins);
        break;
    case BC_SEND:
        step.odds = return_odds(g, ins);
        break;
    default:
        break;
    }
    return step;
}

/* One instruction's expected gain from here on, by those of its successors. */
static double
gain_from(const Gains *g, uint32_t i)
{
    const BcCode *code = g->code;
    const BcIns *ins = &code->ins[i];
    if (is_end(ins->op) || i == g->end) {
        return 0;
    }
    double here = g->steps[i].gain, p = g->steps[i].odds;
    double fall = i + 1 < code->n ? g->gain[i + 1] : 0;
    switch (ins->op) {
    case BC_JUMP_FORWARD: case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT:
        return here + g->gain[code->at[ins->target]];
    case BC_FOR_ITER: case BC_POP_JUMP_IF_FALSE: case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE: case BC_POP_JUMP_IF_NOT_NONE:
        return here + p * g->gain[code->at[ins->target]] + (1 - p) * fall;
    case BC_SEND: /* behind it a yield, which gains nothing */
        return here + p * g->gain[code->at[ins->target]];
    default:
        return here + fall;
    }
}

/* The expected gain from each instruction on into g->gain. */
static bool
solve(Gains *g)
{
    Arena *arena = g->req->arena;
    g->gain = ARENA_NEW_ARRAY(arena, double, g->code->n + 1);
    ArenaMark mark = arena_mark(arena);
    g->steps = ARENA_NEW_ARRAY(arena, Step, g->code->n + 1);
    if (g->gain == NULL || g->steps == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < g->code->n; i++) {
        g->steps[i] = step_of(g, &g->code->ins[i]);
    }
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
        bool settled = true;
        for (uint32_t i = g->code->n; i-- > 0;) {
            double now = gain_from(g, i);
            now = now > MOST_GAIN_NS ? MOST_GAIN_NS : now < -MOST_GAIN_NS ? -MOST_GAIN_NS : now;
            double moved = now - g->gain[i];
            settled &= moved < SETTLED_NS && moved > -SETTLED_NS;
            g->gain[i] = now;
        }
        if (settled) {
            break;
        }
    }
    g->steps = NULL;
    arena_release(arena, mark);
    return true;
}

const double *
resume_gains(const BuildRequest *req)
{
    Gains g = {.req = req, .code = req->code, .profile = req->profile, .end = UINT32_MAX};
    return solve(&g) ? g.gain : NULL;
}

int32_t
resume_gain_ns(const BuildRequest *req, const double *gains, uint32_t off)
{
    Gains g = {.req = req, .code = req->code, .profile = req->profile};
    const BcIns *ins = bytecode_at(req->code, off);
    if (gains == NULL) {
        return 0;
    }
    double gain = gains[ins - req->code->ins];
    if (ins[1].op == BC_JUMP_BACKWARD_NO_INTERRUPT) {
        /* A delegation.  As long as it goes on, the loader leaves this code
         * out, unless a region is entered here. */
        const BcIns *send = bytecode_at(req->code, ins[1].target);
        double odds = return_odds(&g, send);
        gain = odds * gains[req->code->at[send->target]] - (1 - odds) * NATIVE_RESUME_NS;
    }
    return (int32_t)gain;
}

bool
resume_pays(const BuildRequest *req, const BcIns *for_iter)
{
    if (req->everything || !resumes_generator(req->profile, for_iter)) {
        return true;
    }
    uint32_t at = (uint32_t)(for_iter - req->code->ins);
    if (req->pays != NULL && req->pays[at] != 0) {
        return req->pays[at] > 0;
    }
    ArenaMark mark = arena_mark(req->arena);
    Gains g = {.req = req, .code = req->code, .profile = req->profile, .end = at};
    bool pays = (solve(&g) ? g.gain[at + 1] : 0) + gain_of_resuming(req, for_iter) > 0;
    arena_release(req->arena, mark);
    if (req->pays != NULL) {
        req->pays[at] = pays ? 1 : -1;
    }
    return pays;
}
