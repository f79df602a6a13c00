/* What the recorded runs took in the interpreter, and what they will take.
 *
 * The profile counts entries, resumes and turns of loops; between these the
 * odds of branches say how often each instruction ran, and costs.def what it
 * takes.  How much faster a region is than that, says what cost.c has found
 * for one entry; what it takes to get there is counted apart, since a loop of
 * a million turns is entered as seldom as one of ten. */
#include "driver_int.h"

#include <string.h>

#include "costs.h"
#include "resume.h"
#include "walk.h"

/* --- how often ----------------------------------------------------------- */

static double
events(const ProfileCode *profile, uint32_t off)
{
    return (double)feedback_count(profile, off, PROFILE_COUNT, 0)
           + (double)feedback_count(profile, off, PROFILE_COUNT, 1);
}

static bool
is_back(const BcIns *ins)
{
    return ins->op == BC_JUMP_BACKWARD
           || ins->op == BC_JUMP_BACKWARD_NO_INTERRUPT;
}

static double
jump_odds(const ProfileCode *profile, const BcIns *ins)
{
    switch (ins->op) {
    case BC_JUMP_FORWARD:
        return 1;
    case BC_SEND:
        return walk_return_odds(profile, ins);
    default:
        return walk_jump_odds(profile, ins);
    }
}

/* For each instruction, how often it ran; handlers of exceptions: never. In
 * the arena; NULL if that is full. */
static double *
count_runs(const BuildRequest *req)
{
    const BcCode *code = req->code;
    double *runs = ARENA_NEW_ARRAY(req->arena, double, code->n + 1);
    if (runs == NULL || code->n == 0) {
        return runs;
    }
    runs[0] = (double)req->profile->entries;
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        if (ins->op == BC_JUMP_BACKWARD) {
            runs[code->at[ins->target]] += events(req->profile, ins->off);
        }
        else if (resume_is_entry(ins)) {
            runs[i] += events(req->profile, ins->off);
        }
    }
    for (uint32_t i = 0; i < code->n; i++) {
        const BcIns *ins = &code->ins[i];
        const bool jumps = bc_jumps(ins) && !is_back(ins);
        const double odds = jumps ? jump_odds(req->profile, ins) : 0;
        if (jumps) {
            runs[code->at[ins->target]] += runs[i] * odds;
        }
        /* What comes behind a yield is counted by itself. */
        if (!bc_ends(ins) && ins->op != BC_YIELD_VALUE) {
            runs[i + 1] += runs[i] * (1 - odds);
        }
    }
    return runs;
}

/* --- how long ------------------------------------------------------------ */

static double
time_between(const BuildRequest *req, const double *runs, uint32_t from,
             uint32_t to)
{
    double sum = 0;
    for (uint32_t i = from; i < to && i < req->code->n; i++) {
        sum += runs[i] * walk_alone(req, &req->code->ins[i]);
    }
    return sum;
}

double
worth_interpreted(const BuildRequest *req)
{
    ArenaMark mark = arena_mark(req->arena);
    const double *runs = count_runs(req);
    double ns = runs != NULL ? time_between(req, runs, 0, req->code->n) : 0;
    arena_release(req->arena, mark);
    return ns + (double)req->profile->entries * COST_CALL_PYTHON_NS;
}

/* What a region takes of the interpreter's time for the same. */
static double
native_share(const Cost *cost)
{
    const double own = cost->interpreted_ns - cost->rest_ns;
    const double native = cost->native_ns - cost->rest_ns;
    return own <= 0 || native <= 0 ? 1 : native < own ? native / own : 1;
}

/* The whole function, by its entry.
 *
 * direct   entries by direct calls of native code */
static void
add_entry(const Code *c, double direct, AotWorth *worth)
{
    const double entries = (double)c->profile->entries;
    const double body = worth->run_ns - entries * COST_CALL_PYTHON_NS;
    if (direct > entries || c->regions[0].fn->called_only) {
        direct = entries;
    }
    worth->covered_ns = worth->run_ns;
    worth->native_ns = body * native_share(&c->cost)
                       + direct * COST_DIRECT_CALL_NS
                       + (entries - direct) * c->cost.entry_ns;
}

/* Outer loops come first: what they have is not counted again. */
static void
add_loops(const BuildRequest *req, const Code *c, const double *runs,
          AotWorth *worth)
{
    uint32_t behind = 0;
    for (uint32_t i = 0; i < c->bc->n; i++) {
        bool has_region = false;
        for (uint32_t r = 0; r < c->n_regions; r++) {
            const IrFn *fn = c->regions[r].fn;
            has_region |= fn->entry_kind == REGION_BACK_EDGE
                          && fn->entry_offset == c->bc->ins[i].off;
        }
        if (!has_region || i < behind) {
            continue;
        }
        double turns = 0;
        behind = loop_end(c->bc, i) + 1;
        for (uint32_t k = i; k < behind; k++) {
            const BcIns *ins = &c->bc->ins[k];
            turns += ins->op == BC_JUMP_BACKWARD
                             && ins->target == c->bc->ins[i].off
                         ? events(c->profile, ins->off)
                         : 0;
        }
        const Cost *cost = &c->loop_costs[i];
        const double here = time_between(req, runs, i, behind);
        const double entries = runs[i] > turns ? runs[i] - turns : 0;
        worth->covered_ns += here;
        worth->native_ns += here * native_share(cost)
                            + (entries < turns ? entries : turns)
                                  * cost->entry_ns;
    }
}

