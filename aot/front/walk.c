/* A walk through bytecode with the profile's odds.
 *
 * The profile knows for each branch how often it was taken; so what is to be
 * expected from an instruction on follows from what each is alone.  What that
 * is, says costs.def. */
#include "walk.h"

#include <string.h>

#include "costs.h"
#include "resume.h"

/* --- what is known of an instruction ------------------------------------- */

bool
walk_is_number(const BuildRequest *req, const BcIns *ins, uint32_t depth)
{
    FeedbackType t = feedback_type(req->profile, ins->off, PROFILE_TYPE,
                                   depth);
    return (t.cls == IR_CLASS_INT && !t.has_big) || t.cls == IR_CLASS_FLOAT
           || t.cls == IR_CLASS_BOOL;
}

bool
walk_is_sequence(const BuildRequest *req, const BcIns *ins, uint32_t depth)
{
    switch (feedback_type(req->profile, ins->off, PROFILE_TYPE, depth).cls) {
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

const CalleeInfo *
walk_callee(const BuildRequest *req, const BcIns *ins, bool *is_python,
            bool *is_class)
{
    static const char *const leads[] = {"py:", "bound:py:", "class:"};
    const char *what = feedback_main(req->profile, ins->off, PROFILE_CALLEE,
                                     0);
    *is_python = *is_class = false;
    for (uint32_t i = 0; what != NULL && i < sizeof leads / sizeof *leads;
         i++) {
        size_t n = strlen(leads[i]);
        if (strncmp(what, leads[i], n) == 0) {
            char hex[2 * sizeof(PyaotKey) + 1] = "";
            *is_class = i == 2;
            *is_python = !*is_class;
            /* a class's name follows */
            strncpy(hex, what + n, sizeof hex - 1);
            return build_callee(req, hex);
        }
    }
    return NULL;
}

/* --- odds ---------------------------------------------------------------- */

double
walk_jump_odds(const ProfileCode *profile, const BcIns *ins)
{
    double jumped = (double)feedback_count(profile, ins->off, PROFILE_BRANCH,
                                           1);
    double fell = (double)feedback_count(profile, ins->off, PROFILE_BRANCH, 0);
    /* Where nothing was seen, a branch may go either way, but a loop turns. */
    double unseen = ins->op == BC_FOR_ITER ? 1 - WALK_TURN_ODDS : 0.5;
    return (jumped + unseen) / (jumped + fell + 1.0);
}

/* By how often what it yielded was seen handed on. */
double
walk_return_odds(const ProfileCode *profile, const BcIns *send)
{
    double sent = (double)feedback_count(profile, send->off, PROFILE_TYPE, 0);
    double yielded = send[1].op == BC_YIELD_VALUE
                         ? (double)feedback_count(profile, send[1].off,
                                                  PROFILE_TYPE, 0)
                         : 0;
    return yielded < sent ? (sent - yielded + 0.5) / (sent + 1.0)
                          : 0.5 / (sent + 1.0);
}

/* --- the walk ------------------------------------------------------------ */

/* What does not change while the sums are solved for. */
typedef struct {
    double value; /* of it alone */
    double odds;  /* that it jumps */
} Step;

static Step
step_of(const Walk *w, const BcIns *ins)
{
    Step step = {.value = w->ends(ins) ? 0 : w->value(w->req, ins)};
    switch (ins->op) {
    case BC_FOR_ITER:
    case BC_POP_JUMP_IF_FALSE:
    case BC_POP_JUMP_IF_TRUE:
    case BC_POP_JUMP_IF_NONE:
    case BC_POP_JUMP_IF_NOT_NONE:
        step.odds = walk_jump_odds(w->req->profile, ins);
        break;
    case BC_SEND:
        step.odds = walk_return_odds(w->req->profile, ins);
        break;
    case BC_JUMP_BACKWARD:
    case BC_JUMP_BACKWARD_NO_INTERRUPT:
        step.odds = WALK_TURN_ODDS;
        break;
    case BC_JUMP_FORWARD:
        step.odds = 1;
        break;
    default:
        break;
    }
    return step;
}

/* One instruction's sum, by those of its successors. */
static double
sum_from(const Walk *w, const Step *steps, const double *sums, uint32_t i)
{
    const BcCode *code = w->req->code;
    const BcIns *ins = &code->ins[i];
    if (i == w->end || w->ends(ins)) {
        return 0;
    }
    double here = steps[i].value, p = steps[i].odds;
    double fall = i + 1 < code->n && !bc_ends(ins) ? sums[i + 1] : 0;
    if (ins->op == BC_SEND) {
        fall = 0; /* behind it a yield */
    }
    return here + (p > 0 ? p * sums[code->at[ins->target]] : 0)
           + (1 - p) * fall;
}

double *
walk_sums(const Walk *walk)
{
    Arena *arena = walk->req->arena;
    const BcCode *code = walk->req->code;
    double *sums = ARENA_NEW_ARRAY(arena, double, code->n + 1);
    ArenaMark mark = arena_mark(arena);
    Step *steps = ARENA_NEW_ARRAY(arena, Step, code->n + 1);
    if (sums == NULL || steps == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < code->n; i++) {
        steps[i] = step_of(walk, &code->ins[i]);
    }
    for (int sweep = 0; sweep < WALK_MAX_SWEEPS; sweep++) {
        bool settled = true;
        for (uint32_t i = code->n; i-- > 0;) {
            double now = sum_from(walk, steps, sums, i);
            double moved = now - sums[i];
            settled &= moved < WALK_SETTLED_NS && moved > -WALK_SETTLED_NS;
            sums[i] = now;
        }
        if (settled) {
            break;
        }
    }
    arena_release(arena, mark);
    return sums;
}

/* --- the interpreter's time ---------------------------------------------- */

/* Are both operands ints, floats or strs? */
static bool
are_alike(const BuildRequest *req, const BcIns *ins)
{
    IrClass one = feedback_type(req->profile, ins->off, PROFILE_TYPE, 0).cls;
    return one == feedback_type(req->profile, ins->off, PROFILE_TYPE, 1).cls
           && (one == IR_CLASS_INT || one == IR_CLASS_FLOAT
               || one == IR_CLASS_STR);
}

/* Is the FOR_ITER's iterator of a class for which it has a specialised form?
 */
static bool
is_known_iteration(const BuildRequest *req, const BcIns *ins)
{
    switch (feedback_type(req->profile, ins->off, PROFILE_TYPE, 0).cls) {
    case IR_CLASS_RANGEIT:
    case IR_CLASS_LISTIT:
    case IR_CLASS_TUPLEIT:
        return true;
    default:
        return resume_draws(req->profile, ins);
    }
}

/* Of a call: what it takes to get there, and the callee. */
static double
interpreted_call(const BuildRequest *req, const BcIns *ins)
{
    bool is_python, is_class;
    const CalleeInfo *callee = walk_callee(req, ins, &is_python, &is_class);
    double there = is_python  ? COST_CALL_PYTHON_NS
                   : is_class ? COST_CALL_CLASS_NS
                              : cost_of_ins(BC_CALL).known_ns;
    if (callee == NULL || !callee->installed) {
        return there + (callee != NULL ? callee->interpreted_ns : 0);
    }
    return there - COST_CALL_PYTHON_NS + COST_VECTORCALL_NS
           + (is_class ? COST_INIT_NS : 0) + callee->native_ns;
}

double
walk_alone(const BuildRequest *req, const BcIns *ins)
{
    const CostOfIns cost = cost_of_ins(ins->op);
    bool known = true;
    switch (ins->op) {
    case BC_CALL: {
        bool is_python, is_class;
        walk_callee(req, ins, &is_python, &is_class);
        return is_python  ? 0
               : is_class ? COST_CALL_CLASS_NS - COST_CALL_PYTHON_NS
                          : cost.known_ns;
    }
    case BC_BINARY_OP:
        known = are_alike(req, ins)
                && (ins->a == BC_ADD || ins->a == BC_SUB || ins->a == BC_MUL);
        break;
    case BC_COMPARE_OP:
        known = are_alike(req, ins);
        break;
    case BC_UNARY_NEGATIVE:
    case BC_UNARY_INVERT:
    case BC_TO_BOOL:
        known = walk_is_number(req, ins, 0);
        break;
    case BC_BINARY_SUBSCR:
    case BC_STORE_SUBSCR:
        known = walk_is_sequence(req, ins, 1);
        break;
    case BC_FORMAT_SIMPLE:
        known = walk_is_sequence(req, ins, 0); /* a str */
        break;
    case BC_FOR_ITER:
        known = is_known_iteration(req, ins);
        break;
    case BC_LOAD_ATTR: {
        const char *layout = feedback_main(req->profile, ins->off,
                                           PROFILE_LAYOUT, 0);
        known = layout == NULL || strcmp(layout, "property") != 0;
        break;
    }
    default:
        break;
    }
    return known ? cost.known_ns : cost.other_ns;
}

static double
interpreted_alone(const BuildRequest *req, const BcIns *ins)
{
    return ins->op == BC_CALL ? interpreted_call(req, ins)
                              : walk_alone(req, ins);
}

/* Behind a return or a yield; these count themselves. */
static bool
interpreted_ends(const BcIns *ins)
{
    (void)ins;
    return false;
}

double *
walk_interpreted(const BuildRequest *req)
{
    const Walk walk = {.req = req,
                       .value = interpreted_alone,
                       .ends = interpreted_ends,
                       .end = UINT32_MAX};
    return walk_sums(&walk);
}
