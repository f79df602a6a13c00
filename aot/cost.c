/* What a region is worth: what the interpreter would take, less what native
 * code takes, less getting there.
 *
 * Both sides are walks with the odds that the profile knows: the interpreter's
 * through the bytecode (front/walk.c), the native one through the region's IR
 * as the passes left it.  Where the region leaves, the interpreter's walk goes
 * on from there, so what comes after counts on both sides.  The figures are
 * costs.def's. */
#include "cost.h"

#include <string.h>

#include "costs.h"
#include "resume.h"
#include "walk.h"

/* An entry that gains no more than this share of the interpreter's time is not
 * worth it: estimates are no better.  At least and at most so many
 * nanoseconds: much of a long time is what is called, which counts as much on
 * both sides. */
#define MIN_GAIN_PERCENT 10
#define MIN_GAIN_NS 3
#define MOST_MIN_GAIN_NS 20

/* --- native time --------------------------------------------------------- */

typedef struct {
    const BuildRequest *req;
    const IrFn *fn;
    const double *interpreted; /* walk_interpreted() */
    /* by instruction: of other loops' regions; NULL: none known */
    const Cost *loops;
} Native;

static bool
is_property(const BuildRequest *req, uint32_t off)
{
    const char *layout = feedback_main(req->profile, off, PROFILE_LAYOUT, 0);
    return layout != NULL && strcmp(layout, "property") == 0;
}

/* Of a generic call: C code calls what the profile saw. */
static double
generic_call(const Native *n, const IrIns *ins)
{
    bool is_python, is_class;
    const BcIns *bc = bytecode_at(n->req->code, ins->offset);
    const CalleeInfo *callee = bc != NULL ? walk_callee(n->req, bc, &is_python,
                                                        &is_class)
                                          : NULL;
    if (bc == NULL || !(is_python || is_class)) {
        return cost_of_op(ins);
    }
    double made = is_class ? COST_CALL_CLASS_NS - COST_CALL_PYTHON_NS : 0;
    return callee != NULL && callee->installed
               ? made + COST_C_VECTORCALL_NS + callee->native_ns
               : made + COST_C_CALL_NS
                     + (callee != NULL ? callee->interpreted_ns : 0);
}

static double
native_alone(const Native *n, const IrIns *ins)
{
    switch (ins->op) {
    case IR_CALL_DIRECT:
        return COST_DIRECT_CALL_NS + n->req->callees[ir_callee(ins)].native_ns;
    case IR_CALL_INIT:
        return COST_CALL_CLASS_NS - COST_CALL_PYTHON_NS + COST_DIRECT_CALL_NS
               + n->req->callees[ir_callee(ins)].native_ns;
    case IR_PY:
    case IR_PY_VOID:
    case IR_PY_BOOL:
    case IR_PY_INT:
        switch (ir_pyop(ins)) {
        case IR_PYOP_CALL:
        case IR_PYOP_CALL_KW:
            return generic_call(n, ins);
        case IR_PYOP_GETATTR:
            return is_property(n->req, ins->offset)
                       ? COST_PROPERTY_NS + COST_C_CALL_NS
                       : cost_of_op(ins);
        default:
            return cost_of_op(ins);
        }
    case IR_PY_NEXT:
    case IR_PY_SEND: {
        /* Whether a turn that draws from a generator pays, front/resume.c has
         * decided: else there would be an exit. */
        const BcIns *bc = bytecode_at(n->req->code, ins->offset);
        return bc != NULL && (bc->op == BC_FOR_ITER || bc->op == BC_SEND)
                       && resume_draws(n->req->profile, bc)
                   ? 0
                   : cost_of_op(ins);
    }
    default:
        return cost_of_op(ins);
    }
}

/* The bytecode offset that the way from a successor of a branch at off leads
 * to: blocks of the branch itself are only on the way. */
static uint32_t
way_of(const IrFn *fn, uint32_t block, uint32_t off)
{
    enum { MOST_STEPS = 4 };
    for (int k = 0; k < MOST_STEPS; k++) {
        const IrBlock *b = &fn->blocks[block];
        const IrIns *last = b->n_ins > 0 ? &fn->ins[b->ins[b->n_ins - 1]]
                                         : NULL;
        if (b->offset != off || last == NULL) {
            return b->offset;
        }
        if (last->op == IR_EXIT) {
            return fn->snaps[last->snap].offset;
        }
        if (last->op != IR_JUMP) {
            return off;
        }
        block = b->succ[0].to;
    }
    return off;
}