/* A generator's body, which is entered in several places. */
static bool
add_resumes(const Code *c, AotWorth *worth)
{
    double share = 0, entering = 0;
    uint32_t n = 0;
    for (uint32_t r = 0; r < c->n_regions; r++) {
        const IrFn *fn = c->regions[r].fn;
        if (fn->entry_kind == REGION_RESUME
            || fn->entry_kind == REGION_START) {
            const Cost *cost = &c->loop_costs[c->bc->at[fn->entry_offset]];
            share += native_share(cost);
            entering += events(c->profile, fn->entry_offset)
                        * (cost->entry_ns - cost->call_ns);
            n++;
        }
    }
    if (n > 0) {
        worth->covered_ns = worth->run_ns;
        worth->native_ns = worth->run_ns * share / n
                           + (entering > 0 ? entering : 0);
    }
    return n > 0;
}

/* Count the direct calls that native code makes, by callee. */
static void
count_direct(Driver *d, Code *c, double *direct)
{
    ArenaMark mark = arena_mark(d->arena);
    const BuildRequest req = region_request(d, c, d->arena);
    const double *runs = count_runs(&req);
    bool *seen = ARENA_NEW_ARRAY(d->arena, bool, c->bc->n + 1);
    for (uint32_t r = 0; runs != NULL && seen != NULL && r < c->n_regions;
         r++) {
        const IrFn *fn = c->regions[r].fn;
        for (uint32_t b = 0; b < fn->n_blocks; b++) {
            for (uint32_t i = 0; i < fn->blocks[b].n_ins; i++) {
                const IrIns *ins = &fn->ins[fn->blocks[b].ins[i]];
                const int32_t at = c->bc->at[ins->offset];
                if ((ins->op == IR_CALL_DIRECT || ins->op == IR_CALL_INIT)
                    && at >= 0 && !seen[at]) {
                    seen[at] = true; /* copies of a block share its runs */
                    direct[ir_callee(ins)] += runs[at];
                }
            }
        }
    }
    arena_release(d->arena, mark);
}

static void
find_chosen(Driver *d, Code *c, double direct, AotWorth *worth)
{
    ArenaMark mark = arena_mark(d->arena);
    const BuildRequest req = region_request(d, c, d->arena);
    worth->run_ns = worth_interpreted(&req);
    worth->why = bail_text[c->has_entry ? BAIL_NONE : c->entry_bail];
    const double *runs = count_runs(&req);
    if (c->has_entry) {
        add_entry(c, direct, worth);
    }
    else if (!add_resumes(c, worth) && runs != NULL) {
        add_loops(&req, c, runs, worth);
    }
    arena_release(d->arena, mark);
}

/* Interpreted, because it is cold or not understood. */
static void
find_other(Driver *d, const ProfileCode *profile, AotWorth *worth)
{
    Code c = {.profile = profile};
    ArenaMark mark = arena_mark(d->arena);
    worth->why = bail_text[BAIL_INVALID];
    if (pyaot_image_parse(profile->image, profile->image_len, d->arena,
                          &c.image)
            == PYAOT_OK
        && (c.bc = bytecode_decode(c.image, d->arena)) != NULL) {
        const BuildRequest req = region_request(d, &c, d->arena);
        worth->run_ns = worth_interpreted(&req);
        worth->why = bail_text[BAIL_COLD];
    }
    arena_release(d->arena, mark);
}

const char *
pyaot_aot_cold(void)
{
    return bail_text[BAIL_COLD];
}

double
pyaot_aot_turn_ns(void)
{
    static const uint8_t ops[] = {
        BC_FOR_ITER,   BC_STORE_LOCAL, BC_LOAD_LOCAL_LOAD_LOCAL,
        BC_LOAD_CONST, BC_BINARY_OP,   BC_LOAD_CONST,
        BC_BINARY_OP,  BC_STORE_LOCAL, BC_JUMP_BACKWARD,
    };
    double sum = cost_of_ins(BC_BINARY_OP).other_ns; /* the modulo */
    for (size_t i = 0; i < sizeof ops; i++) {
        sum += cost_of_ins(ops[i]).known_ns;
    }
    return sum;
}

PyaotStatus
find_worth(Driver *d, const ProfileCode *codes, uint32_t n, AotPlan *plan)
{
    bool *chosen = ARENA_NEW_ARRAY(d->arena, bool, n + 1);
    double *direct = ARENA_NEW_ARRAY(d->arena, double, d->n + 1);
    plan->worth = ARENA_NEW_ARRAY(d->arena, AotWorth, n + 1);
    if (plan->worth == NULL || chosen == NULL || direct == NULL) {
        return PYAOT_E_NOMEM;
    }
    for (uint32_t i = 0; i < d->n; i++) {
        count_direct(d, &d->codes[i], direct);
    }
    for (uint32_t i = 0; i < d->n; i++) {
        const size_t at = (size_t)(d->codes[i].profile - codes);
        chosen[at] = true;
        find_chosen(d, &d->codes[i], direct[i], &plan->worth[at]);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!chosen[i]) {
            find_other(d, &codes[i], &plan->worth[i]);
        }
    }
    return PYAOT_OK;
}