/* The odds of a branch's first successor. */
static double
branch_odds(const Native *n, const IrBlock *block, const IrIns *branch)
{
    const BcIns *bc = bytecode_at(n->req->code, branch->offset);
    if (n->fn->ins[branch->args[0]].op == IR_BREAKER_DUE) {
        return 0; /* hardly ever */
    }
    if (bc != NULL && bc_jumps(bc) && !bc_ends(bc)) {
        double jumps = walk_jump_odds(n->req->profile, bc);
        uint32_t first = way_of(n->fn, block->succ[0].to, bc->off);
        uint32_t second = way_of(n->fn, block->succ[1].to, bc->off);
        if (first == bc->target || second == bc->next) {
            return jumps;
        }
        if (second == bc->target || first == bc->next) {
            return 1 - jumps;
        }
    }
    return 0.5;
}

/* Where the region leaves, what that takes, and in *rest what comes then: the
 * interpreter, or another loop's region. */
static double
native_exit(const Native *n, const IrIns *last, double *rest)
{
    const IrSnap *snap = &n->fn->snaps[last->snap];
    const BcIns *bc = bytecode_at(n->req->code, snap->offset);
    uint32_t at = bc != NULL ? (uint32_t)(bc - n->req->code->ins) : 0;
    bool on = snap->kind == EXIT_KIND_LOOP && n->loops != NULL
              && n->loops[at].entry_ns > 0;
    *rest = on ? n->loops[at].native_ns : bc != NULL ? n->interpreted[at] : 0;
    if (n->fn->entry_kind == REGION_ENTRY) {
        return COST_EXIT_NS;
    }
    bool ends = region_is_resumed(n->fn->entry_kind) && bc != NULL
                && (bc->op == BC_RETURN_VALUE || bc->op == BC_RETURN_CONST);
    return COST_LEAVE_NS + (ends ? COST_DRAW_END_NS : 0);
}

/* What does not change while the sums are solved for. */
typedef struct {
    double alone, rest;
    double first; /* the odds of succ[0] */
    bool turns;   /* it ends with the bytecode's jump back */
    /* from the block on; what of it comes behind the region */
    double sum, sum_rest;
} BlockCost;

static void
note_block(const Native *n, BlockCost *cost, const IrBlock *block)
{
    for (uint32_t i = 0; i < block->n_ins; i++) {
        cost->alone += native_alone(n, &n->fn->ins[block->ins[i]]);
    }
    const IrIns *last = block->n_ins > 0
                            ? &n->fn->ins[block->ins[block->n_ins - 1]]
                            : NULL;
    cost->first = 1;
    if (last != NULL && last->op == IR_EXIT) {
        cost->alone += native_exit(n, last, &cost->rest);
    }
    else if (last != NULL && last->op == IR_BRANCH) {
        cost->first = branch_odds(n, block, last);
    }
    const BcIns *bc = last != NULL ? bytecode_at(n->req->code, last->offset)
                                   : NULL;
    cost->turns = last != NULL && last->op == IR_JUMP && bc != NULL
                  && bc->op == BC_JUMP_BACKWARD;
}

/* False: that changed little. */
static bool
sum_block(const Native *n, BlockCost *costs, uint32_t b)
{
    const IrBlock *block = &n->fn->blocks[b];
    double sum = costs[b].alone + costs[b].rest, rest = costs[b].rest;
    for (uint32_t k = 0; k < block->n_succ; k++) {
        uint32_t to = block->succ[k].to;
        double odds = k == 0 ? costs[b].first : 1 - costs[b].first;
        bool turns = costs[b].turns
                     || (n->fn->blocks[to].is_header && to <= b);
        odds *= turns ? WALK_TURN_ODDS : 1; /* as on the interpreter's side */
        sum += odds * costs[to].sum;
        rest += odds * costs[to].sum_rest;
    }
    double moved = sum - costs[b].sum;
    costs[b].sum = sum;
    costs[b].sum_rest = rest;
    return moved >= WALK_SETTLED_NS || moved <= -WALK_SETTLED_NS;
}

/* --- sums ---------------------------------------------------------------- */

static Cost
cost_of(const BuildRequest *req, const IrFn *fn, uint32_t off,
        const Cost *loops)
{
    Cost cost = {0};
    ArenaMark mark = arena_mark(req->arena);
    Native n = {.req = req,
                .fn = fn,
                .interpreted = walk_interpreted(req),
                .loops = loops};
    BlockCost *costs = ARENA_NEW_ARRAY(req->arena, BlockCost,
                                       fn->n_blocks + 1);
    bool moved = n.interpreted != NULL && costs != NULL;
    for (uint32_t b = 0; moved && b < fn->n_blocks; b++) {
        note_block(&n, &costs[b], &fn->blocks[b]);
    }
    for (int sweep = 0; moved && sweep < WALK_MAX_SWEEPS; sweep++) {
        moved = false;
        for (uint32_t b = fn->n_blocks; b-- > 0;) {
            moved |= sum_block(&n, costs, b);
        }
    }
    if (n.interpreted != NULL && costs != NULL) {
        cost.interpreted_ns = n.interpreted[req->code->at[off]];
        cost.native_ns = costs[0].sum;
        cost.rest_ns = costs[0].sum_rest;
    }
    arena_release(req->arena, mark);
    return cost;
}

Cost
cost_of_entry(const BuildRequest *req, const IrFn *fn, CalledBy by)
{
    Cost cost = cost_of(req, fn, 0, NULL);
    cost.native_ns += fn->framed ? COST_FRAME_NS : 0;
    if (by == CALLED_BY_C) {
        cost.call_ns = COST_C_CALL_NS;
        cost.entry_ns = COST_C_VECTORCALL_NS;
    }
    else {
        cost.call_ns = COST_CALL_PYTHON_NS;
        cost.entry_ns = COST_VECTORCALL_NS
                        + (by == CALLED_BY_ATTRIBUTE ? COST_PROPERTY_NS
                           : by == CALLED_BY_CLASS   ? COST_INIT_NS
                                                     : 0);
    }
    /* Numbers become objects for callers that are not native. */
    char result = fn->sig[strlen(fn->sig) - 1];
    const IrIns box = {.op = result == 'f' ? IR_BOX_F64 : IR_BOX_I64};
    cost.entry_ns += result == 'f' || result == 'i' ? cost_of_op(&box) : 0;
    return cost;
}

Cost
cost_of_loop(const BuildRequest *req, const IrFn *fn, const Cost *loops)
{
    Cost cost = cost_of(req, fn, fn->entry_offset, loops);
    cost.entry_ns = COST_EVENT_NS;
    return cost;
}

double
cost_gain_ns(const Cost *cost)
{
    return cost->call_ns + cost->interpreted_ns - cost->native_ns
           - cost->entry_ns;
}

bool
cost_pays(const Cost *cost)
{
    double own = cost->call_ns + cost->interpreted_ns - cost->rest_ns;
    double least = own * MIN_GAIN_PERCENT / 100;
    return cost_gain_ns(cost) > (least < MIN_GAIN_NS        ? MIN_GAIN_NS
                                 : least > MOST_MIN_GAIN_NS ? MOST_MIN_GAIN_NS
                                                            : least);
}

static uint16_t
positive(double value)
{
    return value < 1 ? 1 : value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
}

void
cost_expect(const Cost *cost, PyaotCacheRegion *region)
{
    enum { PARTS = 16 };
    if (cost->entry_ns <= 0) {
        return;
    }
    if (region->kind != REGION_BACK_EDGE) {
        region->gain = positive(cost_gain_ns(cost));
        region->loss = positive(
            cost->entry_ns
            + ((region->flags & PYAOT_CACHE_REGION_CALLED) != 0
                   ? COST_EXIT_NS
                   : COST_LEAVE_NS));
        return;
    }
    double native = cost->native_ns - cost->rest_ns;
    double gained = cost->interpreted_ns - cost->native_ns;
    region->gain = positive(native > 0 ? gained / native * PARTS : UINT16_MAX);
    region->loss = positive(cost->entry_ns);
}

void
cost_text(const Cost *cost, StrBuf *out)
{
    strbuf_printf(
        out, "interpreted %.0f ns, native %.0f + %.0f to enter: gain %+.0f",
        cost->call_ns + cost->interpreted_ns - cost->rest_ns,
        cost->native_ns - cost->rest_ns, cost->entry_ns, cost_gain_ns(cost));
}
